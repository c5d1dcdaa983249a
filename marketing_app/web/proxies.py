"""Who asks, and by which address, where reverse proxies stand before the program."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def init_app(app: Flask) -> None:
    """Believe as many proxies as the settings name, and no header of anybody else.

    Each proxy adds an address to X-Forwarded-For. Scheme, host and sub-path are one value, which the outermost proxy
    sets and the others pass on.
    """
    count = app.config["STUDIO"].proxy_count
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=1, x_host=1, x_prefix=1
        )
