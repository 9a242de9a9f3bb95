"""Which pages ask whether they helped: the articles whose votes the API counts, under the name that it knows."""

from chalicelib.articles import repository
from chalicelib.words import LANGUAGES
from tests.site.pages import Site
from theme.hooks.votes import plurals


def test_every_article_asks_in_every_language_and_no_other_page_does(site: Site) -> None:
    asking: dict[str, str] = {}
    for address in site.addresses():
        for section in site.page(address).all("section"):
            if "data-helpful" in section.attributes:
                asking[address] = section.attributes["data-article"]
    expected = {
        f"/{article}/" if language == "sr" else f"/{language}/{article}/": article
        for article in repository.published()
        for language in LANGUAGES
    }
    assert asking == expected
    assert len(asking) >= 63


def test_each_language_has_the_plurals_that_a_browser_asks_for() -> None:
    assert set(plurals("sr")) == {"one", "few", "other"}
    assert set(plurals("hu")) == set(plurals("es")) == {"one", "other"}
    assert (plurals("sr")["one"], plurals("sr")["few"]) == (1, 2)
