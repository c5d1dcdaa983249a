"""What a test needs, made in one line each. Everything is committed: requests of the test see it."""

import hashlib
from itertools import count
from typing import Any

from sqlalchemy import func
from werkzeug.security import generate_password_hash

from marketing_app.database import db
from marketing_app.llm.certainty import Certainty
from marketing_app.llm.engine import Draft
from marketing_app.models import (
    BankText,
    Benefit,
    Campaign,
    ChannelEnding,
    Client,
    ClientField,
    ClientImport,
    ClientSource,
    ClientSourcePart,
    FieldType,
    Offer,
    OptOut,
    OptOutSource,
    Product,
    ProductKind,
    Project,
    ProjectSaleChannel,
    ProjectUser,
    PromptVersion,
    Role,
    RuleSetting,
    SaleChannel,
    Sensitivity,
    SourceKind,
    SourceState,
    TextRole,
    User,
)
from marketing_app.text_bank.services import Described

PASSWORD = "correct horse battery"
QUICK_HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
"""A true hash of PASSWORD, made at the least cost: at the usual one, a test of a page spends half its time on it."""
PROMPT = "Напиши {channel} о продукте {product}. Повод: {occasion}. Клиент: {client}"
PART_BYTES = 50
_numbers = count(1)


def begin_numbers_again() -> None:
    """With empty tables. Tests that ask the model alike then have prompts that begin alike, which it decodes once."""
    global _numbers
    _numbers = count(1)


def saved(thing: Any) -> Any:
    db.session.add(thing)
    db.session.commit()
    return thing


def a_user(name: str = "Анна", **values: Any) -> User:
    user = User(**({"email": f"user{next(_numbers)}@bank.example", "name": name} | values))
    user.password_hash = QUICK_HASH
    return saved(user)


def a_product(**values: Any) -> Product:
    number = next(_numbers)
    defaults = {
        "key": f"P{number}",
        "name": f"Кредитная карта {number}",
        "kind": ProductKind.CARD,
        "description": "Лимит до 1 млн рублей, без процентов до 120 дней, обслуживание бесплатно.",
    }
    return saved(Product(**(defaults | values)))


def a_channel(**values: Any) -> SaleChannel:
    number = next(_numbers)
    defaults = {"key": f"SMS{number}", "name": f"СМС {number}", "description": "Короткий текст.", "max_length": 134}
    return saved(SaleChannel(**(defaults | values)))


def a_project(manager: User | None = None, performer: User | None = None, **values: Any) -> Project:
    """A project with a product and one channel (with a first prompt version), a manager and maybe a performer."""
    manager = manager or a_user("Управляющая")
    product = values.pop("product", None) or a_product()
    defaults = {"name": f"Проект {next(_numbers)}", "product_id": product.id, "occasion": "Осень"}
    project = Project(**(defaults | values))
    project.members.append(ProjectUser(user_id=manager.id, role=Role.MANAGER))
    if performer:
        project.members.append(ProjectUser(user_id=performer.id, role=Role.PERFORMER))
    saved(project)
    a_project_channel(project)
    return project


def a_member(project: Project, user: User | None = None, role: Role = Role.PERFORMER) -> User:
    member: ProjectUser = saved(ProjectUser(project_id=project.id, user_id=(user or a_user()).id, role=role))
    return member.user


def a_project_channel(project: Project, channel: SaleChannel | None = None, prompt: str = PROMPT) -> ProjectSaleChannel:
    project_channel = ProjectSaleChannel(project_id=project.id, sale_channel_id=(channel or a_channel()).id)
    project_channel.versions.append(PromptVersion(number=1, text=prompt))
    return saved(project_channel)


def a_field(project: Project, key: str = "age", **values: Any) -> ClientField:
    defaults = {
        "label": "возраст",
        "type": FieldType.DECIMAL,
        "sensitivity": Sensitivity.PERSONAL,
        "is_in_prompt": True,
        "codes": {},
    }
    return saved(ClientField(project_id=project.id, key=key, **(defaults | values)))


def a_client(project: Project, outside_id: str | None = None, **data: Any) -> Client:
    number = next(_numbers)
    load = saved(ClientImport(project_id=project.id, source="test.xlsx"))
    client = Client(
        project_id=project.id,
        import_id=load.id,
        outside_id=outside_id or f"C{number}",
        data=data or {"age": 40.5 + number},
        fingerprint=f"{number:064d}",
    )
    return saved(client)


