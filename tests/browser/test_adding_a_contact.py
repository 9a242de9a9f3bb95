"""Adding a contact, and what the list beside the form can do with it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person

Settle = Callable[..., Person]
SignedIn = Callable[..., Card]
Table = Callable[..., list[dict[str, object]]]

ARTICLE = "people/add-contact"
DOMAIN_CONTACTS = "people/domain-contact"
INVOICES = "Invoices – invoices, pro-forma invoices, reminders"


@pytest.fixture
def card(settle: Settle, signed_in: SignedIn) -> Card:
    """The article's card, for the owner of an account, in Serbian."""
    return signed_in(settle("sr"), ARTICLE)


def add(card: Card, name: str = "Milica Marković", email: str = "milica@knjige.example") -> None:
    card.fill(name=name, email=email)
    card.submit()
    card.shows("The contact is added")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_contact_is_stored_as_typed(
    settle: Settle, signed_in: SignedIn, table: Table, language: str
) -> None:
    person = settle(language)
    card = signed_in(person, ARTICLE)
    expect(card.section.locator("[data-account]")).to_contain_text(person.account)
    card.field("Full name").fill("Nagy Mária")
    card.field("E-mail address").fill(" Maria@Konyvelo.example ")
    card.field("Phone").fill("+36 1 234 5678")
    card.field("City").fill("Pécs")
    card.field("Postcode").fill("7621")
    card.field(INVOICES).check()
    card.submit()
    card.shows("The contact is added")
    expect(card.title).to_be_focused()
    expect(card.ok).to_contain_text("Nagy Mária")
    expect(card.ok).to_contain_text(card.said(INVOICES).split(" – ")[0])
    expect(card.rows).to_contain_text("Maria@konyvelo.example")
    account = person.id.replace("user", "account")
    (stored,) = table("Contact", pk=f"ACCOUNT#{account}")
    kept = {
        name: stored[name] for name in ("kind", "name", "email", "phone", "city", "postcode", "categories")
    }
    assert kept == {
        "kind": "contact",
        "name": "Nagy Mária",
        "email": "Maria@konyvelo.example",
        "phone": "+36 1 234 5678",
        "city": "Pécs",
        "postcode": "7621",
        "categories": ["invoice"],
    }


def test_what_is_wrong_is_said_at_the_field_and_in_a_summary_that_leads_there(card: Card) -> None:
    card.fill(name="", email="milica.knjige.example")
    card.submit()
    expect(card.summary).to_be_focused()
    expect(card.summary).to_contain_text(card.said("Check these fields."))
    expect(card.error_at("name")).to_have_text(card.said("Enter the contact's full name."))
    expect(card.field("Full name")).to_have_attribute("aria-invalid", "true")
    expect(card.field("Full name")).to_have_accessible_description(
        card.said("Enter the contact's full name.")
    )
    card.summary.get_by_role("link").last.click()
    expect(card.field("E-mail address")).to_be_focused()
    assert "#" not in card.page.url


def test_the_servers_words_stand_at_the_field_too(card: Card, console: Console) -> None:
    console.expect("422")
    card.fill(name="<b>Milica</b>", email="milica@knjige.example")
    card.submit()
    expect(card.error_at("name")).to_have_text(
        card.said("Write the name with letters, without signs such as < and > or emoji.")
    )
    expect(card.summary).to_be_focused()
    expect(card.field("Full name")).to_have_value("<b>Milica</b>")
    card.field("Full name").fill("Milica")
    expect(card.error_at("name")).to_be_hidden()


def test_an_address_that_is_a_contact_is_told_at_its_field(card: Card, console: Console) -> None:
    console.expect("409")
    add(card)
    card.button("Add another contact").click()
    card.fill(name="Milica", email="MILICA@knjige.example")
    card.submit()
    expect(card.error_at("email")).to_contain_text(
        card.said(
            "This address is already a contact of the account. Change that one, or enter another address."
        )
    )


def test_a_new_contact_can_be_undone_and_mended(card: Card) -> None:
    add(card, email="milca@knjige.example")
    card.button("Undo").click()
    card.shows("Add a contact")
    expect(card.note).to_contain_text("Milica Marković")
    expect(card.field("E-mail address")).to_have_value("milca@knjige.example")
    card.fill(email="milica@knjige.example")
    card.submit()
    card.shows("The contact is added")


def test_a_removal_can_be_undone_even_after_a_reload(card: Card, page: Page) -> None:
    add(card)
    card.rows.get_by_role("button", name=card.said("Remove")).click()
    undo = card.rows.get_by_role("button", name=card.said("Undo"))
    expect(undo).to_be_focused()
    expect(undo).to_contain_text(card.said("{minutes} min left", minutes="15"))
    page.reload()
    undo.click()
    expect(card.rows).to_contain_text("milica@knjige.example")
    expect(undo).to_have_count(0)


def test_a_contact_is_changed_in_the_same_form(card: Card, page: Page) -> None:
    add(card)
    card.rows.get_by_role("button", name=card.said("Change")).click()
    card.shows("Change the contact")
    expect(card.field("Full name")).to_have_value("Milica Marković")
    card.field("City").fill("Subotica")
    page.reload()  # A change that was begun survives it too.
    expect(card.field("City")).to_have_value("Subotica")
    card.field(INVOICES).check()
    card.button("Save the changes").click()
    card.shows("The contact is changed")
    expect(card.rows).to_have_count(1)
    expect(card.rows).to_contain_text(card.said(INVOICES).split(" – ")[0])
    card.button("Add another contact").click()
    card.shows("Add a contact")
    expect(card.field("Full name")).to_have_value("")


