"""The console's table of benefits: what a product is good for, and for whom."""

import re
from collections.abc import Iterable
from typing import Any

from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from ..checks.findings import ChannelFacts, Facts, ProductFacts
from ..checks.phrases import phrases, ways
from ..checks.registry import check
from ..clients.conditions import Condition, Operator, Subject, from_json, problem, subjects_of, to_json
from ..database import db
from ..dictionary.standard import default_dictionary
from ..models import Benefit, ClientField, FieldType, Product, Sensitivity
from ..offers.wording import finding_words
from ..web.fields import LinesField, RowField, choices_of
from .views import StudioView

TRUTH = frozenset({"fact.number", "fact.range", "fact.claim"})
MOST_CONDITIONS = 5
LONGEST_LINES = 2_000
TOO_LONG = _l("At most %(max)d characters.")
MOST_WAYS = 3_000
"""In which a draft of every client is tried against the phrases of one benefit: twice those of the longest of ours."""


class BadLine(ValueError):
    """A line that is no condition; the message says why, for people."""


def conditions_of(lines: str) -> tuple[Condition, ...]:
    """Conditions as administrators write them: a line for each, "age: 30..45" or "visit_purposes: DEPOSIT, INVEST".

    Raises BadLine.
    """
    written = _lines(lines)
    if len(written) > MOST_CONDITIONS:
        raise BadLine(_("At most %(count)d conditions.", count=MOST_CONDITIONS))
    subjects = _subjects()
    return tuple(_condition(line, subjects) for line in written)


def lines_of(conditions: Iterable[Condition]) -> str:
    """What `conditions_of` reads."""
    return "\n".join(f"{each.subject.removeprefix('data.')}: {_asked(each)}" for each in conditions)


def _condition(line: str, subjects: dict[str, Subject]) -> Condition:
    name, asked = _parted(line, ":")
    subject = subjects.get(f"data.{name}")
    if not asked or not subject:
        known = ", ".join(each.key for each in subjects.values())
        raise BadLine(
            _("“%(line)s”: write a field, a colon and its values. The fields are: %(known)s.", line=line, known=known)
        )
    condition = Condition(subject.name, *_operator_and_values(asked, subject))
    if problem(condition, subject):
        raise BadLine(_("“%(line)s”: the field takes no such values.", line=line))
    if subject.choices and not set(condition.values) <= subject.choices.keys():
        known = ", ".join(f"{code} ({word})" for code, word in subject.choices.items())
        raise BadLine(_("“%(line)s”: its values are %(known)s.", line=line, known=known))
    return condition


def _operator_and_values(asked: str, subject: Subject) -> tuple[Operator, tuple[str, ...]]:
    if Operator.BETWEEN not in subject.operators:
        return Operator.ONE_OF, tuple(value.strip() for value in asked.split(",") if value.strip())
    return Operator.BETWEEN, _parted(asked, "..") if ".." in asked else (asked, asked)


def _parted(text: str, by: str) -> tuple[str, str]:
    before, _sign, after = text.partition(by)
    return before.strip(), after.strip()


def _asked(condition: Condition) -> str:
    return "..".join(condition.values) if condition.operator is Operator.BETWEEN else ", ".join(condition.values)


def _subjects() -> dict[str, Subject]:
    """The fields that every project begins with, but for the secret ones: a text must not hint at those."""
    fields = [
        ClientField(key=field.key, label=field.label_ru, type=FieldType(field.type), codes=field.codes)
        for field in default_dictionary()
        if field.sensitivity != Sensitivity.SECRET
    ]
    return {name: subject for name, subject in subjects_of(fields, {}).items() if subject.key}


class BenefitForm(BaseForm):
    product_id = RowField(_l("Product"))
    text = StringField(_l("Benefit in a few words"), [InputRequired(), Length(max=200)])
    lines = LinesField(
        _l("Clients whom it suits best: one condition a line, all of them true"),
        [Length(max=LONGEST_LINES, message=TOO_LONG)],
        render_kw={"rows": 4, "placeholder": "cnt_tr_oil_3m: 10..\nage: 30..45\nvisit_purposes: DEPOSIT, INVEST"},
    )
    sign_lines = LinesField(
        _l("Phrases that say it, one a line (* is any ending)"),
        [Length(max=LONGEST_LINES, message=TOO_LONG)],
        render_kw={"rows": 3},
    )
    position = IntegerField(_l("Order"), [NumberRange(0, 1000)], default=0)

    def __init__(self, formdata: Any = None, obj: Benefit | None = None, **values: Any) -> None:
        if obj:
            kept = {"lines": lines_of(from_json(obj.conditions)), "sign_lines": "\n".join(obj.signs)}
            values = kept | values
        super().__init__(formdata, obj=obj, **values)
        products = db.session.execute(db.select(Product.id, Product.name).order_by(Product.name))
        self.product_id.choices = choices_of((number, name) for number, name in products)

    def validate_text(self, field: Field) -> None:
        """Nothing that the product's description does not say."""
        chosen = self.product_id.data
        product = None if chosen is None else db.session.get(Product, chosen)
        if product is None or field.errors:
            return
        about = Facts(ProductFacts(product.name, product.kind.value, product.description), ChannelFacts("TMO"))
        wrong = [finding for finding in check(field.data or "", about) if finding.rule in TRUTH]
        if wrong:
            raise ValidationError(finding_words(wrong[0]))

    def validate_lines(self, field: Field) -> None:
        try:
            conditions_of(field.data or "")
        except BadLine as reason:
            raise ValidationError(str(reason)) from reason

    def validate_sign_lines(self, field: Field) -> None:
        if field.errors:
            return  # too long to be looked at
        written = _lines(field.data)
        if sum(map(ways, written)) > MOST_WAYS:
            raise ValidationError(
                _("These phrases can be said in too many ways. Write fewer of “ ... ”, “~”, brackets and inner “*”.")
            )
        try:
            phrases(*written).pattern.search("")
        except re.error as reason:
            raise ValidationError(_("A bracket is opened or closed alone in these phrases.")) from reason

    def populate_obj(self, obj: Benefit) -> None:
        for name in ("product_id", "text", "position"):
            self[name].populate_obj(obj, name)
        obj.conditions = to_json(conditions_of(self.lines.data or ""))
        obj.signs = _lines(self.sign_lines.data)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class BenefitView(StudioView):
    form = BenefitForm
    column_list = ("product", "text", "conditions", "position")
    column_searchable_list = ("text",)
    column_filters = ("product.name", "text")
    column_default_sort = [("product.name", False), ("position", False)]
    column_labels = {
        "product": _l("Product"),
        "product.name": _l("Product"),
        "text": _l("Benefit in a few words"),
        "conditions": _l("Suits best"),
        "position": _l("Order"),
    }
    column_formatters = {"conditions": lambda view, context, each, name: lines_of(from_json(each.conditions))}
