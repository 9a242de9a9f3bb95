"""Opening an account: the form, the mail, the link in it, and what follows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person, link_in

Read = Callable[..., Card]
Mails = Callable[..., dict[str, str]]
Table = Callable[..., list[dict[str, object]]]

ARTICLE = "account/open-account"
PASSWORD = "jazavac klavir sladoled sreda"


def ask(card: Card, email: str, name: str = "Núñez Đorđe") -> None:
    card.fill(name=name, email=email)
    card.submit()
    card.shows("Look into your mailbox")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_is_opened_from_the_article_to_the_table(
    read: Read, mails: Mails, table: Table, page: Page, language: str
) -> None:
    email = f"new-{language}@example.com"
    card = read(language, ARTICLE)
    expect(card.field("Language of our mails")).to_have_value(language)
    ask(card, email)
    expect(card.ok).to_contain_text(email)
    mail = mails(email, "confirm_address")
    assert mail["language"] == language
    page.goto(link_in(mail))
    card.shows("Choose your password")
    expect(card.title).to_be_focused()
    assert "token" not in page.url
    page.reload()
    card.shows("Choose your password")
    card.field("New password").first.fill(PASSWORD)
    card.field("New password once more").fill(PASSWORD)
    card.submit()
    card.shows("Your account is open")
    expect(card.ok).to_contain_text("Núñez Đorđe")
    expect(page.locator("[data-who]")).to_contain_text("Núñez Đorđe")
    expect(card.link("Add a contact")).to_be_visible()
    (address,) = table("EmailAddress", email=email)
    (user,) = table("User", email=email)
    assert (user["name"], user["language"]) == ("Núñez Đorđe", language)
    assert len(table("Account", pk=f"ACCOUNT#{address['account_id']}")) == 1


def test_the_mail_is_sent_again_on_request_and_the_address_can_be_corrected(read: Read, mails: Mails) -> None:
    card = read("es", ARTICLE)
    ask(card, "again@example.com")
    card.button("Send it again").click()
    expect(card.section.locator("[data-resent]")).to_have_text(card.said("Sent again."))
    mails("again@example.com", "confirm_address", count=2)
    card.button("Correct the address").click()
    expect(card.field("Full name")).to_have_value("Núñez Đorđe")
    ask(card, "corrected@example.com")
    mails("corrected@example.com", "confirm_address")


def test_too_many_mails_are_refused_with_how_long_to_wait(read: Read, console: Console) -> None:
    console.expect("429")
    card = read("hu", ARTICLE)
    ask(card, "patient@example.com")
    for _time in range(2):
        card.button("Send it again").click()
        expect(card.section.locator("[data-resent]")).to_have_text(card.said("Sent again."))
    card.button("Send it again").click()
    expect(card.section.locator("[data-resent]")).to_contain_text("60")


def test_a_link_works_once_and_then_offers_what_fits(
    read: Read, mails: Mails, page: Page, context: BrowserContext, console: Console
) -> None:
    console.expect("410")
    ask(read("sr", ARTICLE), "once@example.com")
    link = link_in(mails("once@example.com", "confirm_address"))
    page.goto(link)
    card = Card(page, "sr")
    card.fill(password=PASSWORD)
    card.field("New password once more").fill(PASSWORD)
    card.submit()
    card.shows("Your account is open")
    context.clear_cookies()
    page.goto("about:blank")
    page.goto(link)
    card.fill(password=PASSWORD)
    card.field("New password once more").fill(PASSWORD)
    card.submit()
    card.shows("This link does not work any more")
    card.button("Sign in").click()
    card.sign_in("once@example.com", PASSWORD)
    card.shows("You have an account already")


def test_a_link_that_never_was_leads_back_to_the_form(read: Read, console: Console) -> None:
    console.expect("404")
    card = read("hu", ARTICLE, fragment="#token=nothing-of-ours")
    card.fill(password=PASSWORD)
    card.field("New password once more").fill(PASSWORD)
    card.submit()
    card.shows("This link does not work any more")
    card.button("Fill in the form again").click()
    card.shows("Open an account")
    expect(card.field("E-mail address")).to_be_visible()


def test_a_token_is_kept_nowhere_but_in_the_history(read: Read, page: Page) -> None:
    read("sr", ARTICLE, fragment="#token=nothing-of-ours")
    kept = page.evaluate("[location.href, document.cookie, {...sessionStorage}, {...localStorage}]")
    assert "nothing-of-ours" not in str(kept)
    assert page.evaluate("history.state.token") == "nothing-of-ours"


def test_a_link_opened_on_a_page_that_is_open_is_heeded(read: Read, page: Page) -> None:
    card = read("sr", ARTICLE)
    page.evaluate("location.hash = '#token=nothing-of-ours'")
    card.shows("Choose your password")
    assert page.evaluate("location.hash") == ""


def test_a_weak_password_is_told_before_and_after_it_is_sent(read: Read, console: Console) -> None:
    console.expect("422")
    card = read("sr", ARTICLE, fragment="#token=nothing-of-ours")
    card.fill(password="kratka")
    card.submit()
    expect(card.error_at("password").first).to_have_text(
        card.said("Use at least {min_length} characters.", min_length="8")
    )
    expect(card.error_at("password").last).to_have_text(
        card.said("The two passwords differ. Type the new one again.")
    )
    card.fill(password="password123")
    card.field("New password once more").fill("password123")
    card.submit()
    expect(card.error_at("password").first).to_have_text(
        card.said("Many people use this password, so it is easy to guess. Choose another one.")
    )


def test_who_is_signed_in_is_told_that_they_have_an_account(
    settle: Callable[..., Person], signed_in: Callable[..., Card]
) -> None:
    card = signed_in(settle("es"), ARTICLE)
    card.shows("You have an account already")
    card.button("Sign out").click()
    card.shows("Open an account")


def test_what_was_typed_survives_a_reload(read: Read, page: Page) -> None:
    card = read("hu", ARTICLE)
    card.fill(name="Nagy Mária", email="maria@example.com")
    page.reload()
    expect(card.field("Full name")).to_have_value("Nagy Mária")
    expect(card.field("E-mail address")).to_have_value("maria@example.com")
