"""What the heaviest page of each language costs a reader's connection, by Chromium: signed out, cold, compressed."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from infra.bench.chromium import MOST_BYTES, MOST_REQUESTS, Weight, launch_options, weigh
from infra.bench.rows import Counted, Row, verdict
from infra.bench.setting import Setting


def rows(setting: Setting) -> Iterator[Row]:
    """A row for each language: the page with the most bytes, and the most requests that any page makes."""
    sitemap = setting.site.ask("GET", "/sitemap.xml").text
    paths = [urlsplit(address).path for address in re.findall("<loc>(.*?)</loc>", sitemap)]
    with sync_playwright() as playwright, playwright.chromium.launch(**launch_options()) as browser:
        weights = {path: _cold(browser, setting.site.address + path) for path in paths}
    for language in LANGUAGES:
        theirs = {path: weight for path, weight in weights.items() if _language(path) == language}
        heaviest = max(theirs, key=lambda path: theirs[path].bytes)
        most = Weight(max(weight.requests for weight in theirs.values()), theirs[heaviest].bytes)
        yield Counted(
            f"page {heaviest}, the heaviest of {len(theirs)}",
            _written(most),
            budget=f"≤ {_written(Weight(MOST_REQUESTS, MOST_BYTES))}",
            verdict=verdict(most.requests <= MOST_REQUESTS and most.bytes <= MOST_BYTES),
        )


def _cold(browser: Browser, address: str) -> Weight:
    with browser.new_context() as context:
        return weigh(context.new_page(), address)


def _language(path: str) -> str:
    first = path.split("/")[1]
    return first if first in LANGUAGES else DEFAULT_LANGUAGE


def _written(weight: Weight) -> str:
    return f"{weight.requests} requests, {weight.bytes / 1000:.1f} KB"
