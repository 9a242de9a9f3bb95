"""What who opens an invitation's link meets: by registering, by signing in, as somebody else, too late."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from chalicelib.permissions import PERMISSIONS
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person, address, link_in
from tests.browser.test_reading_in_three_languages import what_looks_wrong
from tests.browser.test_using_the_keyboard_alone import tab_to

Settle = Callable[..., Person]
Read = Callable[..., Card]
SignedIn = Callable[..., Card]
Table = Callable[..., list[dict[str, Any]]]
Mails = Callable[..., dict[str, str]]
Invite = Callable[..., str]

ARTICLE = "people/accept-invitation"
PASSWORD = "jazavac klavir sladoled sreda"
NOT_COMPLETE = (
    "This link is not complete, or it was never ours. Open it from the mail again; "
    "copy all of it, with nothing added."
)
EXPIRED = "This link has expired or was used already. Ask for a new one."
WAS_ACCEPTED = "This invitation was accepted already. If it was you, sign in and choose the account."


@pytest.fixture
def owner(settle: Settle) -> Person:
    return settle("hu", name="Nagy Mária")


@pytest.fixture
def follow(page: Page) -> Callable[..., Card]:
    """Open a mail's link: `follow(link, "es")`."""

    def follow(link: str, language: str = "hu") -> Card:
        page.goto("about:blank")  # Else a page that is open would only hear of another fragment.
        page.goto(link)
        card = Card(page, language)
        expect(card.section).not_to_have_class(re.compile("loading"))
        return card

    return follow


Follow = Callable[..., Card]


def about(card: Card) -> Locator:
    """What the invitation is about, as long as it is in view."""
    return card.section.locator("[data-invitation]:visible")


def join(card: Card) -> None:
    """Press the one button of who is signed in as the addressee, once it is there."""
    expect(card.section.locator("#join-account")).to_be_visible()
    card.button("Accept the invitation").click()


def register(card: Card, name: str = "Núñez Đorđe") -> None:
    card.fill(name=name, password=PASSWORD)
    card.field("New password once more").fill(PASSWORD)
    card.submit()


def mine(card: Card) -> Locator:
    """The list of the reader's own accounts."""
    return card.section.locator("[data-mine]:visible > li")


def account_id(person: Person) -> str:
    return person.id.replace("user", "account")


def revoke(page: Page) -> None:
    """As the owner who is signed in, revoke the account's newest invitation."""
    status = page.evaluate(
        """async () => {
            const { items: [{ id }] } = await (await fetch('/api/invitations')).json();
            return (await fetch(`/api/invitations/${id}`, { method: 'DELETE' })).status;
        }"""
    )
    assert status == 204


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_newcomer_registers_by_the_link_and_is_told_what_they_may_do(
    settle: Settle,
    invite: Invite,
    follow: Follow,
    table: Table,
    mails: Mails,
    page: Page,
    language: str,
) -> None:
    owner, email = settle(language, name="Jovana Ilić"), f"newcomer-{language}@example.com"
    card = follow(invite(owner, email, permissions=["tickets", "invoices"]), language)
    expect(about(card)).to_contain_text("Jovana Ilić")
    expect(about(card)).to_contain_text(owner.account)
    expect(about(card)).to_contain_text(email)
    expect(about(card).locator("[data-can] li")).to_have_text(
        [card.said("View and pay invoices"), card.said("View and open tickets")]
    )
    expect(about(card).locator("[data-cannot] li")).to_have_count(len(PERMISSIONS) - 2 + 1)
    expect(card.title).to_be_focused()
    assert "token" not in page.url
    page.reload()
    expect(about(card)).to_contain_text(owner.account)
    register(card)
    card.shows("You are a user of the account now")
    expect(card.ok).to_contain_text(owner.account)
    expect(card.section.locator("#uradi-result [data-can] li")).to_have_count(2)
    expect(card.section.locator("[data-account]")).to_contain_text(owner.account)
    expect(page.locator("[data-who]")).to_contain_text("Núñez Đorđe")
    expect(card.link("Open a ticket")).to_be_visible()
    expect(card.link("Add a contact")).to_have_count(0)
    expect(card.link("Switch on two-factor authentication")).to_be_visible()
    expect(about(card)).to_have_count(0)
    (user,) = table("User", email=email)
    assert (user["name"], user["language"]) == ("Núñez Đorđe", language)
    (place,) = table("Membership", pk=f"ACCOUNT#{account_id(owner)}", sk=user["pk"])
    assert (place["permissions"], place["is_owner"]) == (["invoices", "tickets"], False)
    assert mails(owner.email, "invitation_accepted")["language"] == language


