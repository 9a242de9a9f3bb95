"""Signing in and out: on the home page, inline in an article, in several tabs."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person, address

Settle = Callable[..., Person]
Read = Callable[..., Card]
SignedIn = Callable[..., Card]
Table = Callable[..., list[dict[str, object]]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_home_page_turns_into_the_account_at_a_glance(
    settle: Settle, read: Read, table: Table, page: Page, language: str
) -> None:
    person = settle(language)
    card = read(language)
    card.shows("Sign in")
    card.sign_in(person.email, person.password)
    card.shows("My account at a glance")
    expect(card.title).to_be_focused()
    expect(card.section).to_contain_text(person.email)
    expect(card.section.locator("[data-account]")).to_contain_text(person.account)
    expect(page.locator("[data-who]")).to_have_text(f"{person.name} · {person.account}")
    expect(page.locator("[data-sign-in]")).to_be_hidden()
    assert len(table("Session", user_id=person.id)) == 2  # this one, and the one that settle began


def test_signing_in_within_an_article_leads_to_its_form(settle: Settle, read: Read, page: Page) -> None:
    person = settle("hu")
    card = read("hu", "people/add-contact")
    expect(card.section).to_contain_text(card.said("First, sign in to your account."))
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    card.sign_in(person.email, person.password)
    expect(card.field("Full name")).to_be_visible()
    assert loads == []


def test_a_signed_out_reader_calls_nothing(read: Read, page: Page) -> None:
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url) if "/api/" in request.url else None)
    read("sr", "support/open-ticket")
    page.wait_for_load_state("networkidle")
    assert calls == []


def test_a_wrong_password_says_so_and_keeps_the_address(settle: Settle, read: Read, console: Console) -> None:
    console.expect("401")
    person = settle("es")
    card = read("es")
    card.sign_in(person.email, "not the password")
    expect(card.summary).to_be_focused()
    expect(card.summary).to_contain_text(
        card.said(
            "This e-mail address and password do not belong together. Check both, or reset the password."
        )
    )
    expect(card.field("E-mail address")).to_have_value(person.email)
    expect(card.field("Password")).to_have_value("")


def test_a_password_can_be_shown(read: Read) -> None:
    card = read("hu")
    card.fill(password="zöld gém")
    card.button("Show the password").click()
    expect(card.field("Password")).to_have_attribute("type", "text")
    card.button("Hide the password").click()
    expect(card.field("Password")).to_have_attribute("type", "password")


def test_who_forgot_the_password_is_led_to_the_reset(read: Read, page: Page) -> None:
    card = read("sr", "support/open-ticket")
    card.link("I forgot my password").click()
    card.shows("Reset a forgotten password")
    assert page.url.endswith("/account/change-password/#forgot-password")


def test_signing_out_leaves_nothing_behind(
    settle: Settle, signed_in: SignedIn, table: Table, page: Page, context: BrowserContext
) -> None:
    person = settle("sr")
    card = signed_in(person, "support/open-ticket")
    card.fill(subject="Tajna", description="Ne pokazuj nikome")
    assert page.evaluate("sessionStorage.length") == 1
    page.locator("header [data-sign-out]").click()
    expect(page.locator("[data-sign-in]")).to_be_visible()
    expect(card.field("Password")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    assert context.cookies() == []
    assert table("Session", user_id=person.id) == []
    assert page.locator("[name=subject]").input_value() == ""


def test_signing_out_in_one_tab_signs_out_the_others(
    settle: Settle, signed_in: SignedIn, context: BrowserContext, page: Page
) -> None:
    signed_in(settle("sr"), "people/add-contact")
    other = context.new_page()
    other.goto(address("sr", "support/open-ticket"))
    Card(other, "sr").fill(subject="Tajna")
    page.locator("header [data-sign-out]").click()
    expect(Card(other, "sr").field("Password")).to_be_visible()
    assert other.evaluate("sessionStorage.length") == 0


def test_an_expired_cookie_asks_once_and_never_again(
    context: BrowserContext, read: Read, origin: str, page: Page, console: Console
) -> None:
    console.expect("401")
    context.add_cookies([{"name": "signed_in", "value": "1", "url": origin}])
    card = read("sr", "people/add-contact")
    expect(card.field("Password")).to_be_visible()
    assert context.cookies() == []


def test_anothers_draft_is_never_shown(
    settle: Settle, read: Read, context: BrowserContext, page: Page
) -> None:
    alice, bob = settle("sr", name="Alice"), settle("sr", name="Bob")
    card = read("sr", "support/open-ticket")
    card.sign_in(alice.email, alice.password)
    card.fill(subject="Samo moje")
    context.clear_cookies()
    page.reload()
    card.sign_in(bob.email, bob.password)
    expect(card.field("Subject")).to_have_value("")
    assert "Samo moje" not in str(page.evaluate("({...sessionStorage})"))


def test_going_back_shows_nothing_of_who_was_there(
    settle: Settle, signed_in: SignedIn, read: Read, context: BrowserContext, origin: str, page: Page
) -> None:
    card = signed_in(settle("sr", name="Alice"), "support/open-ticket")
    card.fill(subject="Samo moje")
    read("sr")
    with page.expect_navigation():  # Signing out loads the page anew.
        page.locator("header [data-sign-out]").click()
    expect(page.locator("[data-sign-in]")).to_be_visible()
    settle("sr", name="Bob").signs_in(context, origin)
    page.go_back()
    expect(card.field("Subject")).to_have_value("")
    expect(page.locator("[data-who]")).to_contain_text("Bob")


def test_a_password_is_never_kept(read: Read, page: Page) -> None:
    card = read("sr", "people/add-contact")
    card.fill(email="jelena@example.com", password="zelena čaplja preko reke")
    kept = str(page.evaluate("[{...sessionStorage}, {...localStorage}, document.cookie, history.state]"))
    assert "jelena@example.com" in kept
    assert "čaplja" not in kept


def test_a_page_without_a_card_says_who_is_signed_in(settle: Settle, signed_in: SignedIn, page: Page) -> None:
    person = settle("hu")
    signed_in(person, "people/add-contact")
    page.goto(address("hu", "people"))
    expect(page.locator("[data-who]")).to_have_text(re.compile(person.account))
