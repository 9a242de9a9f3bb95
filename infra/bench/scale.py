"""What 3 × 1,000 articles cost, against the same ones in plain Material, with its own navigation and search.

There are BENCH_SCALE (3,000) pages of infra.bench.articles. Each build is timed once: at this size nothing has to be
warmed up. What a reader's first query loads is counted where it is served, compressed: of ours all that Chromium asks
for from opening the search to its results, of Material's what has its search in its address.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import mean, median
from typing import TYPE_CHECKING, Any

import yaml
from cheroot.wsgi import Server
from playwright.sync_api import Browser, Page, sync_playwright

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra.bench import site_build
from infra.bench.chromium import launch_options
from infra.bench.rows import Counted, Row, compared, times, verdict
from infra.bench.setting import Setting
from infra.local.compress import compress
from infra.local.pages import Pages
from infra.local.port import HOST
from theme import search_index

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PAGES = 3_000
QUERIES = 5  # a language
MOST_OF_SEARCH = 0.1  # of what Material's search loads
ARTICLE = "section-0/article-00/"


def rows(setting: Setting) -> Iterator[Row]:
    """Builds, a page, and a query."""
    docs, ours, bare, plain = (setting.folder / "scale" / name for name in ("docs", "ours", "bare", "plain"))
    pages = site_build.write_articles(docs, int(os.environ.get("BENCH_SCALE") or PAGES))
    took = site_build.build(docs, ours)
    of_bare = site_build.build(docs, bare, "bare")
    shutil.rmtree(bare)
    yield compared(f"site build of {pages} pages", took, "without our hooks", of_bare, site_build.MOST)
    index = site_build.processor_time(lambda: search_index.write(ours))
    yield compared("search index after it", index, "the build without our hooks", of_bare, site_build.MOST)
    of_plain = site_build.build(docs, plain, "plain")
    yield compared("both", took + index, "plain Material", of_plain, 1)
    yield _less("HTML a page, uncompressed", _html(ours), _html(plain), 1)
    for site, folders in ((ours, ("assets", search_index.FOLDER)), (plain, ("assets", "search"))):
        for folder in folders:
            compress(site / folder)
    queries = {language: _queries(docs / language) for language in LANGUAGES}
    with sync_playwright() as playwright, playwright.chromium.launch(**launch_options()) as browser:
        loaded = _loaded(browser, ours, queries, _ask_ours)
        by_material = _loaded(browser, plain, queries, _ask_material)
    yield _less(
        f"search, the middle of {len(loaded)} queries", median(loaded), median(by_material), MOST_OF_SEARCH
    )
    yield _less("search, the most that one loads", max(loaded), min(by_material), MOST_OF_SEARCH)


def _less(what: str, ours: float, theirs: float, most: float) -> Row:
    return Counted(
        what,
        f"{ours / 1000:.1f} KB",
        f"{theirs / 1000:.1f} KB plain Material",
        times(ours / theirs),
        f"≤ {times(most)}",
        verdict(ours <= most * theirs),
    )


def _html(site: Path) -> float:
    """The bytes of a page, on average."""
    return mean(page.stat().st_size for page in site.rglob("*.html"))


def _queries(docs: Path) -> list[str]:
    """Two words of the titles of some articles."""
    articles = sorted(docs.glob("section-*/article-*.md"))
    found = []
    for article in Random(0).sample(articles, QUERIES):  # noqa: S311 - nothing secret.
        head = yaml.safe_load(article.read_text("utf-8").split("---\n")[1])
        found.append(" ".join(head["title"].split()[:2]))
    return found


def _loaded(
    browser: Browser, site: Path, queries: dict[str, list[str]], ask: Callable[[Page, str, "Served"], int]
) -> list[int]:
    """The bytes that each query of a first visit loads for searching."""
    found = []
    with _served(site) as served:
        for language, asked in queries.items():
            home = served.address if language == DEFAULT_LANGUAGE else f"{served.address}{language}/"
            for query in asked:
                with browser.new_context() as context:
                    page = context.new_page()
                    served.sent.clear()
                    page.goto(f"{home}{ARTICLE}", wait_until="networkidle")
                    found.append(ask(page, query, served))
    return found


def _ask_ours(page: Page, query: str, served: "Served") -> int:
    served.sent.clear()
    page.keyboard.press("/")
    page.locator("#search-query").fill(query)
    page.locator("[data-search-results] li").first.wait_for()
    page.wait_for_load_state("networkidle")
    return sum(size for path, size in served.sent if not path.startswith("/api/"))


def _ask_material(page: Page, query: str, served: "Served") -> int:
    page.locator(".md-search__input").fill(query)
    page.wait_for_load_state("networkidle")
    return sum(size for path, size in served.sent if "search" in path or "lunr" in path)


class Served:
    """A WSGI application for a site's pages without the API, and what it sent: each path with its bytes."""

    def __init__(self, site: Path) -> None:
        self._pages = Pages(site)
        self.address = ""
        self.sent: list[tuple[str, int]] = []

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer, and note what."""

        def note(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            self.sent.append((environ["PATH_INFO"], int(dict(headers).get("Content-Length", 0))))
            return start_response(status, headers, *more)

        return self._pages(environ, note)


@contextmanager
def _served(site: Path) -> Iterator[Served]:
    served = Served(site)
    server = Server((HOST, 0), served)
    server.prepare()
    served.address = f"http://{HOST}:{server.bind_addr[1]}/"
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.stop()
        thread.join()
