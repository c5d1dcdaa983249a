"""What is secret is looked for in all that people get who have no right to it.

Every test of this directory looks for clients' data in the log as well (see conftest).
"""

from flask import Flask
from flask.testing import FlaskClient

from tests.access.test_every_route import LAST
from tests.factories import a_user
from tests.security.asking import Asked, all_routes, bare, copy_of, text_of
from tests.security.conftest import Tried, signed_in
from tests.security.crawling import crawled
from tests.security.filled_project import FilledProject
from tests.security.test_other_peoples_projects import NAMES_CLIENTS

OF_CLIENTS = {
    "clients.show",
    "clients.index",
    "clients.conditions",
    "clients.save_segment",
    "clients.change_segment",
    "client_imports.preview",
    "client_imports.reread",
    "client_imports.columns",
    "client_imports.load",
    "client_imports.show",
    "client_imports.progress",
    "client_imports.rejected",
    "dictionary.preview",
}
"""Where members look at clients' data themselves: all of it, secret fields too."""


def test_members_read_secret_fields_on_the_pages_of_clients_and_others_nothing_at_all(
    app: Flask, own: FilledProject, everywhere: FlaskClient, tried: Tried
) -> None:
    """A member does all that there is to do; then strangers and administrators look at all that they may."""
    manager = signed_in(app, own.manager)
    requests = in_order(crawled(everywhere, own).requests)
    shown = {each.endpoint for each in requests if own.words.secret_mark in text_of(each.send(copy_of(manager)))}
    assert shown - OF_CLIENTS == set()
    tried("a member's requests searched for secret fields", len(requests))
    others = {False: signed_in(app, a_user()), True: signed_in(app, a_user(is_administrator=True))}
    pages = [bare(route, own) for route in all_routes(app) if route.method == "GET" and not route.is_of_a_project]
    looked_at = [(who, each) for who in others for each in pages if not each.endpoint.startswith(NAMES_CLIENTS)]
    told = [
        (f"administrator: {is_administrator}", str(each))
        for is_administrator, each in looked_at
        if own.words.are_told(text_of(each.send(others[is_administrator])), is_administrator)
    ]
    assert told == []
    tried("pages searched after all that a member can do", len(looked_at))


def in_order(requests: list[Asked]) -> list[Asked]:
    """What takes something away comes last; nobody signs out."""
    order = {endpoint: place for place, endpoint in enumerate(LAST, 1)}
    staying = [each for each in requests if each.endpoint != "accounts.sign_out"]
    return sorted(staying, key=lambda each: (order.get(each.endpoint, 0), each.method))
