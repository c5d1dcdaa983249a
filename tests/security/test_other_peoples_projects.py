"""Whoever is outside of a project reaches nothing of it: every route, every kind of person, every id of another one's.

tests/access says who may do what inside of a project; here everything that is asked for belongs to another.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, text

from marketing_app.database import db
from marketing_app.models import ProjectUser, Role, User
from tests.access.test_every_route import ADMINISTRATOR, address_of, rule_for
from tests.factories import a_member, a_user
from tests.security.asking import Asked, Route, all_routes, bare, copy_of, text_of
from tests.security.conftest import Keep, Some, Tried, signed_in
from tests.security.crawling import crawled
from tests.security.filled_project import FilledProject

SHARED = {"text_id", "name", "filename", "export_type"}
"""Parameters that name what belongs to no project."""
SIGN_IN = "/sign-in"
CHOICES = (("role", "manager"), ("outcome", "sold"), ("way", "up"))
"""Without one of these some views refuse any form as it is, whatever it is about."""
ASKED_ELSEWHERE = ("nobody", "stranger", "administrator", "performer elsewhere")
"""By tests/access and test_needles, the last like the manager: here in large runs only."""
NAMES_CLIENTS = "audit"
"""Administrators read there whom an opt-out or an erasure was about."""


def test_nobody_outside_reaches_a_project(
    app: Flask, own: FilledProject, other: FilledProject, keep: Keep, odd_count: int | None, tried: Tried
) -> None:
    outside = people_outside(app, own, other)
    before, wrong = keep(), []
    asked = [with_choices(bare(route, other)) for route in all_routes(app) if route.is_of_a_project]
    people = [who for who in outside if odd_count or who not in ASKED_ELSEWHERE]
    requests = [*product(people, asked)]
    for who, each in requests:
        if not is_refused(each.send(outside[who]), other):
            wrong.append((who, str(each)))
    assert (wrong, before.changed()) == ([], set())
    tried("requests for another's project (route × person)", len(requests))


def test_no_address_mixes_one_s_own_project_with_another(
    app: Flask, own: FilledProject, other: FilledProject, keep: Keep, some: Some, tried: Tried
) -> None:
    inside = {"manager": signed_in(app, own.manager), "performer": signed_in(app, own.performer)}
    mixed = [each for route in all_routes(app) if route.is_of_a_project for each in mixtures(route, own, other)]
    requests = some([*product(inside, mixed)], 150)
    before = keep()
    wrong = [(who, str(each)) for who, each in requests if not is_refused(each.send(inside[who]), other)]
    assert (wrong, before.changed()) == ([], set())
    tried("addresses with ids of two projects", len(requests))


def test_pages_that_belong_to_no_project_show_nothing_of_one(
    app: Flask, own: FilledProject, other: FilledProject, odd_count: int | None, tried: Tried
) -> None:
    outside = people_outside(app, own, other)
    asked = [bare(route, other) for route in all_routes(app) if not route.is_of_a_project and route.method == "GET"]
    people = [who for who in outside if odd_count or who not in ASKED_ELSEWHERE]
    requests = [(who, each) for who, each in product(people, asked) if not each.endpoint.startswith(NAMES_CLIENTS)]
    told = [
        (who, str(each))
        for who, each in requests
        if other.words.are_told(text_of(each.send(outside[who])), who == "administrator")
    ]
    assert told == []
    tried("pages of no project searched for what is in one", len(requests))


def test_no_field_takes_an_id_of_another_project(
    app: Flask, own: FilledProject, other: FilledProject, everywhere: FlaskClient, keep: Keep, some: Some, tried: Tried
) -> None:
    """In queries and forms: nothing of the other project is shown, and nothing of it changes.

    Only administrators change what is the bank's, and with it what projects say of that.
    """
    asked_by_members = [each for each in crawled(everywhere, own).requests if rule_for(each.endpoint) != ADMINISTRATOR]
    requests = some([each for asked in asked_by_members for each in with_ids_of(asked, other)], 60)
    before, wrong = keep(), []
    rows = rows_of(other)
    for asked in requests:
        answer = asked.send(copy_of(everywhere))
        if other.words.are_told(text_of(answer), to_administrator=True) or rows_of(other) != rows:
            wrong.append(str(asked))
        if asked.method != "GET" and answer.status_code < 400:
            before.put_back()
    assert wrong == []
    tried("fields with an id of another's project", len(requests))


def people_outside(app: Flask, own: FilledProject, other: FilledProject) -> dict[str, FlaskClient]:
    """Of `other`: who never was in, who has been, and who is in `own`."""
    closed, former = (a_member(other.project, role=Role.MANAGER) for _ in range(2))
    people = {
        "nobody": app.test_client(),
        "closed": signed_in(app, closed),
        "former": signed_in(app, former),
        "stranger": signed_in(app, a_user()),
        "performer elsewhere": signed_in(app, own.performer),
        "manager elsewhere": signed_in(app, own.manager),
        "administrator": signed_in(app, a_user(is_administrator=True)),
    }
    db.session.execute(db.update(User).filter_by(id=closed.id).values(is_active=False))
    db.session.execute(db.delete(ProjectUser).filter_by(user_id=former.id))
    db.session.commit()
    return people


def with_choices(asked: Asked) -> Asked:
    return asked if asked.method == "GET" else replace(asked, form=CHOICES)


def is_refused(answer: Any, other: FilledProject) -> bool:
    """As if there were nothing of that address; who is not signed in may sign in first."""
    to_sign_in = answer.status_code == 302 and answer.location.startswith(SIGN_IN)
    return (to_sign_in or answer.status_code == 404) and not other.words.are_told(text_of(answer))


def mixtures(route: Route, own: FilledProject, other: FilledProject) -> Iterator[Asked]:
    """Every address in which one parameter is of the other project, and every one in which all but one are."""
    changeable = [name for name in route.parameters if name not in SHARED]
    for name in changeable:
        for mine, theirs in ((own, other), (other, own)):
            numbers = mine.numbers | {name: theirs.numbers[name]}
            if len(changeable) > 1:
                yield with_choices(Asked(route.endpoint, route.method, address_of(route.pattern, numbers)))


def with_ids_of(asked: Asked, other: FilledProject) -> Iterator[Asked]:
    """The same with each id in its fields in turn replaced by one of the other project's."""
    for part in ("query", "form"):
        fields = getattr(asked, part)
        for place, (name, value) in enumerate(fields):
            if value.isdecimal() or name.endswith(("_id", "_ids")):
                for number in ids_for(name, other):
                    changed = [*fields[:place], (name, str(number)), *fields[place + 1 :]]
                    yield replace(asked, **{part: tuple(changed)})


def ids_for(name: str, other: FilledProject) -> list[int]:
    """The one that the field's name asks for; else all that an id could be."""
    if name.removesuffix("s") in other.numbers:
        return [other.numbers[name.removesuffix("s")]]
    return sorted({number for each, number in other.numbers.items() if each not in SHARED})


def rows_of(filled: FilledProject) -> tuple[Any, ...]:
    """All rows that name a project, and all that hold something of it wherever they are."""
    words = filled.words
    names = {"project": filled.numbers["project_id"], "own": words.own_mark, "secret": words.secret_mark}
    sums = [
        f"(SELECT sum(hashtextextended(row::text, 0)) FROM {table.name} AS row WHERE {condition_of(table)}"
        " row::text LIKE '%' || :own || '%' OR row::text LIKE '%' || :secret || '%')"
        for table in db.metadata.sorted_tables
        if table.name != "user"
    ]
    found = db.session.execute(text(f"SELECT {', '.join(sums)}"), names).one()
    db.session.commit()
    return tuple(found)


def condition_of(table: Table) -> str:
    if table.name == "project":
        return "id = :project OR"
    return "project_id = :project OR" if "project_id" in table.columns else ""
