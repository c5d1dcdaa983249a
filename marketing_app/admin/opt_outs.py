"""Opt-outs of the whole bank in the admin console: one by one, and lists that are undone as a whole."""

from typing import Any

from flask_babel import lazy_gettext as _l

from ..privacy.services import is_meant_by
from ..privacy.wording import SOURCES, named
from .views import ReadOnlyView


class OfTheBankView(ReadOnlyView):
    """Rows that are of no project."""

    can_delete = True
    can_view_details = False

    def get_query(self) -> Any:
        return super().get_query().filter(self.model.project_id.is_(None))

    def get_count_query(self) -> Any:
        return super().get_count_query().filter(self.model.project_id.is_(None))

    def get_one(self, id: Any) -> Any:
        entry = super().get_one(id)
        return entry if entry and entry.project_id is None else None


class OptOutView(OfTheBankView):
    """Who is not written to in the whole bank; only here can that be lifted. Those of projects are their members'."""

    column_list = ("identity", "source", "user", "note", "created_at")
    column_searchable_list = ("identity",)
    column_filters = ("identity", "created_at")
    column_default_sort = ("id", True)
    column_labels = {
        "identity": _l("Client"),
        "source": _l("From where"),
        "user": _l("By"),
        "note": _l("Note"),
        "created_at": _l("When"),
    }
    column_formatters = {
        "identity": lambda view, context, entry, name: named(entry),
        "source": lambda view, context, entry, name: SOURCES[entry.source],
    }

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        """As on the pages of projects: a telephone or an e-mail is found by its mark."""
        found = is_meant_by(search)
        return query.filter(found), count_query.filter(found), joins, count_joins


class OptOutListView(OfTheBankView):
    """Lists of people who are not written to in the whole bank: deleted they lift what they added."""

    column_list = ("id", "added_count", "user", "note", "created_at")
    column_default_sort = ("id", True)
    column_labels = {
        "id": _l("Number"),
        "added_count": _l("Opt-outs added"),
        "user": _l("By"),
        "note": _l("Note"),
        "created_at": _l("When"),
    }
