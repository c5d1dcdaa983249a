"""Headers that keep a browser from running what is not ours, and addresses that let it keep what is."""

import hashlib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, abort, current_app, request
from flask_wtf.csrf import CSRFProtect

csrf = CSRFProtect()

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer"),
        *("microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb"),
    )
)
"""What browsers offer and no page of ours needs."""
SECURE_ONLY = f"max-age={timedelta(days=365) // timedelta(seconds=1)}"
HASH_DIGITS = 12
FILES = frozenset({"static", "admin.static"})
YEAR_SECONDS = 365 * 24 * 3600

log = structlog.get_logger()


def set_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Permissions-Policy"] = PERMISSIONS
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = SECURE_ONLY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    keep_or_forget(response)
    return response


def keep_or_forget(response: Response) -> None:
    """No browser and no proxy keeps an answer, as most have clients' data. Files of the program under the hash of their
    content are kept for a year, and so is what a view says may be kept: a picture of the catalogue."""
    cache = response.cache_control
    if request.endpoint in FILES and "v" in request.args and response.status_code < 400:
        cache.no_cache, cache.public, cache.immutable = None, True, True
        cache.max_age = YEAR_SECONDS
    elif cache.max_age is None:
        cache.private = cache.no_store = True


def refuse_nul() -> None:
    """PostgreSQL stores no NUL character; nobody types one either."""
    texts = [text for values in request.values.listvalues() for text in values]
    names = [file.filename or "" for files in request.files.listvalues() for file in files]
    if any("\0" in text for text in texts + names):
        abort(400)


def version_static(endpoint: str, values: dict[str, Any]) -> None:
    """Give every static file's address the hash of its content, so that it may be cached for a year."""
    if endpoint in FILES and "filename" in values and "v" not in values:
        room = endpoint.rpartition(".")[0]
        folder = current_app.blueprints[room].static_folder if room else current_app.static_folder
        digest = _digest(Path(str(folder)) / values["filename"])
        if digest:
            values["v"] = digest


@cache
def _digest(file: Path) -> str | None:
    if not file.is_file():
        return None
    return hashlib.sha256(file.read_bytes()).hexdigest()[:HASH_DIGITS]


def warn_of_insecure_cookies(app: Flask) -> None:
    settings = app.config["STUDIO"]
    if settings.is_production and not settings.secure_cookies:
        log.warning("cookies_are_not_secure", remedy="serve over HTTPS and set SECURE_COOKIES=true")


def init_app(app: Flask) -> None:
    warn_of_insecure_cookies(app)
    csrf.init_app(app)
    app.before_request(refuse_nul)
    app.after_request(set_headers)
    app.url_defaults(version_static)
