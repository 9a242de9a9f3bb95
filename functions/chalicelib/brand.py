"""The provider, as brand.toml names it: the one file that makes Kalauz somebody's own."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BRAND: dict[str, Any] = tomllib.loads(Path(__file__).with_name("brand.toml").read_text("utf-8"))

PROVIDER: str = BRAND["provider"]["name"]
COMPANY: str = BRAND["provider"]["company"]
SUPPORT_EMAIL: str = BRAND["mail"]["sender"]
TICKET_PREFIX: str = BRAND["support"]["ticket_prefix"]
DEPARTMENTS: tuple[str, ...] = tuple(BRAND["support"]["departments"])
HOURS: str = f"{BRAND['support']['opens']}–{BRAND['support']['closes']}"
CONTACTS_PER_ACCOUNT: int = BRAND["limits"]["contacts_per_account"]
INVITATIONS_PER_DAY: int = BRAND["limits"]["invitations_per_day"]
UNDO_MINUTES: int = BRAND["limits"]["undo_minutes"]
SHORTEST_PASSWORD: int = BRAND["passwords"]["shortest"]
REFUSED_PASSWORD_WORDS: tuple[str, ...] = tuple(BRAND["passwords"]["refused_words"])


@dataclass(frozen=True)
class Window:
    """At most `times` in any `seconds`."""

    times: int
    seconds: int


def windows(what: str, *, local: bool) -> tuple[Window, ...]:
    """The sliding windows of one kind of attempt; `local` takes the wide ones where brand.toml has them."""
    limits = BRAND["limits"]
    written = limits["local_windows"].get(what) if local else None
    pairs = (window.split(" in ") for window in written or limits["windows"][what])
    return tuple(Window(int(times), int(seconds)) for times, seconds in pairs)
