"""Deciding about everything that matches a filter, in the browser: a page that asks for one piece after the other."""

from collections import Counter

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from ..access import project_access
from ..database import db
from ..models import Project, ReviewVerb
from ..projects.services import ProjectArchived
from ..web.arguments import asked
from ..web.fields import row_number
from ..web.fragments import page_or_fragment
from . import bulk
from .actions import new_batch
from .bulk import LeftOut, Order, Piece
from .forms import BulkForm
from .showing import asked_filter
from .wording import LEFT_OUT, cannot

bp = Blueprint("review_of_many", __name__)


@bp.post("/projects/<int:project_id>/review/many")
@project_access("review")
def decide(project: Project) -> ResponseReturnValue:
    """The next piece. The first one settles what all of them concern."""
    form = BulkForm()
    if not form.validate():
        abort(400)
    if form.verb.data == ReviewVerb.REJECT and not (form.reason.data or "").strip():
        return _shown(project, form, None, problem=_("Say why the offers are rejected."), status=422)
    if not form.batch.data:
        form.batch.data = new_batch()
        form.total.data, form.until.data = bulk.extent(project, asked_filter())
    try:
        piece = bulk.carry_out(project, _order(form), current_user, form.after.data or 0)
    except ProjectArchived as error:
        return _shown(project, form, None, problem=cannot(error), status=409)
    db.session.commit()
    form.done.data = (form.done.data or 0) + piece.done
    return _shown(project, form, piece)


def _order(form: BulkForm) -> Order:
    return Order(
        verb=ReviewVerb(form.verb.data),
        chosen=asked_filter(),
        batch=form.batch.data,
        until=form.until.data or 0,
        reason=(form.reason.data or "").strip(),
        warned_too=form.warned_too.data,
    )


def _shown(project: Project, form: BulkForm, piece: Piece | None, problem: str = "", status: int = 200) -> Response:
    left_out = Counter({each: asked(each.value, row_number, 0) for each in LeftOut})
    left_out.update(piece.left_out if piece else {})
    return page_or_fragment(
        "review/many.html",
        "review/_many.html",
        status,
        project=project,
        form=form,
        after=piece.last if piece else None,
        left_out={each: count for each, count in left_out.items() if count},
        left_out_words=LEFT_OUT,
        state={"project_id": project.id} | asked_filter().words,
        problem=problem,
    )
