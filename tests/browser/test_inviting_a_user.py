"""Inviting a user: what the form tells beforehand, and what the lists under it can do."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from chalicelib.permissions import PERMISSION_NAMES, PERMISSIONS
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person, arrived
from tests.browser.test_reading_in_three_languages import what_looks_wrong
from tests.browser.test_using_the_keyboard_alone import tab_to

Settle = Callable[..., Person]
SignedIn = Callable[..., Card]
Table = Callable[..., list[dict[str, Any]]]
Mails = Callable[..., dict[str, str]]
Change = Callable[..., None]
Invite = Callable[..., str]

ARTICLE = "people/invite-user"
MAIL_LANGUAGE = {"sr": "hu", "hu": "es", "es": "sr"}
NOTHING = "The person will be able to sign in, but will see nothing of the account yet."
EVERYTHING = (
    "The person will be able to do everything here except inviting, changing and removing users, "
    "which only the owner does."
)
_numbers = itertools.count(1)
ONLY_OWNER = "Invite, change and remove users: only the owner does that"


@pytest.fixture
def owner(settle: Settle) -> Person:
    return settle("hu", name="Nagy Mária")


@pytest.fixture
def card(owner: Person, signed_in: SignedIn) -> Card:
    """The article's card, for the owner of an account, in Hungarian."""
    return signed_in(owner, ARTICLE)


def account_of(person: Person) -> str:
    return f"ACCOUNT#{person.id.replace('user', 'account')}"


def send(card: Card, *permissions: str, email: str = "") -> str:
    """Send the form to an address, by itself one that no test has written to: each takes three mails an hour."""
    email = email or f"anna-{next(_numbers)}@konyvelo.example"
    card.fill(email=email)
    for permission in permissions:
        card.field(PERMISSION_NAMES[permission]).check()
    card.submit()
    card.shows("The invitation is sent")
    return email


def key_of(item: dict[str, Any]) -> dict[str, str]:
    return {"pk": item["pk"], "sk": item["sk"]}


def gist(card: Card) -> Locator:
    return card.section.locator("form [data-gist]:visible")


def some(card: Card, count: int) -> str:
    return card.said("The person gets {count} of the {all} permissions.", count=str(count), all="13")


def past(card: Card) -> Locator:
    return card.section.locator("[data-past-rows] > li")


