"""Inviting, resending, revoking, accepting, removing and waiting in any order, beside a plain model (trust.md, 43).

The model knows neither marks, hashes nor conditions: only what the owner and the guests were told. After every step
the two lists of the owner must tell what the model tells, and at the end the table must agree with itself.

    KALAUZ_EXAMPLES=2000 KALAUZ_STEPS=50 .venv/bin/python -m pytest tests/invitations/test_any_order.py
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from moto.core.model_instances import reset_model_data

from chalicelib import brand, table
from chalicelib.accounts import repository as accounts
from chalicelib.permissions import PERMISSIONS
from chalicelib.sessions import actions as sessions
from tests.client import Client
from tests.conftest import TABLE, password_hash, settle, table_properties
from tests.invitations.guests import (
    NEW_USER,
    StoppedClock,
    accept,
    agree,
    invite,
    preview,
)
from tests.mailbox import Mailbox

A_DAY = 5  # mails
LASTS = timedelta(days=7)
CHARLIE, DORA = "charlie@example.com", "dora@example.com"
GUESTS = (CHARLIE, DORA)
CLOCK = StoppedClock()

LINKS = st.sampled_from((0, 0, 0, 1, 2))  # counted from the newest

some_permissions = st.lists(st.sampled_from(PERMISSIONS), unique=True, max_size=4)


@dataclass
class Invited:
    """What the model knows of an invitation; its last link is the one that counts."""

    id: str
    email: str
    permissions: list[str]
    sent_at: datetime
    links: list[str] = field(default_factory=list)
    outcome: str = ""

    def state(self, now: datetime) -> str:
        return self.outcome or ("pending" if now < self.sent_at + LASTS else "expired")


class Invitations(RuleBasedStateMachine):
    """Alice's account and two guests, of whom Charlie alone has a user to begin with."""

    invitations = Bundle("invitations")

    @initialize()
    def begins(self) -> None:
        reset_model_data()  # moto keeps every copy of the table that a transaction makes
        table.dynamodb().delete_table(TableName=TABLE)
        table.dynamodb().create_table(**table_properties(TABLE))
        CLOCK.moment = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        alice = settle("alice", "Alice Petrović", "sr", owns=True)
        charlie = settle("charlie", "Charlie Núñez", "es", owns=True)
        self.owner_id, self.account_id = alice.id, alice.account_id
        self.registered = {CHARLIE: charlie.id}
        self.members: dict[str, list[str]] = {}
        self.invited: list[Invited] = []
        self.mails: dict[str, int] = {}

    # What the model says.

    @property
    def now(self) -> datetime:
        return CLOCK.moment

    @property
    def today(self) -> str:
        return f"{self.now:%Y-%m-%d}"

    def waits(self, email: str, but: Invited | None = None) -> bool:
        """Whether another invitation of an address waits."""
        return any(
            one.email == email and one is not but and one.state(self.now) == "pending" for one in self.invited
        )

    def refusal_of_mail(self, email: str, but: Invited | None = None) -> str:
        """Why no mail may go out to an address, if so, in the order in which the reader is told."""
        if self.waits(email, but) or email in self.members:
            return "already_exists"
        return "limit_reached" if self.mails.get(self.today, 0) == A_DAY else ""

    def sent(self) -> str:
        """Count a mail, and take the token out of it."""
        self.mails[self.today] = self.mails.get(self.today, 0) + 1
        mailbox = Mailbox()
        assert len(mailbox.collect()) == 1
        return mailbox.token()

    # Who acts. Sessions begin as signing in begins them, at the time of the story.

    def signed_in(self, user_id: str, account_id: str) -> Client:
        new = sessions.begin(user_id, account_id, self.now)
        table.commit(new.writes)
        client = Client("es")
        client.take_cookies(new.cookies)
        return client

    @property
    def owner(self) -> Client:
        return self.signed_in(self.owner_id, self.account_id)

    def guest(self, email: str) -> Client:
        """Somebody's browser: signed in, if they have a user."""
        if email not in self.registered:
            return Client("es")
        known = accounts.sign_in_address(email)
        assert known
        return self.signed_in(known.user_id, known.account_id)

    # The steps.

    @rule(
        target=invitations,
        email=st.sampled_from(GUESTS),
        shouting=st.booleans(),
        permissions=some_permissions,
    )
    def invites(self, email: str, shouting: bool, permissions: list[str]) -> object:
        refusal = self.refusal_of_mail(email)
        typed = email.upper() if shouting else email
        answer = invite(self.owner, email=typed, permissions=permissions)
        assert answer.code == refusal
        if refusal:
            return multiple()
        chosen = [one for one in PERMISSIONS if one in permissions]
        new = Invited(answer.body["id"], email, chosen, self.now, [self.sent()])
        self.invited.insert(0, new)
        return new

    @rule(one=invitations)
    def resends(self, one: Invited) -> None:
        refusal = "link_expired" if one.outcome else self.refusal_of_mail(one.email, one)
        assert self.owner.post(f"/api/invitations/{one.id}/resend").code == refusal
        if not refusal:
            one.sent_at = self.now
            one.links.append(self.sent())

    @rule(one=invitations)
    def revokes(self, one: Invited) -> None:
        answer = self.owner.delete(f"/api/invitations/{one.id}")
        assert answer.code == ("link_expired" if one.outcome else "")
        one.outcome = one.outcome or "revoked"

    @rule(one=invitations, link=LINKS, who=st.sampled_from(("addressee", "addressee", *GUESTS, "", "owner")))
    def accepts(self, one: Invited, link: int, who: str) -> None:
        """With the newest link or an older one; as its addressee, as another, or without a session."""
        token = one.links[-1 - link % len(one.links)]
        email = one.email if who == "addressee" else who
        client = self.owner if who == "owner" else self.guest(email)
        signed_in = who == "owner" or email in self.registered
        if token != one.links[-1] or one.state(self.now) != "pending":
            refusal = "link_expired"
        elif signed_in:
            refusal = "" if email == one.email else "other_addressee"
        else:
            refusal = "not_signed_in" if one.email in self.registered else ""
        answer = accept(token, client, **NEW_USER)
        assert answer.code == refusal
        if refusal:
            return
        assert [mail["To"] for mail in Mailbox().collect()] == ["alice@example.com"]
        one.outcome = "accepted"
        self.members[one.email] = one.permissions
        me = client.get("/api/me").body
        assert me["user"]["email"].casefold() == one.email
        assert me["account"]["id"] == self.account_id and me["permissions"] == one.permissions
        self.registered[one.email] = me["user"]["id"]

    @rule(one=invitations, link=LINKS)
    def looks(self, one: Invited, link: int) -> None:
        token = one.links[-1 - link % len(one.links)]
        good = token == one.links[-1] and one.state(self.now) == "pending"
        answer = preview(token)
        assert answer.status == (200 if good else 410)
        assert not good or answer.body["registered"] == (one.email in self.registered)

    @precondition(lambda self: self.members)
    @rule(data=st.data(), permissions=some_permissions)
    def changes_permissions(self, data: st.DataObject, permissions: list[str]) -> None:
        email = data.draw(st.sampled_from(sorted(self.members)))
        client = self.guest(email)
        client.put("/api/session/account", {"account": self.account_id})
        answer = self.owner.patch(f"/api/users/{self.registered[email]}", {"permissions": permissions})
        self.members[email] = [one for one in PERMISSIONS if one in permissions]
        assert answer.body["permissions"] == self.members[email]
        assert client.get("/api/me").body["permissions"] == self.members[email]

    @rule(email=st.sampled_from(GUESTS))
    def removes(self, email: str) -> None:
        user_id = self.registered.get(email, "nobody")
        answer = self.owner.delete(f"/api/users/{user_id}")
        assert answer.code == ("" if email in self.members else "not_found")
        self.members.pop(email, None)

    @rule(
        time=st.sampled_from(
            (timedelta(seconds=1), timedelta(hours=13), LASTS - timedelta(seconds=1), LASTS, LASTS)
        )
    )
    def passes(self, time: timedelta) -> None:
        CLOCK.moment += time

    # What holds after each.

    @invariant()
    def the_lists_tell_what_the_model_tells(self) -> None:
        client = self.owner
        told = client.get("/api/invitations").body["items"]
        listed = sorted((one["id"], one["state"], one["permissions"]) for one in told)
        assert listed == sorted((one.id, one.state(self.now), one.permissions) for one in self.invited)
        users = client.get("/api/users").body["items"]
        there = {one["email"].casefold(): one["permissions"] for one in users if not one["is_owner"]}
        assert there == self.members and len(users) == len(there) + 1

    def teardown(self) -> None:
        agree(self.now)


def test_in_any_order_the_api_does_what_the_model_does(memory: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.routing.datetime", CLOCK)
    monkeypatch.setattr(brand, "INVITATIONS_PER_DAY", A_DAY)
    # The limits that look back over some time, and the cost of a password, have tests of their own.
    monkeypatch.setattr("chalicelib.limits.charge", lambda *_attempt: None)
    made = password_hash()
    monkeypatch.setattr("chalicelib.hashing.hashed", lambda _password: made)
    run_state_machine_as_test(
        Invitations,
        settings=settings(
            max_examples=int(os.environ.get("KALAUZ_EXAMPLES", "12")),
            stateful_step_count=int(os.environ.get("KALAUZ_STEPS", "30")),
            derandomize="KALAUZ_EXAMPLES" not in os.environ,  # the short run is the same every time
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
