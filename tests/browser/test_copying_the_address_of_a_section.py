"""The link beside a heading: a mouse, the keyboard, and a browser that does not let a page copy."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.card import Card

Read = Callable[..., Card]

STEPS = "/hu/people/add-contact/#lepesek"


def test_a_click_copies_the_address_and_says_so(
    context: BrowserContext, read: Read, page: Page, origin: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    read("hu", "people/add-contact")
    page.get_by_role("heading", name="Lépések").hover()
    page.locator("a.copy[href='#lepesek']").click()
    expect(page.get_by_role("status").filter(has_text="A link a vágólapra került")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == origin + STEPS
    expect(page).to_have_url(origin + STEPS)


def test_the_keyboard_reaches_the_link_and_sees_it(context: BrowserContext, read: Read, page: Page) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    read("es", "people/add-contact")
    link = page.get_by_role("link", name="Copiar el enlace a «Pasos»")
    expect(link).to_have_css("opacity", "0")
    page.locator("a.copy").first.focus()
    while not link.evaluate("(element) => element === document.activeElement"):
        page.keyboard.press("Tab")
    expect(link).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page.locator("[data-copied]")).to_have_text("Enlace copiado")
    assert page.evaluate("navigator.clipboard.readText()").endswith("/es/people/add-contact/#pasos")


def test_where_copying_is_refused_the_link_is_a_link(read: Read, page: Page, origin: str) -> None:
    read("hu", "people/add-contact")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    page.locator("a.copy[href='#lepesek']").click()
    expect(page).to_have_url(origin + STEPS)
    expect(page.locator("[data-copied]")).to_be_empty()