def is_alive(page: Page, link: str) -> bool:
    """Whether a link still opens its invitation."""
    return bool(
        page.evaluate(
            """async (token) => (await fetch('/api/invitations/preview', {
                method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }),
            })).ok""",
            link.split("#token=")[1],
        )
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invitation_goes_out_as_chosen_in_the_language_of_its_reader(
    settle: Settle, signed_in: SignedIn, table: Table, mails: Mails, language: str
) -> None:
    owner, email = settle(language), f"guest-of-{language}@example.com"
    card = signed_in(owner, ARTICLE)
    expect(card.section.locator("[data-account]")).to_contain_text(owner.account)
    expect(card.field("Language of the invitation")).to_have_value(language)
    card.field("E-mail address").fill(f" {email} ")
    card.field("Language of the invitation").select_option(MAIL_LANGUAGE[language])
    card.field("View and open tickets").check()
    card.field("View and pay invoices").check()
    card.submit()
    card.shows("The invitation is sent")
    expect(card.title).to_be_focused()
    expect(card.ok).to_contain_text(email)
    expect(card.rows).to_contain_text(email)
    expect(card.rows).to_contain_text(card.said("{count} of {all} permissions", count="2", all="13"))
    assert mails(email, "invitation")["language"] == MAIL_LANGUAGE[language]
    (stored,) = table("Invitation", pk=account_of(owner))
    assert (stored["email"], stored["permissions"]) == (email, ["invoices", "tickets"])


def test_what_the_choice_means_is_told_while_it_is_made(card: Card) -> None:
    expect(gist(card)).to_have_text(card.said(NOTHING))
    card.field("View and pay invoices").check()
    card.field("Manage the settings of domains").check()
    expect(gist(card)).to_have_text(some(card, 2))
    means = card.section.locator("form .means")
    means.get_by_text(card.said("What the person will be able to do")).click()
    expect(means.locator("[data-can] li")).to_have_text(
        [card.said("Manage the settings of domains"), card.said("View and pay invoices")]
    )
    means.get_by_text(card.said("What the person will not be able to do")).click()
    expect(means.locator("[data-cannot] li")).to_have_count(len(PERMISSIONS) - 2 + 1)
    expect(means.locator("[data-cannot] li").last).to_have_text(card.said(ONLY_OWNER))
    card.field("All permissions").check()
    expect(gist(card)).to_have_text(card.said(EVERYTHING))
    expect(means.locator("[data-cannot] li")).to_have_text([card.said(ONLY_OWNER)])
    expect(card.field("View domains")).to_have_count(0)
    card.field("All permissions").uncheck()
    expect(gist(card)).to_have_text(some(card, 2))
    expect(card.field("View and pay invoices")).to_be_checked()


def test_what_the_choice_means_is_read_out_once_the_ticking_pauses(card: Card, page: Page) -> None:
    page.evaluate(
        """() => {
            window.heard = [];
            const status = document.querySelector('#uradi [data-status]');
            new MutationObserver(() => status.textContent && heard.push(status.textContent))
                .observe(status, { childList: true });
        }"""
    )
    for permission in ("invoices", "quotes", "orders"):
        card.field(PERMISSION_NAMES[permission]).check()
    expect(card.section.locator("[data-status]")).to_have_text(some(card, 3))
    assert page.evaluate("heard") == [some(card, 3)]


def test_all_permissions_are_the_thirteen_of_today(card: Card, owner: Person, table: Table) -> None:
    card.field("All permissions").check()
    send(card)
    expect(card.rows).to_contain_text(card.said("all permissions"))
    (stored,) = table("Invitation", pk=account_of(owner))
    assert stored["permissions"] == list(PERMISSIONS)


def test_none_chosen_is_an_invitation_too(card: Card, owner: Person, table: Table) -> None:
    send(card)
    expect(card.rows).to_contain_text(card.said("no permissions yet"))
    card.button("Invite another user").click()
    expect(card.field("E-mail address")).to_have_value("")
    expect(gist(card)).to_have_text(card.said(NOTHING))
    assert table("Invitation", pk=account_of(owner))[0]["permissions"] == []


def test_an_invitation_tells_its_permissions_on_demand(card: Card) -> None:
    send(card, "quotes", "emails")
    card.rows.locator("summary").click()
    expect(card.rows.locator("[data-can] li:visible")).to_have_text(
        [card.said("View offers"), card.said("View the e-mails that we sent")]
    )


def test_what_is_wrong_is_said_at_the_field(card: Card) -> None:
    card.submit()
    expect(card.summary).to_be_focused()
    expect(card.error_at("email")).to_have_text(card.said("Enter the e-mail address of the person."))
    card.fill(email="anna")
    card.submit()
    expect(card.error_at("email")).to_have_text(
        card.said("Enter an address with an @ sign, for example name@company.com.")
    )


def test_an_address_that_is_invited_is_offered_the_same_invitation_again(
    card: Card, mails: Mails, console: Console
) -> None:
    console.expect("409")
    email = send(card, "invoices")
    card.button("Invite another user").click()
    card.fill(email=email.upper())
    card.submit()
    expect(card.error_at("email")).to_have_text(
        card.said(
            "This address is invited already. Resend or revoke that invitation, or enter another address."
        )
    )
    card.button("Send that invitation again").click()
    card.shows("The invitation is sent again")
    expect(card.ok).to_contain_text(email)
    mails(email, "invitation", count=2)
    card.button("Invite another user").click()
    expect(card.field("E-mail address")).to_have_value("")
    expect(card.button("Send that invitation again")).to_have_count(0)


def test_the_offer_goes_with_the_address(card: Card, console: Console) -> None:
    console.expect("409")
    email = send(card)
    card.button("Invite another user").click()
    card.fill(email=email)
    card.submit()
    expect(card.button("Send that invitation again")).to_be_visible()
    card.fill(email=f"nagy.{email}")
    expect(card.button("Send that invitation again")).to_have_count(0)


def test_who_is_a_user_already_is_told_so(card: Card, owner: Person, console: Console) -> None:
    console.expect("409")
    card.fill(email=owner.email)
    card.submit()
    expect(card.error_at("email")).to_have_text(card.said("This person is a user of the account already."))
    expect(card.button("Send that invitation again")).to_have_count(0)


def test_a_resent_invitation_kills_the_old_link(
    card: Card, owner: Person, invite: Invite, mails: Mails, page: Page, console: Console
) -> None:
    console.expect("410")
    old = invite(owner, "dora@example.com")
    page.reload()
    card.rows.get_by_role("button", name=card.said("Send again")).click()
    expect(card.rows).to_contain_text(card.said("Sent again; the earlier link no longer works."))
    expect(card.rows.get_by_role("button", name=card.said("Send again"))).to_be_focused()
    new = re.search(r"\S+#token=\S+", mails("dora@example.com", "invitation", count=2)["text"])
    assert new and new[0] != old
    assert not is_alive(page, old)
    assert is_alive(page, new[0])


def test_a_revocation_asks_first_and_kills_the_link(
    card: Card, owner: Person, invite: Invite, page: Page, console: Console
) -> None:
    console.expect("410")
    link = invite(owner, "elek@example.com")
    page.reload()
    revoke = card.rows.get_by_role("button", name=card.said("Revoke"))
    revoke.click()
    question = card.said("Revoke this invitation? Its link stops working at once.")
    expect(card.rows.get_by_role("group", name=question)).to_contain_text(question)
    expect(card.button("No, keep it")).to_be_focused()
    card.button("No, keep it").click()
    expect(revoke).to_be_focused()
    assert is_alive(page, link)
    revoke.click()
    card.button("Yes, revoke it").click()
    expect(card.rows).to_have_count(0)
    expect(card.section.locator("[data-status]")).to_contain_text("elek@example.com")
    card.section.get_by_text(card.said("Past invitations")).click()
    expect(past(card)).to_contain_text("elek@example.com")
    expect(past(card)).to_contain_text(card.said("revoked"))
    expect(past(card).get_by_role("button")).to_have_count(0)
    assert not is_alive(page, link)
    send(card, email="elek@example.com")


def test_an_expired_invitation_is_a_past_one_and_can_be_sent_again(
    card: Card, owner: Person, invite: Invite, table: Table, change: Change, page: Page
) -> None:
    invite(owner, "ferenc@example.com")
    change(key_of(table("Invitation", email="ferenc@example.com")[0]), valid_until=1)
    page.reload()
    expect(card.section.locator("[data-empty]")).to_be_visible()
    card.section.get_by_text(card.said("Past invitations")).click()
    expect(past(card)).to_contain_text(card.said("expired"))
    past(card).get_by_role("button", name=card.said("Send again")).click()
    expect(card.rows).to_contain_text("ferenc@example.com")
    expect(card.rows.get_by_role("button", name=card.said("Send again"))).to_be_focused()


def test_what_ended_meanwhile_is_told_and_shown_as_it_is(
    card: Card, owner: Person, invite: Invite, table: Table, change: Change, page: Page, console: Console
) -> None:
    console.expect("410")
    invite(owner, "gabor@example.com")
    page.reload()
    expect(card.rows).to_have_count(1)
    change(key_of(table("Invitation", email="gabor@example.com")[0]), outcome="accepted")
    card.rows.get_by_role("button", name=card.said("Send again")).click()
    expect(card.section.locator("[data-trouble]")).to_have_text(
        card.said("This invitation was accepted or revoked already.")
    )
    expect(card.rows).to_have_count(0)
    card.section.get_by_text(card.said("Past invitations")).click()
    expect(past(card)).to_contain_text(card.said("accepted"))


def test_too_many_mails_to_one_address_are_refused_with_how_long_to_wait(
    card: Card, console: Console
) -> None:
    console.expect("429")
    send(card, email="hanna@example.com")
    for count in range(2):
        card.rows.get_by_role("button", name=card.said("Send again")).click()
        expect(card.section.locator("[data-status]")).to_have_text(
            card.said("Sent again; the earlier link no longer works."), timeout=5_000
        )
        if not count:
            card.page.evaluate("document.querySelector('#uradi [data-status]').textContent = ''")
    card.rows.get_by_role("button", name=card.said("Send again")).click()
    expect(card.section.locator("[data-trouble]")).to_contain_text("60")


def test_the_days_limit_is_told_at_the_form(
    card: Card, owner: Person, table: Table, change: Change, console: Console
) -> None:
    console.expect("409")
    send(card)
    (day,) = table("InvitationsOfDay", pk=account_of(owner))
    change(key_of(day), mails=50)
    card.button("Invite another user").click()
    card.fill(email="ibolya@example.com")
    card.submit()
    expect(card.summary).to_have_text(
        card.said("The account has sent all of today's invitations. Go on tomorrow.")
    )
    expect(card.field("E-mail address")).to_have_value("ibolya@example.com")


def test_who_is_not_the_owner_is_told_whom_to_ask(settle: Settle, signed_in: SignedIn, page: Page) -> None:
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    card = signed_in(settle("es", permissions=list(PERMISSIONS)), ARTICLE)
    expect(card.section).to_contain_text(
        card.said("Only the owner of the account can do this. Ask the owner.")
    )
    expect(card.section.locator("form:visible")).to_have_count(0)
    assert not [url for url in calls if "/api/invitations" in url or "/api/users" in url]


def test_a_signed_out_reader_signs_in_there_and_gets_the_form(
    settle: Settle, read: Callable[..., Card]
) -> None:
    person = settle("es")
    card = read("es", ARTICLE)
    card.sign_in(person.email, person.password)
    expect(card.field("Language of the invitation")).to_be_visible()
    expect(card.section.locator("[data-empty]")).to_have_text(
        card.said("None. Whom you invite stands here until they accept.")
    )


def test_the_accounts_users_are_listed_on_demand(card: Card, owner: Person) -> None:
    users = card.section.locator("[data-user-rows] > li")
    answer = card.answer(
        "GET", "/api/users", lambda: card.section.get_by_text(card.said("Users of the account")).click()
    )
    assert answer.ok
    expect(users).to_have_count(1)
    expect(users).to_contain_text(owner.name)
    expect(users).to_contain_text(owner.email)
    expect(users).to_contain_text(card.said("owner"))


def test_what_was_chosen_outlives_an_ended_session(
    card: Card, owner: Person, context: BrowserContext, table: Table, console: Console
) -> None:
    console.expect("401")
    card.fill(email="janos@example.com")
    card.field("Language of the invitation").select_option("sr")
    card.field("View domains").check()
    context.clear_cookies()
    card.submit()
    expect(card.note).to_be_focused()
    card.page.reload()
    card.sign_in(owner.email, owner.password)
    expect(card.field("E-mail address")).to_have_value("janos@example.com")
    expect(card.field("Language of the invitation")).to_have_value("sr")
    expect(card.field("View domains")).to_be_checked()
    expect(gist(card)).to_have_text(some(card, 1))
    card.submit()
    card.shows("The invitation is sent")
    (stored,) = table("Invitation", email="janos@example.com")
    assert (stored["language"], stored["permissions"]) == ("sr", ["domains"])


def test_all_permissions_outlive_a_reload_too(card: Card) -> None:
    card.field("All permissions").check()
    card.page.reload()
    expect(card.field("All permissions")).to_be_checked()
    expect(gist(card)).to_have_text(card.said(EVERYTHING))


def test_the_lists_belong_to_the_account_that_is_chosen(settle: Settle, signed_in: SignedIn) -> None:
    card = signed_in(settle("sr", other_accounts=("Vodenica",)), ARTICLE)
    send(card)
    card.section.get_by_text(card.said("Users of the account")).click()
    expect(card.section.locator("[data-user-rows] > li")).to_have_count(1)
    card.section.locator("[data-accounts] summary").click()
    card.button("Vodenica").click()
    expect(card.section.locator("[data-account]")).to_contain_text("Vodenica")
    expect(card.section.locator("[data-empty]")).to_be_visible()
    expect(card.rows).to_have_count(0)
    expect(card.section.locator("[data-user-rows] > li")).to_have_count(0)


def test_a_list_that_does_not_come_is_told_and_asked_for_again(
    owner: Person, signed_in: SignedIn, page: Page, console: Console
) -> None:
    console.expect("ERR_FAILED")
    page.route("**/api/invitations", lambda route: route.abort(), times=1)
    card = signed_in(owner, ARTICLE)
    expect(card.section.locator("[data-trouble]")).to_have_text(card.said("No connection."))
    card.button("Try again").click()
    expect(card.section.locator("[data-empty]")).to_be_visible()
    expect(card.section.locator("[data-trouble]")).to_be_hidden()


def test_two_clicks_are_one_invitation(card: Card, page: Page) -> None:
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    card.fill(email="kati@example.com")
    card.section.locator("[type=submit]:visible").dblclick()
    card.shows("The invitation is sent")
    assert len(posts) == 1


def test_an_invitation_is_sent_and_revoked_by_the_keyboard_alone(
    settle: Settle, signed_in: SignedIn, page: Page
) -> None:
    card = signed_in(settle("sr"), ARTICLE)
    tab_to(page, card.field("E-mail address"))
    page.keyboard.type("petar@example.com")
    tab_to(page, card.field("View and pay invoices"))
    page.keyboard.press("Space")
    tab_to(page, card.section.locator("[type=submit]:visible"))
    page.keyboard.press("Enter")
    card.shows("The invitation is sent")
    expect(card.title).to_be_focused()
    tab_to(page, card.rows.get_by_role("button", name=card.said("Revoke")))
    page.keyboard.press("Enter")
    expect(card.button("No, keep it")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(card.rows).to_have_count(0)
    expect(card.section.locator("[data-past] summary").first).to_be_focused()


def test_axe_finds_nothing_and_nothing_sticks_out(
    settle: Settle, signed_in: SignedIn, page: Page, console: Console
) -> None:
    console.expect("409")
    card = signed_in(settle("sr"), ARTICLE)
    email = "milica.markovic.knjigovodstvo@veoma-dugacak-naziv-firme.example"
    for summary in card.section.locator("form .means summary").all():
        summary.evaluate("(element) => element.click()")
    assert what_looks_wrong(page) == []
    send(card, "invoices", "tickets", email=email)
    assert what_looks_wrong(page) == [], "sent"
    card.button("Invite another user").click()
    card.fill(email=email)
    card.submit()
    expect(card.summary).to_be_visible()
    card.section.get_by_text(card.said("Users of the account")).click()
    expect(card.section.locator("[data-user-rows] > li")).to_have_count(1)
    card.rows.locator("summary").click()
    card.rows.get_by_role("button", name=card.said("Revoke")).click()
    assert what_looks_wrong(page) == [], "asked"
    card.button("Yes, revoke it").click()
    card.section.get_by_text(card.said("Past invitations")).click()
    assert what_looks_wrong(page) == [], "past"


def test_a_late_answer_to_a_revocation_is_waited_for(
    card: Card, owner: Person, invite: Invite, page: Page
) -> None:
    invite(owner, "lajos@example.com")
    page.reload()
    waiting: list[Route] = []
    page.route(
        "**/api/invitations/*",
        lambda route: waiting.append(route) if route.request.method == "DELETE" else route.continue_(),
    )
    card.rows.get_by_role("button", name=card.said("Revoke")).click()
    card.button("Yes, revoke it").click()
    expect(card.button("Yes, revoke it")).to_be_disabled()
    arrived(page, waiting).continue_()
    expect(card.rows).to_have_count(0)
