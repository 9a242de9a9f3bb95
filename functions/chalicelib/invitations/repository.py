"""Invitation in the table, with its marks.

Invitation      ACCOUNT#id / INVITATION#ulid        stays a while after its end, to be seen among the past ones
while it waits  ACCOUNT#id / INVITED#normalised     one invitation of an address at a time
its link        INVITATION_TOKEN#sha256             leads to it; of several, the one that the invitation names counts
day's mails     ACCOUNT#id / INVITATIONS_OF_DAY#…   counted in the transaction that sends

pending ──accept──▶ accepted        A resend names another token, and the days begin anew.
   │└────revoke──▶ revoked
   └─── 7 days ──▶ expired          compared when read; nothing is written
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib import brand, keys, table
from chalicelib.problems import Problem
from chalicelib.table import IS_NEW, Item, Page, Write
from chalicelib.timestamps import epoch, rfc3339

LASTS = timedelta(days=7)
REMEMBERED = timedelta(days=90)  # after its end

ACCEPTED, REVOKED = "accepted", "revoked"

IS_PENDING = "attribute_exists(pk) AND attribute_not_exists(outcome) AND token_digest = :token"
IS_OPEN = f"{IS_PENDING} AND valid_until > :now"
MARK_IS_FREE = "attribute_not_exists(pk) OR valid_until <= :now OR invitation_id = :invitation"
MARK_IS_OURS = "invitation_id = :invitation"
DAY_HAS_ROOM = "attribute_not_exists(mails) OR mails < :most"


@dataclass(frozen=True)
class Invitation:
    """Who is invited by whom to what, and how it ended if it did."""

    id: str
    account_id: str
    account: str  # its name
    inviter_id: str
    inviter: str
    inviter_email: str
    inviter_language: str
    email: str
    language: str
    permissions: list[str]
    token_digest: str
    created_at: str
    sent_at: str
    valid_until: int  # epoch seconds
    outcome: str = ""

    def state(self, now: datetime) -> str:
        """`pending`, `accepted`, `revoked` or `expired`."""
        return self.outcome or ("pending" if epoch(now) < self.valid_until else "expired")


def invitation(account_id: str, invitation_id: str) -> Invitation | None:
    """An invitation to this account."""
    item = table.get(keys.invitation(account_id, invitation_id))
    return _invitation(item) if item else None


def invitations(account_id: str, after: str | None) -> tuple[list[Invitation], Page]:
    """One page of an account's invitations, newest first, past ones too."""
    page = table.query(
        f"ACCOUNT#{account_id}",
        sk_prefix="INVITATION#",
        newest_first=True,
        after=keys.invitation(account_id, after) if after else None,
    )
    return [_invitation(item) for item in page.items], page


def of_token(digest: str) -> Invitation | None:
    """The invitation that a link leads to, though another link may have taken its place; None for a made-up one."""
    mark = table.get(keys.under_hash("INVITATION_TOKEN", digest))
    return invitation(mark["account_id"], mark["invitation_id"]) if mark else None


def new_invitation(invitation: Invitation, now: datetime) -> list[Write]:
    """The invitation, and what makes its link work. The condition on the mark fails while the address is invited."""
    item = {
        **keys.invitation(invitation.account_id, invitation.id),
        "entity": "Invitation",
        "version": 1,
        "account": invitation.account,
        "inviter_id": invitation.inviter_id,
        "inviter": invitation.inviter,
        "inviter_email": invitation.inviter_email,
        "inviter_language": invitation.inviter_language,
        "email": invitation.email,
        "language": invitation.language,
        "permissions": invitation.permissions,
        "token_digest": invitation.token_digest,
        "created_at": invitation.created_at,
        "sent_at": invitation.sent_at,
        "valid_until": invitation.valid_until,
        "expires_at": _forgotten_at(invitation.valid_until),
    }
    return [table.put(item, when=IS_NEW), _link(invitation)]


