"""Every page, in each language, as browsers, screen readers and a slow network meet it."""

from collections.abc import Callable

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Page, expect

from infra.bench.chromium import MOST_BYTES, MOST_REQUESTS, weigh
from tests.browser.card import Card
from tests.browser.conftest import LANGUAGES, Console, Person, address

Read = Callable[..., Card]
Settle = Callable[..., Person]
SignedIn = Callable[..., Card]

ARTICLES = (
    "",
    "account/open-account",
    "account/change-password",
    "people/add-contact",
    "support/open-ticket",
)
# Their cards have more states than a form and its errors, and tests of their own that look at each.
WITH_STATES = ("people/invite-user", "people/accept-invitation", "security/two-factor")
PAGES = (*ARTICLES, *WITH_STATES, "people/permissions", "account", "people", "security", "support")
WIDTHS = (360, 1280)
# What axe tells of all that is right stays in the page.
VIOLATIONS = """async () => {
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""


def violations(page: Page) -> list[str]:
    """What axe finds, short enough to read."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(VIOLATIONS)
    return found


def fits(page: Page) -> bool:
    """Nothing makes the page scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def what_looks_wrong(page: Page) -> list[str]:
    """What axe finds and what sticks out: at the width that the page has, then at the other, where the next opens."""
    wrong = []
    for width in sorted(WIDTHS, reverse=page.evaluate("innerWidth") > WIDTHS[0]):
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{width}: {violation}" for violation in violations(page)]
        if not fits(page):
            wrong.append(f"{width}: something sticks out")
    return wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_signed_out(read: Read, page: Page, language: str) -> None:
    for path in PAGES:
        read(language, path)
        assert what_looks_wrong(page) == [], path
        assert fits(page), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_signed_in(settle: Settle, signed_in: SignedIn, page: Page, language: str) -> None:
    person = settle(language)
    for path in ARTICLES:
        card = signed_in(person, path)
        expect(card.section.locator("[data-waiting]:visible")).to_have_count(0)
        assert what_looks_wrong(page) == [], path
        if card.section.locator("[type=submit]:visible").count():
            card.submit()
            expect(card.summary).to_be_visible()
            assert what_looks_wrong(page) == [], f"{path} with errors"


def test_axe_finds_nothing_in_results_and_lists(settle: Settle, signed_in: SignedIn, page: Page) -> None:
    person = settle("sr")
    card = signed_in(person, "people/add-contact")
    card.fill(name="Milica Marković", email="milica.markovic.knjigovodstvo@veoma-dugacak-naziv-firme.example")
    card.submit()
    card.shows("The contact is added")
    assert what_looks_wrong(page) == []
    card.button("Undo").click()
    card.shows("Add a contact")
    assert what_looks_wrong(page) == []
    card = signed_in(person, "support/open-ticket")
    card.field("Department").select_option("technical")
    card.fill(subject="W" * 100, description="W" * 300)
    card.submit()
    card.shows("The ticket is open")
    assert what_looks_wrong(page) == []
    card.button("Read the ticket and add to it").click()
    expect(card.field("Message")).to_be_visible()
    assert what_looks_wrong(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(page: Page, path: str) -> None:
    """70 KB and 7 requests, signed out and cold, as they come over the wire."""
    weight = weigh(page, address("hu", path))
    assert weight.requests <= MOST_REQUESTS
    assert weight.bytes <= MOST_BYTES


@pytest.mark.parametrize("path", PAGES)
def test_nothing_foreign_runs_in_a_page(page: Page, console: Console, path: str) -> None:
    console.expect("elsewhere.example")  # The browser tells of what the policy stopped.
    answer = page.goto(address("es", path))
    assert answer
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe-inline" not in policy
    page.evaluate(
        """() => new Promise((done) => {
            document.addEventListener('securitypolicyviolation', done, { once: true });
            const image = new Image();
            image.src = 'https://elsewhere.example/a.png';
        })"""
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_switch_keeps_the_page_and_the_session(
    settle: Settle, signed_in: SignedIn, page: Page, origin: str, language: str
) -> None:
    signed_in(settle("sr"), "support/open-ticket")
    page.locator(f"header .lang a[hreflang^={language}]").click()
    expect(page).to_have_url(origin + address(language, "support/open-ticket"))
    expect(page.locator("html")).to_have_attribute("lang", {"sr": "sr-Latn"}.get(language, language))
    expect(Card(page, language).field("Subject")).to_be_visible()


def test_the_api_answers_in_the_pages_language(read: Read, console: Console) -> None:
    console.expect("401")
    card = read("es")
    answer = card.answer("POST", "/api/session", lambda: card.sign_in("nobody@example.com", "whatever it is"))
    assert answer.headers["content-language"] == "es"


def test_nothing_jumps_while_it_is_asked_who_is_there(
    settle: Settle, context: BrowserContext, page: Page, origin: str
) -> None:
    person = settle("sr")
    person.signs_in(context, origin)
    page.goto(address("sr", "people/add-contact"))
    expect(Card(page, "sr").field("Full name")).to_be_visible()
    page.wait_for_load_state("networkidle")
    shift = page.evaluate(
        """() => new Promise((done) => new PerformanceObserver((list) =>
            done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))
        ).observe({ type: 'layout-shift', buffered: true }) ?? setTimeout(() => done(0), 300))"""
    )
    assert shift < 0.05
