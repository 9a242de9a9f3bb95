"""Ticket and TicketMessage in the table.

Ticket          TICKET#id / TICKET               id = SHA-256(user, account, Idempotency-Key)
its messages    TICKET#id / MESSAGE#ulid
its mark        TICKET_NUMBER#n
in lists        ACCOUNT#id#TICKETS / updated     on gsi1
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib import keys, table
from chalicelib.problems import Problem
from chalicelib.table import IS_NEW, Item, Write
from chalicelib.timestamps import rfc3339

# Where a page of a list ended: `updated_at` and the id of its last ticket.
_CURSOR = re.compile(r"([0-9T:.Z-]{27})~([0-9a-f]{64})")


@dataclass(frozen=True)
class Ticket:
    """A request to support. `body_digest` tells whether a repeated submit has the same content."""

    id: str
    number: str
    account_id: str
    user_id: str
    department: str
    subject: str
    state: str
    created_at: str
    updated_at: str
    body_digest: str


@dataclass(frozen=True)
class Message:
    """One message of a ticket's thread."""

    id: str
    author: str
    from_support: bool
    text: str
    sent_at: str


def new_ticket(ticket: Ticket) -> Write:
    """Keep a ticket, unless the same submit made it already (then ConditionFailed carries that one)."""
    return table.put(
        {
            **keys.ticket(ticket.id),
            "gsi1pk": f"ACCOUNT#{ticket.account_id}#TICKETS",
            "gsi1sk": ticket.updated_at,
            "entity": "Ticket",
            "version": 1,
            "number": ticket.number,
            "account_id": ticket.account_id,
            "user_id": ticket.user_id,
            "department": ticket.department,
            "subject": ticket.subject,
            "state": ticket.state,
            "created_at": ticket.created_at,
            "updated_at": ticket.updated_at,
            "body_digest": ticket.body_digest,
        },
        when=IS_NEW,
    )


def claim_number(ticket: Ticket) -> Write:
    """The mark that keeps a public ticket ID unique."""
    mark = {"entity": "TicketNumber", "version": 1, "ticket_id": ticket.id}
    return table.put({**keys.ticket_number(ticket.number), **mark}, when=IS_NEW)


def new_message(ticket_id: str, message: Message) -> Write:
    """Keep a message of a ticket."""
    return table.put(
        {
            **keys.ticket_message(ticket_id, message.id),
            "entity": "TicketMessage",
            "version": 1,
            "author": message.author,
            "from_support": message.from_support,
            "text": message.text,
            "sent_at": message.sent_at,
        },
        when=IS_NEW,
    )


def touch(ticket_id: str, state: str, now: datetime) -> Write:
    """Note a ticket's new state, and bring it to the top of the lists."""
    moment = rfc3339(now)
    return table.update(keys.ticket(ticket_id), sets={"state": state, "updated_at": moment, "gsi1sk": moment})


def ticket(ticket_id: str) -> Ticket | None:
    """A ticket by its id."""
    item = table.get(keys.ticket(ticket_id))
    return _ticket(item) if item else None


def ticket_with_messages(ticket_id: str) -> tuple[Ticket | None, list[Message]]:
    """A ticket and its thread, oldest first, in one round trip; a long thread takes one for each further page."""
    pk = f"TICKET#{ticket_id}"
    page = table.query(pk, newest_first=True)  # The ticket itself sorts behind its messages.
    items = page.items
    while page.last_key:
        page = table.query(pk, newest_first=True, after=page.last_key)
        items += page.items
    found = next((_ticket(item) for item in items if item["sk"] == "TICKET"), None)
    return found, [_message(item) for item in reversed(items) if item["sk"] != "TICKET"]


def tickets(account_id: str, cursor: str) -> tuple[list[Ticket], str | None]:
    """One page of the account's tickets, the latest first, and the cursor of the next. Raises malformed_body."""
    pk = f"ACCOUNT#{account_id}#TICKETS"
    page = table.query(
        pk, index="gsi1", newest_first=True, limit=25, after=_place(pk, cursor) if cursor else None
    )
    found = [_ticket(item) for item in page.items]
    return found, f"{found[-1].updated_at}~{found[-1].id}" if page.last_key else None


def _place(gsi1pk: str, cursor: str) -> Item:
    """The place in a list that a cursor tells; a made-up one tells a place in the same list. Raises malformed_body."""
    place = _CURSOR.fullmatch(cursor)
    if place is None:
        raise Problem("malformed_body")
    return {**keys.ticket(place[2]), "gsi1pk": gsi1pk, "gsi1sk": place[1]}


def from_item(item: Item) -> Ticket:
    """The ticket that a failed condition found in the place of a new one."""
    return _ticket(item)


def _ticket(item: Mapping[str, Any]) -> Ticket:
    return Ticket(
        id=item["pk"].removeprefix("TICKET#"),
        number=item["number"],
        account_id=item["account_id"],
        user_id=item["user_id"],
        department=item["department"],
        subject=item["subject"],
        state=item["state"],
        created_at=item["created_at"],
        updated_at=item["updated_at"],
        body_digest=item["body_digest"],
    )


def _message(item: Mapping[str, Any]) -> Message:
    return Message(
        id=item["sk"].removeprefix("MESSAGE#"),
        author=item["author"],
        from_support=item["from_support"],
        text=item["text"],
        sent_at=item["sent_at"],
    )
