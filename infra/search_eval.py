"""How well the search answers: the queries of writing/search_eval.toml, each typed into the real dialog in Chromium.

`python -m infra.search_eval` builds the site, and prints a line a language and class: how many queries have the article
that answers them first (hit@1), and among the first three (hit@3); then each query that has it not first, and what came
instead. It ends with 1 where a language stays below WANTED_FIRST or WANTED_AMONG_THREE.
"""

import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlsplit

from cheroot.wsgi import Server
from playwright.sync_api import Page, expect, sync_playwright

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra.bench.chromium import launch_options
from infra.local import building
from infra.local.ministack import ROOT
from infra.local.origin import Origin
from infra.local.pages import Pages
from theme.hooks.headers import HEADERS

QUERIES = ROOT / "writing" / "search_eval.toml"
WANTED_FIRST, WANTED_AMONG_THREE = 0.95, 0.99
FEW = 3


class Answered(NamedTuple):
    """A query, the path of the article that answers it, and those of the results in their order."""

    language: str
    kind: str
    query: str
    wanted: str
    results: list[str]

    @property
    def is_first(self) -> bool:
        """Whether the article comes first."""
        return self.results[:1] == [self.wanted]

    @property
    def is_among_three(self) -> bool:
        """Whether it is among those that a reader sees at once."""
        return self.wanted in self.results[:FEW]


def queries() -> dict[str, dict[str, dict[str, str]]]:
    """By language and class, each query with the path of the article that answers it."""
    return tomllib.loads(QUERIES.read_text("utf-8"))


def ask(page: Page, query: str) -> list[str]:
    """Type a query into an open page's dialog; returns the paths of its results, without the language, in order."""
    dialog = page.locator("dialog[data-search]")
    if not dialog.is_visible():
        page.keyboard.press("Control+k")
    dialog.locator("input").fill(query)
    expect(dialog.locator("[data-search-results]")).to_have_attribute("aria-busy", "false")
    links = dialog.locator("[data-search-results] a").evaluate_all("links => links.map((link) => link.href)")
    return [_article(link) for link in links]


def answers(address: str) -> Iterator[Answered]:
    """Ask everything, of the site at an address."""
    with sync_playwright() as playwright, playwright.chromium.launch(**launch_options()) as browser:
        page = browser.new_page()
        for language, classes in queries().items():
            page.goto(f"{address}/" if language == DEFAULT_LANGUAGE else f"{address}/{language}/")
            for kind, wanted in classes.items():
                for query, path in wanted.items():
                    yield Answered(language, kind, query, path, ask(page, query))


def report(answered: list[Answered]) -> Iterator[str]:
    """The lines to print: a language's classes, the language, and what was not answered as wanted."""
    for language in dict.fromkeys(one.language for one in answered):
        theirs = [one for one in answered if one.language == language]
        for kind in dict.fromkeys(one.kind for one in theirs):
            yield _line(f"{language} {kind}", [one for one in theirs if one.kind == kind])
        yield _line(f"{language} all", theirs)
        for one in theirs:
            if not one.is_first:
                found = " ".join(one.results[:FEW]) or "nothing"
                yield f"    {one.kind}: “{one.query}” wants {one.wanted}, and finds {found}"


def is_good(answered: list[Answered]) -> bool:
    """Whether every language has as many articles first, and among the first three, as is wanted."""
    for language in {one.language for one in answered}:
        first, among_three = _shares([one for one in answered if one.language == language])
        if first < WANTED_FIRST or among_three < WANTED_AMONG_THREE:
            return False
    return True


def main() -> int:
    """Build, serve, ask, print."""
    with TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        wrong = building.build(site, "http://localhost")
        if wrong:
            print(wrong)
            return 1
        with _served(site) as address:
            answered = list(answers(address))
    print(*report(answered), sep="\n")
    return 0 if is_good(answered) else 1


@contextmanager
def _served(site: Path) -> Iterator[str]:
    """The pages alone: what is asked here in vain is no customer's."""
    server = Server(("127.0.0.1", 0), Origin(Pages(site), {}, HEADERS), numthreads=4)
    server.prepare()
    Thread(target=server.serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.bind_addr[1]}"
    server.stop()


def _article(link: str) -> str:
    """people/add-contact, of an address in any language."""
    first, _, rest = urlsplit(link).path.strip("/").partition("/")
    return rest if first in LANGUAGES else f"{first}/{rest}".strip("/")


def _line(name: str, answered: list[Answered]) -> str:
    first, among_three = _shares(answered)
    return f"{name:<20} {len(answered):>4} queries   hit@1 {first:7.1%}   hit@3 {among_three:7.1%}"


def _shares(answered: list[Answered]) -> tuple[float, float]:
    """How many of all queries have the article first, and among the first three."""
    return fmean(one.is_first for one in answered), fmean(one.is_among_three for one in answered)


if __name__ == "__main__":
    sys.exit(main())