def test_a_hungarian_owner_invites_a_spaniard_who_registers(
    owner: Person, signed_in: SignedIn, mails: Mails, browser: Browser, origin: str
) -> None:
    card = signed_in(owner, "people/invite-user")
    card.fill(email="carmen@example.com")
    card.field("Language of the invitation").select_option("es")
    card.field("View and manage contacts").check()
    card.submit()
    card.shows("The invitation is sent")
    mail = mails("carmen@example.com", "invitation")
    assert mail["language"] == "es"
    link = link_in(mail)
    assert f"/es/{ARTICLE}/#token=" in link
    elsewhere = browser.new_context(base_url=origin)
    page = elsewhere.new_page()
    page.goto(link)
    hers = Card(page, "es")
    register(hers, "Carmen Núñez")
    hers.shows("You are a user of the account now")
    hers.link("Add a contact").click()
    expect(hers.field("Full name")).to_be_visible()
    expect(hers.section.locator("[data-account]")).to_contain_text(owner.account)
    elsewhere.close()
    card.page.reload()
    card.section.get_by_text(card.said("Past invitations")).click()
    expect(card.section.locator("[data-past-rows] > li")).to_contain_text(card.said("accepted"))
    card.section.get_by_text(card.said("Users of the account")).click()
    expect(card.section.locator("[data-user-rows]")).to_contain_text("Carmen Núñez")


def test_who_has_a_user_signs_in_and_accepts_with_one_button(
    owner: Person, settle: Settle, invite: Invite, follow: Follow, page: Page
) -> None:
    guest = settle("hu", name="Tóth Péter")
    card = follow(invite(owner, guest.email, permissions="all"))
    expect(card.field("E-mail address")).to_have_value(guest.email)
    expect(about(card)).to_contain_text(
        card.said("You sign in here with this address already: sign in, then accept with one button.")
    )
    loads: list[str] = []
    page.on("domcontentloaded", lambda loaded: loads.append(loaded.url))
    card.fill(password=guest.password)
    card.submit()
    expect(card.section.locator("#join-account")).to_contain_text(guest.email)
    expect(about(card)).to_contain_text(owner.account)
    join(card)
    card.shows("You are a user of the account now")
    assert loads == []
    expect(page.locator("[data-who]")).to_have_text(f"Tóth Péter · {owner.account}")
    expect(card.section).to_contain_text(
        card.said(
            "You reach several accounts. The top of each form says which one you are on, "
            "and lets you change it."
        )
    )
    card.section.locator("[data-accounts] summary").click()
    card.button(guest.account).click()
    expect(page.locator("[data-who]")).to_have_text(f"Tóth Péter · {guest.account}")
    expect(mine(card)).to_have_count(2)


def test_a_second_factor_is_asked_for_in_between(
    owner: Person, settle: Settle, invite: Invite, follow: Follow
) -> None:
    guest = settle("hu", two_factor=True)
    card = follow(invite(owner, guest.email))
    card.fill(password=guest.password)
    card.submit()
    expect(about(card)).to_contain_text(owner.account)
    card.fill(code=pyotp.TOTP(guest.secret).now())
    card.submit()
    join(card)
    card.shows("You are a user of the account now")
    expect(card.link("Switch on two-factor authentication")).to_have_count(0)


