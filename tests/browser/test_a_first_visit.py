"""One person's first visit, through all three languages, without leaving the articles."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.card import Card
from tests.browser.conftest import link_in

Read = Callable[..., Card]
Mails = Callable[..., dict[str, str]]

EMAIL = "first-visit@example.com"
PASSWORD = "borz zongora fagylalt"
NEW_PASSWORD = "jazavac svira sredom"


def test_a_newcomer_registers_adds_a_contact_opens_a_ticket_and_changes_the_password(
    read: Read, mails: Mails, page: Page
) -> None:
    register_in_hungarian(read, mails, page)
    add_a_contact_in_serbian_and_undo_its_removal(read)
    open_a_ticket_in_spanish(read, mails)
    change_the_password_and_sign_in_with_it(read, mails, page)


def register_in_hungarian(read: Read, mails: Mails, page: Page) -> None:
    card = read("hu", "account/open-account")
    card.fill(name="Kiss Ágnes", email=EMAIL)
    card.submit()
    card.shows("Look into your mailbox")
    page.goto(link_in(mails(EMAIL, "confirm_address")))
    card.field("New password").first.fill(PASSWORD)
    card.field("New password once more").fill(PASSWORD)
    card.submit()
    card.shows("Your account is open")


def add_a_contact_in_serbian_and_undo_its_removal(read: Read) -> None:
    card = read("sr", "people/add-contact")
    card.fill(name="Petar Ilić", email="petar@lipa.example")
    card.submit()
    card.shows("The contact is added")
    card.rows.get_by_role("button", name=card.said("Remove")).click()
    expect(card.section).to_contain_text(card.said("{name} was removed.", name="Petar Ilić"))
    card.button("Undo").first.click()
    expect(card.rows.get_by_role("button", name=card.said("Remove"))).to_be_visible()


def open_a_ticket_in_spanish(read: Read, mails: Mails) -> None:
    card = read("es", "support/open-ticket")
    card.field("Department").select_option("billing")
    card.fill(subject="Factura duplicada", description="He recibido dos veces la misma factura.")
    card.submit()
    card.shows("The ticket is open")
    expect(card.rows).to_contain_text("Factura duplicada")
    assert mails(EMAIL, "ticket_opened")["language"] == "hu"  # The addressee's own, not the page's.


def change_the_password_and_sign_in_with_it(read: Read, mails: Mails, page: Page) -> None:
    card = read("sr", "account/change-password")
    card.field("Current password").fill(PASSWORD)
    card.field("New password").first.fill(NEW_PASSWORD)
    card.field("New password once more").fill(NEW_PASSWORD)
    card.submit()
    card.shows("The password is changed")
    mails(EMAIL, "password_changed")
    with page.expect_navigation():
        page.locator(".top [data-sign-out]").click()
    expect(page.locator("[data-sign-in]")).to_be_visible()
    card = read("hu", "people/add-contact")
    card.sign_in(EMAIL, NEW_PASSWORD)
    expect(card.rows).to_contain_text("Petar Ilić")
