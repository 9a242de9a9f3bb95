"""Email in the table: the outbox and 'sent e-mails' in one.

Email   ACCOUNT#id or USER#id / EMAIL#ulid
queued  EMAILS#QUEUED#0-15 / created, on gsi1, until it is sent or parked

queued ──claim (a lease of a minute)──▶ being sent ──▶ sent: the token is gone
  ▲                                        │
  └──────────── the lease runs out ────────┘     five claims in vain: parked

What SES tells later stands beside it: bounced_at, bounced_kind, bounced_reason, bounced_status; complained_at, …
"""

import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib import keys, table
from chalicelib.keys import Key
from chalicelib.table import IS_NEW, IS_THERE, Write
from chalicelib.timestamps import epoch, parsed, rfc3339

SHARDS = 16
LEASE = timedelta(minutes=1)
TRIES = 5
PERMANENT = "permanent"  # a bounce after which no other mail to this address will arrive

CAN_BE_CLAIMED = "attribute_exists(gsi1pk) AND (attribute_not_exists(leased_until) OR leased_until <= :now)"
IS_QUEUED = "attribute_exists(gsi1pk)"
LEASE_IS_OURS = f"{IS_QUEUED} AND leased_until = :ours"
# Events come twice and in any order: of each kind the newest stands, but a permanent bounce yields to no other.
IS_NEWS = "(attribute_not_exists({what}_at) OR {what}_at < :at)"
IS_LAST_WORD = "(attribute_not_exists(bounced_at) OR bounced_kind <> :permanent OR bounced_at < :at)"
IS_NOT_OVERRULED = "(attribute_not_exists(bounced_at) OR bounced_kind <> :permanent)"


@dataclass(frozen=True)
class Email:
    """A mail to send or sent: its kind and parameters; the words come when it is rendered."""

    key: Key
    kind: str
    to: str
    language: str
    parameters: Mapping[str, str]
    sealed: bytes | None  # a token under KMS; gone once sent
    reference: str  # the same in every copy of this mail
    tries: int = 0
    leased_until: int = 0  # epoch seconds; tells one sender's lease from the next one's


@dataclass(frozen=True)
class Feedback:
    """One piece of news of one mail.

    `what` is `bounced`, `complained`, `delayed` or `rejected`; `details` are single words: of a bounce its `kind`
    (`permanent`, `transient`, `undetermined`), of all the `reason` in SES's word (`MailboxFull`, `abuse`) and the
    `status` of the other side (`5.1.1`; `550` where it gave no more), each only if it was told.
    """

    key: Key
    what: str
    at: datetime
    details: Mapping[str, str]


@dataclass(frozen=True)
class Waiting:
    """A mail in the queue, and since when it has been there."""

    key: Key
    since: datetime


def queue(email: Email, now: datetime) -> Write:
    """The write that queues a mail."""
    item: dict[str, Any] = {
        **email.key,
        "gsi1pk": f"EMAILS#QUEUED#{zlib.crc32(email.reference.encode()) % SHARDS}",
        "gsi1sk": rfc3339(now),
        "entity": "Email",
        "version": 1,
        "kind": email.kind,
        "to": email.to,
        "language": email.language,
        "parameters": dict(email.parameters),
        "reference": email.reference,
        "tries": 0,
        "created_at": rfc3339(now),
    }
    if email.sealed:
        item["sealed"] = email.sealed
    return table.put(item, when=IS_NEW)


def claim(key: Key, now: datetime) -> Email | None:
    """Take a queued mail for the time of a lease; None when it is sent, parked, or another sender's."""
    step = table.update(
        key,
        sets={"leased_until": epoch(now + LEASE)},
        adds={"tries": 1},
        when=CAN_BE_CLAIMED,
        values={"now": epoch(now)},
    )
    try:
        return _email(table.write(step))
    except table.ConditionFailed:
        return None


def mark_sent(key: Key, now: datetime) -> None:
    """Note that a mail went out, and forget its token."""
    _leave_queue(key, {"sent_at": rfc3339(now)})


def park(key: Key, now: datetime) -> None:
    """Take a mail that cannot be sent out of the queue, for somebody to look at."""
    _leave_queue(key, {"parked_at": rfc3339(now)})


def release(email: Email, until: datetime) -> None:
    """Let the next sweep after a moment try a mail again, unless the lease ran out and another sender has it."""
    step = table.update(
        email.key,
        sets={"leased_until": epoch(until)},
        when=LEASE_IS_OURS,
        values={"ours": email.leased_until},
    )
    with suppress(table.ConditionFailed):
        table.write(step)


def queued(shard: int) -> list[Waiting]:
    """The hundred oldest queued mails of one shard, oldest first."""
    items = table.query(f"EMAILS#QUEUED#{shard}", index="gsi1").items
    return [Waiting(keys.key(item["pk"], item["sk"]), parsed(item["gsi1sk"])) for item in items]


def note(feedback: Feedback) -> bool:
    """Write down what SES tells of a mail; returns whether there is such a mail. Older news changes nothing."""
    at, what = rfc3339(feedback.at), feedback.what
    values = {"at": at}
    condition = IS_NEWS.format(what=what)
    if what == "bounced":
        values["permanent"] = PERMANENT
        is_last_word = feedback.details.get("kind") == PERMANENT
        condition = IS_LAST_WORD if is_last_word else f"{condition} AND {IS_NOT_OVERRULED}"
    told = {f"{what}_{name}": feedback.details.get(name) for name in ("kind", "reason", "status")}
    step = table.update(
        feedback.key,
        sets={f"{what}_at": at, **{name: word for name, word in told.items() if word}},
        removes=[name for name, word in told.items() if not word],
        when=f"{IS_THERE} AND {condition}",
        values=values,
    )
    try:
        table.write(step)
    except table.ConditionFailed as refusal:
        return refusal.item is not None
    return True


def _leave_queue(key: Key, sets: dict[str, str]) -> None:
    removes = ("gsi1pk", "gsi1sk", "leased_until", "sealed")
    with suppress(table.ConditionFailed):  # Another sender, after our lease had run out, was quicker.
        table.write(table.update(key, sets=sets, removes=removes, when=IS_QUEUED))


def _email(item: Mapping[str, Any]) -> Email:
    return Email(
        key=keys.key(item["pk"], item["sk"]),
        kind=item["kind"],
        to=item["to"],
        language=item["language"],
        parameters=item["parameters"],
        sealed=item.get("sealed"),
        reference=item["reference"],
        tries=item["tries"],
        leased_until=item["leased_until"],
    )
