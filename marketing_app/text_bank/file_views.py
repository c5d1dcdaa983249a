"""What the browser asks to bring a file of texts into the bank."""

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from ..access import text_proposer
from ..client_imports.wording import refusal
from ..database import db
from ..imports.errors import HeaderOnly, SourceError
from ..models import BankText
from ..web.bodies import takes_file
from ..web.fragments import go_to
from . import loading, queries
from .file_wording import bad_line, no_column
from .files import BadFile, Column, Names, NoColumn, Row, read_texts
from .forms import FileForm
from .views import bp
from .wording import problem_of_words

MOST_PROBLEMS_SHOWN = 20


@bp.get("/text-bank/file")
@text_proposer
def choose_file() -> ResponseReturnValue:
    return _page(_form(formdata=None))


@bp.post("/text-bank/file/look")
@text_proposer
@takes_file
def look_at_file() -> ResponseReturnValue:
    """Shows what loading the file would add."""
    form = _form()
    rows = _rows(form) if form.validate() else None
    if rows is None:
        return render_template("text_bank/_plan.html", form=form), 422
    return render_template("text_bank/_plan.html", form=form, plan=loading.plan_of(rows))


@bp.post("/text-bank/file")
@text_proposer
@takes_file
def load_file() -> ResponseReturnValue:
    form = _form()
    rows = _rows(form) if form.validate() else None
    if rows is None:
        return _page(form), 422
    try:
        added = loading.load_texts(rows, form.state.data or "", current_user, form.clearing)
    except loading.BankChanged:
        return _page(form, plan=loading.plan_of(rows), is_changed=bool(form.state.data)), 409
    db.session.commit()
    flash(_loaded(added), "success")
    return go_to("text_bank.index")


def _page(form: FileForm, **values: object) -> str:
    return render_template("text_bank/file.html", form=form, columns=Column, **values)


def _rows(form: FileForm) -> Sequence[Row] | None:
    """The texts of the sent file; None when they cannot be read, which the form then says."""
    names = Names(queries.named(queries.products()), queries.named(queries.channels()))
    try:
        return read_texts(form.file.data.stream, names, problem_of_words)
    except HeaderOnly:
        form.file.errors = [_("The file has a header and no texts under it.")]
    except SourceError as error:
        form.file.errors = [refusal(error)]
    except NoColumn as error:
        form.file.errors = [no_column(error)]
    except BadFile as error:
        form.file.errors = [bad_line(each) for each in error.lines[:MOST_PROBLEMS_SHOWN]]
        more = len(error.lines) - MOST_PROBLEMS_SHOWN
        if more > 0:
            form.file.errors.append(ngettext("%(num)d more row is wrong.", "%(num)d more rows are wrong.", more))
        form.file.errors.append(_("Nothing of the file was taken."))
    return None


def _form(**values: Any) -> FileForm:
    return FileForm(may_clear=current_user.is_administrator, **values)


def _loaded(added: Sequence[BankText]) -> str:
    if not added:
        return _("Nothing was added: the text bank has all of it.")
    said = ngettext("%(num)d text was added.", "%(num)d texts were added.", len(added))
    if added[0].cleared_at:
        return said
    return said + " " + _("Offers get them after an administrator has cleared them.")
