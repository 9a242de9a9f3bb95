"""Every page of the sitemap, opened once: nothing for axe, nothing on the console, nothing that scrolls sideways."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from chalicelib.words import DEFAULT_LANGUAGE, LANGUAGES
from tests.browser.conftest import LANGUAGES as READ
from tests.browser.conftest import Console
from tests.browser.test_reading_in_three_languages import fits, violations

WIDTHS = (360, 1280)


def addresses(page: Page, language: str) -> list[str]:
    """What the sitemap lists in a language."""
    listed = re.findall("<loc>(.*?)</loc>", page.request.get("/sitemap.xml").text())
    paths = [urlsplit(address).path for address in listed]

    def said_in(path: str) -> str:
        first = path.split("/")[1]
        return first if first in LANGUAGES else DEFAULT_LANGUAGE

    return [path for path in paths if said_in(path) == language]


@pytest.mark.parametrize("language", READ)
def test_every_page_opens_without_a_fault(page: Page, console: Console, language: str) -> None:
    """Narrow and wide, light and dark by turns: each page is looked at in one of the four."""
    paths = addresses(page, language)
    assert len(paths) > 10
    for place, path in enumerate(paths):
        page.set_viewport_size({"width": WIDTHS[place % 2], "height": 900})
        page.emulate_media(color_scheme="dark" if place // 2 % 2 else "light")
        answer = page.goto(path)
        assert answer and answer.status == 200, path
        assert violations(page) == [], path
        assert fits(page), path
        assert console.unexpected == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_menu_and_search_open_without_a_fault(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto("/hu/people/add-contact/")
    if width == 360:
        page.locator(".menu summary").click()
        assert violations(page) == []
        page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("kapcsolat")
    page.locator("[data-search-results] a").first.wait_for()
    assert violations(page) == []
    assert fits(page)


def test_a_section_is_reached_and_copied_by_keyboard_and_tags_lead_on(
    context: BrowserContext, page: Page
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/es/people/add-contact/")
    tag = page.locator(".tags a").first
    tag.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/es/tags/#*")
    first = page.locator("article h2:target + a")
    first.focus()
    page.keyboard.press("Enter")
    page.locator("[data-copied]").filter(has_text="Enlace copiado").wait_for()
