"""The search dialog: it opens by key and button, and finds by the words that readers type."""

import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from chalicelib.words import say
from infra import search_eval
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, address
from tests.browser.test_reading_in_three_languages import WIDTHS, fits, violations

Read = Callable[..., Card]

SAMPLE = 2  # queries a class, of those that `make search-eval` asks


def dialog(page: Page) -> Locator:
    return page.locator("dialog[data-search]")


def results(page: Page) -> Locator:
    return dialog(page).locator("[data-search-results] a")


def status(page: Page) -> Locator:
    return dialog(page).get_by_role("status")


def search(page: Page, query: str) -> None:
    """Type a query, and wait until it is answered."""
    if not dialog(page).is_visible():
        page.keyboard.press("Control+k")
    dialog(page).locator("input").fill(query)
    expect(dialog(page).locator("[data-search-results]")).to_have_attribute("aria-busy", "false")


def path(link: Locator) -> str:
    return urlsplit(link.get_attribute("href") or "").path


@pytest.mark.parametrize("key", ["/", "s", "Control+k"])
def test_a_key_opens_it_and_escape_closes_it(read: Read, page: Page, key: str) -> None:
    read("sr", "people/add-contact")
    page.keyboard.press(key)
    expect(dialog(page).locator("input")).to_be_focused()
    expect(dialog(page).locator("input")).to_have_value("")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()


def test_the_button_opens_it_and_gets_the_focus_back(read: Read, page: Page) -> None:
    for place in ("people/add-contact", ""):
        read("hu", place)
        button = page.locator("[data-search-open]")
        button.click()
        expect(dialog(page).locator("input")).to_be_focused()
        page.keyboard.press("Escape")
        expect(button).to_be_focused()


def test_the_letters_stay_letters_in_a_field(read: Read, page: Page) -> None:
    field = read("sr").section.locator("input:visible").first
    field.focus()
    page.keyboard.type("s/")
    expect(field).to_have_value("s/")
    expect(dialog(page)).to_be_hidden()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_finds_what_is_meant(read: Read, page: Page, language: str) -> None:
    read(language, "support/open-ticket")
    for queries in search_eval.queries()[language].values():
        for query, article in list(queries.items())[:SAMPLE]:
            search(page, query)
            assert path(results(page).first) == address(language, article), query


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_finds_what_the_home_page_proposes(read: Read, page: Page, language: str) -> None:
    read(language)
    example = say(language, "For example: add the accountant").partition(": ")[2]
    search(page, example)
    assert path(results(page).first) == address(language, "people/add-contact")


def test_a_word_that_nobody_wrote_does_not_spoil_the_others(read: Read, page: Page) -> None:
    read("sr")
    search(page, "lozinka kišobran")
    assert path(results(page).first) == address("sr", "account/change-password")


@pytest.mark.parametrize(
    ("language", "mistyped", "meant"),
    [
        ("sr", "zaboravljena lozinkka", "zaboravljena lozinka"),
        ("sr", "знам лознику", "znam lozinku"),
        ("hu", "felhasnáló", "felhasználó"),
        ("es", "contarsena", "contraseña"),
    ],
)
def test_it_answers_a_mistyped_query_and_proposes_the_right_one(
    read: Read, page: Page, language: str, mistyped: str, meant: str
) -> None:
    read(language)
    search(page, mistyped)
    found = [path(link) for link in results(page).all()]
    assert found
    button = dialog(page).get_by_role("button", name=say(language, "Did you mean:"))
    expect(button).to_contain_text(meant)
    button.click()
    expect(dialog(page).locator("input")).to_have_value(meant)
    expect(dialog(page).locator("input")).to_be_focused()
    expect(button).to_be_hidden()
    assert path(results(page).first) == found[0]


def test_a_query_in_another_language_is_offered_there(read: Read, page: Page) -> None:
    read("sr", "people/add-contact")
    search(page, "jelszó")
    expect(results(page)).to_have_count(0)
    expect(status(page)).to_contain_text("jelszó")
    offers = dialog(page).locator("[data-search-elsewhere] a:visible")
    expect(offers).to_have_count(1)
    expect(offers).to_have_text(re.compile(say("sr", "Results in Hungarian: {count}", count="").strip()))
    assert violations(page) == []
    offers.click()
    expect(page).to_have_url(re.compile("/hu/people/add-contact/$"))
    expect(dialog(page).locator("input")).to_have_value("jelszó")
    assert path(results(page).first) == address("hu", "account/change-password")


def test_what_another_language_finds_is_not_offered_beside_results(read: Read, page: Page) -> None:
    read("sr")
    search(page, "jelszó")
    search(page, "tiket")
    expect(dialog(page).locator("[data-search-elsewhere]")).to_be_hidden()


def test_a_search_in_vain_is_counted_once_and_not_while_it_is_typed(read: Read, page: Page) -> None:
    told: list[object] = []

    def tell(route: Route) -> None:
        told.append(route.request.post_data_json)
        route.fulfill(status=204)

    page.route("**/api/search-misses", tell)
    page.clock.install(time=0)
    read("sr")
    search(page, "tiket")
    page.clock.pause_at(60_000)

    def type_and_wait(query: str, milliseconds: int) -> None:
        dialog(page).locator("input").fill(query)
        page.clock.run_for(200)  # the pause after which it is worth searching
        expect(dialog(page).locator("[data-search-results]")).to_have_attribute("aria-busy", "false")
        page.clock.run_for(milliseconds)

    for query in ("ornitolog", "ornitologija", "lozinka", "ornitologija"):
        type_and_wait(query, 1400)
    assert told == []
    page.clock.run_for(100)
    type_and_wait("tiket", 5000)
    type_and_wait("ornitologija", 5000)
    assert told == [{"query": "ornitologija", "language": "sr"}]


