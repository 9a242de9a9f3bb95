"""Session in the table: only the hash of its token, and the two expiries that code compares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib import keys, table
from chalicelib.problems import Problem
from chalicelib.table import IS_THERE, Item, Write
from chalicelib.timestamps import epoch, parsed, rfc3339
from chalicelib.tokens import digest

# NIST SP 800-63B-4, 2.1.3 allows 30 days at this level; a shared computer forgets sooner.
LASTS = timedelta(days=14)
IDLES = timedelta(hours=24)
# `last_seen` is written at most this often, so that reading costs no write.
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Session:
    """A live or dead session, as it stands in the table."""

    digest: str
    user_id: str
    account_id: str
    created_at: datetime
    last_seen: datetime
    elevated_until: datetime
    elevated_with_code: bool  # whether a second factor was proved for it
    expires_at: datetime  # however much it is used
    generation: int  # of its user's sessions; an earlier one than the user's is dead

    def is_live(self, now: datetime) -> bool:
        """Whether neither expiry has come; the item may outlive both."""
        return now < self.expires_at and now < self.last_seen + IDLES


def new_session(session: Session) -> Write:
    """Keep a session."""
    return table.put(
        {
            **keys.under_hash("SESSION", session.digest),
            "gsi1pk": f"USER#{session.user_id}#SESSIONS",
            "gsi1sk": rfc3339(session.created_at),
            "entity": "Session",
            "version": 1,
            "user_id": session.user_id,
            "account_id": session.account_id,
            "created_at": rfc3339(session.created_at),
            "last_seen": rfc3339(session.last_seen),
            "elevated_until": rfc3339(session.elevated_until),
            "elevated_with_code": session.elevated_with_code,
            "generation": session.generation,
            "expires_at": epoch(session.expires_at),
        }
    )


def session(token: str) -> Session | None:
    """The session of a cookie's token; None where there is none, as after sign-out."""
    item = table.get(keys.under_hash("SESSION", digest(token)))
    return _session(item) if item else None


def end_session(session_digest: str) -> Write:
    """Forget a session, if it is there."""
    return table.delete(keys.under_hash("SESSION", session_digest))


def renew_session(session_digest: str) -> Write:
    """Forget a session for the sake of the one that follows it: one that is over has no successor."""
    return table.delete(keys.under_hash("SESSION", session_digest), when=IS_THERE).or_else(
        Problem("not_signed_in")
    )


def seen(session_digest: str, now: datetime) -> Write:
    """Note that a session is in use."""
    return table.update(keys.under_hash("SESSION", session_digest), sets={"last_seen": rfc3339(now)})


def choose_account(session_digest: str, account_id: str) -> Write:
    """Let a session act on another account."""
    return table.update(keys.under_hash("SESSION", session_digest), sets={"account_id": account_id})


def who(session: Session) -> tuple[Item | None, Item | None, Item | None]:
    """The session's user, their membership and the account, in one consistent round trip."""
    user, membership, account = table.batch_get(
        keys.user(session.user_id),
        keys.membership(session.account_id, session.user_id),
        keys.account(session.account_id),
    )
    return user, membership, account


def _session(item: Mapping[str, Any]) -> Session:
    return Session(
        digest=item["pk"].removeprefix("SESSION#"),
        user_id=item["user_id"],
        account_id=item["account_id"],
        created_at=parsed(item["created_at"]),
        last_seen=parsed(item["last_seen"]),
        elevated_until=parsed(item["elevated_until"]),
        elevated_with_code=item["elevated_with_code"],
        expires_at=datetime.fromtimestamp(item["expires_at"], UTC),
        generation=item["generation"],
    )
