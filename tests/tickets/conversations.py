"""A ticket of the story, and short ways to it."""

import itertools
from typing import Any

from tests.client import Answer, Client

NO_MAIL = {
    "department": "technical",
    "subject": "Nema pošte od juče",
    "description": "Šaljem, ali ništa ne stiže.\n\nPozdrav, Alice",
}
_keys = (f"key-{count}" for count in itertools.count())


def open_ticket(client: Client, key: str = "", **fields: Any) -> Answer:
    """Open the ticket, or one that differs from it; with a key of its own, unless one is given."""
    return client.post("/api/tickets", {**NO_MAIL, **fields}, idempotency_key=key or next(_keys))


def opened(client: Client, **fields: Any) -> str:
    """The id of a ticket, once opened."""
    answer = open_ticket(client, **fields)
    assert answer.status == 201, answer.text
    return str(answer.body["id"])
