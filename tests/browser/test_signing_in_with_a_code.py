"""Signing in where two-factor is on: the code is asked for where the password was, in every card."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from chalicelib.words import say
from tests.browser.authenticator import code, kept, wrong_code
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person, address, link_in

Settle = Callable[..., Person]
Read = Callable[..., Card]
SignedIn = Callable[..., Card]
Mails = Callable[..., dict[str, str]]
Table = Callable[..., list[dict[str, object]]]

TICKET = "support/open-ticket"
USED = "Wait for the next code in the app and enter that one."
NO_CODE = "Enter the 6 digits that the app shows."


@pytest.fixture
def person(settle: Settle) -> Person:
    return settle("hu", two_factor=True)


@pytest.fixture
def card(person: Person, read: Read) -> Card:
    """An article whose reader has sent the right password."""
    card = read("hu", TICKET)
    card.sign_in(person.email, person.password)
    card.shows("Enter the code")
    return card


def enter(card: Card, typed: str) -> None:
    card.fill(code=typed)
    card.submit()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_of_the_app_signs_in(
    settle: Settle, read: Read, context: BrowserContext, language: str
) -> None:
    person = settle(language, two_factor=True)
    card = read(language)
    card.sign_in(person.email, person.password)
    card.shows("Enter the code")
    field = card.field("Code from the app")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("inputmode", "numeric")
    expect(field).to_have_attribute("autocomplete", "one-time-code")
    assert [cookie.get("name") for cookie in context.cookies()] == ["sign_in"]
    enter(card, code(person.secret))
    card.shows("My account at a glance")
    expect(card.section).to_contain_text(person.email)


def test_it_is_asked_for_within_the_article(card: Card, person: Person, page: Page) -> None:
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    enter(card, code(person.secret))
    expect(card.field("Subject")).to_be_visible()
    assert loads == []


def test_what_was_typed_outlives_an_ended_session(
    person: Person, signed_in: SignedIn, context: BrowserContext, console: Console
) -> None:
    console.expect("401")
    card = signed_in(person, TICKET)
    card.field("Department").select_option("billing")
    card.fill(subject="Számla", description="Kérem a számlát.")
    context.clear_cookies()
    card.submit()
    card.sign_in(person.email, person.password)
    enter(card, code(person.secret))
    expect(card.field("Subject")).to_have_value("Számla")
    card.submit()
    card.shows("The ticket is open")


def test_a_code_may_be_pasted_in_two_groups(card: Card, person: Person) -> None:
    digits = code(person.secret)
    enter(card, f" {digits[:3]} {digits[3:]}\u00a0")
    expect(card.field("Subject")).to_be_visible()


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "１２３４５６", "٠١٢٣٤٥", "12-345", "abcdef"])
def test_what_is_no_code_is_told_without_a_call(card: Card, page: Page, typed: str) -> None:
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    enter(card, typed)
    expect(card.summary).to_be_focused()
    expect(card.error_at("code")).to_have_text(card.said(NO_CODE))
    assert calls == []


def test_a_wrong_code_is_told_and_may_be_tried_again(card: Card, person: Person, console: Console) -> None:
    console.expect("401")
    enter(card, wrong_code(person.secret))
    expect(card.summary).to_be_focused()
    expect(card.summary).to_contain_text(card.said(USED))
    expect(card.error_at("code")).to_have_text(card.said(USED))
    enter(card, code(person.secret))
    expect(card.field("Subject")).to_be_visible()


def test_a_code_counts_once(card: Card, person: Person, page: Page, console: Console) -> None:
    console.expect("401")
    used = code(person.secret)
    enter(card, used)
    expect(card.field("Subject")).to_be_visible()
    page.locator("header [data-sign-out]").click()
    card.sign_in(person.email, person.password)
    enter(card, used)
    expect(card.error_at("code")).to_have_text(card.said(USED))
    enter(card, code(person.secret, steps=1))
    expect(card.field("Subject")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_recovery_code_signs_in_once(
    settle: Settle, read: Read, page: Page, mails: Mails, console: Console, language: str
) -> None:
    console.expect("401")
    person = settle(language, two_factor=True)
    spent, other, *_rest = person.recovery_codes
    card = read(language, TICKET)
    card.sign_in(person.email, person.password)
    card.button("Use a recovery code instead").click()
    card.shows("Enter a recovery code")
    expect(card.field("Recovery code")).to_be_focused()
    enter(card, spent.replace("-", "").lower())
    expect(card.field("Subject")).to_be_visible()
    assert mails(person.email, "recovery_code_used")["language"] == language
    page.locator("header [data-sign-out]").click()
    card.sign_in(person.email, person.password)
    card.button("Use a recovery code instead").click()
    enter(card, spent)
    expect(card.error_at("code")).to_have_text(
        card.said("This code is not right, or was used already. Enter another one of the ten.")
    )
    enter(card, other)
    expect(card.field("Subject")).to_be_visible()


def test_half_a_recovery_code_is_told_without_a_call(card: Card, page: Page) -> None:
    card.button("Use a recovery code instead").click()
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    enter(card, "7KQ2-M9XA-HT4C")
    expect(card.error_at("code")).to_have_text(
        card.said("Enter the whole recovery code, 16 letters and digits.")
    )
    assert calls == []


def test_one_may_turn_to_the_app_again_or_to_the_password(card: Card, person: Person) -> None:
    card.button("Use a recovery code instead").click()
    card.button("Use the app instead").click()
    expect(card.field("Code from the app")).to_be_focused()
    card.button("Back to the password").click()
    expect(card.field("E-mail address")).to_have_value(person.email)
    expect(card.field("Password")).to_have_value("")


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_has_lost_phone_and_codes_is_told_what_to_do(
    settle: Settle, read: Read, page: Page, language: str
) -> None:
    person = settle(language, two_factor=True)
    card = read(language)
    card.sign_in(person.email, person.password)
    card.link("I have lost the phone and the codes").click()
    expect(page).to_have_url(f"{page.url.split('#')[0]}#lost-phone")
    assert page.url.endswith(f"{address(language, 'security/two-factor')}#lost-phone")
    expect(page.locator("h2#lost-phone")).to_be_in_viewport()


def test_a_sign_in_that_is_too_old_begins_with_the_password(
    card: Card, person: Person, context: BrowserContext, console: Console
) -> None:
    console.expect("401")
    context.clear_cookies(name="sign_in")
    enter(card, code(person.secret))
    expect(card.note).to_have_text(card.said("Too much time has passed. Enter your password again."))
    expect(card.note).to_be_focused()
    expect(card.field("E-mail address")).to_have_value(person.email)
    card.fill(password=person.password)
    card.submit()
    enter(card, code(person.secret))
    expect(card.field("Subject")).to_be_visible()


def test_who_guesses_is_told_how_long_to_wait(card: Card, person: Person, console: Console) -> None:
    console.expect("401", "429")
    told = card.said("Too many attempts. Wait {wait} and try again.").partition("{wait}")[0]
    for _guess in range(10):
        answer = card.answer(
            "POST", "/api/session/second-factor", lambda: enter(card, wrong_code(person.secret))
        )
        expect(card.summary).to_be_focused()
        if answer.status == 429:
            break
    expect(card.summary).to_contain_text(told)
    expect(card.summary).to_contain_text(re.compile(f"[345]{say('hu', '{minutes} min', minutes='')}"))


def test_nothing_secret_is_kept(card: Card, person: Person, page: Page) -> None:
    digits = code(person.secret)
    card.fill(code=digits)
    assert person.email in kept(page)
    assert digits not in kept(page)
    card.button("Use a recovery code instead").click()
    card.fill(code=person.recovery_codes[0])
    assert person.recovery_codes[0] not in kept(page)
    assert person.password not in kept(page)


def test_a_lost_connection_loses_no_code(
    card: Card, person: Person, context: BrowserContext, console: Console
) -> None:
    console.expect("ERR_INTERNET_DISCONNECTED")
    context.set_offline(True)
    enter(card, code(person.secret))
    expect(card.summary).to_contain_text(card.said("No connection."))
    context.set_offline(False)
    card.button("Try again").click()
    expect(card.field("Subject")).to_be_visible()


def test_a_password_that_was_reset_opens_nothing_without_a_code(
    person: Person, read: Read, mails: Mails, page: Page
) -> None:
    card = read("hu", "account/change-password")
    card.link("I forgot my password").click()
    card.shows("Reset a forgotten password")
    card.fill(email=person.email)
    card.submit()
    card.shows("Look into your mailbox")
    page.goto(link_in(mails(person.email, "password_reset")))
    card.shows("Choose a new password")
    card.fill(new="jazavac klavir sladoled sreda")
    card.field("New password once more").fill("jazavac klavir sladoled sreda")
    card.submit()
    card.sign_in(person.email, "jazavac klavir sladoled sreda")
    card.shows("Enter the code")
    enter(card, code(person.secret))
    card.shows("You are signed in")
