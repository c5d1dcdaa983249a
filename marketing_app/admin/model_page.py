"""The console's page about the language model: which one runs, what it is, how much it writes."""

from typing import Any

from flask_admin import BaseView, expose
from flask_babel import format_decimal
from flask_babel import gettext as _

from ..language_model.calibration import calibration_of
from ..language_model.services import throughput
from ..language_model.wording import model_failure
from ..llm.cards import ModelCard
from ..llm.engine import Engine
from ..llm.registry import State, model
from ..models import ModelCalibration
from ..projects.forms import LANGUAGE_NAMES

MEBIBYTE = 2**20


class ModelPage(BaseView):
    """Only for looking: what runs is decided by the settings."""

    @expose("/")
    def index(self) -> Any:
        engine = model.engine() if model.state is State.READY else None
        return self.render(
            "admin/model.html",
            state=model.state,
            failure=model_failure(model.reason),
            facts=facts_of(engine) if engine else [],
            chat_template=engine.card.chat_template if engine else "",
            throughput=throughput(),
        )


def facts_of(engine: Engine) -> list[tuple[str, str]]:
    """What is known of the model, as label and value; what a server does not tell is left out."""
    card = engine.card
    kind = _("conversation") if engine.is_chat else _("base: it goes on with examples")
    known = [
        (_("Model"), card.name),
        (_("Source"), card.source),
        (_("Kind"), kind),
        (_("Size on disk, MiB"), _count(card.size_bytes // MEBIBYTE)),
        (_("Parameters, millions"), _count(card.parameter_count // 1_000_000)),
        (_("Vocabulary, tokens"), _vocabulary(card)),
        *_certainty(card),
        (_("Context, tokens for all texts together"), _count(card.context_tokens)),
        (_("Context it was trained for, tokens"), _count(card.trained_context_tokens)),
        (_("Texts at a time"), _count(card.sequence_count)),
        (_("Licence"), card.licence),
    ]
    return [(label, value) for label, value in known if value]


def _certainty(card: ModelCard) -> list[tuple[str, str]]:
    """How sure the model has to be of its words, by language of the texts."""
    known = calibration_of(card)
    if not known:
        return [(_("Certainty in its words"), _("not measured yet: texts are not held against it"))]
    return [
        (_("Certainty in its words, %(language)s", language=LANGUAGE_NAMES[each]), _bars(known[each]))
        for each in sorted(known)
    ]


def _bars(found: ModelCalibration) -> str:
    if found.upper_bar is None:
        return _("cannot be measured: the rule “%(rule)s” is off", rule="language.sense")
    upper, lower = format_decimal(round(found.upper_bar, 2)), format_decimal(round(found.lower_bar or 0, 2))
    return _(
        "0 is full certainty: below %(upper)s a text is written again, below %(lower)s it is never sent",
        upper=upper,
        lower=lower,
    )


def _vocabulary(card: ModelCard) -> str:
    if card.why_whole:
        return _("%(count)s; not cut: %(reason)s", count=_count(card.vocabulary_tokens), reason=card.why_whole)
    if not card.source_vocabulary_tokens:
        return _count(card.vocabulary_tokens)
    whole = _count(card.source_vocabulary_tokens)
    return _("%(count)s of %(whole)s, those of Russian and English", count=_count(card.vocabulary_tokens), whole=whole)


def _count(number: int) -> str:
    return str(format_decimal(number)) if number else ""
