"""Every route, asked by everybody: the table below says who gets in. A route without a line fails."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketing_app.database import db
from marketing_app.models import (
    ClientSource,
    Message,
    MessageRole,
    Offer,
    OptOutList,
    Project,
    Role,
    Segment,
    SourceKind,
    SourceState,
)
from tests.factories import a_bank_text, a_campaign, a_client, a_field, a_project, a_user, an_opt_out, saved

WHO = ("anonymous", "stranger", "performer", "manager", "administrator")

PUBLIC = "everybody"
PERSON = "signed in"
MEMBER = "member"
MANAGER = "manager"
ADMINISTRATOR = "administrator"
PROPOSER = "proposer of texts"

INSIDE = {
    PUBLIC: set(WHO),
    PERSON: {"stranger", "performer", "manager", "administrator"},
    MEMBER: {"performer", "manager"},
    MANAGER: {"manager"},
    ADMINISTRATOR: {"administrator"},
    PROPOSER: {"manager", "administrator"},
}

TABLE = {
    "accounts.sign_in": PUBLIC,
    "accounts.enter": PUBLIC,
    "accounts.visit": PUBLIC,
    "accounts.set_language": PUBLIC,
    "accounts.sign_out": PERSON,
    "accounts.profile": PERSON,
    "accounts.save_profile": PERSON,
    "accounts.change_password": PERSON,
    "campaigns.running": PERSON,
    "campaigns.index": MEMBER,
    "campaigns.new": MEMBER,
    "campaigns.plan": MEMBER,
    "campaigns.start": MEMBER,
    "campaigns.show": MEMBER,
    "campaigns.campaign_stream": MEMBER,
    "campaigns.project_stream": MEMBER,
    "campaigns.pause": MEMBER,
    "campaigns.resume": MEMBER,
    "campaigns.cancel": MEMBER,
    "campaigns.retry": MEMBER,
    "catalogue.image": PERSON,
    "client_imports.new": MEMBER,
    "client_imports.receive": MEMBER,
    "client_imports.connect_postgresql": MEMBER,
    "client_imports.connect_mongodb": MEMBER,
    "client_imports.sample": MEMBER,
    "client_imports.preview": MEMBER,
    "client_imports.reread": MEMBER,
    "client_imports.columns": MEMBER,
    "client_imports.load": MEMBER,
    "client_imports.save_answers": MEMBER,
    "client_imports.forget": MEMBER,
    "client_imports.show": MEMBER,
    "client_imports.progress": MEMBER,
    "client_imports.rejected": MEMBER,
    "client_imports.cancel": MEMBER,
    "client_imports.go_on": MEMBER,
    "client_imports.undo": MEMBER,
    "clients.index": MEMBER,
    "clients.show": MEMBER,
    "clients.conditions": MEMBER,
    "clients.count": MEMBER,
    "clients.segments": MEMBER,
    "clients.segment_count": MEMBER,
    "clients.save_segment": MEMBER,
    "clients.change_segment": MEMBER,
    "clients.remove_segment": MEMBER,
    "dictionary.index": MEMBER,
    "dictionary.new": MEMBER,
    "dictionary.add": MEMBER,
    "dictionary.edit": MEMBER,
    "dictionary.save": MEMBER,
    "dictionary.preview": MEMBER,
    "dictionary.rows": MEMBER,
    "dictionary.move": MEMBER,
    "dictionary.confirm_removal": MEMBER,
    "dictionary.remove": MEMBER,
    "dictionary.choose": MEMBER,
    "dictionary.look_at_copy": MEMBER,
    "dictionary.copy": MEMBER,
    "dictionary.look_at_file": MEMBER,
    "dictionary.load_file": MEMBER,
    "dictionary.download": MEMBER,
    "health.live": PUBLIC,
    "health.ready": PUBLIC,
    "language_model.state": PERSON,
    "offers.index": MEMBER,
    "offers.write": MEMBER,
    "offers.begin": MEMBER,
    "offers.show": MEMBER,
    "offers.change": MEMBER,
    "offers.outcome": MEMBER,
    "offers.compare": MEMBER,
    "offers.pick": MEMBER,
    "offers.write_plainly": MEMBER,
    "offers.stop": MEMBER,
    "offers.draft_stream": MEMBER,
    "privacy.index": MEMBER,
    "privacy.add": MEMBER,
    "privacy.look": MEMBER,
    "privacy.add_file": MEMBER,
    "privacy.lift": MANAGER,
    "privacy.undo_list": MANAGER,
    "privacy.opt_out_client": MEMBER,
    "privacy.confirm_client": MANAGER,
    "privacy.erase_client": MANAGER,
    "privacy.confirm_import": MANAGER,
    "privacy.erase_import": MANAGER,
    "projects.index": PERSON,
    "projects.create": PERSON,
    "projects.show": MEMBER,
    "projects.edit": MEMBER,
    "projects.archive": MANAGER,
    "projects.restore": MANAGER,
    "projects.channels": MEMBER,
    "projects.add_channels": MEMBER,
    "projects.remove_channel": MEMBER,
    "projects.prompt": MEMBER,
    "projects.save_prompt": MEMBER,
    "projects.choose_example": MEMBER,
    "projects.examples": MEMBER,
    "projects.preview": MEMBER,
    "projects.compare_versions": MEMBER,
    "projects.restore_version": MEMBER,
    "projects.try_versions": MEMBER,
    "projects.trial_stream": MEMBER,
    "projects.members": MEMBER,
    "projects.invite": MANAGER,
    "projects.withdraw_invitation": MANAGER,
    "projects.accept_invitation": PERSON,
    "projects.decline_invitation": PERSON,
    "projects.change_role": MANAGER,
    "projects.remove_member": MANAGER,
    "statistics.overview": PERSON,
    "statistics.project": MANAGER,
    "review.queue": MEMBER,
    "review.table": MEMBER,
    "review.show": MEMBER,
    "review.approve": MEMBER,
    "review.reject": MEMBER,
    "review.reopen": MEMBER,
    "review.save_text": MEMBER,
    "review.check": MEMBER,
    "review.revise": MEMBER,
    "review.undo": MEMBER,
    "review_of_many.decide": MEMBER,
    "text_bank.index": PERSON,
    "text_bank.show": PERSON,
    "text_bank.new": PROPOSER,
    "text_bank.add": PROPOSER,
    "text_bank.save": PROPOSER,
    "text_bank.clear": ADMINISTRATOR,
    "text_bank.retire": ADMINISTRATOR,
    "text_bank.bring_back": ADMINISTRATOR,
    "text_bank.choose_file": PROPOSER,
    "text_bank.look_at_file": PROPOSER,
    "text_bank.load_file": PROPOSER,
    "text_bank.keep_offer": MANAGER,
    "static": PUBLIC,
}
ADMIN_ROOMS = (
    "admin",
    "product",
    "benefit",
    "channel",
    "channel_rules",
    "user",
    "project",
    "opt_out",
    "opt_out_list",
    "audit",
    "model",
)

# These take away what others ask for; signing out comes after all of them.
LAST = (
    "projects.remove_channel",
    "dictionary.remove",
    "client_imports.cancel",
    "client_imports.undo",
    "client_imports.forget",
    "clients.remove_segment",
    "privacy.erase_client",
    "privacy.erase_import",
    "projects.archive",
    "projects.restore",
    "projects.change_role",
    "projects.remove_member",
    "accounts.sign_out",
)

# What these answer is 404 for everybody inside as well: there is no such picture or file. Only the door is asked here.
NOT_FOUND_INSIDE = {"catalogue.image", "static"}


def rule_for(endpoint: str) -> str:
    if endpoint.partition(".")[0] in ADMIN_ROOMS:
        return ADMINISTRATOR
    assert endpoint in TABLE, f"{endpoint} has no line in the table"
    return TABLE[endpoint]


@pytest.fixture
def project(app: Flask) -> Project:
    return a_project(a_user("manager"), a_user("performer"))


@pytest.fixture
def numbers(project: Project) -> dict[str, Any]:
    """Ids of real things of the project, for the addresses."""
    person = a_client(project)
    channel = project.channels[0]
    offer = Offer(
        project_id=project.id,
        project_channel_id=channel.id,
        client_id=person.id,
        prompt_version_id=channel.versions[0].id,
    )
    offer.messages = [Message(role=MessageRole.DRAFT, text="Текст")]
    source = ClientSource(
        project_id=project.id,
        user_id=project.members[0].user_id,
        kind=SourceKind.FILE,
        name="x.csv",
        state=SourceState.READY,
    )
    db.session.add_all([offer, source])
    db.session.commit()
    return {
        "project_id": project.id,
        "client_id": person.id,
        "channel_id": channel.id,
        "campaign_id": a_campaign(project, finished_at=db.func.now()).id,
        "offer_id": offer.id,
        "draft_id": offer.messages[0].id,
        "source_id": source.id,
        "import_id": person.import_id,
        "field_id": a_field(project).id,
        "opt_out_id": an_opt_out(project).id,
        "list_id": saved(OptOutList(project_id=project.id)).id,
        "text_id": a_bank_text("Оформите в приложении.").id,
        "segment_id": saved(Segment(project_id=project.id, name="Сегмент")).id,
        "user_id": project.members[-1].user_id,
        "name": "none.webp",
        "filename": "none.css",
        "export_type": "csv",
    }


def visitor(app: Flask, project: Project, who: str) -> FlaskClient:
    client = app.test_client()
    if who == "anonymous":
        return client
    roles = {Role.MANAGER: "manager", Role.PERFORMER: "performer"}
    members = {roles[member.role]: member.user for member in project.members}
    user = members.get(who) or a_user(who, is_administrator=who == "administrator")
    client.sign_in(user)  # type: ignore[attr-defined]
    return client


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, method, address pattern of every route: first what only reads, last what takes something away."""
    found = [
        (rule.endpoint, method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found, key=lambda route: (LAST.index(route[0]) + 1 if route[0] in LAST else 0, route[1], route[0]))


def may_answer_404(endpoint: str, who: str) -> bool:
    """Where 404 says nothing of the door: no such file, or a page of Flask-Admin that is switched off for a table."""
    return endpoint in NOT_FOUND_INSIDE or (who == "administrator" and rule_for(endpoint) == ADMINISTRATOR)


def is_inside(endpoint: str, who: str, status: int, location: str | None) -> bool:
    """Whether the door opened: whatever the room then says of an empty form, it is not a redirect or a 404."""
    if status == 302 and location and location.startswith("/sign-in"):
        return False
    return status != 404 or may_answer_404(endpoint, who)


def address_of(pattern: str, numbers: dict[str, Any]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(numbers[found[1]]), pattern)


@pytest.mark.parametrize("who", WHO)
def test_the_door_of_every_route(app: Flask, project: Project, numbers: dict[str, Any], who: str) -> None:
    wrong = []
    asking = visitor(app, project, who)
    for endpoint, method, pattern in routes(app):
        form = {name: numbers[name] for name in ("channel_id", "client_id")} if method == "POST" else None
        answer = asking.open(address_of(pattern, numbers), method=method, data=form)
        expected = who in INSIDE[rule_for(endpoint)]
        if is_inside(endpoint, who, answer.status_code, answer.location) != expected:
            wrong.append((who, endpoint, method, answer.status_code))
    assert wrong == []
