"""What was typed outlives an ended session, a lost connection, a lost answer and a reload."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.card import Card
from tests.browser.conftest import Console, Person, arrived

Settle = Callable[..., Person]
SignedIn = Callable[..., Card]
Table = Callable[..., list[dict[str, object]]]

TICKET = "support/open-ticket"


def meddle(page: Page, handle: Callable[[Route], object]) -> None:
    """Handle the next ticket that is sent otherwise; the list, which has the same address, passes by."""
    met: list[Route] = []

    def once(route: Route) -> None:
        if route.request.method != "POST" or met:
            route.continue_()
            return
        met.append(route)
        handle(route)

    page.route("**/api/tickets", once)


def lose(route: Route) -> None:
    """The request arrives, its answer does not."""
    route.fetch()
    route.abort()


@pytest.fixture
def person(settle: Settle) -> Person:
    return settle("hu")


@pytest.fixture
def card(person: Person, signed_in: SignedIn) -> Card:
    """A ticket that is filled in."""
    card = signed_in(person, TICKET)
    card.field("Department").select_option("billing")
    card.fill(subject="Számla", description="Kérem a számlát.")
    return card


def is_filled(card: Card) -> None:
    expect(card.field("Department")).to_have_value("billing")
    expect(card.field("Subject")).to_have_value("Számla")
    expect(card.field("Description")).to_have_value("Kérem a számlát.")


def test_a_session_that_ended_asks_to_sign_in_and_goes_on(
    card: Card, person: Person, context: BrowserContext, table: Table, console: Console
) -> None:
    console.expect("401")
    context.clear_cookies()
    card.submit()
    expect(card.note).to_have_text(card.said("Your session ended; what you typed is kept. Sign in to go on."))
    expect(card.note).to_be_focused()
    expect(card.page.locator("[data-sign-in]")).to_be_visible()
    card.sign_in(person.email, person.password)
    is_filled(card)
    card.submit()
    card.shows("The ticket is open")
    assert len(table("Ticket", user_id=person.id)) == 1


def test_it_survives_a_reload_before_signing_in(
    card: Card, person: Person, context: BrowserContext, console: Console
) -> None:
    console.expect("401")
    context.clear_cookies()
    card.submit()
    card.page.reload()
    card.sign_in(person.email, person.password)
    is_filled(card)


def test_another_who_signs_in_there_sees_nothing_of_it(
    card: Card, settle: Settle, context: BrowserContext, console: Console
) -> None:
    console.expect("401")
    other = settle("hu", name="Kovács Anna")
    context.clear_cookies()
    card.submit()
    card.sign_in(other.email, other.password)
    expect(card.field("Subject")).to_have_value("")
    expect(card.field("Description")).to_have_value("")
    assert "Számla" not in str(card.page.evaluate("({...sessionStorage})"))


def test_a_list_belongs_to_who_is_signed_in(
    card: Card, settle: Settle, context: BrowserContext, console: Console
) -> None:
    console.expect("401")
    card.submit()
    card.shows("The ticket is open")
    card.button("Open another ticket").click()
    other = settle("hu", name="Kovács Anna")
    context.clear_cookies()
    card.rows.get_by_role("button").click()
    expect(card.rows).not_to_be_visible()
    card.sign_in(other.email, other.password)
    expect(card.section.locator("[data-empty]")).to_be_visible()
    expect(card.rows).to_have_count(0)


def test_a_lost_connection_is_told_and_the_button_tries_again(
    card: Card, context: BrowserContext, console: Console
) -> None:
    console.expect("ERR_INTERNET_DISCONNECTED")
    context.set_offline(True)
    card.submit()
    expect(card.summary).to_contain_text(card.said("No connection."))
    expect(card.summary).to_be_focused()
    is_filled(card)
    context.set_offline(False)
    card.button("Try again").click()
    card.shows("The ticket is open")


def test_a_lost_answer_makes_no_second_ticket(
    card: Card, page: Page, person: Person, table: Table, console: Console
) -> None:
    console.expect("ERR_FAILED")
    meddle(page, lose)
    card.submit()
    expect(card.summary).to_contain_text(card.said("No connection."))
    page.reload()
    is_filled(card)
    card.submit()
    card.shows("The ticket is open")
    assert len(table("Ticket", user_id=person.id)) == 1


def test_an_edited_text_is_another_ticket(
    card: Card, page: Page, person: Person, table: Table, console: Console
) -> None:
    console.expect("ERR_FAILED")
    meddle(page, lose)
    card.submit()
    expect(card.summary).to_be_visible()
    card.fill(subject="Számla és díjbekérő")
    card.submit()
    card.shows("The ticket is open")
    assert len(table("Ticket", user_id=person.id)) == 2


def test_a_page_that_opens_without_a_connection_to_the_api_offers_to_try_again(
    person: Person, signed_in: SignedIn, page: Page, console: Console
) -> None:
    console.expect("ERR_FAILED")
    page.route("**/api/me", lambda route: route.abort(), times=1)
    card = signed_in(person, TICKET)
    expect(card.section).to_contain_text(card.said("We could not ask who is signed in."))
    card.button("Try again").click()
    expect(card.field("Subject")).to_be_visible()


def test_a_fault_that_is_no_problem_document_is_told_in_our_words(
    card: Card, page: Page, console: Console
) -> None:
    console.expect("502")
    meddle(page, lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    card.submit()
    expect(card.summary).to_contain_text(
        card.said("Something went wrong on our side. Try again; if it stays, write to support.")
    )
    is_filled(card)


def test_it_is_dropped_once_it_is_sent(card: Card, page: Page) -> None:
    card.submit()
    card.shows("The ticket is open")
    assert "Számla" not in str(page.evaluate("({...sessionStorage})"))
    page.reload()
    expect(card.field("Subject")).to_have_value("")


def test_the_button_says_that_it_works(card: Card, page: Page) -> None:
    waiting: list[Route] = []
    meddle(page, waiting.append)
    card.submit()
    button = card.section.locator("[type=submit]:visible")
    expect(button).to_have_text(card.said("Sending…"))
    expect(button).to_be_disabled()
    expect(card.section.locator("form:visible")).to_have_attribute("aria-busy", "true")
    expect(card.section.locator("[data-status]")).to_have_text(card.said("Sending…"))
    arrived(page, waiting).continue_()
    card.shows("The ticket is open")
