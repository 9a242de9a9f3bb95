"""Saying under an article whether it helped: by keyboard, aloud, on a narrow page, without a connection, and again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from chalicelib.words import say
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, address
from tests.browser.test_reading_in_three_languages import what_looks_wrong

Read = Callable[..., Card]
Table = Callable[..., list[dict[str, Any]]]

ARTICLE = "people/add-contact"
THANKS = "Thank you for your answer. You can change it at any time."
WHY = "Thank you for your answer. You may tell us why below."


@dataclass(frozen=True)
class Question:
    """The question under the article that is open."""

    page: Page
    language: str

    @property
    def section(self) -> Locator:
        return self.page.get_by_role("region", name=say(self.language, "Was this helpful?"))

    @property
    def said(self) -> Locator:
        return self.section.get_by_role("status")

    @property
    def counts(self) -> Locator:
        return self.section.locator("[data-counts]")

    @property
    def reason(self) -> Locator:
        return self.section.get_by_role("textbox")

    def button(self, words: str) -> Locator:
        return self.section.get_by_role("button", name=say(self.language, words), exact=True)

    def says(self, words: str) -> None:
        expect(self.said).to_have_text(say(self.language, words))

    def is_answered(self, words: str) -> None:
        other = "No" if words == "Yes" else "Yes"
        expect(self.button(words)).to_have_attribute("aria-pressed", "true")
        expect(self.button(other)).to_have_attribute("aria-pressed", "false")


@pytest.fixture
def question(read: Read, page: Page) -> Callable[..., Question]:
    """Open an article, and look at its question: `question("hu")`."""

    def question(language: str = "sr", path: str = ARTICLE) -> Question:
        read(language, path)
        found = Question(page, language)
        found.section.scroll_into_view_if_needed()
        return found

    return question


Ask = Callable[..., Question]


def standing(page: Page, article: str = ARTICLE) -> tuple[int, int]:
    """How the votes stand at the server."""
    votes = page.request.get(f"/api/votes?article={article}").json()
    return votes["yes"], votes["no"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_counts_can_be_changed_and_is_remembered(
    question: Ask, page: Page, table: Table, language: str
) -> None:
    asked = question(language)
    yes, no = standing(page)
    asked.button("Yes").focus()
    page.keyboard.press("Enter")
    asked.says(THANKS)
    asked.is_answered("Yes")
    expect(asked.button("Yes")).to_be_focused()
    expect(asked.counts).to_contain_text(str(yes + 1))
    assert standing(page) == (yes + 1, no)

    asked = question(language)
    asked.is_answered("Yes")
    expect(asked.said).to_be_empty()

    page.keyboard.press("Tab")
    asked.button("No").focus()
    page.keyboard.press("Space")
    asked.says(WHY)
    asked.is_answered("No")
    assert standing(page) == (yes, no + 1)
    reason = f"Na jeziku {language}: <b>nema slike</b>"
    page.keyboard.press("Tab")
    expect(asked.reason).to_be_focused()
    page.keyboard.type(reason)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    asked.says("Thank you. Whoever writes these articles will read it.")
    expect(asked.reason).to_be_hidden()
    expect(asked.button("No")).to_be_focused()
    assert standing(page) == (yes, no + 1)
    assert [vote["language"] for vote in table("Vote", reason=reason)] == [language]

    asked = question(language)
    asked.is_answered("No")
    expect(asked.reason).to_be_hidden()
    asked.button("Yes").click()
    asked.says(THANKS)
    assert table("Vote", reason=reason) == []
    assert standing(page) == (yes + 1, no)


@pytest.mark.parametrize(
    ("language", "yes", "no", "words"),
    [
        ("sr", 1, 0, "1 čitalac: da, 0: ne"),
        ("sr", 2, 1, "2 čitaoca: da, 1: ne"),
        ("sr", 12, 3, "12 čitalaca: da, 3: ne"),
        ("sr", 1022, 3, "1.022 čitaoca: da, 3: ne"),
        ("hu", 1, 3, "1 olvasó: igen, 3: nem"),
        ("hu", 12, 3, "12 olvasó: igen, 3: nem"),
        ("es", 1, 3, "1 lector: sí, 3: no"),
        ("es", 12, 3, "12 lectores: sí, 3: no"),
        ("es", 0, 3, "0 lectores: sí, 3: no"),
        ("es", 2000000, 3, "2.000.000 lectores: sí, 3: no"),
        ("sr", 0, 0, ""),
    ],
)
def test_the_count_is_told_as_the_language_counts(
    question: Ask, page: Page, language: str, yes: int, no: int, words: str
) -> None:
    told = {"article": ARTICLE, "yes": yes, "no": no, "mine": None}
    page.route("**/api/votes?*", lambda route: route.fulfill(json=told))
    with page.expect_response("**/api/votes?*"):
        asked = question(language)
    expect(asked.counts).to_have_text(words)


def test_nothing_is_asked_before_the_question_is_in_view(read: Read, page: Page) -> None:
    asked: list[str] = []

    def hear(request: Request) -> None:
        if "helpful" in request.url or "/api/" in request.url:
            asked.append(request.url)

    page.on("request", hear)
    read("sr", ARTICLE)
    page.wait_for_load_state("networkidle")
    assert asked == []
    with page.expect_response("**/api/votes?*"):
        Question(page, "sr").section.scroll_into_view_if_needed()
    assert len(asked) == 2
    assert page.context.cookies() == []


def test_only_articles_ask(read: Read, page: Page) -> None:
    for path in ("", "people", "tags"):
        read("es", path)
        expect(page.locator("[data-helpful]")).to_have_count(0)
    page.goto("/hu/404.html")
    expect(page.locator("[data-helpful]")).to_have_count(0)


def test_without_a_connection_it_is_told_and_nothing_is_lost(
    question: Ask, page: Page, context: BrowserContext, console: Console
) -> None:
    console.expect("ERR_INTERNET_DISCONNECTED")
    with page.expect_response("**/api/votes?*"):
        asked = question("hu")
    context.set_offline(True)
    asked.button("Yes").click()
    asked.says("No connection, so your answer was not sent. Try again.")
    expect(asked.button("Yes")).to_have_attribute("aria-pressed", "false")
    context.set_offline(False)
    asked.button("No").click()
    asked.says(WHY)
    asked.reason.fill("Hiányzik egy kép")
    context.set_offline(True)
    asked.button("Send").click()
    expect(asked.section.get_by_role("alert")).to_have_text(
        say("hu", "No connection, so your answer was not sent. Try again.")
    )
    expect(asked.section.get_by_role("alert")).to_be_focused()
    expect(asked.reason).to_have_value("Hiányzik egy kép")
    context.set_offline(False)
    asked = question("hu")
    expect(asked.reason).to_have_value("Hiányzik egy kép")
    asked.button("Send").click()
    asked.says("Thank you. Whoever writes these articles will read it.")
    asked = question("hu")
    asked.is_answered("No")
    expect(asked.reason).to_be_hidden()


def test_a_page_whose_script_could_not_come_says_so_once_it_is_asked(
    question: Ask, page: Page, console: Console
) -> None:
    console.expect("helpful")
    page.route("**/helpful.*.js", lambda route: route.abort())
    asked = question()
    expect(asked.said).to_be_empty()
    asked.button("Yes").click()
    asked.says("No connection, so your answer was not sent. Try again.")


def test_counts_that_cannot_be_had_are_not_missed(question: Ask, page: Page, console: Console) -> None:
    console.expect("503")
    page.route("**/api/votes?*", lambda route: route.fulfill(status=503, body="<html>"))
    with page.expect_response("**/api/votes?*"):
        asked = question()
    expect(asked.counts).to_be_empty()
    expect(asked.said).to_be_empty()
    asked.button("Yes").click()
    asked.says(THANKS)
    asked.is_answered("Yes")


def test_a_refusal_is_told_in_its_own_words(question: Ask, page: Page, console: Console) -> None:
    console.expect("429", "500")
    asked = question("es")
    refusal = {"code": "too_many_attempts", "title": "Demasiados intentos."}
    page.route("**/api/votes", lambda route: route.fulfill(status=429, json=refusal))
    asked.button("Yes").click()
    expect(asked.said).to_have_text("Demasiados intentos.")
    expect(asked.button("Yes")).to_have_attribute("aria-pressed", "false")
    page.unroute_all()
    page.route("**/api/votes", lambda route: route.fulfill(status=500, body="<html>"))
    asked.button("No").click()
    asked.says("Something went wrong on our side. Try again; if it stays, write to support.")
    expect(asked.reason).to_be_hidden()


def test_too_long_a_reason_is_told_at_its_field_and_kept(question: Ask, page: Page) -> None:
    asked = question()
    asked.button("No").click()
    asked.reason.fill("š" * 1001)
    asked.button("Send").click()
    expect(asked.section.get_by_role("alert")).to_be_focused()
    expect(asked.reason).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(asked.reason).to_be_focused()
    asked.reason.fill("š" * 1000)
    expect(asked.reason).not_to_have_attribute("aria-invalid", "true")
    asked.button("Send").click()
    asked.says("Thank you. Whoever writes these articles will read it.")


def test_impatience_counts_once(question: Ask, page: Page) -> None:
    asked = question()
    yes, no = standing(page)
    asked.button("Yes").dblclick()
    asked.is_answered("Yes")
    asked.says(THANKS)
    page.wait_for_load_state("networkidle")
    assert standing(page) == (yes + 1, no)


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_any_state(question: Ask, page: Page, language: str) -> None:
    asked = question(language)
    assert what_looks_wrong(page) == []
    asked.button("No").click()
    asked.says(WHY)
    assert what_looks_wrong(page) == []
    asked.reason.fill("x" * 1001)
    asked.button("Send").click()
    expect(asked.section.get_by_role("alert")).to_be_visible()
    assert what_looks_wrong(page) == []
    asked.button("Yes").click()
    asked.says(THANKS)
    assert what_looks_wrong(page) == []


def test_on_paper_and_without_scripts_it_is_not_asked(
    question: Ask, page: Page, browser: Any, origin: str
) -> None:
    asked = question()
    page.emulate_media(media="print")
    expect(asked.section).to_be_hidden()
    without = browser.new_context(java_script_enabled=False)
    plain = without.new_page()
    plain.goto(origin + address("sr", ARTICLE))
    expect(plain.locator("[data-helpful]")).to_be_hidden()
    without.close()
