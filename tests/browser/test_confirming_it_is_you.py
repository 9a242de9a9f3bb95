"""Before a sensitive step, later than 10 minutes after signing in, the card asks once more, and the step goes on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.authenticator import code, wrong_code
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person

Settle = Callable[..., Person]
SignedIn = Callable[..., Card]
Mails = Callable[..., dict[str, str]]
Table = Callable[..., list[dict[str, object]]]

ARTICLE = "security/two-factor"
LONG_AGO = 11  # minutes; a sign-in counts for 10


@pytest.fixture(autouse=True)
def expected(console: Console) -> None:
    """The first try is refused."""
    console.expect("403")


@pytest.fixture
def person(settle: Settle) -> Person:
    return settle("es", two_factor=True, minutes_ago=LONG_AGO)


@pytest.fixture
def card(person: Person, signed_in: SignedIn) -> Card:
    """Two-factor is about to be switched off, and who does it is asked for."""
    card = signed_in(person, ARTICLE)
    card.button("Switch it off").click()
    card.shows("Switch two-factor authentication off?")
    card.submit()
    card.shows("Confirm it is you")
    return card


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_password_is_asked_for_and_the_step_goes_on(
    settle: Settle, signed_in: SignedIn, language: str
) -> None:
    person = settle(language, minutes_ago=LONG_AGO)
    card = signed_in(person, ARTICLE)
    card.submit()
    card.shows("Confirm it is you")
    expect(card.title).to_be_focused()
    expect(card.section.locator("[name=code]:visible")).to_have_count(0)
    card.fill(password=person.password)
    card.submit()
    expect(card.section.locator("[data-picture]")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_two_factor_a_code_is_asked_for_too(
    settle: Settle, signed_in: SignedIn, mails: Mails, table: Table, language: str
) -> None:
    person = settle(language, two_factor=True, minutes_ago=LONG_AGO)
    card = signed_in(person, ARTICLE)
    card.button("Switch it off").click()
    card.submit()
    card.fill(password=person.password, code=code(person.secret))
    card.submit()
    card.shows("Two-factor authentication is off")
    expect(card.ok).to_contain_text(person.email)
    assert mails(person.email, "two_factor_disabled")["language"] == language
    assert table("TotpCredential", pk=f"USER#{person.id}") == []


def test_a_recovery_code_will_do(card: Card, person: Person) -> None:
    card.fill(password=person.password, code=person.recovery_codes[3])
    card.submit()
    card.shows("Two-factor authentication is off")


def test_what_is_missing_is_told_without_a_call(card: Card, page: Page) -> None:
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    card.submit()
    expect(card.error_at("password")).to_have_text(card.said("Enter your password."))
    expect(card.error_at("code")).to_have_text(card.said("Enter the 6 digits that the app shows."))
    assert calls == []


def test_a_wrong_password_and_a_wrong_code_are_told_at_their_fields(
    card: Card, person: Person, console: Console
) -> None:
    console.expect("401", "422")
    card.fill(password="not the password", code=code(person.secret))
    card.submit()
    expect(card.error_at("password")).to_have_text(
        card.said("This is not your current password. Type it again, or reset it by mail.")
    )
    card.fill(password=person.password, code=wrong_code(person.secret))
    card.submit()
    expect(card.error_at("code")).to_have_text(
        card.said("Wait for the next code in the app and enter that one.")
    )
    card.fill(code=code(person.secret))
    card.submit()
    card.shows("Two-factor authentication is off")


def test_who_turns_back_has_done_nothing(card: Card, person: Person, table: Table) -> None:
    card.fill(password=person.password)
    card.button("Back").click()
    card.shows("Switch two-factor authentication off?")
    expect(card.title).to_be_focused()
    expect(card.summary).to_have_count(0)
    card.submit()
    card.shows("Confirm it is you")
    expect(card.field("Password")).to_have_value("")
    assert len(table("TotpCredential", pk=f"USER#{person.id}")) == 1


def test_who_turned_back_may_leave_it_on(card: Card) -> None:
    card.button("Back").click()
    card.button("Leave it on").click()
    card.shows("Two-factor authentication is on")


def test_a_page_that_does_not_know_of_the_second_factor_learns_it(
    person: Person, signed_in: SignedIn, page: Page, console: Console
) -> None:
    console.expect("422", "409")

    def not_yet_on(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, json={**told.json(), "two_factor": False, "two_factor_since": None})

    page.route("**/api/me", not_yet_on, times=1)
    card = signed_in(person, ARTICLE)
    card.submit()
    card.fill(password=person.password)
    card.submit()
    expect(card.error_at("code")).to_be_visible()
    card.fill(code=code(person.secret))
    card.submit()
    card.shows("Two-factor authentication is on")


def test_a_session_that_ends_meanwhile_is_no_hindrance(
    card: Card, person: Person, context: BrowserContext, console: Console
) -> None:
    console.expect("401")
    context.clear_cookies()
    card.fill(password=person.password, code=code(person.secret))
    card.submit()
    expect(card.note).to_have_text(card.said("Your session ended; what you typed is kept. Sign in to go on."))
    card.sign_in(person.email, person.password)
    card.fill(code=code(person.secret))
    card.submit()
    card.shows("Two-factor authentication is off")


def test_what_was_typed_is_not_kept(card: Card, person: Person, page: Page) -> None:
    card.fill(password=person.password, code=person.recovery_codes[0])
    held = str(page.evaluate("[{...sessionStorage}, {...localStorage}, history.state]"))
    assert person.password not in held
    assert person.recovery_codes[0] not in held
