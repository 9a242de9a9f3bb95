"""A hot account: many of its users at once add and remove contacts and open tickets, and each ticket is sent twice.

The contacts meet on the account's counter, and transactions on one item conflict as they do in DynamoDB. Requests are
made in this process, on ministack; each transaction takes as long as scale.toml says, or longer.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, get_args
from uuid import uuid4

from chalicelib.permissions import Permission
from infra.bench import price_scale
from infra.bench.conflicts import conflicting
from infra.bench.rows import Counted, Row, seconds, verdict
from infra.bench.setting import Setting
from tests.client import Answer, Client
from tests.conftest import empty_table, items, settle
from tests.people.contacts import VERA, agree
from tests.tickets.conversations import NO_MAIL

USERS = 20  # BENCH_USERS says otherwise
TURNS = 10  # of each user
HERE_BEFORE = 20  # contacts; with one of each user's they are more than the account takes


@dataclass
class Rush:
    """What came of it."""

    users: int
    took: list[float] = field(default_factory=list)  # seconds of each request
    answers: Counter[str] = field(default_factory=Counter)  # by code; empty where it was done
    conflicts: int = 0
    lasted: float = 0.0
    lost: int = 0
    doubled: int = 0


def rows(setting: Setting) -> Iterator[Row]:
    """How fast it went, what was refused, and what was lost or doubled."""
    setting.use_ministack()
    rush = rush_of(int(os.environ.get("BENCH_USERS") or USERS), TURNS)
    cuts = quantiles(rush.took, n=100)
    refused = ", ".join(f"{times} {code}" for code, times in sorted(rush.answers.items()) if code)
    yield Row(
        f"hot account: {rush.users} users at once",
        f"{len(rush.took) / rush.lasted:.0f} requests a second",
        f"{len(rush.took)} requests; {rush.conflicts} conflicts tried again; refused: {refused or 'none'}",
        verdict=verdict(not rush.answers["unavailable"]),
    )
    yield Row(
        "hot account: how long a request took",
        f"{seconds(cuts[49])} p50, {seconds(cuts[94])} p95, {seconds(cuts[98])} p99",
    )
    yield Counted(
        "hot account: lost, doubled",
        f"{rush.lost}, {rush.doubled}",
        budget="0, 0",
        verdict=verdict(not (rush.lost or rush.doubled)),
    )


def rush_of(users: int, turns: int) -> Rush:
    """Let so many users of one account work at once; a turn is a ticket sent twice, a contact added and removed."""
    empty_table()
    alice = settle("alice", "Alice Petrović", "sr", owns=True)
    everything = get_args(Permission)
    clients = [
        settle(
            f"user-{place}", "Frida", "hu", account_id=alice.account_id, permissions=everything
        ).signed_in()
        for place in range(users)
    ]
    owner = alice.signed_in()
    for place in range(HERE_BEFORE):
        _done(owner.post("/api/contacts", {**VERA, "email": f"before-{place}@example.com"}))
    rush = Rush(users)
    with (
        conflicting(price_scale.read().time["waiting_transaction"] / 1000) as conflicts,
        ThreadPoolExecutor(users) as threads,
    ):
        start = time.monotonic()
        seen = list(threads.map(lambda place: _work(clients[place], place, turns), range(users)))
        rush.lasted = time.monotonic() - start
    rush.conflicts = conflicts.refused
    for one in seen:
        rush.took += one.took
        rush.answers.update(one.answers)
    _compare(
        rush, {ticket for one in seen for ticket in one.tickets}, HERE_BEFORE + sum(one.left for one in seen)
    )
    return rush


@dataclass
class _Seen:
    """What one user saw."""

    took: list[float] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    left: int = 0  # contacts that were added and not removed

    def of(self, client: Client, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        start = time.monotonic()
        answer = client.send(method, path, body, **headers)
        self.took.append(time.monotonic() - start)
        self.answers.append(answer.code)
        return answer


def _work(client: Client, place: int, turns: int) -> _Seen:
    seen = _Seen()
    for turn in range(turns):
        key = str(uuid4())
        for _time in range(2):
            opened = seen.of(client, "POST", "/api/tickets", NO_MAIL, idempotency_key=key)
            if opened.status == 201:
                seen.tickets.append(opened.body["id"])
        contact = {**VERA, "email": f"vera-{place}-{turn}@example.com"}
        added = seen.of(client, "POST", "/api/contacts", contact)
        if added.status == 201:
            removed = seen.of(client, "DELETE", f"/api/contacts/{added.body['id']}")
            seen.left += removed.status != 204
    return seen


def _compare(rush: Rush, tickets: set[str], contacts: int) -> None:
    """Hold what the table has against what its users were told: each ticket once, with one mail; each contact."""
    agree()
    kept = Counter(item["pk"].removeprefix("TICKET#") for item in items("TicketMessage"))
    mails, here = len(items("Email")), sum("removed_at" not in item for item in items("Contact"))
    rush.lost = len(tickets - set(kept)) + max(0, len(tickets) - mails) + max(0, contacts - here)
    rush.doubled = sum(kept.values()) - len(tickets) + max(0, mails - len(tickets)) + max(0, here - contacts)


def _done(answer: Answer) -> None:
    if answer.status != 201:
        raise RuntimeError(f"a contact was answered with {answer.status} {answer.code}")
