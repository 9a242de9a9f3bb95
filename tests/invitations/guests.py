"""Dora, whom Alice invites to her account, and short ways to what both do."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from chalicelib import keys
from chalicelib.permissions import PERMISSIONS
from chalicelib.timestamps import epoch
from tests.client import Answer, Client
from tests.conftest import everything
from tests.mailbox import Mailbox

DORA = {"email": "dora@example.com", "language": "es", "permissions": ["invoices", "tickets"]}
NEW_USER = {"name": "Dora Núñez", "password": "zelena čaplja preko reke"}


# What is no choice of permissions, and what is told of it.
WRONG_PERMISSIONS: list[tuple[Any, dict[str, str]]] = [
    (["invoices", "everything"], {"#/permissions/1": "not_offered"}),
    (["x", "tickets", "y"], {"#/permissions/0": "not_offered", "#/permissions/2": "not_offered"}),
    (["Invoices"], {"#/permissions/0": "not_offered"}),
    ([" invoices"], {"#/permissions/0": "not_offered"}),
    (["all"], {"#/permissions/0": "not_offered"}),
    (["is_owner"], {"#/permissions/0": "not_offered"}),
    ([""], {"#/permissions/0": "not_offered"}),
    ([13], {"#/permissions/0": "not_offered"}),
    ([None], {"#/permissions/0": "not_offered"}),
    ([["invoices"]], {"#/permissions/0": "not_offered"}),
    ([{"invoices": True}], {"#/permissions/0": "not_offered"}),
    (["invoices", "invoices"], {"#/permissions": "repeated"}),
    ([*PERMISSIONS, "orders"], {"#/permissions": "repeated"}),
    ("All", {"#/permissions": "wrong_type"}),
    ("invoices", {"#/permissions": "wrong_type"}),
    ("", {"#/permissions": "wrong_type"}),
    ({}, {"#/permissions": "wrong_type"}),
    ({"0": "invoices"}, {"#/permissions": "wrong_type"}),
    (13, {"#/permissions": "wrong_type"}),
    (True, {"#/permissions": "wrong_type"}),
    (None, {"#/permissions": "wrong_type"}),
]


@dataclass
class StoppedClock:
    """A clock that stands, for what is decided to the second."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=250_000))

    def now(self, zone: tzinfo = UTC) -> datetime:
        """What `datetime.now` answers."""
        return self.moment.astimezone(zone)


def invite(client: Client, **fields: Any) -> Answer:
    """Invite Dora, or somebody who differs from her."""
    return client.post("/api/invitations", {**DORA, **fields})


def invited(client: Client, **fields: Any) -> tuple[str, str]:
    """The id of an invitation, and the token of the link that went out."""
    answer = invite(client, **fields)
    assert answer.status == 201, answer.text
    return str(answer.body["id"]), Mailbox().token()


def resent(client: Client, invitation_id: str) -> str:
    """The token of an invitation's fresh link."""
    answer = client.post(f"/api/invitations/{invitation_id}/resend")
    assert answer.status == 200, answer.text
    return Mailbox().token()


def preview(token: object, client: Client | None = None) -> Answer:
    """Look at what a link is about."""
    return (client or Client()).post("/api/invitations/preview", {"token": token})


def accept(token: object, client: Client | None = None, **fields: Any) -> Answer:
    """Accept as somebody who is signed in, or with nothing but the link."""
    return (client or Client()).post("/api/invitations/accept", {"token": token, **fields})


def register(token: object, client: Client | None = None, **fields: Any) -> Answer:
    """Accept as Dora, who has no user yet."""
    return accept(token, client, **{**NEW_USER, **fields})


def states(client: Client) -> list[str]:
    """The states of the account's invitations, newest first."""
    return [one["state"] for one in client.get("/api/invitations").body["items"]]


def permissions_of(client: Client, email: str) -> list[str] | None:
    """What a user of the account may do, as its list of users tells; None for who is none."""
    users = {one["email"]: one["permissions"] for one in client.get("/api/users").body["items"]}
    return users.get(email)


def standing() -> list[dict[str, Any]]:
    """Everything in the table but the counts of what was tried."""
    return [one for one in everything() if one["entity"] != "Attempts"]


def agree(now: datetime | None = None) -> None:
    """Invitations, the marks of invited addresses, memberships and notices tell the same."""
    moment, there = epoch(now or datetime.now(UTC)), everything()

    def all_of(entity: str) -> list[dict[str, Any]]:
        return [one for one in there if one["entity"] == entity]

    invitations = all_of("Invitation")
    waiting = {
        (one["pk"], keys.invited("", one["email"])["sk"]): one["sk"].removeprefix("INVITATION#")
        for one in invitations
        if "outcome" not in one and one["valid_until"] > moment
    }
    marks = {
        (mark["pk"], mark["sk"]): mark["invitation_id"]
        for mark in all_of("InvitedMark")
        if mark["valid_until"] > moment
    }
    assert marks == waiting
    accepted = [one for one in invitations if one.get("outcome") == "accepted"]
    notices = [mail for mail in all_of("Email") if mail["kind"] == "invitation_accepted"]
    assert len(notices) == len(accepted)
    links = {token["pk"].removeprefix("INVITATION_TOKEN#") for token in all_of("InvitationToken")}
    assert {one["token_digest"] for one in invitations} <= links
    mails = [mail for mail in all_of("Email") if mail["kind"] == "invitation"]
    assert sum(day["mails"] for day in all_of("InvitationsOfDay")) == len(mails) == len(links)
