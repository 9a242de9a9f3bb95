"""What a reader's browser gets: the right language, the way to the others, and nothing superfluous."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest

from chalicelib import brand
from chalicelib.words import LANGUAGE_TAGS, LANGUAGES, say
from infra.bench.chromium import MOST_BYTES, MOST_REQUESTS
from tests.site.pages import ROOT, Page, Site, article
from theme.hooks.headers import HEADERS
from theme.hooks.languages import date_in_words

ORIGIN = brand.BRAND["provider"]["site"]


def language_of(address: str) -> str:
    first = address.split("/")[1]
    return first if first in LANGUAGES else "sr"


def in_language(address: str, language: str) -> str:
    """The same page's address in another language."""
    plain = address.removeprefix(f"/{language_of(address)}/").lstrip("/")
    return f"/{plain}" if language == "sr" else f"/{language}/{plain}"


def test_each_language_has_the_same_articles(site: Site) -> None:
    serbian = {address for address in site.articles() if language_of(address) == "sr"}
    assert "/people/add-contact/" in serbian
    for language in LANGUAGES:
        written = {
            in_language(address, "sr") for address in site.articles() if language_of(address) == language
        }
        assert written == serbian, language


def test_a_page_says_its_language_and_script(site: Site) -> None:
    for address in site.addresses():
        assert site.page(address).one("html").attributes["lang"] == LANGUAGE_TAGS[language_of(address)], (
            address
        )


def test_titles_and_descriptions_are_the_pages_own(site: Site) -> None:
    for content in ("title", "description"):
        seen: dict[str, str] = {}
        for address in site.articles():
            page = site.page(address)
            text = (
                page.all("title")[0].text
                if content == "title"
                else page.one("meta", name="description").attributes["content"]
            )
            assert text, address
            assert text not in seen, f"{address} has the {content} of {seen.get(text)}"
            seen[text] = address


def test_a_title_ends_with_the_name_of_the_site_in_its_language(site: Site) -> None:
    for language, name in {"sr": "Pomoć", "hu": "Súgó", "es": "Ayuda"}.items():
        title = site.page(in_language("/people/add-contact/", language)).all("title")[0].text
        assert title.endswith(f" – {brand.PROVIDER} {name}")


def test_a_page_announces_itself_and_its_translations_absolutely(site: Site) -> None:
    for address in site.articles():
        page = site.page(address)
        assert page.one("link", rel="canonical").attributes["href"] == ORIGIN + address
        announced = {
            link.attributes["hreflang"]: link.attributes["href"] for link in page.all("link", rel="alternate")
        }
        expected = {
            LANGUAGE_TAGS[language]: ORIGIN + in_language(address, language) for language in LANGUAGES
        }
        assert announced == {**expected, "x-default": ORIGIN + in_language(address, "sr")}


def test_a_missing_translation_is_not_announced(build_docs: Callable[[dict[str, str]], Site]) -> None:
    site = build_docs({"sr/people/add-contact.md": article("Kontakt")})
    page = site.page("/people/add-contact/")
    assert {link.attributes["hreflang"] for link in page.all("link", rel="alternate")} == {
        "sr-Latn",
        "x-default",
    }
    assert not site.file("/hu/people/add-contact/").exists()
    assert not page.all("template", **{"data-offer": "*"})
    # No switch is better than one that leads to something else.
    assert switch(page) == {}
    assert not page.all("nav", **{"class": "lang"})
    assert "/hu/people/" not in (site.folder / "sitemap.xml").read_text("utf-8")


def test_a_page_holds_an_offer_of_itself_in_each_other_language(site: Site) -> None:
    for address in site.addresses():
        offers = {
            template.attributes["data-offer"]
            for template in site.page(address).all("template", **{"data-offer": "*"})
        }
        others = set(LANGUAGES) - {language_of(address)} if address in site.articles() else set()
        assert offers == others, address


def switch(page: Page) -> dict[str, str]:
    """The links of the header's language switch."""
    return {
        link.attributes["lang"]: link.attributes["href"]
        for link in page.all("a", hreflang="*")
        if link.text.isupper()
    }


