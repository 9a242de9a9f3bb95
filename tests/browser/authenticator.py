"""The app on a person's phone, as a browser test holds it."""

from datetime import UTC, datetime

import pyotp
from playwright.sync_api import Page


def code(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or so many steps of 30 seconds later; the next one is accepted too."""
    return pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=steps)


def wrong_code(secret: str) -> str:
    """Six digits that the app shows neither now nor soon."""
    shown = {code(secret, steps=step) for step in range(-5, 6)}
    return next(digits for digits in ("000000", "111111", "222222") if digits not in shown)


def kept(page: Page) -> str:
    """Everything that a page could keep what was typed in, and its address."""
    return str(
        page.evaluate(
            "[{...sessionStorage}, {...localStorage}, document.cookie, history.state, location.href]"
        )
    )
