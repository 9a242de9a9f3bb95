"""What the tags of an article lead to: the page of tags in its language, and the articles that share them."""

import re
from collections.abc import Callable
from urllib.parse import urldefrag, urljoin

import pytest

from chalicelib.words import LANGUAGES
from tests.site.pages import Page, Site, article
from theme.hooks import tags

Build = Callable[[dict[str, str]], Site]


def tagged(title: str, *words: str, more: str = "") -> str:
    head = f"title: {title}\ndescription: About {title}.\nchecked: 2026-11-14\ntags: [{', '.join(words)}]"
    return article(title, front_matter=f"{head}\n{more}".rstrip())


def related_to(page: Page) -> list[str]:
    """What the page says is related, by title."""
    section = re.search(r'<section class="related".*?</section>', page.html, re.DOTALL)
    return [link.text for link in Page(section[0]).all("a")] if section else []


def test_each_language_has_a_page_of_its_tags(site: Site) -> None:
    for language in LANGUAGES:
        page = site.page("/tags/" if language == "sr" else f"/{language}/tags/")
        words = tags.words_in(language)
        headings = {heading.attributes["id"]: heading.text for heading in page.all("h2")}
        assert headings
        for anchor, text in headings.items():
            assert words[anchor.replace("-", "_")] == text
    # A reworded or translated tag keeps its place.
    assert [h.attributes["id"] for h in site.page("/tags/").all("h2")] == [
        h.attributes["id"] for h in site.page("/es/tags/").all("h2")
    ]


def test_an_articles_tags_lead_to_their_places(site: Site) -> None:
    page = site.page("/hu/people/add-contact/")
    leads = {urldefrag(urljoin("/hu/people/add-contact/", link.attributes["href"])) for link in page.all("a")}
    assert ("/hu/tags/", "contacts") in leads
    assert ("/hu/tags/", "") in leads  # from the footer


def test_a_tag_lists_its_articles_and_one_that_nobody_bears_is_not_shown(build_docs: Build) -> None:
    site = build_docs(
        {
            "sr/people/index.md": tagged("People", "kontakti"),
            "sr/people/add-contact.md": tagged("Contact", "kontakti"),
        }
    )
    page = Page(site.page("/tags/").html.partition("<article>")[2].partition("</article>")[0])
    assert [heading.text for heading in page.all("h2")] == ["kontakti"]
    assert [link.text for link in page.all("a") if link.text] == ["People", "Contact"]
    assert not site.page("/hu/tags/").all("h2")


def test_a_rare_tag_shared_says_more_than_a_common_one(build_docs: Build) -> None:
    common = {f"sr/other/{name}.md": tagged(name, "nalog") for name in "abcde"}
    site = build_docs(
        {
            "sr/people/contact.md": tagged("Contact", "nalog", "dns"),
            "sr/people/contact2.md": tagged("Contact two", "nalog", "DNS"),
            "sr/dns/zone.md": tagged("Zone", "DNS"),
            "sr/people/index.md": tagged("People", "nalog"),
            **common,
        }
    )
    assert related_to(site.page("/people/contact2/")) == ["Zone", "Contact", "a", "b"]
    assert related_to(site.page("/people/")) == []
    assert related_to(site.page("/")) == []


def test_curated_articles_come_first_and_once(build_docs: Build) -> None:
    curated = "related:\n  - dns/zone\n  - people/user"
    site = build_docs(
        {
            "sr/people/contact.md": tagged("Contact", "kontakti", more=curated),
            "sr/people/user.md": tagged("User", "kontakti"),
            "sr/people/other.md": tagged("Other", "kontakti"),
            "sr/dns/zone.md": tagged("Zone"),
        }
    )
    assert related_to(site.page("/people/contact/")) == ["Zone", "User", "Other"]


def test_a_related_article_that_is_not_there_is_told(
    build_docs: Build, caplog: pytest.LogCaptureFixture
) -> None:
    build_docs({"hu/people/contact.md": tagged("Contact", more="related: [people/invite]")})
    told = "docs/hu/people/contact.md:6: related: there is no article 'people/invite' in this language"
    assert told in caplog.text
