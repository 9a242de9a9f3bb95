"""The form's card on a page, as a reader meets it: by its labels and its words, whatever they are in their language."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, Response, expect

from chalicelib.words import say


@dataclass(frozen=True)
class Card:
    """The card of the page that is open."""

    page: Page
    language: str

    @property
    def section(self) -> Locator:
        """All of it."""
        return self.page.locator("#uradi")

    @property
    def title(self) -> Locator:
        """Its heading."""
        return self.page.locator("#uradi-title")

    @property
    def summary(self) -> Locator:
        """What hinders the form."""
        return self.section.locator("[data-summary]:visible")

    @property
    def ok(self) -> Locator:
        """What was done."""
        return self.section.locator("#uradi-result .ok")

    @property
    def note(self) -> Locator:
        """News above the form."""
        return self.section.locator("[data-note]")

    @property
    def rows(self) -> Locator:
        """The list under the form."""
        return self.section.locator("[data-rows] > li")

    def said(self, words: str, **values: str) -> str:
        """Words of the catalog in the page's language."""
        return say(self.language, words, **values)

    def field(self, label: str) -> Locator:
        """The visible field with this label."""
        label_starts = re.compile(f"^{re.escape(self.said(label))}")
        controls = self.section.locator("input, select, textarea").locator("visible=true")
        return self.section.get_by_label(label_starts).and_(controls)

    def button(self, words: str) -> Locator:
        """The visible button with these words."""
        return self.section.get_by_role("button", name=self.said(words)).locator("visible=true")

    def link(self, words: str) -> Locator:
        """The visible link with these words."""
        return self.section.get_by_role("link", name=self.said(words)).locator("visible=true")

    def fill(self, **fields: str) -> None:
        """Type into the visible fields with these names."""
        for name, text in fields.items():
            self.section.locator(f"[name={name}]:visible").fill(text)

    def submit(self) -> None:
        """Press the form's own button."""
        self.section.locator("[type=submit]:visible").click()

    def sign_in(self, email: str, password: str) -> None:
        """Fill in the sign-in, and send it."""
        self.fill(email=email, password=password)
        self.submit()

    def answer(self, method: str, path: str, act: Callable[[], None]) -> Response:
        """What the API answers to what `act` makes the page ask."""
        with self.page.expect_response(
            lambda response: response.request.method == method and response.url.endswith(path)
        ) as waiting:
            act()
        return waiting.value

    def shows(self, title: str) -> None:
        """Wait until the heading says so."""
        expect(self.title).to_have_text(self.said(title))

    def error_at(self, name: str) -> Locator:
        """The words at a wrong field."""
        return self.section.locator(
            f"[data-field={name}]:visible > .err, [data-repeats={name}]:visible > .err"
        )