def test_who_is_signed_in_as_the_addressee_presses_one_button(
    owner: Person, settle: Settle, invite: Invite, follow: Follow, context: BrowserContext, origin: str
) -> None:
    guest = settle("hu")
    link = invite(owner, guest.email)
    guest.signs_in(context, origin)
    card = follow(link)
    join(card)
    card.shows("You are a user of the account now")


def test_another_who_is_signed_in_is_told_both_addresses_and_goes_on_as_the_invited(
    owner: Person,
    settle: Settle,
    invite: Invite,
    follow: Follow,
    context: BrowserContext,
    origin: str,
    page: Page,
    table: Table,
) -> None:
    guest, other = settle("hu"), settle("hu", name="Kovács Anna")
    link = invite(owner, guest.email)
    other.signs_in(context, origin)
    card = follow(link)
    card.shows("This invitation is for another address")
    view = card.section.locator("#other-addressee")
    expect(view).to_contain_text(guest.email)
    expect(view).to_contain_text(other.email)
    expect(about(card)).to_have_count(0)
    page.reload()
    card.shows("This invitation is for another address")
    card.button(card.said("Sign out and go on as {invited}", invited=guest.email)).click()
    expect(card.field("E-mail address")).to_have_value(guest.email)
    assert table("Session", user_id=other.id) == []
    card.fill(password=guest.password)
    card.submit()
    join(card)
    card.shows("You are a user of the account now")


def test_who_signs_in_as_another_is_told_so_too(
    owner: Person, settle: Settle, invite: Invite, follow: Follow
) -> None:
    guest, other = settle("hu"), settle("hu")
    card = follow(invite(owner, guest.email))
    card.sign_in(other.email, other.password)
    card.shows("This invitation is for another address")


def test_a_case_of_letters_is_no_other_address(
    owner: Person, settle: Settle, invite: Invite, follow: Follow, context: BrowserContext, origin: str
) -> None:
    guest = settle("hu")
    link = invite(owner, guest.email.replace("person", "PERSON"))
    guest.signs_in(context, origin)
    card = follow(link)
    join(card)
    card.shows("You are a user of the account now")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda token: token[:-3], id="cut"),
        pytest.param(lambda token: f"{token}AA", id="padded"),
        pytest.param(str.swapcase, id="case-changed"),
        pytest.param(lambda _token: "nothing-of-ours", id="made-up"),
    ],
)
def test_a_link_that_is_not_ours_says_how_to_mend_it(
    owner: Person, invite: Invite, follow: Follow, console: Console, spoil: Callable[[str], str]
) -> None:
    console.expect("404")
    page_of, token = invite(owner, f"spoilt-{owner.id}@example.com").split("#token=")
    card = follow(f"{page_of}#token={spoil(token)}")
    card.shows("This link does not work any more")
    expect(card.section).to_contain_text(card.said(NOT_COMPLETE))
    expect(card.title).to_be_focused()
    card = follow(f"{page_of}#token={token}")
    expect(about(card)).to_contain_text(owner.account)


def test_an_expired_link_says_so_and_a_reload_says_it_again(
    owner: Person,
    invite: Invite,
    follow: Follow,
    table: Table,
    change: Callable[..., None],
    page: Page,
    console: Console,
) -> None:
    console.expect("410")
    link = invite(owner, "late@example.com")
    (stored,) = table("Invitation", email="late@example.com")
    change({"pk": stored["pk"], "sk": stored["sk"]}, valid_until=1)
    card = follow(link)
    card.shows("This link does not work any more")
    expect(card.section).to_contain_text(card.said(EXPIRED))
    page.reload()
    card.shows("This link does not work any more")
    card.button("I accepted already: sign in").click()
    card.sign_in(owner.email, owner.password)
    card.shows("This link does not work any more")
    expect(mine(card)).to_contain_text([owner.account])


