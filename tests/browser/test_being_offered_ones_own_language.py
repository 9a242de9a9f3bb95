"""A reader whose browser speaks another of the three languages is offered the page in it, once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from chalicelib.words import LANGUAGE_TAGS, say
from tests.browser.card import Card
from tests.browser.conftest import address, link_in
from tests.browser.test_reading_in_three_languages import WIDTHS, fits, violations

Read = Callable[..., Card]
Mails = Callable[..., dict[str, str]]

# A Hungarian's browser, unless a test says otherwise.
pytestmark = pytest.mark.browser_context_args(locale="hu-HU")

ARTICLE = "people/add-contact"
ANOTHER = "support/open-ticket"
SHIFT = """() => new Promise((done) => {
    let sum = 0;
    const add = (list) => list.getEntries().forEach((entry) => (sum += entry.value));
    new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(sum), 300);
})"""
NO_STORAGE = """Object.defineProperty(window, 'localStorage', {
    get() { throw new DOMException('No.', 'SecurityError') },
})"""


def offer(page: Page) -> Locator:
    return page.locator(".offer")


def accept(page: Page, language: str = "hu") -> Locator:
    return offer(page).get_by_role("link", name=say(language, "Read it in your language"))


def decline(page: Page, language: str = "hu") -> Locator:
    return offer(page).get_by_role("button", name=say(language, "No, thanks"))


@pytest.mark.parametrize(
    ("spoken", "language", "offered"),
    [
        (["hu-RO", "hu", "ro"], "sr", "hu"),
        (["es-MX"], "hu", "es"),
        (["es-419", "en"], "sr", "es"),
        (["sr-Cyrl-RS"], "hu", "sr"),
        (["SR-latn"], "es", "sr"),
        (["hr-HR", "hr"], "hu", "sr"),
        (["bs"], "es", "sr"),
        (["cnr-ME"], "es", "sr"),
        (["en-US", "en", "hu", "sr"], "sr", "hu"),
        (["en", "es"], "sr", "es"),
        (["hu", "es"], "sr", "hu"),
        (["sr", "hu"], "sr", None),
        (["en-US", "sr-RS", "hu"], "sr", None),
        (["hr", "hu"], "sr", None),
        (["en-GB", "de"], "hu", None),
        (["huq", "est"], "sr", None),
        ([], "sr", None),
    ],
)
def test_the_browsers_languages_decide(
    read: Read, page: Page, spoken: list[str], language: str, offered: str | None
) -> None:
    page.add_init_script(f"Object.defineProperty(navigator, 'languages', {{ value: {spoken} }})")
    read(language, ARTICLE)
    if offered is None:
        expect(offer(page)).to_have_count(0)
        return
    expect(offer(page)).to_have_attribute("lang", LANGUAGE_TAGS[offered])
    expect(offer(page)).to_contain_text(say(offered, "This page is available in your language too."))


@pytest.mark.parametrize("path", ["", ARTICLE, "account"])
def test_taking_it_leads_to_the_same_page_and_ends_it(read: Read, page: Page, origin: str, path: str) -> None:
    read("sr", path)
    region = page.get_by_role("region", name=say("hu", "Language"))
    region.get_by_role("link", name=say("hu", "Read it in your language")).click()
    expect(page).to_have_url(origin + address("hu", path))
    expect(offer(page)).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(origin + address("sr", path))
    expect(offer(page)).to_have_count(0)


def test_declining_it_by_the_keyboard_ends_it_and_goes_on_to_the_article(read: Read, page: Page) -> None:
    read("es", ARTICLE)
    page.locator(".top [data-sign-in]").focus()
    page.keyboard.press("Tab")
    expect(accept(page)).to_be_focused()
    page.keyboard.press("Tab")
    expect(decline(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(offer(page)).to_have_count(0)
    expect(page.locator("main")).to_be_focused()
    for language, path in (("es", ARTICLE), ("es", ANOTHER), ("sr", "")):
        read(language, path)
        expect(offer(page)).to_have_count(0)
    assert page.evaluate("({ ...localStorage })") == {"language-offered": "yes"}


def test_not_answering_is_an_answer_too(read: Read, page: Page) -> None:
    read("sr", ARTICLE)
    expect(offer(page)).to_be_visible()
    read("sr", ANOTHER)
    expect(offer(page)).to_have_count(0)


@pytest.mark.parametrize("switch", ["header .lang", "footer"])
def test_who_chose_a_language_is_not_offered_another(
    read: Read, page: Page, origin: str, switch: str
) -> None:
    read("hu", ARTICLE)
    page.locator(f"{switch} a[hreflang=es]").click()
    expect(page).to_have_url(origin + address("es", ARTICLE))
    expect(offer(page)).to_have_count(0)
    read("es", ANOTHER)
    expect(offer(page)).to_have_count(0)


def test_a_language_opened_in_another_tab_is_chosen_too(
    read: Read, page: Page, context: BrowserContext
) -> None:
    read("hu", ARTICLE)
    with context.expect_page() as opened:
        page.locator("header .lang a[hreflang=es]").click(button="middle")
    expect(opened.value.locator("html")).to_have_attribute("lang", "es")
    expect(offer(opened.value)).to_have_count(0)


def test_a_browser_that_keeps_nothing_is_asked_on_arrival_only(read: Read, page: Page, origin: str) -> None:
    page.add_init_script(NO_STORAGE)
    read("sr", ARTICLE)
    decline(page).click()
    expect(offer(page)).to_have_count(0)
    page.locator("main a[href*=invite-user]").first.click()
    expect(page).to_have_url(origin + address("sr", "people/invite-user"))
    expect(offer(page)).to_have_count(0)
    page.locator("header .lang a[hreflang=es]").click()
    expect(page).to_have_url(origin + address("es", "people/invite-user"))
    expect(offer(page)).to_have_count(0)


def test_a_mails_link_comes_along_into_the_other_language(read: Read, page: Page, mails: Mails) -> None:
    """Whoever wrote the letter may have guessed the language."""
    email = "guessed@example.com"
    card = read("hu", "account/open-account")
    card.fill(name="Kovács Anna", email=email)
    card.field("Language of our mails").select_option("es")
    card.submit()
    card.shows("Look into your mailbox")
    page.goto(link_in(mails(email, "confirm_address")))
    expect(page.locator("html")).to_have_attribute("lang", "es")
    accept(page).click()
    expect(page.locator("html")).to_have_attribute("lang", "hu")
    expect(Card(page, "hu").field("New password").first).to_be_visible()
    assert "#" not in page.url


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["", ARTICLE, "account"])
def test_it_moves_nothing_fits_and_axe_finds_nothing(read: Read, page: Page, width: int, path: str) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    read("sr", path)
    expect(accept(page)).to_be_in_viewport(ratio=1)
    expect(decline(page)).to_be_in_viewport(ratio=1)
    assert page.evaluate(SHIFT) == 0
    assert violations(page) == []
    assert fits(page)
    jump = page.locator(".jump:visible")
    if jump.count():  # On a phone, it must not lie over the way to the form.
        jump.click()
        expect(page.locator("#uradi-title")).to_be_in_viewport()


def test_it_does_not_hide_the_end_of_the_page(read: Read, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    read("sr", ARTICLE)
    page.evaluate("scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' })")
    last, bar = page.locator("footer a").last.bounding_box(), offer(page).bounding_box()
    assert last and bar
    assert last["y"] + last["height"] < bar["y"]


def test_it_costs_no_request_and_is_not_printed(read: Read, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    read("sr", ARTICLE)
    page.wait_for_load_state("networkidle")
    expect(offer(page)).to_be_visible()
    assert len(asked) <= 7, asked
    page.emulate_media(media="print")
    expect(offer(page)).to_be_hidden()


@pytest.mark.browser_context_args(locale="hu-HU", java_script_enabled=False)
def test_without_javascript_there_is_no_offer(read: Read, page: Page) -> None:
    read("sr", ARTICLE)
    expect(offer(page)).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text(say("hu", "Read it in your language"))
