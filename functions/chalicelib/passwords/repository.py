"""PasswordReset in the table: one use, 30 minutes, found by the hash of its token alone."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib import keys, one_use, table
from chalicelib.table import Write


@dataclass(frozen=True)
class PasswordReset:
    """A link that somebody asked for; for an unknown address it belongs to nobody, and no mail carries it."""

    digest: str
    user_id: str
    email: str
    language: str
    password_hash: str  # of the password that was forgotten: a link cannot replace a later one
    expires_at: int


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


def no_mail(reset: PasswordReset, sealed: bytes) -> Write:
    """What is written for an unknown address in the place of a mail: it weighs as much, and is forgotten as soon."""
    return table.put(
        {
            **keys.under_hash("RESET_NOT_MAILED", reset.digest),
            "entity": "ResetNotMailed",
            "version": 1,
            "to": reset.email,
            "language": reset.language,
            "sealed": sealed,
            "expires_at": reset.expires_at,
        }
    )


def reset(digest: str, now: datetime) -> PasswordReset:
    """The reset that a token opens. Raises not_found and link_expired as one_use does."""
    item = one_use.usable(keys.under_hash("RESET", digest), now)
    return PasswordReset(
        digest=digest,
        user_id=item["user_id"],
        email=item["email"],
        language=item["language"],
        password_hash=item["password_hash"],
        expires_at=item["expires_at"],
    )


def use_reset(digest: str, now: datetime) -> Write:
    """Mark a reset as used, once."""
    return one_use.use(keys.under_hash("RESET", digest), now)
