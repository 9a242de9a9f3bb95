"""What a writer is told, with the file and the line, before a reader sees it."""

from collections.abc import Callable

import pytest

from tests.site.pages import Site, article
from theme.hooks.anchors import anchor
from theme.hooks.brand import VALUES

Build = Callable[[dict[str, str]], Site]


def test_placeholders_become_the_providers_values(build_docs: Build) -> None:
    text = "Ask {{ brand.name }} at {{brand.support_email}}."
    site = build_docs({"sr/people/add-contact.md": article("Contact", text)})
    assert f"Ask {VALUES['name']} at {VALUES['support_email']}." in site.page("/people/add-contact/").html


def test_placeholders_work_in_front_matter(build_docs: Build) -> None:
    head = 'title: Contact\ndescription: "Contacts of {{ brand.name }}."\nchecked: 2026-11-14'
    site = build_docs({"sr/people/add-contact.md": article("Contact", front_matter=head)})
    described = site.page("/people/add-contact/").one("meta", name="description")
    assert described.attributes["content"] == f"Contacts of {VALUES['name']}."


def test_an_unknown_placeholder_is_told_with_its_place(
    build_docs: Build, caplog: pytest.LogCaptureFixture
) -> None:
    build_docs({"hu/people/add-contact.md": article("Contact", "Text.\n\nCall {{ brand.phone }}.")})
    assert "docs/hu/people/add-contact.md:11: brand has no 'phone'; it has " in caplog.text
    assert "support_email" in caplog.text


def test_a_lacking_description_is_told(build_docs: Build, caplog: pytest.LogCaptureFixture) -> None:
    build_docs({"es/people/add-contact.md": article("Contact", front_matter="title: Contact")})
    assert "docs/es/people/add-contact.md:1: the front matter lacks description, checked" in caplog.text


def test_a_title_with_markup_is_shown_as_written(build_docs: Build) -> None:
    head = 'title: "A < B & C"\ndescription: \'Says "so".\'\nchecked: 2026-11-14'
    site = build_docs({"sr/people/add-contact.md": article("Contact", front_matter=head)})
    page = site.page("/people/add-contact/")
    assert page.all("title")[0].text.startswith("A < B & C – ")
    assert page.one("meta", name="description").attributes["content"] == 'Says "so".'


def test_aligned_columns_need_no_style(build_docs: Build) -> None:
    table = "| a | b |\n| :-- | --: |\n| 1 | 2 |"
    page = build_docs({"sr/people/add-contact.md": article("Contact", table)}).page("/people/add-contact/")
    assert page.all("td", align="right")
    assert "style=" not in page.html


def test_a_table_scrolls_by_itself_and_says_what_it_is_about(build_docs: Build) -> None:
    table = "| a | b |\n| -- | -- |\n| 1 | 2 |"
    text = f"{table}\n\n## Šta i kako\n\n{table}\n\n/// note | Napomena\n{table}\n///"
    page = build_docs({"sr/people/add-contact.md": article("Contact", text)}).page("/people/add-contact/")
    groups = page.all("div", **{"class": "table", "role": "group", "tabindex": "0"})
    assert [group.attributes["aria-labelledby"] for group in groups] == [
        "contact",
        "sta-i-kako",
        "sta-i-kako",
    ]
    assert len(page.all("table")) == 3


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Šta ako poruke ne stižu?", "sta-ako-poruke-ne-stizu"),
        ("Milica Đorđević", "milica-djordjevic"),
        ("Így vehet föl őt", "igy-vehet-fol-ot"),
        ("¿Cómo añado un contacto?", "como-anado-un-contacto"),
    ],
)
def test_a_headings_anchor_is_in_plain_letters(heading: str, expected: str) -> None:
    assert anchor(heading, "-") == expected
