"""Short ways to the users of an account."""

from typing import Any

from tests.client import Answer, Client
from tests.conftest import Person

# Ids of nobody on Alice's account.
UNKNOWN = [
    "none",
    "user-charlie",
    "%20",
    "%00",
    "..",
    "USER%23user-bob",
    "x" * 400,
    "x" * 2000,
    "%F0%9F%99%82",
]


def change(client: Client, user: Person, permissions: Any) -> Answer:
    """Give a user these permissions and no others."""
    return client.patch(f"/api/users/{user.id}", {"permissions": permissions})


def remove(client: Client, user: Person) -> Answer:
    """Remove a user from the account that the client acts on."""
    return client.delete(f"/api/users/{user.id}")


def users_of(client: Client) -> dict[str, dict[str, Any]]:
    """The account's users by address, as its list tells them."""
    return {one["email"]: one for one in client.get("/api/users").body["items"]}