def test_the_language_switch_keeps_the_page(site: Site) -> None:
    for address in site.articles():
        links = switch(site.page(address))
        for language in LANGUAGES:
            assert urljoin(address, links[LANGUAGE_TAGS[language]]) == in_language(address, language), address


def test_every_section_has_a_link_to_copy_that_says_which(site: Site) -> None:
    for address in site.articles():
        page = site.page(address)
        anchors = {heading.attributes["id"] for tag in ("h2", "h3") for heading in page.all(tag, id="*")}
        links = page.all("a", **{"class": "copy"})
        labels = [link.attributes["aria-label"] for link in links]
        assert {link.attributes["href"].removeprefix("#") for link in links} <= anchors, address
        assert len(set(labels)) == len(links), address
    (example,) = site.page("/people/add-contact/").all("a", href="#koraci")
    assert example.attributes["aria-label"] == say("sr", "Copy the link to “{heading}”", heading="Koraci")


def test_no_page_has_inline_scripts_or_styles(site: Site) -> None:
    for address in site.addresses():
        for element in site.page(address).elements:
            assert "style" not in element.attributes, (address, element)
            assert element.tag != "style", address
            assert not [name for name in element.attributes if name.startswith("on")], (address, element)
            if element.tag == "script":
                # A block of data is nothing that a browser would run.
                is_data = element.attributes.get("type") == "application/ld+json"
                assert is_data or element.attributes.get("src"), address


def test_every_link_leads_somewhere(site: Site) -> None:
    for address in site.addresses():
        for element in site.page(address).elements:
            target = element.attributes.get("href") or element.attributes.get("src")
            if not target or element.attributes.get("rel") in ("canonical", "alternate"):
                continue
            parts = urlsplit(urljoin(address, target))
            if parts.scheme == "mailto":
                continue
            assert not parts.netloc, f"{address} links to another site: {target}"
            assert site.file(parts.path).is_file(), f"{address} links to {target}"
            if parts.fragment and element.tag == "a":
                ids = {other.attributes.get("id") for other in site.page(parts.path).elements}
                assert parts.fragment in ids, f"{address} links to {target}"


def test_nothing_of_the_underlying_theme_is_published(site: Site) -> None:
    files = {path.relative_to(site.folder).as_posix() for path in site.folder.rglob("*") if path.is_file()}
    others = {file for file in files if not file.endswith(".html")}
    assets = {file for file in others if re.fullmatch(r"assets/[\w-]+\.[0-9a-f]{8}\.(css|js|svg)", file)}
    index = {file for file in others if file.startswith("pagefind/")}
    drawn = {file for file in others if re.fullmatch(r"pictures/([0-9a-f]{16}|icon-180)\.png", file)}
    assert others - assets - index - drawn == {
        "redirects.json",
        "robots.txt",
        "sitemap.xml",
        "sitemap.xml.gz",
    }
    sources = {path.name for path in (ROOT / "theme" / "assets").iterdir()} - {"card.css", "search.css"}
    assert {re.sub(r"\.[0-9a-f]{8}\.", ".", Path(file).name) for file in assets} == sources


def test_an_article_stays_within_its_budget(site: Site) -> None:
    """70 KB compressed and 7 requests, signed out, cold, everything that the page asks for."""
    for address in site.articles():
        page = site.page(address)
        wanted = {element.attributes["src"] for element in page.all("script", src="*")}
        for relation in ("stylesheet", "icon", "modulepreload"):
            wanted |= {link.attributes["href"] for link in page.all("link", rel=relation)}
        # The QR picture has no address: the page draws it in.
        wanted |= {image.attributes["src"] for image in page.all("img", src="*")}
        files = [site.file(address), *(site.file(urljoin(address, url)) for url in wanted)]
        assert len(files) <= MOST_REQUESTS, (address, wanted)
        assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= MOST_BYTES, address


