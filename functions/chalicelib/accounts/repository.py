"""Account, User, EmailAddress and Registration in the table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib import keys, one_use, table
from chalicelib.problems import Problem
from chalicelib.request import SignedIn
from chalicelib.table import IS_NEW, Item, Write
from chalicelib.timestamps import rfc3339

# A session belongs to the generation of its user in which it began; ending all sessions begins the next one. It is
# counted on the User, which every request reads, and on the EmailAddress, which signing in reads, always together:
# by a time instead, a session that was renewed while a password was being reset would outlive the reset.
IS_OF_GENERATION = "generation = :generation"
IS_UNCHANGED = "password_hash = :checked"
IS_AS_CHECKED = f"{IS_UNCHANGED} AND {IS_OF_GENERATION} AND two_factor = :two_factor"
IS_AS_LOOKED_UP = f"{IS_OF_GENERATION} AND two_factor_since = :two_factor_since"


@dataclass(frozen=True)
class Registration:
    """Somebody who asked for an account and has not confirmed the address yet."""

    digest: str
    user_id: str
    account_id: str
    name: str
    email: str
    language: str
    expires_at: int


@dataclass(frozen=True)
class SignInAddress:
    """Who signs in with an address, and the hash of their password."""

    email: str
    user_id: str
    account_id: str  # the account that a new session opens
    password_hash: str
    generation: int  # of the sessions that it opens
    two_factor: bool  # whether the password alone opens none


@dataclass(frozen=True)
class AccountName:
    """An account as its users see it in a list."""

    id: str
    name: str


def new_registration(registration: Registration) -> Write:
    """Keep a registration until it is confirmed."""
    return table.put(
        {
            **keys.under_hash("REGISTRATION", registration.digest),
            "entity": "Registration",
            "version": 1,
            "user_id": registration.user_id,
            "account_id": registration.account_id,
            "name": registration.name,
            "email": registration.email,
            "language": registration.language,
            "expires_at": registration.expires_at,
        }
    )


def registration(digest: str, now: datetime) -> Registration:
    """The registration that a token opens. Raises not_found and link_expired as one_use does."""
    item = one_use.usable(keys.under_hash("REGISTRATION", digest), now)
    return Registration(
        digest=digest,
        user_id=item["user_id"],
        account_id=item["account_id"],
        name=item["name"],
        email=item["email"],
        language=item["language"],
        expires_at=item["expires_at"],
    )


def use_registration(digest: str, now: datetime) -> Write:
    """Mark a registration as used, once."""
    return one_use.use(keys.under_hash("REGISTRATION", digest), now)


def new_user(user_id: str, name: str, email: str, language: str, now: datetime) -> Write:
    """A person who signs in."""
    return table.put(
        {
            **keys.user(user_id),
            "entity": "User",
            "version": 1,
            "name": name,
            "email": email,
            "language": language,
            "generation": 0,
            "two_factor_since": "",
            "created_at": rfc3339(now),
        },
        when=IS_NEW,
    )


def new_account(account_id: str, name: str, now: datetime) -> Write:
    """An account, with the counters that its limits look at."""
    return table.put(
        {
            **keys.account(account_id),
            "entity": "Account",
            "version": 1,
            "name": name,
            "contacts": 0,
            "created_at": rfc3339(now),
        },
        when=IS_NEW,
    )


def claim_address(email: str, user_id: str, account_id: str, password_hash: str) -> Write:
    """Let a user sign in with an address that nobody has yet."""
    return table.put(
        {
            **keys.email_address(email),
            "entity": "EmailAddress",
            "version": 1,
            "email": email,
            "user_id": user_id,
            "account_id": account_id,
            "password_hash": password_hash,
            "generation": 0,
            "two_factor": False,
        },
        when=IS_NEW,
    )


def sign_in_address(email: str) -> SignInAddress | None:
    """Who signs in with an address, read consistently; takes the address as typed."""
    item = table.get(keys.email_address(email))
    if item is None:
        return None
    return SignInAddress(
        item["email"],
        item["user_id"],
        item["account_id"],
        item["password_hash"],
        item["generation"],
        item["two_factor"],
    )


def user(user_id: str) -> Item | None:
    """A user's item."""
    return table.get(keys.user(user_id))