def test_a_revoked_link_says_so(
    owner: Person,
    invite: Invite,
    follow: Follow,
    context: BrowserContext,
    signed_in: SignedIn,
    page: Page,
    console: Console,
) -> None:
    console.expect("410")
    link = invite(owner, "unwanted@example.com")
    signed_in(owner, ARTICLE)
    revoke(page)
    context.clear_cookies()
    card = follow(link)
    card.shows("This link does not work any more")
    expect(card.section).to_contain_text(card.said(EXPIRED))


def test_an_invitation_that_is_revoked_while_it_is_read_is_told_at_the_button(
    owner: Person, invite: Invite, follow: Follow, browser: Browser, origin: str, console: Console
) -> None:
    console.expect("410")
    card = follow(invite(owner, "too-slow@example.com"))
    expect(about(card)).to_be_visible()
    elsewhere = browser.new_context(base_url=origin)
    owner.signs_in(elsewhere, origin)
    page = elsewhere.new_page()
    page.goto(address("hu", "people"))
    revoke(page)
    elsewhere.close()
    register(card)
    card.shows("This link does not work any more")
    expect(about(card)).to_have_count(0)


def test_a_used_link_leads_who_used_it_to_their_accounts(
    owner: Person, invite: Invite, follow: Follow, context: BrowserContext, console: Console
) -> None:
    console.expect("410")
    link = invite(owner, "twice@example.com")
    card = follow(link)
    register(card)
    card.shows("You are a user of the account now")
    card = follow(link)
    expect(card.section).to_contain_text(card.said(WAS_ACCEPTED))
    expect(mine(card)).to_contain_text([owner.account])
    context.clear_cookies()
    card = follow(link)
    card.button("I accepted already: sign in").click()
    card.sign_in("twice@example.com", PASSWORD)
    expect(mine(card)).to_contain_text([owner.account])


def test_looking_fifty_times_uses_nothing_up(
    owner: Person, invite: Invite, follow: Follow, page: Page
) -> None:
    link = invite(owner, "scanned@example.com")
    card = follow(link)
    seen = page.evaluate(
        """(token) => Promise.all(Array.from({ length: 50 }, async () => (await fetch('/api/invitations/preview', {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }),
        })).status))""",
        link.split("#token=")[1],
    )
    assert seen == [200] * 50
    for _time in range(3):
        card = follow(link)
        expect(about(card)).to_be_visible()
    register(card)
    card.shows("You are a user of the account now")


def test_without_a_link_a_signed_out_reader_is_told_where_it_is_and_nothing_is_asked(
    read: Read, page: Page
) -> None:
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    card = read("es", ARTICLE)
    card.shows("Accept the invitation")
    expect(card.section.locator("#uradi-no-link")).to_contain_text(
        card.said(
            "Open the link in the invitation's mail: it leads here, and shows who invites you "
            "and what you will be able to do."
        )
    )
    page.wait_for_load_state("networkidle")
    assert not [url for url in calls if "/api/" in url or "accept." in url]


def test_without_a_link_who_is_signed_in_chooses_among_their_accounts(
    settle: Settle, signed_in: SignedIn, page: Page
) -> None:
    person = settle("sr", other_accounts=("Vodenica", "Pekara"))
    card = signed_in(person, ARTICLE)
    expect(mine(card)).to_have_count(3)
    here = mine(card).filter(has_text=card.said("you are on it now"))
    expect(here).to_contain_text(person.account)
    mine(card).filter(has_text="Pekara").get_by_role("button").click()
    expect(page.locator("[data-who]")).to_contain_text("Pekara")
    expect(here).to_contain_text("Pekara")
    expect(card.title).to_be_focused()


