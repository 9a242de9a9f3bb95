"""An address that leads nowhere: its language, what it likely meant, and its words in the search."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Console
from tests.browser.test_reading_in_three_languages import fits, violations


@pytest.fixture(autouse=True)
def the_browser_tells_of_it(console: Console) -> None:
    console.expect("404")


@pytest.mark.parametrize(
    ("asked", "likeliest"),
    [
        ("/hu/people/ad-contact", "/hu/people/add-contact/"),
        ("/people/add_contact.html", "/people/add-contact/"),
        ("/es/support/ticket/", "/es/support/open-ticket/"),
        ("/hu/jelszo-modositasa/", "/hu/account/change-password/"),
        ("/es/segurity/", "/es/security/"),
        ("/lozinka", "/account/change-password/"),
    ],
)
def test_the_likeliest_articles_come_first(page: Page, asked: str, likeliest: str) -> None:
    answer = page.goto(asked)
    assert answer and answer.status == 404
    found = page.locator("[data-likeliest] a")
    expect(found.first).to_be_visible()
    paths = found.evaluate_all("(links) => links.map((link) => link.pathname)")
    assert paths[0] == likeliest
    assert len(paths) <= 3
    assert page.locator("html").get_attribute("lang") == {"hu": "hu", "es": "es"}.get(asked[1:3], "sr-Latn")


def test_the_search_has_the_words_of_the_address(page: Page) -> None:
    page.goto("/hu/account/jelszo-modositas")
    button = page.get_by_role("main").locator("[data-search-open]")
    expect(button).to_contain_text("jelszo modositas")
    button.click()
    expect(page.locator("[data-search] input")).to_have_value("jelszo modositas")
    expect(page.locator("[data-search-results] a").first).to_have_attribute(
        "href", "/hu/account/change-password/"
    )


def test_what_is_like_nothing_proposes_nothing(page: Page) -> None:
    page.goto("/qqqq/xxxxx-zzzz")
    expect(page.locator("[data-search] input")).to_have_value("xxxxx zzzz")
    expect(page.locator("[data-likeliest]")).to_be_hidden()
    expect(page.get_by_role("main").get_by_role("link").nth(3)).to_be_visible()


@pytest.mark.parametrize("asked", ["/%E0%A4%A/x", "/%3Cimg%20src=x%20onerror=alert(1)%3E", "/" + "a-" * 500])
def test_no_address_breaks_the_page(page: Page, asked: str) -> None:
    page.goto(asked)
    expect(page.get_by_role("main").locator("[data-search-open]")).to_be_visible()
    assert page.locator("main img").count() == 0
    assert fits(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/es/people/ad-contact")
    expect(page.locator("[data-likeliest] a").first).to_be_visible()
    assert violations(page) == []
    assert fits(page)


def test_without_scripts_the_procedures_are_there(context: BrowserContext, origin: str) -> None:
    assert context.browser
    with context.browser.new_context(java_script_enabled=False, base_url=origin) as plain:
        page = plain.new_page()
        page.goto("/hu/people/ad-contact")
        expect(page.locator("main .cards a[href='/hu/people/add-contact/']")).to_be_visible()
        expect(page.locator("[data-likeliest]")).to_be_hidden()
