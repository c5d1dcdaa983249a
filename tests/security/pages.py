"""What a page is made of, and what it would send: its elements, and its forms as they are filled in."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

Attributes = dict[str, str]
Fields = list[tuple[str, str]]

TYPED = {
    "number": "1",
    "date": "2030-01-02",
    "hidden": "",
    "password": "typed by nobody",
    "email": "typed@bank.example",
    "link": "https://bank.example/",
    "full_cost": "9,9%",
    "lines": "age: 30..45",
}
"""What is typed into an empty field, by its type or its name."""
TYPED_TEXT = "TYPED"
"""Also a key of the catalogue may be so."""
NOT_SENT = {"submit", "button", "reset", "image"}


@dataclass
class Form:
    """`files` are the names of its fields for files."""

    method: str
    address: str
    fields: Fields = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """`elements` are all tags with their attributes, `scripts` what stands inside of scripts and styles."""

    def __init__(self, html: str, address: str = "") -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.scripts: list[str] = []
        self.links: list[str] = []
        self._address = address
        self._forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._asked: list[tuple[Form, Form | None, str]] = []
        self._open: Form | None = None
        self._select = ""
        self._options: list[tuple[bool, str]] = []
        self._area = ""
        self._written: list[str] = []
        self._is_in_script = False
        self.feed(html)
        self.close()

    @property
    def forms(self) -> list[Form]:
        """Those of the page, and what its elements ask for themselves, with the fields that they include."""
        return [*self._forms, *(self._with_included(*asked) for asked in self._asked)]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        self.elements.append((tag, values))
        self._is_in_script = tag in ("script", "style")
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "form":
            self._begin_form(values)
        elif tag == "option":
            self._options.append(("selected" in values, values.get("value", "")))
        elif values.get("name") and "disabled" not in values:
            self._begin_field(tag, values)
        for method in ("get", "post"):
            if f"hx-{method}" in values:
                self._note_asked(method, values)

    def handle_endtag(self, tag: str) -> None:
        self._is_in_script = False
        if tag == "form":
            self._open = None
        elif tag == "select" and self._select:
            chosen = sorted(self._options, key=lambda option: not option[0])
            self._add(self._select, chosen[0][1] if chosen else "")
            self._select = ""
        elif tag == "textarea" and self._area:
            self._add(self._area, "".join(self._written).strip() or TYPED.get(self._area, TYPED_TEXT))
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._is_in_script:
            self.scripts.append(data)
        elif self._area:
            self._written.append(data)

    def _begin_form(self, values: Attributes) -> None:
        self._open = Form(values.get("method", "get").upper(), values.get("action") or self._address)
        self._forms.append(self._open)
        if "id" in values:
            self._by_id[values["id"]] = self._open

    def _begin_field(self, tag: str, values: Attributes) -> None:
        name, kind = values["name"], values.get("type", "text")
        if tag == "select":
            self._select, self._options = name, []
        elif tag == "textarea":
            self._area, self._written = name, []
        elif tag != "input" or kind in NOT_SENT:
            return
        elif kind == "file":
            self._add_file(name)
        elif kind in ("checkbox", "radio"):
            if "checked" in values:
                self._add(name, values.get("value", "on"))
        else:
            self._add(name, values.get("value") or TYPED.get(kind, TYPED.get(name, TYPED_TEXT)))

    def _note_asked(self, method: str, values: Attributes) -> None:
        """An element that sends something itself, with the fields of its form or of the one that it names."""
        more: dict[str, Any] = json.loads(values["hx-vals"]) if values.get("hx-vals", "").startswith("{") else {}
        asked = Form(method.upper(), values[f"hx-{method}"], [(name, str(value)) for name, value in more.items()])
        self._asked.append((asked, self._open, values.get("hx-include", "").lstrip("#")))

    def _with_included(self, asked: Form, around: Form | None, included: str) -> Form:
        form = around or self._by_id.get(included, Form("", ""))
        return Form(asked.method, asked.address, [*form.fields, *asked.fields], form.files)

    def _add(self, name: str, value: str) -> None:
        if self._open:
            self._open.fields.append((name, value))

    def _add_file(self, name: str) -> None:
        if self._open:
            self._open.files.append(name)


TAG = "qzx"
"""The name of an element, of an attribute and of a function that no page of ours has."""
PAYLOAD = "'\"><qzx qzx=1>{{40471*3}}</script></textarea></title><script>qzx()</script>\u202e-->"
"""Leaves an attribute, an element, a script and a comment, is a template's expression, and turns what follows round."""
COMPUTED = "121413"
FOLLOWED = ("href", "src", "action", "formaction", "hx-get", "hx-post")
DOES_NOTHING = "javascript:void(0)"
"""Flask-Admin's own links that only open a menu."""


def what_ran(html: str) -> list[str]:
    """Pieces of PAYLOAD that became a part of the page itself."""
    page = Page(html)
    found = [f"<{tag} {values}>" for tag, values in page.elements if is_injected(tag, values)]
    found += [script for script in page.scripts if TAG in script]
    return found + [COMPUTED] * (COMPUTED in html)


def is_injected(tag: str, values: Attributes) -> bool:
    is_new = TAG in tag or any(TAG in name for name in values)
    is_code = any(
        name.startswith("on") or name in ("style", "srcdoc") for name, value in values.items() if TAG in value
    )
    followed = [values.get(name, "").strip().lower() for name in FOLLOWED]
    leads_to_code = any(each.startswith("javascript:") and each != DOES_NOTHING for each in followed)
    return is_new or is_code or leads_to_code
