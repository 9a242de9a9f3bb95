"""Home says to whoever is signed in what wants attention, each line a way to the form that mends it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from chalicelib.words import say
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person, address
from tests.browser.test_reading_in_three_languages import what_looks_wrong

Settle = Callable[..., Person]
SignedIn = Callable[..., Card]
AnswerWith = Callable[..., None]

INVITED = {"email": "peter@lipa.example", "language": "hu", "permissions": ["invoices"]}
TWO_HOURS_AGO = {"sr": "pre 2 sata", "hu": "2 órával ezelőtt", "es": "hace 2 horas"}


def ago(**parts: float) -> str:
    """A time as the API tells it: `hours=2`."""
    return (datetime.now(UTC) - timedelta(**parts)).isoformat()


def invitation(state: str = "pending", email: str = "peter@lipa.example") -> dict[str, str]:
    return {"state": state, "email": email, "sent_at": ago(hours=2)}


def ticket(state: str = "answered", number: str = "KLZ-7F3K-92QM") -> dict[str, str]:
    return {"state": state, "number": number, "updated_at": ago(hours=2)}


@pytest.fixture
def answer_with(page: Page) -> Iterator[AnswerWith]:
    """Let the API tell of this: support's answers are not written here, and time does not pass."""

    def answer_with(
        *,
        two_factor: bool = False,
        invitations: tuple[dict[str, str], ...] = (),
        tickets: tuple[dict[str, str], ...] = (),
    ) -> None:
        def me(route: Route) -> None:
            told = route.fetch()
            route.fulfill(response=told, json={**told.json(), "two_factor": two_factor})

        page.unroute_all()
        page.route("**/api/me", me)
        page.route("**/api/invitations", lambda route: route.fulfill(json={"items": invitations}))
        page.route("**/api/tickets", lambda route: route.fulfill(json={"items": tickets}))

    yield answer_with
    page.unroute_all(behavior="ignoreErrors")


def place(page: Page, language: str) -> Locator:
    return page.get_by_role("region", name=say(language, "What wants your attention"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_thing_is_told_with_the_way_to_its_form(
    settle: Settle, signed_in: SignedIn, page: Page, origin: str, answer_with: AnswerWith, language: str
) -> None:
    answer_with(invitations=(invitation(),), tickets=(ticket(), ticket(), ticket("open"), ticket()))
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
    answer_with(two_factor=True, tickets=(ticket(number="<b>KLZ-7F3K-92QM</b>"),))
    signed_in(settle("hu"))
    expect(place(page, "hu").get_by_role("link")).to_have_accessible_name(
        f"Válasz érkezett egy hibajegyre <b>KLZ-7F3K-92QM</b> · {TWO_HOURS_AGO['hu']}"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_when_nothing_wants_attention_it_says_so(
    settle: Settle, signed_in: SignedIn, page: Page, answer_with: AnswerWith, language: str
) -> None:
    answer_with(two_factor=True, invitations=(invitation("accepted"), invitation("expired")))
    signed_in(settle(language))
    expect(place(page, language)).to_have_text(say(language, "Everything is in order."))
    expect(place(page, language).get_by_role("link")).to_have_count(0)


def test_what_could_not_be_asked_is_not_said_to_be_in_order(
    settle: Settle, signed_in: SignedIn, page: Page, answer_with: AnswerWith, console: Console
) -> None:
    console.expect("503")
    answer_with(two_factor=True)
    page.route("**/api/tickets", lambda route: route.fulfill(status=503, json={"code": "unavailable"}))
    with page.expect_response("**/api/tickets"):
        signed_in(settle("sr"))
    expect(place(page, "sr").get_by_role("listitem")).to_have_count(0)


def test_what_a_user_may_not_see_is_not_asked_for(settle: Settle, signed_in: SignedIn, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    signed_in(settle("es", permissions=["invoices"]))
    expect(place(page, "es").get_by_role("link")).to_have_count(1)  # two-factor, which is theirs
    assert not [url for url in asked if url.endswith(("/api/invitations", "/api/tickets"))]


def test_an_owner_sees_the_invitation_that_waits(settle: Settle, signed_in: SignedIn, page: Page) -> None:
    signed_in(settle("hu"))
    page.evaluate(
        """(body) => fetch('/api/invitations', {
            method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body),
        })""",
        INVITED,
    )
    page.reload()
    expect(place(page, "hu").get_by_role("link", name=INVITED["email"])).to_be_visible()


def test_signing_in_on_the_home_page_shows_it(
    settle: Settle, read: Callable[..., Card], page: Page, answer_with: AnswerWith
) -> None:
    answer_with(two_factor=True, tickets=(ticket(),))
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
    answer_with(two_factor=True, tickets=(ticket(),))
    card = signed_in(settle("sr", other_accounts=("Drugi studio",)))
    expect(place(page, "sr").get_by_role("link")).to_be_visible()
    answer_with(two_factor=True)
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
    answer_with(two_factor=True, tickets=(ticket(),))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    settle("hu").signs_in(context, origin)
    page.goto(address("hu"))
    expect(place(page, "hu").get_by_role("link")).to_be_visible()
    page.wait_for_load_state("networkidle")
    paths = [f"{origin}/api/{name}" for name in ("me", "invitations", "tickets")]
    assert [url for url in asked if "/api/" in url] == paths


@pytest.mark.parametrize("lines", [0, 3])
def test_axe_finds_nothing(
    settle: Settle, signed_in: SignedIn, page: Page, answer_with: AnswerWith, lines: int
) -> None:
    long_address = "milica.markovic.knjigovodstvo@veoma-dugacak-naziv-firme.example"
    if lines:
        answer_with(invitations=(invitation(email=long_address),), tickets=(ticket(),))
    else:
        answer_with(two_factor=True)
    signed_in(settle("es"))
    expect(place(page, "es").get_by_role("listitem")).to_have_count(max(1, lines))
    assert what_looks_wrong(page) == []
