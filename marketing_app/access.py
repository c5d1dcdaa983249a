"""Who may do what: the only place that decides it.

A view names its rule with one of the decorators below; a view without a rule does not answer at all (see `guard`).
Templates ask `may(project, action)`. A project's objects are looked up with `within`, so that an id of somebody
else's project is not found rather than forbidden: strangers learn nothing, not even that it exists.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from time import monotonic
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from .database import Model, db
from .models import Project, ProjectUser, Role

MEMBERS = frozenset({Role.MANAGER, Role.PERFORMER})
MANAGERS = frozenset({Role.MANAGER})

PROJECT_ACTIONS: dict[str, frozenset[Role]] = {
    "view": MEMBERS,
    "edit": MEMBERS,
    "load_clients": MEMBERS,
    "write_offers": MEMBERS,
    "review": MEMBERS,
    "override": MANAGERS,
    "keep_text": MANAGERS,
    "archive": MANAGERS,
    "erase": MANAGERS,
    "decide_refusals": MANAGERS,
    "manage_members": MANAGERS,
    "statistics": MANAGERS,
}

ADMINISTRATORS_TOO = frozenset({"decide_refusals"})
"""Members who are administrators may do these in any role: lift a refusal, refuse for the whole bank."""
LOOK_SECONDS = 2.0
"""As often as a stream says that it lives (see web.streams)."""
RULE = "access_rule"
PUBLIC = "public"
OF_A_PROJECT = "project:"
View = Callable[..., Any]
M = TypeVar("M", bound=Model)


def public(view: View) -> View:
    """Anybody may come in, signed in or not."""
    return _ruled(view, PUBLIC)


def signed_in(view: View) -> View:
    """Anybody with an account may come in; others are sent to the sign-in page."""
    return _ruled(view, "signed_in")


def administrator(view: View) -> View:
    """Only administrators; for everybody else the page does not exist."""
    return _ruled(view, "administrator")


def text_proposer(view: View) -> View:
    """Those who add texts to the text bank (see `proposes_texts`); for everybody else the page does not exist."""
    return _ruled(view, "text_proposer")


def project_access(action: str) -> Callable[[View], View]:
    """Only members whose role allows `action`. The view's `project_id` from the URL arrives as the Project itself."""

    def decorate(view: View) -> View:
        @wraps(view)
        def entered(project_id: int, **arguments: Any) -> Any:
            return view(project=_project_for(project_id, action), **arguments)

        return _ruled(entered, OF_A_PROJECT + action)

    return decorate


def rule_of(view: View) -> str | None:
    """The rule a view was given, for the guard and for the test of all routes."""
    rule: str | None = getattr(view, RULE, None)
    return rule


def membership_in(project_id: int) -> ProjectUser | None:
    """The signed-in person's membership in a project; asked once per request."""
    known: dict[int, ProjectUser | None] = g.setdefault("memberships", {})
    if project_id not in known:
        known[project_id] = db.session.get(
            ProjectUser, (project_id, current_user.id), options=[joinedload(ProjectUser.project)]
        )
    return known[project_id]


def may(project: Project, action: str) -> bool:
    """Whether the signed-in person may do `action` in the project: what templates ask before they show a control."""
    if not current_user.is_authenticated:
        return False
    membership = membership_in(project.id)
    return membership is not None and _allows(membership, action)


def proposes_texts() -> bool:
    """Whether the signed-in person adds texts to the text bank: administrators and managers of any project do.

    Anybody becomes a manager by making a project, so only administrators clear and retire texts.
    """
    if not current_user.is_authenticated:
        return False
    if "proposes_texts" not in g:
        managed = db.select(ProjectUser.user_id).filter_by(user_id=current_user.id, role=Role.MANAGER).limit(1)
        g.proposes_texts = current_user.is_administrator or db.session.scalar(managed) is not None
    return bool(g.proposes_texts)


def within(project: Project, model: type[M], object_id: int) -> M:
    """An object of this project by its id; 404 when there is none, or when it belongs to another project."""
    found = db.session.scalar(db.select(model).filter_by(id=object_id, project_id=project.id))
    if found is None:
        abort(404)
    return found


def rule_of_request() -> str:
    """The rule of the view that is asked for. Raises LookupError when it has none."""
    if request.endpoint in (None, "static"):
        return PUBLIC
    rule = rule_of(current_app.view_functions[request.endpoint])
    if rule is None and request.blueprint in current_app.extensions.get("admin_blueprints", ()):
        rule = "administrator"
    if rule is None:
        raise LookupError(f"the view {request.endpoint} has no access rule")
    return rule


def guard() -> Any:
    """Before every request: no view without a rule, and nobody past a rule that is not theirs.

    It runs before anything reads the request's body: a stranger's is never read (see web.bodies).
    """
    rule = rule_of_request()
    if rule == PUBLIC:
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    if not _passes(rule):
        abort(404)
    return None


def while_admitted(events: Iterable[str]) -> Iterator[str]:
    """A stream's events for as long as its request would be admitted anew: a stream may last for hours.

    No database connection is held between two looks.
    """
    looked_at = monotonic()
    for event in events:
        if monotonic() - looked_at >= LOOK_SECONDS:
            if not _is_still_admitted():
                return
            looked_at = monotonic()
        yield event


def init_app(app: Flask) -> None:
    app.before_request(guard)
    app.jinja_env.globals["may"] = may
    app.jinja_env.globals["proposes_texts"] = proposes_texts


def _project_for(project_id: int, action: str) -> Project:
    """The project, for a member who may do `action`; 404 for everybody else."""
    membership = membership_in(project_id)
    if membership is None or not _allows(membership, action):
        abort(404)
    return membership.project


def _passes(rule: str) -> bool:
    """Whether the signed-in person does."""
    if rule == "administrator":
        return bool(current_user.is_administrator)
    if rule == "text_proposer":
        return proposes_texts()
    if rule.startswith(OF_A_PROJECT):
        membership = membership_in((request.view_args or {})["project_id"])
        return membership is not None and _allows(membership, rule.removeprefix(OF_A_PROJECT))
    return True


def _is_still_admitted() -> bool:
    """Ask again what `guard` asked. While the database is away nobody is sent away: nobody's rights change either."""
    known = {name: g.pop(name) for name in ("_login_user", "memberships", "proposes_texts") if name in g}
    try:
        return current_user.is_authenticated and _passes(rule_of_request())
    except SQLAlchemyError:
        vars(g).update(known)
        return True
    finally:
        db.session.remove()


def _allows(membership: ProjectUser, action: str) -> bool:
    """Of the signed-in person's own membership."""
    by_role = membership.role in PROJECT_ACTIONS[action]
    return by_role or (action in ADMINISTRATORS_TOO and current_user.is_administrator)


def _ruled(view: View, rule: str) -> View:
    setattr(view, RULE, rule)
    return view