def test_a_missing_page_answers_in_its_language(site: Site) -> None:
    titles = set()
    for language in LANGUAGES:
        page = site.page(in_language("/404.html", language))
        titles.add(page.all("title")[0].text)
        home = in_language("/", language)
        links = {link.attributes["href"] for link in page.all("a")}
        assert {home, f"{home}people/add-contact/", f"{home}support/open-ticket/"} <= links
        # It is shown at any depth, so a relative address would be a broken one.
        assert all(link.startswith(("/", "#")) for link in links)
    assert len(titles) == len(LANGUAGES)


def test_the_sitemap_lists_every_article_with_its_translations(site: Site) -> None:
    """As the head of each page does (a search engine asks for the same in both, and from each to each)."""
    sitemap = ElementTree.fromstring((site.folder / "sitemap.xml").read_text("utf-8"))  # noqa: S314 - our own
    names = {"": "http://www.sitemaps.org/schemas/sitemap/0.9", "xhtml": "http://www.w3.org/1999/xhtml"}
    listed = {url.findtext("loc", "", names): url for url in sitemap.findall("url", names)}
    assert set(listed) == {ORIGIN + address for address in site.articles()}
    for location, url in listed.items():
        address = location.removeprefix(ORIGIN)
        announced = {
            link.attrib["hreflang"]: link.attrib["href"] for link in url.findall("xhtml:link", names)
        }
        page = site.page(address)
        assert announced == {
            link.attributes["hreflang"]: link.attributes["href"] for link in page.all("link", rel="alternate")
        }
        assert announced[LANGUAGE_TAGS[language_of(address)]] == location
        assert set(announced) == {*LANGUAGE_TAGS.values(), "x-default"}
        source = ROOT / "docs" / language_of(address) / in_language(address, "sr").strip("/")
        written = source.with_suffix(".md") if source.with_suffix(".md").is_file() else source / "index.md"
        if written.is_file():  # The page of tags is written by nobody.
            assert f"checked: {url.findtext('lastmod', '', names)}" in written.read_text("utf-8").splitlines()
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in (site.folder / "robots.txt").read_text("utf-8")


def test_home_lists_every_article(site: Site) -> None:
    for language in LANGUAGES:
        home = in_language("/", language)
        links = {urljoin(home, link.attributes["href"]) for link in site.page(home).all("a")}
        procedures = [
            a
            for a in site.articles()
            if language_of(a) == language and len(Path(in_language(a, "sr")).parts) == 3
        ]
        assert procedures
        assert set(procedures) <= links


def test_home_offers_a_way_to_mend_only_where_an_article_is_written(
    build_docs: Callable[[dict[str, str]], Site],
) -> None:
    written = {f"{language}/security/two-factor.md": article("Two") for language in ("sr", "hu")}
    site = build_docs(written)
    for language, ways in {"sr": {"nothing", "two_factor_off"}, "es": {"nothing"}}.items():
        templates = site.page(in_language("/", language)).all("template", **{"data-kind": "*"})
        assert {template.attributes["data-kind"] for template in templates} == ways
    links = {link.attributes["href"] for link in site.page("/hu/").all("a")}
    assert "security/two-factor/#uradi" in links


def test_the_headers_are_written_for_the_servers(site: Site) -> None:
    assert json.loads((ROOT / "build" / "headers.json").read_text("utf-8")) == HEADERS
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("language", "words"),
    [("sr", "14. novembra 2026."), ("hu", "2026. november 14."), ("es", "14 de noviembre de 2026")],
)
def test_a_date_reads_as_one_says_it(language: str, words: str) -> None:
    assert date_in_words(date(2026, 11, 14), language) == words


def test_serbian_months_take_the_genitive() -> None:
    said = [date_in_words(date(2026, month, 1), "sr").split()[1] for month in range(1, 13)]
    assert said == [
        "januara", "februara", "marta", "aprila", "maja", "juna", "jula", "avgusta", "septembra", "oktobra",
        "novembra", "decembra",
    ]  # fmt: skip


def test_no_article_names_the_provider() -> None:
    names = re.compile(
        "|".join(map(re.escape, {brand.PROVIDER, brand.COMPANY, brand.SUPPORT_EMAIL})), re.IGNORECASE
    )
    for path in (ROOT / "docs").rglob("*.md"):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            assert not names.search(line), f"{path}:{number} should say {{{{ brand.name }}}}"