def an_opt_out(project: Project | None, client: Client | None = None, **values: Any) -> OptOut:
    """Of the project, or of the whole bank without one; of somebody unknown without a client."""
    identity = client.identity if client else f"U{next(_numbers)}"
    defaults = {"identity": identity, "source": OptOutSource.HAND}
    return saved(OptOut(project_id=project.id if project else None, **(defaults | values)))


def a_source(project: Project, content: bytes, **values: Any) -> ClientSource:
    """A file that was kept for loading, in parts of a few bytes so that there are several."""
    defaults = {
        "kind": SourceKind.FILE,
        "name": "clients.csv",
        "state": SourceState.READY,
        "settings": {"encoding": "utf-8", "delimiter": ",", "quote": '"'},
        "byte_count": len(content),
        "digest": hashlib.sha256(content).hexdigest(),
        "user_id": project.members[0].user_id,
    }
    source = saved(ClientSource(project_id=project.id, **(defaults | values)))
    for number, start in enumerate(range(0, len(content), PART_BYTES)):
        db.session.add(
            ClientSourcePart(source_id=source.id, number=number, content=content[start : start + PART_BYTES])
        )
    db.session.commit()
    return source


def many_clients(project: Project, count: int) -> ClientImport:
    """So many clients in one load, made by the database itself."""
    load = saved(ClientImport(project_id=project.id, source="many.xlsx"))
    number = func.generate_series(1, count).column_valued("number")
    rows = db.select(
        db.literal(project.id),
        db.literal(load.id),
        func.concat("M", number),
        func.jsonb_build_object("age", 20 + number % 60),
        func.encode(func.sha256(func.convert_to(func.concat(load.id, "-", number), "UTF8")), "hex"),
    )
    columns = ["project_id", "import_id", "outside_id", "data", "fingerprint"]
    db.session.execute(db.insert(Client).from_select(columns, rows))
    db.session.commit()
    return load


def a_campaign(project: Project | None = None, client_count: int = 0, **values: Any) -> Campaign:
    """A running campaign in the project's first channel, with a waiting offer for so many new clients, without jobs."""
    project = project or a_project()
    channel = project.channels[0]
    defaults = {
        "project_channel_id": channel.id,
        "prompt_version_id": channel.versions[0].id,
        "name": f"Кампания {next(_numbers)}",
        "author_id": project.members[0].user_id,
        "drafts_per_client": 1,
        "seed": 1,
        "offer_count": client_count,
    }
    campaign = saved(Campaign(project_id=project.id, **(defaults | values)))
    for _offer in range(client_count):
        an_offer(campaign)
    return campaign


def an_offer(campaign: Campaign, client: Client | None = None, **values: Any) -> Offer:
    """An offer of a campaign, waiting unless told otherwise."""
    client = client or a_client(campaign.project)
    offer = Offer(
        project_id=campaign.project_id,
        project_channel_id=campaign.project_channel_id,
        prompt_version_id=campaign.prompt_version_id,
        campaign_id=campaign.id,
        client_id=client.id,
        **values,
    )
    return saved(offer)


def an_ending(channel: SaleChannel, text: str, kind: ProductKind = ProductKind.CARD) -> ChannelEnding:
    return saved(ChannelEnding(sale_channel_id=channel.id, kind=kind, text=text))


def a_rule_setting(channel: SaleChannel, rule: str, **values: Any) -> RuleSetting:
    return saved(RuleSetting(sale_channel_id=channel.id, rule=rule, **values))


def a_benefit(project: Project, text: str, *conditions: dict[str, Any], **values: Any) -> Benefit:
    """Of the project's product; without a condition it suits everybody."""
    return saved(Benefit(product_id=project.product_id, text=text, conditions=list(conditions), **values))


def between(key: str, low: str = "", high: str = "") -> dict[str, Any]:
    """A condition on a field of the client's data, as a benefit keeps it."""
    return {"subject": f"data.{key}", "operator": "between", "values": [low, high]}


def a_bank_text(text: str, **values: Any) -> BankText:
    """A cleared text of the bank, for any product in any channel unless told otherwise."""
    defaults = {"role": TextRole.CONTINUATION, "language": "ru", "cleared_at": func.now()}
    wanted = BankText(text=text, **(defaults | values))
    described = Described(wanted.role, wanted.language, text, wanted.kind, wanted.product_id, wanted.sale_channel_id)
    wanted.fingerprint = described.fingerprint
    return saved(wanted)


def draft_of(text: str, certainty: float | None = -1.0, tokens: int = 5) -> Draft:
    """A model's draft, as sure of all its words as it says."""
    return Draft(text, tokens, None if certainty is None else Certainty(certainty, certainty, (0, len(text))))