def test_the_token_is_kept_in_the_history_alone_and_goes_with_its_use(
    owner: Person, invite: Invite, follow: Follow, page: Page
) -> None:
    link = invite(owner, "secret@example.com")
    token = link.split("#token=")[1]
    card = follow(link)
    card.fill(name="Titkos Tibor", password=PASSWORD)
    page.reload()
    expect(card.field("Full name")).to_have_value("Titkos Tibor")
    expect(card.field("New password").first).to_have_value("")
    kept = "[location.href, document.cookie, {...sessionStorage}, {...localStorage}, document.body.outerHTML]"
    assert token not in str(page.evaluate(kept))
    assert PASSWORD not in str(page.evaluate(kept))
    assert page.evaluate("history.state.token") == token
    register(card)
    card.shows("You are a user of the account now")
    assert token not in str(page.evaluate(f"[history.state, {kept}]"))
    card.link("Switch on two-factor authentication").click()
    page.wait_for_url("**/two-factor/**")
    page.go_back()
    expect(mine(card)).to_contain_text([owner.account])


def test_the_page_in_another_language_takes_the_link_along(
    owner: Person, invite: Invite, follow: Follow, page: Page
) -> None:
    card = follow(invite(owner, "polyglot@example.com", language="es"), "es")
    expect(about(card)).to_contain_text(owner.account)
    page.locator("header .lang a[hreflang^=sr]").click()
    page.wait_for_url(f"**{address('sr', ARTICLE)}")
    card = Card(page, "sr")
    expect(about(card)).to_contain_text(
        card.said(
            "{inviter} invites you to the account {account}.", inviter=owner.name, account=owner.account
        )
    )


def test_an_invitation_without_permissions_says_what_that_means(
    owner: Person, invite: Invite, follow: Follow
) -> None:
    card = follow(invite(owner, "nothing@example.com", permissions=[]))
    expect(about(card).locator("[data-gist]")).to_have_text(
        card.said(
            "You may sign in, but you will see nothing of the account until its owner gives you permissions."
        )
    )


def test_what_is_wrong_is_said_at_the_field(
    owner: Person, invite: Invite, follow: Follow, console: Console
) -> None:
    console.expect("422")
    card = follow(invite(owner, "hasty@example.com"))
    card.submit()
    expect(card.summary).to_be_focused()
    expect(card.error_at("name")).to_have_text(card.said("Enter your full name."))
    expect(card.error_at("password").first).to_have_text(card.said("Enter the new password."))
    card.fill(name="<b>Anna</b>", password="password123")
    card.field("New password once more").fill("password123")
    card.submit()
    expect(card.error_at("name")).to_have_text(
        card.said("Write the name with letters, without signs such as < and > or emoji.")
    )
    expect(card.error_at("password").first).to_have_text(
        card.said("Many people use this password, so it is easy to guess. Choose another one.")
    )
    expect(about(card)).to_be_visible()


def test_an_address_that_was_registered_meanwhile_signs_in(
    owner: Person, settle: Settle, invite: Invite, follow: Follow, page: Page, console: Console
) -> None:
    console.expect("401")
    guest = settle("hu")
    link = invite(owner, guest.email)

    def as_before(route: Route) -> None:
        told = route.fetch()
        route.fulfill(response=told, json={**told.json(), "registered": False})

    page.route("**/api/invitations/preview", as_before, times=1)
    card = follow(link)
    register(card)
    expect(card.field("E-mail address")).to_have_value(guest.email)
    card.fill(password=guest.password)
    card.submit()
    join(card)
    card.shows("You are a user of the account now")


def test_a_session_that_ends_before_the_button_is_pressed_is_begun_again(
    owner: Person,
    settle: Settle,
    invite: Invite,
    follow: Follow,
    context: BrowserContext,
    origin: str,
    console: Console,
) -> None:
    console.expect("401")
    guest = settle("hu")
    link = invite(owner, guest.email)
    guest.signs_in(context, origin)
    card = follow(link)
    expect(card.button("Accept the invitation")).to_be_visible()
    context.clear_cookies()
    card.button("Accept the invitation").click()
    expect(card.field("Password")).to_be_visible()
    card.sign_in(guest.email, guest.password)
    join(card)
    card.shows("You are a user of the account now")