def resend(invitation: Invitation, instead_of: str) -> list[Write]:
    """Let another link count from now on, in the place of the one with that digest."""
    return [
        table.update(
            keys.invitation(invitation.account_id, invitation.id),
            sets={
                "inviter_id": invitation.inviter_id,
                "inviter": invitation.inviter,
                "inviter_email": invitation.inviter_email,
                "inviter_language": invitation.inviter_language,
                "token_digest": invitation.token_digest,
                "sent_at": invitation.sent_at,
                "valid_until": invitation.valid_until,
                "expires_at": _forgotten_at(invitation.valid_until),
            },
            when=IS_PENDING,
            values={"token": instead_of},
        ).or_else(Problem("link_expired")),
        _link(invitation),
    ]


def claim_mark(invitation: Invitation, now: datetime) -> Write:
    """Let nobody else invite the address while this invitation waits; one that ran out is in nobody's way."""
    return table.put(
        {
            **keys.invited(invitation.account_id, invitation.email),
            "entity": "InvitedMark",
            "version": 1,
            "invitation_id": invitation.id,
            "valid_until": invitation.valid_until,
            "expires_at": invitation.valid_until,
        },
        when=MARK_IS_FREE,
        values={"now": epoch(now), "invitation": invitation.id},
    )


def accept(invitation: Invitation, user_id: str, now: datetime) -> list[Write]:
    """Note that an open invitation was accepted, by whom, and free its mark. Raises link_expired."""
    return [
        _end(
            invitation, {"outcome": ACCEPTED, "accepted_by": user_id, "ended_at": rfc3339(now)}, IS_OPEN, now
        ),
        _free_mark(invitation),
    ]


def revoke(invitation: Invitation, now: datetime) -> list[Write]:
    """Note that a pending invitation was revoked, and free its mark. Raises link_expired.

    The mark of one that has run out may be another invitation's by now, and holds up nobody.
    """
    ended = _end(invitation, {"outcome": REVOKED, "ended_at": rfc3339(now)}, IS_PENDING, now)
    return [ended, _free_mark(invitation)] if invitation.state(now) == "pending" else [ended]


def count_mail(account_id: str, now: datetime) -> Write:
    """Count one of the mails that an account's invitations may send in a day (UTC). Raises limit_reached."""
    return table.update(
        keys.invitations_of_day(account_id, f"{now.astimezone(UTC):%Y-%m-%d}"),
        sets={"entity": "InvitationsOfDay", "version": 1, "expires_at": epoch(now + timedelta(days=2))},
        adds={"mails": 1},
        when=DAY_HAS_ROOM,
        values={"most": brand.INVITATIONS_PER_DAY},
    )


def _link(invitation: Invitation) -> Write:
    return table.put(
        {
            **keys.under_hash("INVITATION_TOKEN", invitation.token_digest),
            "entity": "InvitationToken",
            "version": 1,
            "account_id": invitation.account_id,
            "invitation_id": invitation.id,
            "expires_at": _forgotten_at(invitation.valid_until),
        },
        when=IS_NEW,
    )


def _end(invitation: Invitation, sets: Mapping[str, Any], when: str, now: datetime) -> Write:
    values: dict[str, Any] = {"token": invitation.token_digest}
    if when == IS_OPEN:
        values["now"] = epoch(now)
    return table.update(
        keys.invitation(invitation.account_id, invitation.id), sets=sets, when=when, values=values
    ).or_else(Problem("link_expired"))


def _free_mark(invitation: Invitation) -> Write:
    return table.delete(
        keys.invited(invitation.account_id, invitation.email),
        when=MARK_IS_OURS,
        values={"invitation": invitation.id},
    ).or_else(Problem("link_expired"))


def _forgotten_at(valid_until: int) -> int:
    return valid_until + int(REMEMBERED.total_seconds())


def _invitation(item: Item) -> Invitation:
    return Invitation(
        id=item["sk"].removeprefix("INVITATION#"),
        account_id=item["pk"].removeprefix("ACCOUNT#"),
        account=item["account"],
        inviter_id=item["inviter_id"],
        inviter=item["inviter"],
        inviter_email=item["inviter_email"],
        inviter_language=item["inviter_language"],
        email=item["email"],
        language=item["language"],
        permissions=item["permissions"],
        token_digest=item["token_digest"],
        created_at=item["created_at"],
        sent_at=item["sent_at"],
        valid_until=item["valid_until"],
        outcome=item.get("outcome", ""),
    )
