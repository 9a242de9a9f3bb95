"""Home says to whoever is signed in what wants attention, each line a way to the form that mends it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from chalicelib.words import say
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Person, address
from tests.browser.test_reading_in_three_languages import WIDTHS, fits, violations

Settle = Callable[..., Person]
SignedIn = Callable[..., Card]
Attention = list[dict[str, Any]]
AnswerWith = Callable[[Attention], None]

TWO_HOURS_AGO = {"sr": "pre 2 sata", "hu": "2 órával ezelőtt", "es": "hace 2 horas"}


def item(
    kind: str, *, count: int = 1, about: str | None = None, ago: timedelta | None = None
) -> dict[str, Any]:
    since = (datetime.now(UTC) - ago).isoformat() if ago else None
    return {"kind": kind, "count": count, "since": since, "about": about}


@pytest.fixture
def answer_with(page: Page) -> Iterator[AnswerWith]:
    """Let /api/me tell of this."""

    def answer_with(attention: Attention) -> None:
        def answer(route: Route) -> None:
            told = route.fetch()
            route.fulfill(response=told, json={**told.json(), "attention": attention})

        page.unroute("**/api/me")
        page.route("**/api/me", answer)

    yield answer_with
    page.unroute_all(behavior="ignoreErrors")


def place(page: Page, language: str) -> Locator:
    return page.get_by_role("region", name=say(language, "What wants your attention"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_thing_is_told_with_the_way_to_its_form(
    settle: Settle, signed_in: SignedIn, page: Page, origin: str, answer_with: AnswerWith, language: str
) -> None:
    answer_with(
        [
            item("two_factor_off"),
            item("invitation_pending", about="peter@lipa.example", ago=timedelta(hours=2)),
            item("ticket_answered", count=3, ago=timedelta(hours=2)),
        ]
    )
    signed_in(settle(language))
    links = place(page, language).get_by_role("link")
    said = [
        f"{say(language, 'Two-factor authentication is off')} {say(language, 'You can switch it on in two minutes')}",
        f"{say(language, 'An invitation is waiting for an answer')} peter@lipa.example · {TWO_HOURS_AGO[language]}",
        f"{say(language, 'Answered tickets: {count}', count=3)} {TWO_HOURS_AGO[language]}",
    ]
    for link, words in zip(links.all(), said, strict=True):
        expect(link).to_have_accessible_name(words)
    for number, path in enumerate(("security/two-factor", "people/invite-user", "support/open-ticket")):
        page.goto(address(language))
        links.nth(number).click()
        expect(page).to_have_url(f"{origin}{address(language, path)}#uradi")


def test_one_answered_ticket_is_told_by_its_number_as_text(
    settle: Settle, signed_in: SignedIn, page: Page, answer_with: AnswerWith
) -> None:
    answer_with([item("ticket_answered", about="<b>KLZ-7F3K-92QM</b>")])
    signed_in(settle("hu"))
    expect(place(page, "hu").get_by_role("link")).to_have_accessible_name(
        "Válasz érkezett egy hibajegyre <b>KLZ-7F3K-92QM</b>"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_when_nothing_wants_attention_it_says_so(
    settle: Settle, signed_in: SignedIn, page: Page, answer_with: AnswerWith, language: str
) -> None:
    answer_with([])
    signed_in(settle(language))
    expect(place(page, language)).to_have_text(say(language, "Everything is in order."))
    expect(place(page, language).get_by_role("link")).to_have_count(0)


def test_what_a_newer_api_tells_is_left_out(
    settle: Settle, signed_in: SignedIn, page: Page, answer_with: AnswerWith
) -> None:
    answer_with([item("card_expires"), item("ticket_answered")])
    signed_in(settle("es"))
    expect(place(page, "es").get_by_role("listitem")).to_have_count(1)


def test_signing_in_on_the_home_page_shows_it(
    settle: Settle, read: Callable[..., Card], page: Page, answer_with: AnswerWith
) -> None:
    answer_with([item("ticket_answered")])
    person = settle("sr")
    card = read("sr")
    way_in = page.locator("main .welcome a[href*=open-account]").last
    expect(way_in).to_be_visible()
    expect(place(page, "sr")).to_have_count(0)
    card.sign_in(person.email, person.password)
    expect(place(page, "sr").get_by_role("link")).to_be_visible()
    expect(way_in).to_be_hidden()


def test_another_account_has_its_own(
    settle: Settle, signed_in: SignedIn, page: Page, answer_with: AnswerWith
) -> None:
    answer_with([item("ticket_answered")])
    card = signed_in(settle("sr", other_accounts=("Drugi studio",)))
    expect(place(page, "sr").get_by_role("link")).to_be_visible()
    answer_with([])
    card.section.locator("[data-accounts] summary").click()
    card.button("Drugi studio").click()
    expect(place(page, "sr")).to_have_text(say("sr", "Everything is in order."))


def test_signed_out_nothing_is_asked_or_shown(read: Callable[..., Card], page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    read("hu")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/api/" in url or "attention" in url]
    expect(page.locator("[data-attention]")).to_be_hidden()


def test_it_is_asked_once(
    settle: Settle, context: BrowserContext, page: Page, origin: str, answer_with: AnswerWith
) -> None:
    answer_with([item("ticket_answered")])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    settle("hu").signs_in(context, origin)
    page.goto(address("hu"))
    expect(place(page, "hu").get_by_role("link")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if "/api/" in url] == [f"{origin}/api/me"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "attention", [[], ["two_factor_off", "invitation_pending", "ticket_answered"]], ids=json.dumps
)
def test_axe_finds_nothing(
    settle: Settle, signed_in: SignedIn, page: Page, answer_with: AnswerWith, width: int, attention: list[str]
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    long_address = "milica.markovic.knjigovodstvo@veoma-dugacak-naziv-firme.example"
    answer_with([item(kind, about=long_address, ago=timedelta(days=3)) for kind in attention])
    signed_in(settle("es"))
    expect(place(page, "es").get_by_role("listitem")).to_have_count(max(1, len(attention)))
    assert violations(page) == []
    assert fits(page)