def test_words_of_different_articles_find_either(read: Read, page: Page) -> None:
    read("sr")
    search(page, "klavir galeriju")
    found = {path(link) for link in results(page).all()}
    assert found == {address("sr", "account/change-password"), address("sr", "support/open-ticket")}


def test_a_name_is_found_however_its_d_is_typed(read: Read, page: Page) -> None:
    read("sr")
    found = []
    for query in ("Đorđević", "djordjevic", "Dordevic", "Ђорђевић"):
        search(page, query)
        found.append([path(link) for link in results(page).all()])
    assert found[0]
    assert found == [found[0]] * len(found)


def test_it_says_that_nothing_was_found(read: Read, page: Page) -> None:
    read("sr")
    for query in ("kišobran", "ornitologija", "<b>", "?!"):
        search(page, query)
        expect(results(page)).to_have_count(0)
        expect(status(page)).to_contain_text(query)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_stays_in_the_language_of_the_page(read: Read, page: Page, language: str) -> None:
    read(language)
    search(page, "Studio 25 Hárs Tilo")
    others = tuple(f"/{other}/" for other in LANGUAGES if other != language)
    assert results(page).count() > 0
    for link in results(page).all():
        assert not path(link).startswith(others)
        assert language == "sr" or path(link).startswith(f"/{language}/")


def test_a_result_shows_the_section_and_marks_the_match(read: Read, page: Page) -> None:
    read("sr")
    search(page, "poštanski broj")
    first = results(page).first
    expect(first.locator("b")).to_have_text("Kako da dodam kontakt")
    expect(first.locator("span")).to_have_text("Koraci")
    assert {mark.lower() for mark in first.locator("mark").all_text_contents()} >= {"poštanski", "broj"}
    first.click()
    expect(page).to_have_url(re.compile("/people/add-contact/#koraci$"))


def test_a_tag_finds_an_article_that_lacks_the_word(read: Read, page: Page) -> None:
    read("sr")
    search(page, "korisnik")
    section = results(page).and_(page.locator('[href="/people/"]'))
    expect(section.locator("b")).to_have_text("Ljudi")
    expect(section.locator("small")).not_to_be_empty()


def test_arrows_walk_through_the_results_and_enter_opens_one(read: Read, page: Page) -> None:
    read("sr")
    search(page, "tiket")
    assert results(page).count() > 2
    page.keyboard.press("ArrowDown")
    expect(results(page).nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(results(page).nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(dialog(page).locator("input")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("a")
    expect(dialog(page).locator("input")).to_have_value("tiketa")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/support/open-ticket/"))


def test_the_last_word_typed_is_the_one_answered(read: Read, page: Page) -> None:
    read("es")
    page.keyboard.press("/")
    page.keyboard.type("incidencia contraseña", delay=20)
    page.keyboard.press("Control+a")
    page.keyboard.type("contacto", delay=20)
    expect(results(page).first).to_have_attribute("href", re.compile("/es/people/add-contact/"))


def test_a_result_on_this_page_closes_the_dialog(read: Read, page: Page) -> None:
    read("sr", "people/add-contact")
    search(page, "dodaj kontakt")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_how_many_there_are(read: Read, page: Page, language: str) -> None:
    read(language)
    search(page, "25")
    count = str(results(page).count())
    expect(status(page)).to_have_text(say(language, "Results: {count}", count=count))
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(status(page)).to_have_text(say(language, "An everyday word will do, without accents too."))


def test_nothing_of_it_is_loaded_before_it_is_opened(read: Read, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    read("sr", "people/add-contact")
    page.wait_for_load_state("networkidle")
    assert not [one for one in asked if "search" in one or "pagefind" in one]
    search(page, "kontakt")
    assert [one for one in asked if one.startswith("/pagefind/")]


def test_without_a_connection_it_says_so_and_works_again(read: Read, page: Page, console: Console) -> None:
    console.expect("ERR_FAILED")
    read("sr")

    def lose(route: Route) -> None:
        route.abort()

    page.route("**/pagefind/**", lose)
    search(page, "kontakt")
    expect(status(page)).to_have_text(
        say("sr", "The search cannot be reached. Check your connection and try again.")
    )
    page.unroute("**/pagefind/**", lose)
    search(page, "kontakti")
    assert path(results(page).first) == address("sr", "people/add-contact")


def test_another_language_that_could_not_be_reached_is_asked_again(
    read: Read, page: Page, console: Console
) -> None:
    console.expect("ERR_FAILED")
    read("sr")
    page.route("**/pagefind/vocabulary.hu.*", lambda route: route.abort())
    search(page, "jelszó")
    expect(status(page)).to_have_text(
        say("sr", "The search cannot be reached. Check your connection and try again.")
    )
    page.unroute("**/pagefind/vocabulary.hu.*")
    search(page, "jelszóval")
    expect(dialog(page).locator("[data-search-elsewhere] a:visible")).to_have_count(1)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_dialog(
    read: Read, page: Page, width: int, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(color_scheme=scheme)
    read("sr", "people/add-contact")
    page.keyboard.press("/")
    expect(dialog(page).locator("input")).to_be_focused()
    assert violations(page) == []
    search(page, "25")
    assert violations(page) == []
    assert fits(page)
    search(page, "xyzzy")
    assert violations(page) == []
