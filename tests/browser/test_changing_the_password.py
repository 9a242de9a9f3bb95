"""Another password: by knowing the current one, or by reading the mailbox."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person, link_in

Settle = Callable[..., Person]
Read = Callable[..., Card]
SignedIn = Callable[..., Card]
Mails = Callable[..., dict[str, str]]

ARTICLE = "account/change-password"
NEW = "jazavac klavir sladoled sreda"


def signs_in_with(card: Card, person: Person, password: str) -> None:
    """On the home page of the card's language, in a browser without a session."""
    card.page.context.clear_cookies()
    card.page.goto("/" if card.language == "sr" else f"/{card.language}/")
    card.sign_in(person.email, password)
    card.shows("My account at a glance")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_password_is_changed_and_a_notice_mailed(
    settle: Settle, signed_in: SignedIn, mails: Mails, language: str
) -> None:
    person = settle(language)
    card = signed_in(person, ARTICLE)
    card.fill(current=person.password, new=NEW)
    card.field("New password once more").fill(NEW)
    card.submit()
    card.shows("The password is changed")
    expect(card.ok).to_contain_text(person.email)
    assert mails(person.email, "password_changed")["language"] == language
    signs_in_with(card, person, NEW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_forgotten_password_is_reset_by_mail(
    settle: Settle, read: Read, mails: Mails, page: Page, language: str
) -> None:
    person = settle(language)
    card = read(language, ARTICLE)
    card.link("I forgot my password").click()
    card.shows("Reset a forgotten password")
    card.fill(email=person.email)
    card.submit()
    card.shows("Look into your mailbox")
    mail = mails(person.email, "password_reset")
    assert mail["language"] == language
    page.goto(link_in(mail))
    card.shows("Choose a new password")
    card.fill(new=NEW)
    card.field("New password once more").fill(NEW)
    card.submit()
    expect(card.note).to_have_text(card.said("Your new password is saved. Sign in with it."))
    expect(card.note).to_be_focused()
    card.sign_in(person.email, NEW)
    card.shows("You are signed in")
    expect(page.locator("[data-who]")).to_contain_text(person.account)


def test_a_wrong_current_password_is_told_at_its_field(
    settle: Settle, signed_in: SignedIn, console: Console
) -> None:
    console.expect("422")
    card = signed_in(settle("hu"), ARTICLE)
    card.fill(current="not this one", new=NEW)
    card.field("New password once more").fill(NEW)
    card.submit()
    expect(card.error_at("current")).to_have_text(
        card.said("This is not your current password. Type it again, or reset it by mail.")
    )
    card.link("I forgot my password").click()
    card.shows("Reset a forgotten password")
    card.link("I know my password after all").click()
    card.shows("Change the password")


def test_two_passwords_that_differ_are_told_without_a_call(
    settle: Settle, signed_in: SignedIn, page: Page
) -> None:
    card = signed_in(settle("sr"), ARTICLE)
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    card.fill(current="whatever it is", new=NEW)
    card.field("New password once more").fill("jazavac klavir")
    card.submit()
    expect(card.summary).to_be_focused()
    expect(card.summary.get_by_role("link")).to_have_text(
        card.said("The two passwords differ. Type the new one again.")
    )
    assert calls == []


def test_a_used_reset_link_offers_a_new_one(
    settle: Settle, read: Read, mails: Mails, page: Page, console: Console
) -> None:
    console.expect("410")
    person = settle("es")
    card = read("es", ARTICLE, fragment="#forgot-password")
    card.fill(email=person.email)
    card.submit()
    card.shows("Look into your mailbox")
    link = link_in(mails(person.email, "password_reset"))
    for _time in range(2):
        page.goto("about:blank")
        page.goto(link)
        card.fill(new=NEW)
        card.field("New password once more").fill(NEW)
        card.submit()
        expect(card.section.locator("form:visible, #uradi-result:visible")).not_to_have_id("reset-password")
    card.shows("This link does not work any more")
    card.button("Ask for a new link").click()
    card.shows("Reset a forgotten password")


def test_an_unknown_address_looks_the_same(read: Read) -> None:
    card = read("es", ARTICLE, fragment="#forgot-password")
    card.fill(email="nobody@example.com")
    card.submit()
    card.shows("Look into your mailbox")
    expect(card.ok).to_contain_text("nobody@example.com")
