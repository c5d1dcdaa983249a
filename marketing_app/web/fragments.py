"""A page, or only a piece of it when htmx asked."""

from typing import Any

from flask import Response, make_response, render_template, request, url_for


def is_htmx() -> bool:
    """Whether htmx sent this request: the one place that looks at its header."""
    return request.headers.get("HX-Request") == "true"


def page_or_fragment(page: str, fragment: str, status: int = 200, **values: Any) -> Response:
    """Render the fragment for htmx, the page that includes it for everybody else. `Vary` keeps caches honest."""
    response = make_response(render_template(fragment if is_htmx() else page, **values), status)
    response.headers["Vary"] = "HX-Request"
    return response


def go_to(endpoint: str, **values: Any) -> Response:
    """Send the browser to another page, whether a form or htmx asked."""
    address = url_for(endpoint, **values)
    if is_htmx():
        response = make_response("", 200)
        response.headers["HX-Redirect"] = address
        return response
    response = make_response("", 303)
    response.headers["Location"] = address
    return response