def test_a_change_can_be_given_up(card: Card) -> None:
    add(card)
    card.rows.get_by_role("button", name=card.said("Change")).click()
    card.field("City").fill("Subotica")
    card.button("Cancel the change").click()
    card.shows("Add a contact")
    expect(card.field("City")).to_have_value("")
    card.rows.get_by_role("button", name=card.said("Change")).click()
    expect(card.field("City")).to_have_value("")


def test_an_empty_list_says_so(card: Card) -> None:
    expect(card.section.locator("[data-empty]")).to_have_text(
        card.said("Nobody yet. Whom you save will stand here.")
    )


def test_who_may_not_is_told_so_and_what_to_do(settle: Settle, signed_in: SignedIn) -> None:
    card = signed_in(settle("es", permissions=["invoices"]), ARTICLE)
    expect(card.section).to_contain_text(
        card.said("You have no permission for this. The owner of the account can give it to you.")
    )
    expect(card.section.locator("form:visible")).to_have_count(0)


def test_what_was_typed_is_shown_as_text(card: Card) -> None:
    add(card, name="Milica &amp; sinovi", email="milica@knjige.example")
    expect(card.ok).to_contain_text("Milica &amp; sinovi")
    expect(card.rows).to_contain_text("Milica &amp; sinovi")


def test_two_clicks_are_one_contact(card: Card, page: Page) -> None:
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    card.fill(name="Milica Marković", email="milica@knjige.example")
    card.section.locator("[type=submit]:visible").dblclick()
    card.shows("The contact is added")
    assert len(posts) == 1


def test_the_card_acts_on_the_account_that_is_chosen(
    settle: Settle, signed_in: SignedIn, table: Table
) -> None:
    person = settle("sr", other_accounts=("Vodenica",))
    card = signed_in(person, ARTICLE)
    add(card)
    card.section.locator("[data-accounts] summary").click()
    card.button("Vodenica").click()
    expect(card.section.locator("[data-account]")).to_contain_text("Vodenica")
    expect(card.rows).to_have_count(0)
    add(card, email="petar@knjige.example")
    account = person.id.replace("user", "account")
    assert [one["email"] for one in table("Contact", pk=f"ACCOUNT#{account}-Vodenica")] == [
        "petar@knjige.example"
    ]
    expect(card.page.locator("[data-who]")).to_have_text(re.compile("Vodenica"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_domain_contact_has_no_mails_and_a_list_of_its_own(
    settle: Settle, signed_in: SignedIn, table: Table, language: str
) -> None:
    person = settle(language)
    card = signed_in(person, ARTICLE)
    add(card)
    card = signed_in(person, DOMAIN_CONTACTS)
    card.shows("Add a domain contact")
    expect(card.section.locator("[name=categories]")).to_have_count(0)
    expect(card.section.locator("[data-empty]")).to_be_visible()
    card.fill(name="Ana Kovač", email="ana@pekara.example")
    card.submit()
    card.shows("The domain contact is added")
    expect(card.ok).to_have_text(
        card.said("{name} is there for registering domains, and gets no mails.", name="Ana Kovač")
    )
    expect(card.rows).to_have_count(1)
    expect(card.rows).to_contain_text("ana@pekara.example")
    expect(card.rows).not_to_contain_text(card.said("no mails"))
    account = person.id.replace("user", "account")
    stored = {one["email"]: one for one in table("Contact", pk=f"ACCOUNT#{account}")}
    assert {email: one["kind"] for email, one in stored.items()} == {
        "milica@knjige.example": "contact",
        "ana@pekara.example": "domain",
    }
    assert stored["ana@pekara.example"]["categories"] == []
    card = signed_in(person, ARTICLE)
    expect(card.rows).to_have_count(1)
    expect(card.rows).to_contain_text("milica@knjige.example")


def test_a_domain_contact_is_changed_removed_and_brought_back(settle: Settle, signed_in: SignedIn) -> None:
    person = settle("sr")
    card = signed_in(person, DOMAIN_CONTACTS)
    card.fill(name="Ana Kovač", email="ana@pekara.example")
    card.submit()
    card.shows("The domain contact is added")
    card.rows.get_by_role("button", name=card.said("Change")).click()
    card.shows("Change the domain contact")
    card.field("City").fill("Subotica")
    card.button("Save the changes").click()
    card.shows("The domain contact is changed")
    card.rows.get_by_role("button", name=card.said("Remove")).click()
    undo = card.rows.get_by_role("button", name=card.said("Undo"))
    expect(undo).to_be_focused()
    ordinary = signed_in(person, ARTICLE)
    expect(ordinary.section.locator("[data-empty]")).to_be_visible()
    card = signed_in(person, DOMAIN_CONTACTS)
    undo.click()
    expect(card.rows).to_contain_text("ana@pekara.example")


def test_what_was_typed_about_one_kind_is_not_offered_for_the_other(
    settle: Settle, signed_in: SignedIn, page: Page
) -> None:
    person = settle("sr")
    card = signed_in(person, DOMAIN_CONTACTS)
    card.fill(name="Ana Kovač")
    card = signed_in(person, ARTICLE)
    expect(card.field("Full name")).to_have_value("")
    card = signed_in(person, DOMAIN_CONTACTS)
    expect(card.field("Full name")).to_have_value("Ana Kovač")
