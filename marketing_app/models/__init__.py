"""Tables, constraints and small derived properties. Names are the field's (see docs)."""

from .audit import AuditEntry
from .campaign import MOST_DRAFTS, Campaign, CampaignState
from .catalogue import Product, ProductKind, SaleChannel
from .client import Client, ClientCount, ClientField, ClientImport, ClientUpload, FieldType, Sensitivity
from .offer import DraftState, Message, MessageRole, Offer, OfferCount, OfferState, Outcome
from .project import Project, ProjectSaleChannel, ProjectUser, PromptVersion, Role
from .user import LANGUAGES, User

__all__ = [
    "LANGUAGES",
    "MOST_DRAFTS",
    "AuditEntry",
    "Campaign",
    "CampaignState",
    "Client",
    "ClientCount",
    "ClientField",
    "ClientImport",
    "ClientUpload",
    "DraftState",
    "FieldType",
    "Message",
    "MessageRole",
    "Offer",
    "OfferCount",
    "OfferState",
    "Outcome",
    "Product",
    "ProductKind",
    "Project",
    "ProjectSaleChannel",
    "ProjectUser",
    "PromptVersion",
    "Role",
    "SaleChannel",
    "Sensitivity",
    "User",
]
