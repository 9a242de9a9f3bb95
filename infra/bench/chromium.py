"""The Chromium that pages are read with, and what a page costs its reader."""

import shutil
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request

# design.md, Budgets: an article page, signed out, cold, compressed.
MOST_BYTES = 70_000
MOST_REQUESTS = 7

_SYSTEMS_OWN = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
)


class Weight(NamedTuple):
    """What comes over the wire for a page, but for what it asks of /api/."""

    requests: int
    bytes: int


def launch_options() -> dict[str, Any]:
    """The system's Chromium where there is one, else Playwright's own; it asks for nothing but the page."""
    return {"executable_path": next(filter(None, map(shutil.which, _SYSTEMS_OWN)), None), "args": [*_QUIET]}


def weigh(page: Page, address: str) -> Weight:
    """Open a page, which is cold when nothing was opened in its context before, and weigh what came."""
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    sizes = [one.sizes() for one in finished if not urlsplit(one.url).path.startswith("/api/")]
    return Weight(len(sizes), sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes))
