"""On paper: the steps, where they stand on the web and when they were checked, and nothing that can only be clicked."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, address

Read = Callable[..., Card]

CHROME = ".top, .crumb, .do, .jump, .helpful, .related, .tags, .copy, .copied, .offer, .bottom, .skip, dialog"
DARK_TEXT = "rgb(0, 0, 0)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_article_prints_its_text_and_nothing_else(read: Read, page: Page, language: str) -> None:
    read(language, "people/add-contact")
    page.emulate_media(media="print", color_scheme="dark")
    chrome = page.locator(CHROME)
    assert chrome.count() > 10
    shown = chrome.evaluate_all(
        "(parts) => parts.filter((part) => part.checkVisibility()).map((part) => part.className)"
    )
    assert shown == []
    expect(page.locator("article ol > li").first).to_be_visible()
    expect(page.locator("article ol > li").first).to_have_css("color", DARK_TEXT)
    expect(page.locator(".checked")).to_be_visible()
    printed = page.locator("article > .address")
    expect(printed).to_be_visible()
    assert printed.inner_text().endswith(address(language, "people/add-contact"))
    # A link keeps its words: its address beside it would tear the steps apart.
    after = page.locator("article .text p a").first.evaluate("(a) => getComputedStyle(a, '::after').content")
    assert after == "none"


def test_what_unfolds_is_printed_unfolded(read: Read, page: Page) -> None:
    read("sr", "people/add-contact")
    page.evaluate(
        "() => document.querySelector('.text').insertAdjacentHTML("
        "'beforeend', '<details><summary>More</summary><p id=folded>Words</p></details>')"
    )
    expect(page.locator("#folded")).to_be_hidden()
    page.emulate_media(media="print")
    assert page.locator("#folded").evaluate("(p) => p.checkVisibility({ contentVisibilityAuto: true })")
    assert page.locator("#folded").bounding_box()["height"] > 10  # type: ignore[index]
