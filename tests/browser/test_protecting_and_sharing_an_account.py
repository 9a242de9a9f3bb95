"""An owner protects an account and shares it: two-factor in Hungarian, an invitation that is accepted in Spanish."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.browser.authenticator import code
from tests.browser.card import Card
from tests.browser.conftest import Person, link_in

Settle = Callable[..., Person]
SignedIn = Callable[..., Card]
Read = Callable[..., Card]
Mails = Callable[..., dict[str, str]]

NEWCOMER = "consuelo@contable.example"
PASSWORD = "murciélago bajo la higuera"


def test_an_owner_switches_on_two_factor_and_invites_somebody_who_sees_what_they_may_do(
    settle: Settle, signed_in: SignedIn, read: Read, mails: Mails, browser: Browser, page: Page, origin: str
) -> None:
    owner = settle("hu", name="Nagy Mária")
    secret = enrol_in_hungarian(signed_in(owner, "security/two-factor"))
    assert mails(owner.email, "two_factor_enabled")["language"] == "hu"
    with page.expect_navigation():
        page.locator(".top [data-sign-out]").click()
    card = read("hu", "people/invite-user")
    sign_in_with_a_code(card, owner, secret)
    invite_in_spanish(card)
    mail = mails(NEWCOMER, "invitation")
    assert mail["language"] == "es" and "Nagy Mária" in mail["subject"]
    context = browser.new_context(base_url=origin, locale="es-ES")
    accept_in_spanish(Card(context.new_page(), "es"), link_in(mail), owner)
    context.close()
    assert mails(owner.email, "invitation_accepted")["language"] == "hu"


def enrol_in_hungarian(card: Card) -> str:
    """Returns the key that the app was given."""
    card.button("Begin").click()
    key = card.section.locator("[data-key]")
    expect(key).to_be_visible()
    secret = (key.text_content() or "").replace(" ", "")
    card.fill(code=code(secret))
    card.submit()
    card.shows("Save your recovery codes")
    kept = card.section.locator("[data-codes] li").all_text_contents()
    card.field("Enter one of them to check that you kept them").fill(kept[3])
    card.button("Check and finish").click()
    card.shows("Two-factor authentication is on")
    return secret


def sign_in_with_a_code(card: Card, owner: Person, secret: str) -> None:
    card.sign_in(owner.email, owner.password)
    card.shows("Enter the code")
    card.fill(code=code(secret, steps=1))
    card.submit()
    card.shows("Invite a user")


def invite_in_spanish(card: Card) -> None:
    card.fill(email=NEWCOMER)
    card.field("Language of the invitation").select_option("es")
    card.field("View and manage contacts").check()
    card.submit()
    card.shows("The invitation is sent")


def accept_in_spanish(card: Card, link: str, owner: Person) -> None:
    card.page.goto(link)
    invitation = card.section.locator("[data-invitation]:visible")
    expect(invitation).to_contain_text(owner.account)
    expect(invitation.locator("[data-can] li")).to_have_text([card.said("View and manage contacts")])
    card.fill(name="Consuelo Núñez", password=PASSWORD)
    card.field("New password once more").fill(PASSWORD)
    card.submit()
    card.shows("You are a user of the account now")
    may = card.section.locator("#uradi-result [data-can] li")
    expect(may).to_have_text([card.said("View and manage contacts")])
    card.page.goto("/es/people/add-contact/")
    card.fill(name="Pilar Ibáñez", email="pilar@contable.example")
    card.submit()
    expect(card.rows).to_contain_text("Pilar Ibáñez")
    card.page.goto("/es/support/open-ticket/")
    expect(card.section.locator("#uradi-not-allowed")).to_be_visible()
