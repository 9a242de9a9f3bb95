"""How soon after a writer saves an article the browser shows it, under `make write`, at BENCH_PAGES (300) pages."""

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from infra.bench import articles
from infra.bench.chromium import launch_options
from infra.bench.rows import Row, seconds, verdict
from infra.bench.setting import Setting
from infra.bench.site_build import PAGES
from tests.infra.processes import WRITE, copy_of_the_project, running

EDITS = 7
MOST = 2.0  # seconds
ARTICLE = "docs/hu/support/open-ticket.md"
PAGE = "/hu/support/open-ticket/"

_NAV = re.compile(r"^nav:\n.*?^(?=\w)", re.MULTILINE | re.DOTALL)


def rows(setting: Setting) -> Iterator[Row]:
    """The middle one of some edits, from the write to the page's being loaded anew; and the rest of the site."""
    root = copy_of_the_project(setting.folder)
    pages = _grow(root, int(os.environ.get("BENCH_PAGES") or PAGES))
    with (
        running(setting.folder / "writing", WRITE, root=root) as writing,
        sync_playwright() as playwright,
        playwright.chromium.launch(**launch_options()) as browser,
    ):
        page = browser.new_page()
        page.goto(writing.address + PAGE)
        times = [_edit(page, root / ARTICLE, f"Ez a {number}. változat.") for number in range(EDITS)]
        start = time.monotonic()
        writing.wait_for("Built anew")
        rest = time.monotonic() - start
    middle = median(times)
    yield Row(
        f"edit → shown, of {pages} pages, the middle one of {EDITS}",
        seconds(middle),
        f"{seconds(max(times))} the longest",
        budget=f"≤ {seconds(MOST)}",
        verdict=verdict(middle <= MOST),
    )
    yield Row("menus, lists and the search follow it after", seconds(rest))


def _grow(root: Path, wanted: int) -> int:
    """Give a copy of the project so many pages; returns how many it has then."""
    nav = articles.write(root / "docs", wanted)
    config = root / "mkdocs.yml"
    config.write_text(_NAV.sub(f"nav: {json.dumps(nav)}\n", config.read_text("utf-8")), "utf-8")
    return len(list((root / "docs").rglob("*.md")))


def _edit(page: Page, article: Path, words: str) -> float:
    text = article.read_text("utf-8")
    start = time.monotonic()
    with page.expect_event("load"):
        article.write_text(f"{text}\n{words}\n", "utf-8")
    took = time.monotonic() - start
    if words not in page.content():
        raise RuntimeError("the page was loaded anew without the edit")
    return took
