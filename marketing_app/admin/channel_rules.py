"""The console's pages about one channel: which rules judge its texts, and what it adds to them."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from ..catalogue.wording import KINDS
from ..checks.findings import Rule
from ..database import db
from ..models import ProductKind, SaleChannel
from ..offers.endings import OF_THE_ENDING, names_of_variables
from ..offers.prompting import bank_name
from . import endings, rule_settings
from .rule_settings import LARGEST_LIMIT, Wish

WRITES = ("POST",)


def link_to_rules(channel: SaleChannel) -> Markup:
    """For the list of channels."""
    return Markup('<a href="{}">{}</a>').format(
        url_for("channel_rules.rules", channel_id=channel.id), _("Rules and endings")
    )


class ChannelRulesPage(BaseView):
    """Reached from the list of channels, so it has no place of its own in the menu."""

    def is_visible(self) -> bool:
        return False

    @expose("/")
    def index(self) -> Any:
        """Flask-Admin wants a page without a channel: the list of them."""
        return redirect(self.get_url("channel.index_view"))

    @expose("/<int:channel_id>/")
    def rules(self, channel_id: int) -> Any:
        channel = _channel(channel_id)
        return self._rules_page(channel, rule_settings.wishes_of(channel), {})

    @expose("/<int:channel_id>/", methods=WRITES)
    def save_rules(self, channel_id: int) -> Any:
        channel = _channel(channel_id)
        wishes, problems = _asked(channel)
        if problems:
            return self._rules_page(channel, wishes, problems), 422
        return self._saved(rule_settings.change_rules(channel, wishes), ".rules", channel)

    @expose("/<int:channel_id>/usual", methods=WRITES)
    def back_to_usual(self, channel_id: int) -> Any:
        channel = _channel(channel_id)
        return self._saved(rule_settings.back_to_usual(channel), ".rules", channel)

    @expose("/<int:channel_id>/endings")
    def endings(self, channel_id: int) -> Any:
        channel = _channel(channel_id)
        return self._endings_page(channel, endings.endings_of(channel), {})

    @expose("/<int:channel_id>/endings", methods=WRITES)
    def save_endings(self, channel_id: int) -> Any:
        channel = _channel(channel_id)
        texts = {kind: _lines(request.form.get(kind.value, "")) for kind in ProductKind}
        problems = endings.problems_of(channel, texts)
        if problems:
            return self._endings_page(channel, texts, problems), 422
        return self._saved(endings.change_endings(channel, texts), ".endings", channel)

    def _saved(self, count: int, page: str, channel: SaleChannel) -> Any:
        db.session.commit()
        flash(ngettext("%(num)d change is saved.", "%(num)d changes are saved.", count), "success")
        return redirect(self.get_url(page, channel_id=channel.id), 303)

    def _rules_page(self, channel: SaleChannel, wishes: Mapping[str, Wish], problems: Mapping[str, str]) -> Any:
        return self.render(
            "admin/channel_rules.html",
            channel=channel,
            rules=rule_settings.rules_for(channel),
            wishes=wishes,
            usual=rule_settings.usual,
            problems=problems,
            of_the_ending=OF_THE_ENDING,
            rule_kinds=_kinds_of,
            largest=LARGEST_LIMIT,
        )

    def _endings_page(
        self, channel: SaleChannel, texts: Mapping[ProductKind, str], problems: Mapping[ProductKind, str]
    ) -> Any:
        return self.render(
            "admin/channel_endings.html",
            channel=channel,
            kinds=KINDS,
            texts=texts,
            examples=endings.examples_of(texts),
            problems=problems,
            variables=names_of_variables(),
            bank=bank_name(),
        )


def _kinds_of(rule: Rule) -> list[str]:
    """The kinds of products that a rule concerns, in words; none where it concerns all."""
    return [str(name) for kind, name in KINDS.items() if kind.value in rule.kinds]


def _channel(channel_id: int) -> SaleChannel:
    return db.session.get(SaleChannel, channel_id) or abort(404)


def _asked(channel: SaleChannel) -> tuple[dict[str, Wish], dict[str, str]]:
    """What the form asks of each rule; and of those whose limit is no number, what is wrong, by the rule's name."""
    wishes, problems = {}, {}
    for rule in rule_settings.rules_for(channel):
        limit = rule.limit
        if rule.limit is not None:
            limit = _number(request.form.get(f"limit {rule.id}", ""))
            if limit is None:
                problems[rule.id] = _("A number from 0 to %(largest)d.", largest=LARGEST_LIMIT)
        wishes[rule.id] = Wish(f"on {rule.id}" in request.form, limit)
    return wishes, problems


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 <= number <= LARGEST_LIMIT else None


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines()).strip()
