"""The Chromium that pages are read with, and what a page costs its reader."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request

# design.md, Budgets: an article page, signed out, cold, compressed.
MOST_BYTES = 70_000
MOST_REQUESTS = 7

# A page costs the first a quarter of the work, since it has no windows to draw it in.
_WITHOUT_WINDOWS = "chromium-headless-shell"
_SYSTEMS_OWN = (_WITHOUT_WINDOWS, "chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
)
# Of the others each window loads the lists below its address bar as pages of their own, as dear as the page itself. The
# list replaces Playwright's, so those of its names that concern a page on this machine stand here again.
_WITHOUT_LISTS = "--disable-features=" + ",".join(
    [
        "WebUIOmniboxPopup",
        "WebUIOmniboxAimPopup",
        "WebUIOmniboxFullPopup",
        "AimEnabled",
        "AvoidCorsURLLoaderRestartOnRedirect",
        "AvoidUnnecessaryBeforeUnloadCheckSync",
        "DestroyProfileOnBrowserClose",
        "HttpsFirstBalancedModeAutoEnable",
        "HttpsUpgrades",
        "LensOverlay",
        "MediaRouter",
        "NetworkTimeServiceQuerying",
        "OptimizationHints",
        "PaintHolding",
        "PreconnectToSearch",
        "ThirdPartyStoragePartitioning",
    ]
)


class Weight(NamedTuple):
    """What comes over the wire for a page, but for what it asks of /api/."""

    requests: int
    bytes: int


def launch_options() -> dict[str, Any]:
    """The system's Chromium where there is one, else Playwright's own; it asks for nothing but the page."""
    found = next(filter(None, map(shutil.which, _SYSTEMS_OWN)), None)
    has_windows = found is not None and Path(found).name != _WITHOUT_WINDOWS
    return {"executable_path": found, "args": [*_QUIET, *([_WITHOUT_LISTS] if has_windows else [])]}


def weigh(page: Page, address: str) -> Weight:
    """Open a page, which is cold when nothing was opened in its context before, and weigh what came."""
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    sizes = [one.sizes() for one in finished if not urlsplit(one.url).path.startswith("/api/")]
    return Weight(len(sizes), sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes))
