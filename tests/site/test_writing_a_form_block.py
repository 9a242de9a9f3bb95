"""What `/// form | name` becomes, and what a writer is told who gets it wrong."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, PluginError

from chalicelib.words import LANGUAGES, say
from tests.site.pages import ROOT, Page, Site, article

Build = Callable[[dict[str, str]], Site]
ARTICLE = "people/add-contact"


def refusal(build_docs: Build, text: str, *, front_matter: str = "") -> str:
    """What the build ends with."""
    with pytest.raises((PluginError, Abort)) as failure:
        build_docs({f"sr/{ARTICLE}.md": article("Article", text, front_matter=front_matter)})
    return str(failure.value.__context__ or failure.value)


def card(site: Site, address: str) -> Page:
    """The card of an article, without the rest of its page."""
    found = re.search(r'<section class="do".*?</section>', site.page(address).html, re.DOTALL)
    assert found, address
    return Page(found[0])


def with_card(site: Site) -> list[str]:
    """The addresses of the articles that have a form."""
    return [address for address in site.articles() if 'class="do"' in site.page(address).html]


def test_an_unknown_form_is_told_with_its_place_and_the_names_that_exist(build_docs: Build) -> None:
    told = refusal(build_docs, "One.\n\nTwo.\n\n/// form | ad-contact\n///")
    assert told.startswith(
        "docs/sr/people/add-contact.md:13: there is no form 'ad-contact'; there are: accept-invitation, "
    )
    assert "open-ticket" in told
    assert "answer-ticket" not in told  # It comes with open-ticket.


def test_the_line_is_right_under_a_long_front_matter(build_docs: Build) -> None:
    head = "title: A\ndescription: B.\nchecked: 2026-11-14\ntags:\n  - a\n  - b"
    told = refusal(build_docs, "Text.\n\n/// form | x\n///", front_matter=head)
    assert told.startswith("docs/sr/people/add-contact.md:14: there is no form 'x'")


def test_a_form_without_a_name_is_told(build_docs: Build) -> None:
    assert "add-contact.md:9: there is no form ''; there are: " in refusal(build_docs, "/// form\n///")


def test_an_unknown_option_is_told_at_its_line_with_the_fields_that_exist(build_docs: Build) -> None:
    told = refusal(
        build_docs, "/// form | open-ticket\n    subject: Storage\n    departement: technical\n///"
    )
    assert told == (
        "docs/sr/people/add-contact.md:11: the form 'open-ticket' has no field 'departement' to fill in; "
        "it has: department, subject, description"
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            "department: tehnical",
            "'tehnical' does not fit into 'department': Choose one of the offered values.",
        ),
        ("department: tehnical", "There are: technical, billing, sales."),
        ("subject: 503", "503 does not fit into 'subject': This value is of the wrong kind."),
        ("subject: ''", "'' does not fit into 'subject': Enter the subject in a few words."),
    ],
)
def test_a_value_that_the_form_would_refuse_is_told(build_docs: Build, options: str, told: str) -> None:
    assert told in refusal(build_docs, f"/// form | open-ticket\n    {options}\n///")


def test_a_list_of_values_is_checked_too(build_docs: Build) -> None:
    told = refusal(build_docs, "/// form | add-contact\n    categories: [invoice, bills]\n///")
    assert "add-contact.md:10: ['invoice', 'bills'] does not fit into 'categories'" in told


def test_a_password_cannot_be_filled_in(build_docs: Build) -> None:
    told = refusal(build_docs, "/// form | sign-in\n    password: correct horse\n///")
    assert told.endswith(
        "add-contact.md:10: the form 'sign-in' has no field 'password' to fill in; it has: email"
    )


def test_two_forms_on_a_page_are_told(build_docs: Build) -> None:
    told = refusal(build_docs, "/// form | register\n///\n\nText.\n\n/// form | sign-in\n///")
    assert "add-contact.md:14: a page has one form" in told


@pytest.mark.parametrize(
    "text",
    [
        "1. First\n\n    /// form | register\n    ///",
        "- First\n\n    /// form | register\n    ///\n\n- Second",
        "/// note | Note\n\n/// form | register\n///\n\n///",
        "> /// form | register\n> ///",
    ],
)
def test_a_form_inside_of_something_is_told(build_docs: Build, text: str) -> None:
    assert re.search(r"add-contact\.md:\d+: a form stands by itself", refusal(build_docs, text))


@pytest.mark.parametrize(
    "text",
    [
        "    /// form | register\n    ///",
        "/// form | open-ticket\n    department: [technical\n///",
        "/// form | register\nname: Jelena\n///",
        "/// form | register\n\nMore text.",
    ],
)
def test_a_form_that_cannot_be_read_is_told(build_docs: Build, text: str) -> None:
    told = refusal(build_docs, text)
    assert re.match(r"docs/sr/people/add-contact\.md:\d+: .*each indented by four spaces", told), told


def test_a_form_in_a_comment_is_no_form(build_docs: Build) -> None:
    site = build_docs({f"sr/{ARTICLE}.md": article("A", "<!--\n/// form | ad-contact\n///\n-->\n\nText.")})
    assert with_card(site) == []


def test_an_example_in_a_fence_is_no_form(build_docs: Build) -> None:
    site = build_docs({f"sr/{ARTICLE}.md": article("A", "```\n/// form | ad-contact\n///\n```")})
    assert "ad-contact" in site.page(f"/{ARTICLE}/").html


def test_a_strict_build_fails(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    for language in LANGUAGES:
        (docs / language).mkdir(parents=True)
        (docs / language / "index.md").write_text(article("Home", "/// form | nothing\n///"), "utf-8")
    config = load_config(
        str(ROOT / "mkdocs.yml"), docs_dir=str(docs), site_dir=str(tmp_path / "site"), strict=True
    )
    with pytest.raises((PluginError, Abort)):
        build(config)


def test_values_are_filled_in(build_docs: Build) -> None:
    text = '/// form | open-ticket\n    department: billing\n    subject: "Više „prostora“ & <još>"\n///'
    site = build_docs({f"hu/{ARTICLE}.md": article("A", text)})
    page = site.page(f"/hu/{ARTICLE}/")
    assert page.one("input", id="open-ticket-subject").attributes["value"] == "Više „prostora“ & <još>"
    assert [one.attributes["value"] for one in page.all("option", selected="*")] == ["billing"]


def test_a_domain_contact_is_named_so_and_has_no_mails_to_choose(build_docs: Build) -> None:
    site = build_docs(
        {f"sr/{ARTICLE}.md": article("Article", "/// form | add-contact\n    kind: domain\n///")}
    )
    page = card(site, f"/{ARTICLE}/")
    assert page.one("h2", id="uradi-title").text == say("sr", "Add a domain contact")
    assert page.one("input", name="kind").attributes["value"] == "domain"
    assert not page.all("input", name="categories")


def test_what_is_filled_in_has_a_draft_of_its_own(build_docs: Build) -> None:
    site = build_docs(
        {
            "sr/one.md": article("One", "/// form | open-ticket\n    subject: Storage\n///"),
            "sr/people/two.md": article("Two", "/// form | open-ticket\n    subject: Mail\n///"),
            "sr/three.md": article("Three", "/// form | open-ticket\n///"),
        }
    )
    drafts = [
        [form.attributes["data-draft"] for form in card(site, address).all("form", **{"data-draft": "*"})]
        for address in ("/one/", "/people/two/", "/three/")
    ]
    assert drafts == [["open-ticket@one"], ["open-ticket@people/two"], []]


@pytest.mark.parametrize(
    ("given", "ticked"), [("all", ["all"]), ("[invoices, tickets]", ["invoices", "tickets"])]
)
def test_permissions_are_ticked_all_or_some(build_docs: Build, given: str, ticked: list[str]) -> None:
    text = f"/// form | invite-user\n    permissions: {given}\n///"
    page = build_docs({f"sr/{ARTICLE}.md": article("A", text)}).page(f"/{ARTICLE}/")
    boxes = page.all("input", type="checkbox", name="permissions", checked="*")
    assert [one.attributes["value"] for one in boxes] == ticked


def test_a_permission_that_does_not_exist_is_told(build_docs: Build) -> None:
    told = refusal(build_docs, "/// form | invite-user\n    permissions: [invoices, bills]\n///")
    assert "['invoices', 'bills'] does not fit into 'permissions'" in told
    assert "There are: profile, contacts, products, " in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_hints_and_errors_are_in_the_pages_language(site: Site, language: str) -> None:
    page = card(site, f"/{ARTICLE}/" if language == "sr" else f"/{language}/{ARTICLE}/")
    for words in ("Full name", "E-mail address", "Save the contact", "What next?", "not required"):
        assert say(language, words) != words
        assert say(language, words) in page.html, words
    required = say(language, "Enter the contact's e-mail address.")
    email = page.one("div", **{"data-field": "email", "data-required": required})
    assert email.attributes["data-invalid-email"] == say(
        language, "Enter an address with an @ sign, for example name@company.com."
    )


def test_every_field_has_a_label_and_a_slot_for_its_error(site: Site) -> None:
    for address in with_card(site):
        page = card(site, address)
        ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
        assert len(ids) == len(set(ids)), address
        labels = {one.attributes.get("for") for one in page.all("label")}
        for tag in ("input", "select", "textarea"):
            for control in page.all(tag, id="*"):
                if control.attributes.get("type") != "checkbox":
                    assert control.attributes["id"] in labels, (address, control)
                described = control.attributes["aria-describedby"].split()
                assert set(described) <= set(ids), (address, control)
                assert described[-1].endswith("-error")


def test_the_servers_constraints_stand_in_the_page(site: Site) -> None:
    page = card(site, "/support/open-ticket/")
    fields = {one.attributes["data-field"]: one.attributes for one in page.all("div", **{"data-field": "*"})}
    assert fields["subject"]["data-longest"] == "200"
    assert fields["description"]["data-longest"] == "20000"
    assert "required" in page.one("input", id="open-ticket-subject").attributes
    # A browser would cut what is pasted, without a word.
    assert not page.all("input", maxlength="*")
    assert "required" not in card(site, f"/{ARTICLE}/").one("input", id="add-contact-phone").attributes


def test_a_form_is_sent_where_the_table_of_routes_says(site: Site) -> None:
    for address, method, path in [
        ("/support/open-ticket/", "POST", "/api/tickets"),
        ("/support/open-ticket/", "POST", "/api/tickets/{id}/messages"),
        ("/account/change-password/", "PUT", "/api/me/password"),
        ("/people/add-contact/", "POST", "/api/contacts"),
        ("/people/add-contact/", "POST", "/api/session"),
    ]:
        assert site.page(address).all("form", **{"data-method": method, "data-path": path}), (address, path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_one_can_sign_in_one_can_enter_a_code(site: Site, language: str) -> None:
    home = "" if language == "sr" else f"/{language}"
    for path in ("/", f"/{ARTICLE}/", "/account/change-password/", "/people/accept-invitation/"):
        page = card(site, f"{home}{path}")
        assert page.one("form", **{"data-path": "/api/session"})
        sent_to = [one for one in page.all("form") if one.attributes["data-path"].endswith("second-factor")]
        assert len(sent_to) == 2  # The app's code, or a recovery code.
        lost = [one for one in page.all("a", href="*") if one.attributes["href"].endswith("#lost-phone")]
        assert len(lost) == 2


def test_a_secret_says_so_to_the_page(site: Site) -> None:
    page = card(site, "/security/two-factor/")
    secrets = [one.attributes["data-field"] for one in page.all("div", **{"data-secret": "*"})]
    assert sorted(secrets) == ["code", "code", "code", "code", "kept", "password", "password"]
    assert page.one("div", **{"data-pattern": "^[0-9]{6}$"})  # Switching on takes the app's code alone.


def test_without_a_script_a_password_goes_nowhere_near_an_address(site: Site) -> None:
    for address in with_card(site):
        for form in card(site, address).all("form"):
            assert form.attributes["method"] == "post", address


def test_a_language_follows_the_page(site: Site) -> None:
    page = site.page("/es/account/change-password/")
    assert page.one("input", type="hidden", name="language").attributes["value"] == "es"
    page = site.page("/hu/account/open-account/")
    assert [one.attributes["value"] for one in page.all("option", selected="*")] == ["hu"]
