"""Membership in the table: a user's place on an account.

Membership   ACCOUNT#id / USER#id        read on every request, so a withdrawn permission is gone at once
in lists     USER#id / ACCOUNT#id        on gsi1: the accounts that a user reaches
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib import keys, table
from chalicelib.problems import Problem
from chalicelib.table import IS_NEW, IS_THERE, Page, Write
from chalicelib.timestamps import rfc3339

IS_OWNER = "is_owner = :yes"
IS_NOT_OWNER = "is_owner = :no"
IS_NO_MEMBER = "attribute_not_exists(pk)"


@dataclass(frozen=True)
class Membership:
    """Who has a place on an account: its owner, or a user with some permissions."""

    user_id: str
    is_owner: bool
    permissions: list[str]
    since: str


def new_membership(
    account_id: str, user_id: str, now: datetime, *, is_owner: bool = False, permissions: Iterable[str] = ()
) -> Write:
    """A user's place on an account."""
    return table.put(
        {
            **keys.membership(account_id, user_id),
            "gsi1pk": f"USER#{user_id}",
            "gsi1sk": f"ACCOUNT#{account_id}",
            "entity": "Membership",
            "version": 1,
            "is_owner": is_owner,
            "permissions": list(permissions),
            "created_at": rfc3339(now),
        },
        when=IS_NEW,
    )


def memberships(account_id: str, after: str | None) -> tuple[list[Membership], Page]:
    """One page of an account's memberships, after that of a user."""
    page = table.query(
        f"ACCOUNT#{account_id}",
        sk_prefix="USER#",
        after=keys.membership(account_id, after) if after else None,
    )
    found = [
        Membership(
            item["sk"].removeprefix("USER#"), item["is_owner"], item["permissions"], item["created_at"]
        )
        for item in page.items
    ]
    return found, page


def account_ids_of(user_id: str) -> list[str]:
    """The ids of the accounts that a user reaches."""
    items = table.query(f"USER#{user_id}", sk_prefix="ACCOUNT#", index="gsi1").items
    return [item["gsi1sk"].removeprefix("ACCOUNT#") for item in items]


def change_permissions(account_id: str, user_id: str, permissions: Iterable[str]) -> Write:
    """Give a user these permissions and no others. Raises not_found, also for the owner, who has all."""
    return table.update(
        keys.membership(account_id, user_id),
        sets={"permissions": list(permissions)},
        when=IS_NOT_OWNER,
        values={"no": False},
    ).or_else(Problem("not_found"))


def remove(account_id: str, user_id: str) -> Write:
    """Take a user's place on an account away. Raises not_found, also for the owner."""
    return table.delete(
        keys.membership(account_id, user_id), when=IS_NOT_OWNER, values={"no": False}
    ).or_else(Problem("not_found"))


def is_member(account_id: str, user_id: str) -> Write:
    """Let a transaction fail unless a user has a place on an account."""
    return table.check(keys.membership(account_id, user_id), when=IS_THERE)


def is_no_member(account_id: str, user_id: str) -> Write:
    """Let a transaction fail if a user has a place on an account already."""
    return table.check(keys.membership(account_id, user_id), when=IS_NO_MEMBER)


def is_owner(account_id: str, user_id: str) -> Write:
    """Let a transaction fail unless a user is the owner of an account."""
    return table.check(keys.membership(account_id, user_id), when=IS_OWNER, values={"yes": True})
