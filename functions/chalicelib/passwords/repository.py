"""PasswordReset in the table: one use, 30 minutes, found by the hash of its token alone."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib import keys, table
from chalicelib.problems import Problem
from chalicelib.table import Write
from chalicelib.timestamps import rfc3339

RESET_UNUSED = "attribute_exists(pk) AND attribute_not_exists(used_at)"


@dataclass(frozen=True)
class PasswordReset:
    """A link that somebody asked for; for an unknown address it belongs to nobody, and no mail carries it."""

    digest: str
    user_id: str
    email: str
    language: str
    password_hash: str  # of the password that was forgotten: a link cannot replace a later one
    expires_at: int
    is_used: bool = False


def new_reset(reset: PasswordReset) -> Write:
    """Keep a reset until it is used or too old."""
    return table.put(
        {
            **keys.under_hash("RESET", reset.digest),
            "entity": "PasswordReset",
            "version": 1,
            "user_id": reset.user_id,
            "email": reset.email,
            "language": reset.language,
            "password_hash": reset.password_hash,
            "expires_at": reset.expires_at,
        }
    )


def reset(digest: str) -> PasswordReset | None:
    """The reset that a token opens, used and expired ones too."""
    item = table.get(keys.under_hash("RESET", digest))
    if item is None:
        return None
    return PasswordReset(
        digest=digest,
        user_id=item["user_id"],
        email=item["email"],
        language=item["language"],
        password_hash=item["password_hash"],
        expires_at=item["expires_at"],
        is_used="used_at" in item,
    )


def use_reset(digest: str, now: datetime) -> Write:
    """Mark a reset as used, once."""
    return table.update(
        keys.under_hash("RESET", digest), sets={"used_at": rfc3339(now)}, when=RESET_UNUSED
    ).or_else(Problem("link_expired"))
