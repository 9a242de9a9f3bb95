"""How soon after a writer saves an article the browser shows it, under `make write`."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from infra.bench.chromium import launch_options
from infra.bench.rows import Row, seconds, verdict
from infra.bench.setting import Setting
from tests.infra.processes import WRITE, copy_of_the_project, running

EDITS = 7
MOST = 2.0  # seconds
ARTICLE = "docs/hu/support/open-ticket.md"
PAGE = "/hu/support/open-ticket/"


def rows(setting: Setting) -> Iterator[Row]:
    """The middle one of some edits, from the write to the page's being loaded anew."""
    root = copy_of_the_project(setting.folder)
    with (
        running(setting.folder / "writing", WRITE, root=root) as writing,
        sync_playwright() as playwright,
        playwright.chromium.launch(**launch_options()) as browser,
    ):
        page = browser.new_page()
        page.goto(writing.address + PAGE)
        times = []
        for number in range(EDITS):
            times.append(_edit(page, root / ARTICLE, f"Ez a {number}. változat."))
            writing.wait_for("Built anew")
    middle = median(times)
    yield Row(
        f"edit → shown, the middle one of {EDITS}",
        seconds(middle),
        f"{seconds(max(times))} the longest",
        budget=f"≤ {seconds(MOST)}",
        verdict=verdict(middle <= MOST),
    )


def _edit(page: Page, article: Path, words: str) -> float:
    text = article.read_text("utf-8")
    start = time.monotonic()
    with page.expect_event("load"):
        article.write_text(f"{text}\n{words}\n", "utf-8")
    took = time.monotonic() - start
    if words not in page.content():
        raise RuntimeError("the page was loaded anew without the edit")
    return took
