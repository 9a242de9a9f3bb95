"""Mails of the story in the outbox, and what the stream tells of them."""

from datetime import datetime
from typing import Any

from chalicelib import keys, table
from chalicelib.keys import Key
from chalicelib.mail import actions
from chalicelib.table import commit
from tests.conftest import Person, items


def queue(person: Person, now: datetime) -> Key:
    """Queue the notice of a password change; returns its key."""
    before = {mail["sk"] for mail in items("Email")}
    owner = f"USER#{person.id}"
    commit(actions.send_password_changed(owner, person.email, person.language, person.name, now))
    (new,) = [mail for mail in items("Email") if mail["sk"] not in before]
    return keys.key(new["pk"], new["sk"])


def stored(key: Key) -> dict[str, Any]:
    """A mail's item as it is now."""
    item = table.get(key)
    assert item
    return item


def is_queued(key: Key) -> bool:
    """Whether a mail still waits to be sent."""
    return "gsi1pk" in stored(key)


def record(
    key: Key, *, name: str = "INSERT", entity: str = "Email", waits: bool = True, number: str = "1"
) -> dict[str, Any]:
    """A record of the table's stream; of a mail that waits to be sent, or was sent long ago."""
    wire = {part: {"S": value} for part, value in key.items()}
    image = {**wire, "entity": {"S": entity}, **({"gsi1pk": {"S": "EMAILS#QUEUED#0"}} if waits else {})}
    return {
        "eventName": name,
        "dynamodb": {
            "Keys": wire,
            "SequenceNumber": number,
            **({} if name == "REMOVE" else {"NewImage": image}),
        },
    }