def test_a_link_that_cannot_be_asked_about_is_asked_about_again(
    owner: Person, invite: Invite, follow: Follow, page: Page, console: Console
) -> None:
    console.expect("ERR_FAILED", "429")
    link = invite(owner, "patient@example.com")
    page.route("**/api/invitations/preview", lambda route: route.abort(), times=1)
    card = follow(link)
    expect(card.section).to_contain_text(card.said("No connection."))
    busy = {"code": "too_many_attempts", "title": "Túl sok próbálkozás.", "status": 429}
    page.route("**/api/invitations/preview", lambda route: route.fulfill(status=429, json=busy), times=1)
    card.button("Try again").click()
    expect(card.section).to_contain_text("Túl sok próbálkozás.")
    card.button("Try again").click()
    expect(about(card)).to_contain_text(owner.account)


def test_names_are_shown_as_text(settle: Settle, invite: Invite, follow: Follow) -> None:
    inviter = settle("hu", name="Anna & <b>Béla</b>")
    card = follow(invite(inviter, "curious@example.com"))
    expect(about(card)).to_contain_text("Anna & <b>Béla</b>")


def test_a_newcomer_accepts_by_the_keyboard_alone(
    owner: Person, invite: Invite, follow: Follow, page: Page
) -> None:
    card = follow(invite(owner, "keys@example.com"))
    expect(card.title).to_be_focused()
    tab_to(page, about(card).get_by_text(card.said("What you may not do")))
    page.keyboard.press("Enter")
    expect(about(card).locator("[data-cannot]")).to_be_visible()
    tab_to(page, card.field("Full name"))
    page.keyboard.type("Billentyű Béla")
    tab_to(page, card.field("New password").first)
    page.keyboard.type(PASSWORD)
    tab_to(page, card.field("New password once more"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    card.shows("You are a user of the account now")
    expect(card.title).to_be_focused()


def test_axe_finds_nothing_and_nothing_sticks_out(
    settle: Settle,
    invite: Invite,
    follow: Follow,
    read: Read,
    signed_in: SignedIn,
    context: BrowserContext,
    origin: str,
    page: Page,
    console: Console,
) -> None:
    console.expect("404")
    owner = settle("hu", name="Nagyné Hosszúnevű-Kéttagúfalvi Mária Magdolna")
    guest = settle("hu", other_accounts=("Vodenica",))
    read("hu", ARTICLE)
    assert what_looks_wrong(page) == [], "no link"
    long = "milica.markovic.knjigovodstvo@veoma-dugacak-naziv-firme.example"
    link = invite(owner, long, permissions="all")
    card = follow(link)
    expect(about(card)).to_be_visible()
    for summary in about(card).locator("summary").all():
        summary.click()
    assert what_looks_wrong(page) == [], "registering"
    card.submit()
    expect(card.summary).to_be_visible()
    assert what_looks_wrong(page) == [], "errors"
    follow(link[:-2])
    card.shows("This link does not work any more")
    assert what_looks_wrong(page) == [], "dead"
    card = follow(invite(owner, guest.email))
    expect(about(card)).to_be_visible()
    assert what_looks_wrong(page) == [], "signing in"
    guest.signs_in(context, origin)
    card = follow(link)
    card.shows("This invitation is for another address")
    assert what_looks_wrong(page) == [], "another"
    page.goto("about:blank")
    signed_in(guest, ARTICLE)
    expect(mine(card)).to_have_count(2)
    assert what_looks_wrong(page) == [], "my accounts"
    context.clear_cookies()
    card = follow(link)
    register(card)
    card.shows("You are a user of the account now")
    assert what_looks_wrong(page) == [], "joined"
