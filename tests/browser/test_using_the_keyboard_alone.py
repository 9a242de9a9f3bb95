"""Doing it all without a mouse: Tab leads to everything, Enter sends, and the focus goes where the news is."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.card import Card
from tests.browser.conftest import Person

Settle = Callable[..., Person]
SignedIn = Callable[..., Card]
Read = Callable[..., Card]

MOST_STEPS = 60  # a page with more stops before its form would want a shorter way


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there."""
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_a_ticket_is_opened_after_a_sign_in_and_a_mistake(settle: Settle, read: Read, page: Page) -> None:
    person = settle("hu")
    card = read("hu", "support/open-ticket")
    tab_to(page, card.field("E-mail address"))
    page.keyboard.type(person.email)
    tab_to(page, card.field("Password"))
    page.keyboard.type(person.password)
    page.keyboard.press("Enter")
    expect(card.field("Subject")).to_be_visible()
    expect(card.title).to_be_focused()
    tab_to(page, card.field("Department"))
    page.keyboard.press("ArrowDown")
    tab_to(page, card.field("Subject"))
    page.keyboard.type("Nincs levél")
    page.keyboard.press("Enter")
    expect(card.summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(card.field("Description")).to_be_focused()
    page.keyboard.type("Tegnap óta nem jön levél.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    card.shows("The ticket is open")
    expect(card.title).to_be_focused()


def test_the_first_stop_skips_to_the_article(settle: Settle, signed_in: SignedIn, page: Page) -> None:
    signed_in(settle("es"), "people/add-contact")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"
