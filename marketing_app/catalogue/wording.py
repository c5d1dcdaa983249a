"""The catalogue in words."""

from flask_babel import lazy_gettext as _l

from ..models import ProductKind

KINDS = {
    ProductKind.LOAN: _l("Loan"),
    ProductKind.CARD: _l("Card"),
    ProductKind.DEPOSIT: _l("Deposit"),
    ProductKind.MORTGAGE: _l("Mortgage"),
    ProductKind.INSURANCE: _l("Insurance"),
    ProductKind.INVESTMENT: _l("Investment"),
    ProductKind.ACCOUNT: _l("Account"),
    ProductKind.SERVICE: _l("Service"),
}
