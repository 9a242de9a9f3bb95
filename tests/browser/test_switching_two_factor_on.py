"""Two-factor from off to codes kept, in the card beside its article; new codes, and what is shown once it is on."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, expect

from chalicelib import brand
from chalicelib.words import say
from tests.browser.authenticator import code, kept, wrong_code
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person, address
from tests.browser.test_reading_in_three_languages import fits, what_looks_wrong
from tests.browser.test_using_the_keyboard_alone import tab_to

Settle = Callable[..., Person]
Read = Callable[..., Card]
SignedIn = Callable[..., Card]
Mails = Callable[..., dict[str, str]]
Table = Callable[..., list[dict[str, object]]]
Change = Callable[..., None]

ARTICLE = "security/two-factor"
A_DATE = {
    "sr": r"\d+\. (januara|februara|marta|aprila|maja|juna|jula|avgusta|septembra|oktobra|novembra|decembra) \d{4}\.",
    "hu": r"\d{4}\. [a-zé-ú]+ \d+\.",
    "es": r"\d+ de [a-z]+ de \d{4}",
}


@pytest.fixture
def person(settle: Settle) -> Person:
    return settle("hu")


@pytest.fixture
def card(person: Person, signed_in: SignedIn) -> Card:
    """The card of somebody who may switch it on."""
    return signed_in(person, ARTICLE)


@pytest.fixture
def codes(card: Card) -> list[str]:
    """The recovery codes, while the card shows them."""
    begin(card)
    enrol(card)
    return recovery_codes(card)


@pytest.fixture(autouse=True)
def leaving(page: Page) -> Iterator[list[str]]:
    """The questions whether to leave the page, all answered with yes."""
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    yield asked


def begin(card: Card) -> str:
    """The key that the app is given."""
    card.button("Begin").click()
    key = card.section.locator("[data-key]")
    expect(key).to_be_visible()
    return (key.text_content() or "").replace(" ", "")


def key_of(card: Card) -> str:
    return (card.section.locator("[data-key]").text_content() or "").replace(" ", "")


def enrol(card: Card) -> None:
    """Send the first code."""
    card.fill(code=code(key_of(card)))
    card.submit()
    card.shows("Save your recovery codes")


def recovery_codes(card: Card) -> list[str]:
    found = card.section.locator("[data-codes] li").all_text_contents()
    assert len(found) == len(set(found)) == 10
    return found


def check(card: Card, typed: str) -> None:
    """Enter one of the codes to check that it was kept."""
    card.field("Enter one of them to check that you kept them").fill(typed)
    card.button("Check and finish").click()


def picture(card: Card) -> Locator:
    return card.section.locator("[data-picture]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_on_after_two_clicks_and_no_page_load(
    settle: Settle, signed_in: SignedIn, page: Page, mails: Mails, language: str
) -> None:
    person = settle(language)
    card = signed_in(person, ARTICLE)
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.evaluate(
        "document.addEventListener('click', () => (window.clicks = (window.clicks ?? 0) + 1), true)"
    )
    begin(card)
    enrol(card)
    assert page.evaluate("window.clicks") == 2
    assert loads == []
    expect(card.section).to_contain_text(card.said("Two-factor authentication is on."))
    assert mails(person.email, "two_factor_enabled")["language"] == language


def test_from_off_to_codes_kept_and_in_again(
    card: Card, person: Person, page: Page, console: Console, table: Table
) -> None:
    """The whole way, on the Hungarian article."""
    console.expect("401")
    secret = begin(card)
    first = code(secret)
    card.fill(code=first)
    card.submit()
    card.shows("Save your recovery codes")
    check(card, recovery_codes(card)[6])
    card.shows("Two-factor authentication is on")
    expect(card.note).to_have_text(card.said("The code is right: you have kept them."))
    expect(card.section).to_contain_text(card.said("Recovery codes left: {count}", count="10"))
    [credential] = table("TotpCredential", pk=f"USER#{person.id}")
    assert credential["recovery_codes_left"] == 10
    page.locator("header [data-sign-out]").click()
    card.sign_in(person.email, person.password)
    card.fill(code=first)
    card.submit()
    expect(card.error_at("code")).to_be_visible()  # The code that switched it on counts no more.
    card.fill(code=code(secret, steps=1))
    card.submit()
    card.shows("Two-factor authentication is on")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_since_when_it_is_on(settle: Settle, signed_in: SignedIn, language: str) -> None:
    card = signed_in(settle(language, two_factor=True), ARTICLE)
    card.shows("Two-factor authentication is on")
    since = card.section.locator("[data-text=date]:visible")
    expect(since).to_have_text(re.compile(f"^{A_DATE[language]}$"))
    expect(card.section.locator("#two-factor-on")).to_contain_text(
        card.said("Two-factor authentication has been on since {date}.", date=since.text_content() or "")
    )
    expect(card.section).to_contain_text(card.said("Recovery codes left: {count}", count="10"))
    expect(card.section.locator("[data-few]")).to_be_hidden()


def test_few_recovery_codes_are_warned_of(
    settle: Settle, signed_in: SignedIn, change: Change, page: Page
) -> None:
    person = settle("es", two_factor=True)
    change({"pk": f"USER#{person.id}", "sk": "TOTP"}, recovery_codes_left=3)
    card = signed_in(person, ARTICLE)
    expect(card.section.locator("[data-few]")).to_have_text(
        card.said("Few are left. Make new ones while you still can sign in.")
    )


def test_the_app_gets_the_same_key_in_three_ways(card: Card, person: Person) -> None:
    secret = begin(card)
    app = card.link("Open in an app on this device")
    parsed = pyotp.parse_uri(app.get_attribute("href") or "")
    assert parsed.secret == secret
    assert parsed.issuer == brand.COMPANY
    assert parsed.name == person.email
    expect(picture(card)).to_be_visible()
    assert picture(card).evaluate("(image) => image.complete && image.naturalWidth > 0")
    assert re.fullmatch(
        r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", card.section.locator("[data-key]").text_content() or ""
    )


def test_on_a_phone_the_app_is_opened_first(card: Card, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    secret = begin(card)
    app = card.link("Open in the app on this phone")
    assert pyotp.parse_uri(app.get_attribute("href") or "").secret == secret
    expect(picture(card)).to_be_hidden()
    card.section.get_by_text(card.said("Or scan the code with another device")).click()
    expect(picture(card)).to_be_visible()
    assert fits(page)


def test_the_key_and_the_codes_can_be_copied(card: Card, page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    secret = begin(card)
    card.button("Copy").click()
    expect(card.section.locator("[data-status]")).to_have_text(card.said("Copied"))
    assert page.evaluate("navigator.clipboard.readText()") == secret
    enrol(card)
    card.button("Copy").click()
    expect(card.button("Copied")).to_be_visible()
    assert set(recovery_codes(card)) < set(page.evaluate("navigator.clipboard.readText()").split("\r\n"))


def test_a_browser_that_refuses_to_copy_is_told_of(card: Card, page: Page) -> None:
    begin(card)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    card.button("Copy").click()
    expect(card.section.locator("[data-trouble]:visible")).to_have_text(
        card.said("Not copied. Select the text and copy it by hand.")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_codes_are_saved_as_a_file(
    settle: Settle, signed_in: SignedIn, page: Page, leaving: list[str], tmp_path: Path, language: str
) -> None:
    person = settle(language)
    card = signed_in(person, ARTICLE)
    begin(card)
    enrol(card)
    with page.expect_download() as waiting:
        card.section.locator("[data-save]").click()
    assert waiting.value.suggested_filename == f"{brand.COMPANY} - {card.said('recovery codes')}.txt"
    waiting.value.save_as(tmp_path / "codes.txt")
    lines = (tmp_path / "codes.txt").read_text("utf-8").splitlines()
    assert lines[0] == card.said("Recovery codes for signing in to {provider}", provider=brand.COMPANY)
    assert lines[1].startswith(f"{person.email}, ")
    assert lines[2:12] == recovery_codes(card)
    assert card.said("Use a recovery code instead") in lines[12]
    assert page.url.split("/")[2] in lines[12]
    page.reload()
    assert leaving == []


def test_the_codes_are_printed_without_the_article(card: Card, codes: list[str], page: Page) -> None:
    page.evaluate("window.print = () => (window.printed = true)")
    card.button("Print").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    printed = page.locator("body").inner_text().split()
    assert set(codes) < set(printed)
    expect(
        page.get_by_text(say("hu", "Recovery codes for signing in to {provider}", provider=brand.COMPANY))
    ).to_be_visible()
    expect(page.locator("h1")).to_be_hidden()
    expect(card.title).to_be_hidden()
    expect(card.section.get_by_role("button")).to_have_count(0)


def test_leaving_before_the_codes_are_saved_is_asked_about(
    codes: list[str], page: Page, leaving: list[str]
) -> None:
    assert codes
    page.reload()
    assert leaving == ["beforeunload"]


def test_leaving_afterwards_is_not(card: Card, codes: list[str], page: Page, leaving: list[str]) -> None:
    check(card, codes[0])
    page.reload()
    card.shows("Two-factor authentication is on")
    assert leaving == []


def test_a_code_that_was_kept_wrong_is_told_and_nothing_is_asked_of_the_api(
    card: Card, codes: list[str], page: Page
) -> None:
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.method) if "/api/" in request.url else None)
    check(card, "")
    expect(card.summary).to_contain_text(card.said("Enter one of the codes from where you saved them."))
    check(card, codes[0][:-1])
    expect(card.summary).to_be_focused()
    expect(card.error_at("kept")).to_have_text(
        card.said("This is none of these codes. Compare it letter by letter.")
    )
    assert calls == []
    check(card, f" {codes[9].replace('-', ' ').lower()} ")
    card.shows("Two-factor authentication is on")


def test_the_check_is_not_forced(card: Card, codes: list[str], page: Page) -> None:
    card.button("Finish without checking").click()
    card.shows("Two-factor authentication is on")
    expect(card.note).to_be_hidden()
    content = page.content()
    assert not [one for one in codes if one in content]


def test_nothing_secret_stays_behind(card: Card, person: Person, page: Page) -> None:
    secret = begin(card)
    card.fill(code="123")
    assert secret not in kept(page)
    assert "123" not in kept(page)
    enrol(card)
    codes = recovery_codes(card)
    assert secret not in page.content().replace(" ", "")
    assert secret not in (card.section.locator("[data-app]").first.get_attribute("href") or "")
    card.field("Enter one of them to check that you kept them").fill(codes[0])
    assert not [one for one in codes if one in kept(page)]


def test_the_other_devices_can_be_signed_out(
    card: Card, codes: list[str], person: Person, table: Table, context: BrowserContext
) -> None:
    check(card, codes[0])
    generation = table("User", pk=f"USER#{person.id}")[0]["generation"]
    card.button("Sign out everywhere else").click()
    expect(card.note).to_have_text(card.said("Everywhere else you are signed out."))
    expect(card.button("Sign out everywhere else")).to_have_count(0)
    assert table("User", pk=f"USER#{person.id}")[0]["generation"] != generation
    card.page.reload()
    card.shows("Two-factor authentication is on")  # Here one stays signed in.


@pytest.mark.parametrize("typed", ["", "12345", "１２３４５６", "7KQ2-M9XA-HT4C-W6R4"])
def test_what_is_no_code_of_the_app_is_told_without_a_call(card: Card, page: Page, typed: str) -> None:
    begin(card)
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    card.fill(code=typed)
    card.submit()
    expect(card.error_at("code")).to_have_text(card.said("Enter the 6 digits that the app shows."))
    assert calls == []


def test_a_wrong_code_may_be_tried_again(card: Card, console: Console) -> None:
    console.expect("401")
    secret = begin(card)
    card.fill(code=wrong_code(secret))
    card.submit()
    expect(card.error_at("code")).to_have_text(
        card.said("Wait for the next code in the app and enter that one.")
    )
    assert key_of(card) == secret
    enrol(card)


def test_a_key_that_waited_too_long_is_told_and_begun_anew(
    card: Card, person: Person, change: Change, console: Console
) -> None:
    console.expect("410")
    old = begin(card)
    change({"pk": f"USER#{person.id}", "sk": "TOTP#PENDING"}, expires_at=1)
    card.fill(code=code(old))
    card.submit()
    expect(card.note).to_have_text(
        card.said(
            "That key is no longer valid. Remove it from the app and begin again; each one waits for 10 minutes."
        )
    )
    expect(card.note).to_be_focused()
    assert key_of(card) == ""
    assert begin(card) != old
    enrol(card)


def test_a_session_that_ends_while_the_app_is_given_its_key(
    card: Card, person: Person, context: BrowserContext, console: Console
) -> None:
    console.expect("401", "404")
    old = begin(card)
    context.clear_cookies()
    card.fill(code=code(old))
    card.submit()
    card.sign_in(person.email, person.password)
    card.fill(code=code(old))
    card.submit()
    expect(card.note).to_be_visible()
    begin(card)
    enrol(card)


def test_switched_on_in_another_tab_it_shows_as_on(
    card: Card, context: BrowserContext, console: Console
) -> None:
    console.expect("409")
    other = Card(context.new_page(), "hu")
    other.page.goto(address("hu", ARTICLE))
    begin(other)
    enrol(other)
    card.button("Begin").click()
    card.shows("Two-factor authentication is on")


def test_a_lost_connection_is_told_and_tried_again(
    card: Card, context: BrowserContext, console: Console
) -> None:
    console.expect("ERR_INTERNET_DISCONNECTED")
    context.set_offline(True)
    card.button("Begin").click()
    expect(card.summary).to_contain_text(card.said("No connection."))
    context.set_offline(False)
    card.button("Try again").click()
    expect(picture(card)).to_be_visible()


def test_a_busy_service_is_told(card: Card, page: Page, console: Console) -> None:
    console.expect("503")
    busy = {
        "code": "unavailable",
        "title": card.said("The service is busy at the moment. Nothing was lost; try again shortly."),
    }
    page.route("**/api/two-factor", lambda route: route.fulfill(status=503, json=busy), times=1)
    card.button("Begin").click()
    expect(card.summary).to_contain_text(busy["title"])
    begin(card)


def test_how_many_codes_are_left_is_left_out_when_nobody_answers(
    settle: Settle, signed_in: SignedIn, page: Page, console: Console
) -> None:
    console.expect("ERR_FAILED")
    page.route("**/api/two-factor", lambda route: route.abort())
    card = signed_in(settle("hu", two_factor=True), ARTICLE)
    card.shows("Two-factor authentication is on")
    expect(card.section.locator("[data-left]")).to_be_hidden()
    expect(card.section.locator("[data-few]")).to_be_hidden()


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_codes_replace_the_old(
    settle: Settle, signed_in: SignedIn, mails: Mails, table: Table, language: str
) -> None:
    person = settle(language, two_factor=True)
    card = signed_in(person, ARTICLE)
    old = {item["sk"] for item in table("RecoveryCode", pk=f"USER#{person.id}")}
    card.button("Make new recovery codes").click()
    card.button("Make ten new codes").click()
    card.shows("Save your recovery codes")
    expect(card.section.locator("[data-enrolled]:visible")).to_have_count(0)
    assert not set(recovery_codes(card)) & set(person.recovery_codes)
    assert not old & {item["sk"] for item in table("RecoveryCode", pk=f"USER#{person.id}")}
    assert mails(person.email, "recovery_codes_renewed")["language"] == language
    check(card, recovery_codes(card)[0])
    card.shows("Two-factor authentication is on")


def test_switched_off_it_can_be_switched_on_again(settle: Settle, signed_in: SignedIn) -> None:
    person = settle("sr", two_factor=True)
    card = signed_in(person, ARTICLE)
    card.button("Switch it off").click()
    card.submit()
    card.shows("Two-factor authentication is off")
    card.button("Switch it on again").click()
    assert begin(card) != person.secret
    enrol(card)


def test_it_is_about_the_user_and_names_no_account(card: Card) -> None:
    expect(card.section.locator("[data-account]")).to_be_hidden()
    begin(card)
    expect(card.section.locator("[data-account]")).to_be_hidden()


def test_it_is_switched_on_by_the_keyboard_alone(settle: Settle, read: Read, page: Page) -> None:
    person = settle("es")
    card = read("es", ARTICLE)
    tab_to(page, card.field("E-mail address"))
    page.keyboard.type(person.email)
    tab_to(page, card.field("Password"))
    page.keyboard.type(person.password)
    page.keyboard.press("Enter")
    card.shows("Switch on two-factor authentication")
    tab_to(page, card.button("Begin"))
    page.keyboard.press("Enter")
    expect(picture(card)).to_be_visible()
    expect(card.title).to_be_focused()
    tab_to(page, card.field("Code from the app"))
    page.keyboard.type(code(key_of(card)))
    page.keyboard.press("Enter")
    card.shows("Save your recovery codes")
    expect(card.title).to_be_focused()
    tab_to(page, card.section.locator("[data-save]"))
    tab_to(page, card.field("Enter one of them to check that you kept them"))
    page.keyboard.type(recovery_codes(card)[4])
    page.keyboard.press("Enter")
    expect(card.note).to_be_focused()
    tab_to(page, card.button("Switch it off"))
    page.keyboard.press("Enter")
    card.shows("Switch two-factor authentication off?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    card.shows("Two-factor authentication is off")
    expect(card.title).to_be_focused()


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_any_state(
    settle: Settle,
    signed_in: SignedIn,
    read: Read,
    page: Page,
    context: BrowserContext,
    console: Console,
    language: str,
) -> None:
    console.expect("401", "403")

    def looks_well(state: str) -> None:
        assert what_looks_wrong(page) == [], state

    card = signed_in(settle(language), ARTICLE)
    looks_well("off")
    secret = begin(card)
    looks_well("the key")
    card.fill(code=wrong_code(secret))
    card.submit()
    expect(card.summary).to_be_visible()
    looks_well("a wrong code")
    enrol(card)
    looks_well("the recovery codes")
    check(card, "")
    looks_well("no recovery code")
    check(card, recovery_codes(card)[0])
    expect(card.section.locator("[data-left]")).to_be_visible()
    looks_well("on")
    card.button("Make new recovery codes").click()
    looks_well("new codes?")
    card.button("Keep the ones I have").click()
    card.button("Switch it off").click()
    looks_well("off?")
    card.submit()
    card.shows("Two-factor authentication is off")
    looks_well("switched off")

    context.clear_cookies()
    person = settle(language, two_factor=True, minutes_ago=11)
    card = signed_in(person, ARTICLE)
    card.button("Switch it off").click()
    card.submit()
    card.shows("Confirm it is you")
    looks_well("who is it?")
    card.submit()
    looks_well("who is it, with errors")

    context.clear_cookies()
    card = read(language, ARTICLE)
    card.sign_in(person.email, person.password)
    card.shows("Enter the code")
    looks_well("the code")
    card.submit()
    looks_well("no code")
    card.button("Use a recovery code instead").click()
    looks_well("a recovery code")
