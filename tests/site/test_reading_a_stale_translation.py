"""What the reader of a translation sees when its Serbian source has changed since."""

from collections.abc import Callable

import pytest

from chalicelib.words import say
from tests.site.pages import Site, article
from theme.written import Written

Build = Callable[[dict[str, str]], Site]
ARTICLE = "people/add-contact"
NOTE = "This page is a translation from Serbian, and the original has changed since. Some of it may be out of date."
FORM = "/// form | open-ticket\n    subject: {}\n///"


def translated(original: str, title: str, text: str) -> str:
    """A translation made from a Serbian article as it stands."""
    head = f"title: {title}\ndescription: About.\nchecked: 2026-11-14\nsource: {Written(original).source}"
    return article(title, text, front_matter=head)


@pytest.fixture
def stale_site(build_docs: Build) -> Site:
    """An article that changed after it was translated into Hungarian, and before it was into Spanish."""
    before, now = (article("Kontakt", f"{text}\n\n{FORM.format(text)}") for text in ("Pre.", "Sada."))
    return build_docs(
        {
            f"sr/{ARTICLE}.md": now,
            f"hu/{ARTICLE}.md": translated(before, "Kapcsolat", FORM.format("Hu.")),
            f"es/{ARTICLE}.md": translated(now, "Contacto", FORM.format("Es.")),
        }
    )


def test_a_stale_translation_says_so_in_its_language_and_leads_to_the_original(stale_site: Site) -> None:
    page = stale_site.page(f"/hu/{ARTICLE}/")
    note = page.one("p", role="note")
    assert note.attributes["class"] == "admonition stale"
    assert note.text.startswith(say("hu", NOTE)) and say("hu", NOTE) != NOTE
    assert say("hu", "The form is up to date.") in note.text
    links = [
        link
        for link in page.all("a", hreflang="sr-Latn")
        if link.text == say("hu", "Read the page in Serbian")
    ]
    assert [link.attributes["href"] for link in links] == ["../../../people/add-contact/"]


def test_its_form_is_the_one_of_today(stale_site: Site) -> None:
    page = stale_site.page(f"/hu/{ARTICLE}/")
    assert page.one("section", id="uradi").attributes["data-card"] == "open-ticket"


def test_the_search_does_not_find_the_note(stale_site: Site) -> None:
    assert "data-pagefind-ignore" in stale_site.page(f"/hu/{ARTICLE}/").one("p", role="note").attributes


@pytest.mark.parametrize("address", [f"/{ARTICLE}/", f"/es/{ARTICLE}/", "/hu/"])
def test_a_page_that_is_up_to_date_says_nothing(stale_site: Site, address: str) -> None:
    assert not stale_site.page(address).all("p", role="note")


def test_no_form_is_spoken_of_where_there_is_none(build_docs: Build) -> None:
    now = article("Kontakt", "Sada.")
    site = build_docs(
        {f"sr/{ARTICLE}.md": now, f"hu/{ARTICLE}.md": translated(article("Kontakt"), "Kapcsolat", "Szöveg.")}
    )
    note = site.page(f"/hu/{ARTICLE}/").one("p", role="note")
    assert say("hu", NOTE) in note.text and say("hu", "The form is up to date.") not in note.text


def test_staleness_alone_is_no_warning_of_the_build(
    build_docs: Build, caplog: pytest.LogCaptureFixture
) -> None:
    original = article("Kontakt")
    for now in ("Text.", "Sada."):
        caplog.clear()
        translation = translated(original, "Kapcsolat", "Szöveg.")
        build_docs({f"sr/{ARTICLE}.md": article("Kontakt", now), f"hu/{ARTICLE}.md": translation})
        warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
        assert [warning for warning in warnings if "Kapcsolat" in warning or f"hu/{ARTICLE}" in warning] == []