def users(user_ids: Iterable[str]) -> list[Item | None]:
    """Users' items, in the order of their ids, in one round trip."""
    return table.batch_get(*map(keys.user, user_ids))


def rehash_password(known: SignInAddress, new_hash: str) -> Write:
    """Another hash of the same password, which ends nothing."""
    return table.update(
        keys.email_address(known.email),
        sets={"password_hash": new_hash},
        when=IS_AS_CHECKED,
        values=_as_checked(known),
    )


def password_is_still(known: SignInAddress) -> Write:
    """Let a transaction fail when the password was changed, the sessions ended or a second factor came or went."""
    return table.check(
        keys.email_address(known.email),
        when=IS_AS_CHECKED,
        values=_as_checked(known),
    )


def set_password(email: str, new_hash: str, *, instead_of: str) -> Write:
    """Another password, only in the place of the one whose hash was read.

    Goes together with end_all_sessions or end_other_sessions, which count the user's side of the generation.
    """
    return table.update(
        keys.email_address(email),
        sets={"password_hash": new_hash},
        adds={"generation": 1},
        when=IS_UNCHANGED,
        values={"checked": instead_of},
    )


def count_generation(email: str) -> Write:
    """The address's side of a new generation, where the password stays."""
    return table.update(keys.email_address(email), adds={"generation": 1})


def switch_two_factor(by: SignedIn, *, since: datetime | None) -> list[Write]:
    """Note on the User, which every request reads, and on the EmailAddress, which signing in reads, that it is on.

    Raises not_signed_in as two_factor_is_as_looked_up does.
    """
    return [
        table.update(
            keys.user(by.user_id),
            sets={"two_factor_since": rfc3339(since) if since else ""},
            when=IS_AS_LOOKED_UP,
            values=_as_looked_up(by),
        ).or_else(Problem("not_signed_in")),
        table.update(keys.email_address(by.email), sets={"two_factor": since is not None}),
    ]


def two_factor_is_as_looked_up(by: SignedIn) -> Write:
    """Let a transaction fail when the session was ended, or two-factor switched, since who asks was looked up.

    An elevation by the password, which counts while two-factor is off, would count for what comes after. Raises
    not_signed_in.
    """
    return table.check(keys.user(by.user_id), when=IS_AS_LOOKED_UP, values=_as_looked_up(by)).or_else(
        Problem("not_signed_in")
    )


def open_next(email: str, account_id: str) -> Write:
    """Let the next session of an address open this account."""
    return table.update(keys.email_address(email), sets={"account_id": account_id})


def end_all_sessions(user_id: str) -> Write:
    """Begin a new generation of a user's sessions: those of earlier ones are dead, without needing a list of them."""
    return table.update(keys.user(user_id), adds={"generation": 1})


def end_other_sessions(user_id: str, generation: int) -> Write:
    """The same for somebody in a session of that generation, unless it was ended itself since it was looked up."""
    return table.update(
        keys.user(user_id), adds={"generation": 1}, when=IS_OF_GENERATION, values={"generation": generation}
    ).or_else(Problem("not_signed_in"))


def session_still_counts(user_id: str, generation: int) -> Write:
    """Let a transaction fail when the session was ended with its generation since it was looked up."""
    return table.check(keys.user(user_id), when=IS_OF_GENERATION, values={"generation": generation}).or_else(
        Problem("not_signed_in")
    )


def change_user(user_id: str, changes: dict[str, Any]) -> Write:
    """Set attributes of a user."""
    return table.update(keys.user(user_id), sets=changes)


def named(account_ids: Sequence[str]) -> list[AccountName]:
    """The accounts of these ids that are there, by name."""
    if not account_ids:
        return []
    accounts = table.batch_get(*map(keys.account, account_ids))
    found = [
        AccountName(account_id, item["name"])
        for account_id, item in zip(account_ids, accounts, strict=True)
        if item
    ]
    return sorted(found, key=lambda account: account.name)


def _as_looked_up(by: SignedIn) -> dict[str, Any]:
    return {"generation": by.session_generation, "two_factor_since": by.two_factor_since}


def _as_checked(known: SignInAddress) -> dict[str, Any]:
    return {
        "checked": known.password_hash,
        "generation": known.generation,
        "two_factor": known.two_factor,
    }
