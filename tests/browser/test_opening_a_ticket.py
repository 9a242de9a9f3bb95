"""Opening a ticket, and following it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Person, arrived

Settle = Callable[..., Person]
SignedIn = Callable[..., Card]
Mails = Callable[..., dict[str, str]]
Table = Callable[..., list[dict[str, object]]]

ARTICLE = "support/open-ticket"
NUMBER = re.compile(r"KLZ-[2-9A-Z]{4}-[2-9A-Z]{4}")
TEXT = "Od jutros piše „503“.\n\n<b>Isto</b> je 😀 na telefonu."


def fill(card: Card, subject: str = "Sajt ne radi", text: str = TEXT) -> None:
    card.field("Department").select_option("technical")
    card.field("Subject").fill(subject)
    card.field("Description").fill(text)


def opened(card: Card, subject: str = "Sajt ne radi") -> str:
    """Open a ticket; returns its number."""
    fill(card, subject)
    card.submit()
    card.shows("The ticket is open")
    return (card.ok.locator("span").first.text_content() or "").strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ticket_is_stored_acknowledged_and_listed(
    settle: Settle, signed_in: SignedIn, mails: Mails, table: Table, language: str
) -> None:
    person = settle(language)
    card = signed_in(person, ARTICLE)
    number = opened(card)
    assert NUMBER.fullmatch(number)
    expect(card.title).to_be_focused()
    (ticket,) = table("Ticket", number=number)
    assert (ticket["subject"], ticket["department"], ticket["user_id"]) == (
        "Sajt ne radi",
        "technical",
        person.id,
    )
    (message,) = table("TicketMessage", pk=ticket["pk"])
    assert message["text"] == TEXT
    mail = mails(person.email, "ticket_opened")
    assert number in mail["text"]
    assert mail["language"] == language
    expect(card.rows).to_contain_text(number)
    card.page.reload()
    expect(card.rows).to_contain_text(number)


def test_a_ticket_is_one_click_no_page_load_and_one_request(
    settle: Settle, signed_in: SignedIn, page: Page
) -> None:
    card = signed_in(settle("es"), ARTICLE)
    fill(card)
    page.wait_for_load_state("networkidle")
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    card.submit()
    card.shows("The ticket is open")
    page.wait_for_load_state("networkidle")
    assert [(one.method, one.url.removeprefix(page.url.split("/es/")[0])) for one in requests] == [
        ("POST", "/api/tickets")
    ]


def test_enter_pressed_twice_is_one_ticket(
    settle: Settle, signed_in: SignedIn, page: Page, table: Table
) -> None:
    person = settle("hu")
    card = signed_in(person, ARTICLE)
    fill(card)
    posts: list[Route] = []
    page.route(
        "**/api/tickets",
        lambda route: posts.append(route) if route.request.method == "POST" else route.continue_(),
    )
    with page.expect_request(lambda request: request.method == "POST"):
        card.field("Subject").press("Enter")
    card.field("Subject").press("Enter")  # while the first is on its way
    arrived(page, posts).continue_()
    card.shows("The ticket is open")
    assert len(posts) == 1
    assert len(table("Ticket", user_id=person.id)) == 1


def test_a_number_can_be_copied(settle: Settle, signed_in: SignedIn, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card = signed_in(settle("sr"), ARTICLE)
    number = opened(card)
    card.button("Copy").click()
    expect(card.button("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == number


def test_a_ticket_is_read_and_added_to(settle: Settle, signed_in: SignedIn, table: Table, page: Page) -> None:
    card = signed_in(settle("hu"), ARTICLE)
    number = opened(card)
    card.button("Read the ticket and add to it").click()
    expect(card.title).to_have_text("Sajt ne radi")
    expect(card.title).to_be_focused()
    expect(card.section).to_contain_text(number)
    messages = card.section.locator("[data-messages] > li")
    expect(messages).to_contain_text(["<b>Isto</b> je 😀 na telefonu."])
    card.field("Message").fill("Sada radi.")
    card.submit()
    expect(messages).to_have_count(2)
    expect(messages.last).to_be_focused()
    expect(messages.last).to_contain_text("Sada radi.")
    expect(card.field("Message")).to_have_value("")
    (ticket,) = table("Ticket", number=number)
    assert {one["text"] for one in table("TicketMessage", pk=ticket["pk"])} == {TEXT, "Sada radi."}
    card.button("All my tickets").click()
    card.shows("Open a ticket")
    card.rows.get_by_role("button").click()
    expect(messages).to_have_count(2)


def test_a_message_that_was_begun_survives_a_reload(settle: Settle, signed_in: SignedIn, page: Page) -> None:
    card = signed_in(settle("sr"), ARTICLE)
    opened(card)
    card.button("Read the ticket and add to it").click()
    card.field("Message").fill("Još nešto")
    page.reload()
    card.rows.get_by_role("button").click()
    expect(card.field("Message")).to_have_value("Još nešto")


def test_the_latest_ticket_stands_first(settle: Settle, signed_in: SignedIn) -> None:
    card = signed_in(settle("sr"), ARTICLE)
    opened(card, "Prvi")
    card.button("Open another ticket").click()
    opened(card, "Drugi")
    expect(card.rows).to_contain_text(["Drugi", "Prvi"])
    card.page.reload()
    expect(card.rows).to_contain_text(["Drugi", "Prvi"])


def test_a_date_reads_as_in_the_pages_language(settle: Settle, signed_in: SignedIn) -> None:
    card = signed_in(settle("sr"), ARTICLE)
    opened(card)
    expect(card.rows.locator("time")).not_to_have_text(re.compile("[\u0400-\u04ff]"))  # Latin, not Cyrillic


def test_a_long_text_is_counted_down_and_told_when_it_is_too_long(
    settle: Settle, signed_in: SignedIn
) -> None:
    card = signed_in(settle("es"), ARTICLE)
    left = card.section.locator("#open-ticket .left")
    fill(card, text="x" * 18_000)
    expect(left).to_have_text("")
    card.field("Description").fill("x" * 19_990)
    expect(left).to_have_text(card.said("Characters left: {count}", count="10"))
    card.field("Description").fill("x" * 20_001)
    card.submit()
    expect(card.error_at("description")).to_have_text(
        card.said("Shorten this to at most {max_length} characters.", max_length="20000")
    )
    expect(card.field("Description")).to_have_value("x" * 20_001)
