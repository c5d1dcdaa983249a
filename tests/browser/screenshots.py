"""Pictures of the main pages for docs/: `python -m tests.browser.screenshots ADDRESS EMAIL PASSWORD DIRECTORY`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import sign_in
from tests.browser.tour import pages_of

WIDTHS = (1280, 360)


def take(address: str, email: str, password: str, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                size = {"width": width, "height": 800}
                context = browser.new_context(
                    base_url=address,
                    locale="ru-RU",
                    color_scheme=scheme,  # type: ignore[arg-type]
                    viewport=size,  # type: ignore[arg-type]
                )
                page = context.new_page()
                sign_in(page, email, password)
                for name, path in list(pages_of(page)):
                    page.goto(path)
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=directory / f"{name}-{width}-{scheme}.png", full_page=width == WIDTHS[1])
                context.close()
        browser.close()


if __name__ == "__main__":
    take(*sys.argv[1:4], Path(sys.argv[4]))
