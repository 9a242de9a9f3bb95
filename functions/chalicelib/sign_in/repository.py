"""SignIn in the table: the password was right, the second factor is awaited.

It opens nothing: no session look-up reads it, and its token travels in a cookie of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import keys, table
from chalicelib.accounts.repository import SignInAddress
from chalicelib.one_use import UNUSED
from chalicelib.problems import Problem
from chalicelib.table import Write
from chalicelib.timestamps import epoch, rfc3339
from chalicelib.tokens import digest

LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class AwaitedSignIn:
    """Whose second factor is awaited, and what session it will begin."""

    digest: str
    user_id: str
    account_id: str
    generation: int
    is_finished: bool


def await_second_factor(token: str, known: SignInAddress, now: datetime) -> Write:
    """Keep a sign-in until its second factor comes, under the hash of its token."""
    return table.put(
        {
            **keys.under_hash("SIGN_IN", digest(token)),
            "entity": "SignIn",
            "version": 1,
            "user_id": known.user_id,
            "account_id": known.account_id,
            "generation": known.generation,
            "expires_at": epoch(now + LASTS),
        }
    )


def awaited(token: str, now: datetime) -> AwaitedSignIn:
    """The sign-in of a cookie's token. Raises not_signed_in where there is none, or one that waited too long."""
    item = table.get(keys.under_hash("SIGN_IN", digest(token))) if token else None
    if item is None or item["expires_at"] <= epoch(now):
        raise Problem("not_signed_in")
    return AwaitedSignIn(
        digest(token), item["user_id"], item["account_id"], item["generation"], "used_at" in item
    )


def finish(sign_in: AwaitedSignIn, now: datetime) -> Write:
    """Mark a sign-in as finished, once."""
    return table.update(
        keys.under_hash("SIGN_IN", sign_in.digest), sets={"used_at": rfc3339(now)}, when=UNUSED
    )
