"""The text bank in the browser: everybody sees it, managers propose texts, administrators clear and retire them."""

from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import administrator, signed_in, text_proposer
from ..bank_time import today
from ..catalogue.wording import KINDS
from ..database import db
from ..models import BankText, ProductKind, TextRole, TextState
from ..offers.text_states import state_of
from ..offers.wording import OUTCOMES
from ..projects.forms import LANGUAGE_NAMES
from ..web.arguments import asked
from ..web.fields import row_number
from ..web.fragments import go_to
from ..web.paging import page_number
from . import queries, services
from .forms import ClearingForm, TextForm
from .queries import TextFilter
from .wording import ROLES, STATE_COLOURS, STATES, added_words, for_what, reason

bp = Blueprint("text_bank", __name__)
LONGEST_SEARCH = 120


@bp.get("/text-bank")
@signed_in
def index() -> ResponseReturnValue:
    chosen = _asked_filter()
    page = queries.texts_page(chosen, page_number())
    return render_template(
        "text_bank/index.html",
        page=page,
        uses=queries.uses_of([text.id for text in page.rows]),
        chosen=chosen,
        state=chosen.words,
        channels=queries.channels(),
        is_empty=queries.is_empty(),
    )


@bp.get("/text-bank/new")
@text_proposer
def new() -> ResponseReturnValue:
    form = _form(formdata=None, language=current_user.language)
    return render_template("text_bank/new.html", form=form)


@bp.post("/text-bank/new")
@text_proposer
def add() -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return render_template("text_bank/new.html", form=form), 422
    try:
        text = services.add_text(form.described, current_user, form.clearing)
    except services.AlreadyThere as error:
        form.text.errors = [reason(error)]
        return render_template("text_bank/new.html", form=form, there=error.text), 422
    db.session.commit()
    flash(added_words(text), "success")
    return go_to("text_bank.show", text_id=text.id)


@bp.get("/text-bank/<int:text_id>")
@signed_in
def show(text_id: int) -> ResponseReturnValue:
    return _text_page(_text(text_id))


@bp.post("/text-bank/<int:text_id>")
@text_proposer
def save(text_id: int) -> ResponseReturnValue:
    """Other words are another text, so the page of that one follows."""
    text = _text(text_id)
    form = _form()
    if not form.validate():
        return _text_page(text, form), 422
    try:
        saved = services.write_anew(text, form.described, current_user, form.clearing)
    except services.TextBankError as error:
        db.session.rollback()
        form.text.errors = [reason(error)]
        return _text_page(_text(text_id), form), 409
    db.session.commit()
    flash(_("The text is saved."), "success")
    return go_to("text_bank.show", text_id=saved.id)


@bp.post("/text-bank/<int:text_id>/clear")
@administrator
def clear(text_id: int) -> ResponseReturnValue:
    text, form = _text(text_id), ClearingForm()
    if not form.validate():
        return _text_page(text, clearing_form=form), 422
    services.clear_text(text, current_user, services.Clearing(form.until.data))
    return _done(text, _("The text is cleared: offers may be finished with it."))


@bp.post("/text-bank/<int:text_id>/retire")
@administrator
def retire(text_id: int) -> ResponseReturnValue:
    text = _text(text_id)
    services.retire_text(text, current_user)
    return _done(text, _("The text is retired: no offer gets it any more. Offers that have it keep it."))


@bp.post("/text-bank/<int:text_id>/bring-back")
@administrator
def bring_back(text_id: int) -> ResponseReturnValue:
    text = _text(text_id)
    services.bring_back_text(text, current_user)
    return _done(text, _("The text is back in use as far as it is cleared."))


@bp.app_context_processor
def words_of_bank() -> dict[str, object]:
    return {"text_roles": ROLES, "text_states": STATES, "text_state_colours": STATE_COLOURS}


@bp.context_processor
def words_of_pages() -> dict[str, object]:
    return {
        "text_kinds": KINDS,
        "text_languages": LANGUAGE_NAMES,
        "state_of": partial(state_of, day=today()),
        "for_what": for_what,
        "text_outcomes": OUTCOMES,
    }


def _text(text_id: int) -> BankText:
    return db.session.get(BankText, text_id) or abort(404)


def _form(**values: Any) -> TextForm:
    """A person who may not clear texts sees no fields about it, and what such a person sends in them does not count."""
    return TextForm(queries.products(), queries.channels(), may_clear=current_user.is_administrator, **values)


def _text_page(text: BankText, form: TextForm | None = None, clearing_form: ClearingForm | None = None) -> str:
    refusal = services.why_fixed(text, current_user)
    return render_template(
        "text_bank/show.html",
        text=text,
        uses=queries.uses_of([text.id])[text.id],
        form=None if refusal else form or _form(formdata=None, **TextForm.values_of(text)),
        clearing_form=clearing_form or ClearingForm(formdata=None, until=text.cleared_until),
        why_fixed=reason(refusal) if refusal else "",
    )


def _done(text: BankText, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence, "success")
    return go_to("text_bank.show", text_id=text.id)


def _asked_filter() -> TextFilter:
    language = request.args.get("language")
    return TextFilter(
        role=asked("role", TextRole),
        kind=asked("kind", ProductKind),
        channel_id=asked("channel_id", row_number),
        language=language if language in LANGUAGE_NAMES else None,
        state=asked("state", TextState),
        search=request.args.get("search", "").strip()[:LONGEST_SEARCH],
    )
