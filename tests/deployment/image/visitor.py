"""A marketer at the door: pages, forms and one stream, over HTTP."""

import html
import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from marketing_app.demonstration.services import Account

LONGEST_SECONDS = 300
"""A draft may be written in several rounds."""


class Visitor:
    """A browser without scripts. Its cookies stay when the program is started anew."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        return self._ask(path, None)

    def sign_in(self, account: Account) -> str:
        """Returns the page that one comes to."""
        form = self.get("/sign-in")
        page = self._ask("/sign-in", {"csrf_token": token(form), "email": account.email, "password": account.password})
        assert "/sign-out" in page, "signing in was refused"
        return page

    def write_offer(self, project: str) -> str:
        """Let the model write for the first client in the first channel; returns the path of the offer."""
        place = f"{project}/offers/write"
        choice = {name: option(self.get(place), name) for name in ("channel_id", "client_id")}
        form = self.get(f"{place}?{urllib.parse.urlencode(choice)}")
        benefit = {"benefit_id": option(form, "benefit_id")}
        page = self._ask(place, {"csrf_token": token(form), "text": text_area(form, "text"), **choice, **benefit})
        stream = the_one(r'data-stream="([^"]+/drafts/[^"]+)"', page)
        assert "event: done" in self.get(html.unescape(stream))
        return stream.partition("/drafts/")[0]

    def text_of(self, offer: str) -> str:
        """The newest draft; what the rules complain of is marked in it."""
        marked = the_one(r'<div class="draft-text" data-draft>(.+?)</div>', self.get(offer))
        return html.unescape(re.sub("<[^>]+>", "", marked))

    def _ask(self, path: str, fields: dict[str, str] | None) -> str:
        body = urllib.parse.urlencode(fields).encode() if fields else None
        with self._opener.open(self._address + path, body, timeout=LONGEST_SECONDS) as answer:
            page: str = answer.read().decode()
        return page


def the_one(pattern: str, page: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found, f"no {pattern} in {page}"
    return found[1]


def token(page: str) -> str:
    return the_one(r'name="csrf_token"[^>]*value="([^"]+)"', page)


def option(page: str, name: str) -> str:
    """The value that a list offers: the chosen one, else the first."""
    options = re.findall("<option[^>]*>", the_one(rf'<select[^>]*name="{name}"[^>]*>(.*?)</select>', page))
    chosen = [each for each in options if "selected" in each]
    return the_one('value="([^"]+)"', [*chosen, *options][0])


def text_area(page: str, name: str) -> str:
    return html.unescape(the_one(rf'<textarea[^>]*name="{name}"[^>]*>\r?\n?(.*?)</textarea>', page))
