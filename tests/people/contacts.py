"""Contacts of the story, and short ways to them."""

from typing import Any

from tests.client import Answer, Client
from tests.conftest import items

VERA = {
    "kind": "contact",
    "name": "Vera Ćirić",
    "email": "vera@example.com",
    "phone": "+381 11 123 45 67",
    "address": "Bulevar 1",
    "city": "Beograd",
    "postcode": "11000",
    "categories": ["invoice", "general"],
}


# What sets a domain contact apart.
DOMAIN = {"kind": "domain", "categories": []}


def add(client: Client, **fields: Any) -> Answer:
    """Add Vera, or somebody who differs from her."""
    return client.post("/api/contacts", {**VERA, **fields})


def added(client: Client, **fields: Any) -> str:
    """The id of Vera, or somebody who differs from her, once added."""
    answer = add(client, **fields)
    assert answer.status == 201, answer.text
    return str(answer.body["id"])


def listed(client: Client) -> list[str]:
    """The addresses of the account's contacts, as its list tells them."""
    return [contact["email"] for contact in client.get("/api/contacts").body["items"]]


def agree() -> None:
    """The counter, the marks and the contacts themselves tell the same."""
    standing = [contact for contact in items("Contact") if "removed_at" not in contact]
    for account in items("Account"):
        here = [contact for contact in standing if contact["pk"] == account["pk"]]
        assert account["contacts"] == len(here)
    marks = {(mark["pk"], mark["sk"]): mark["contact_id"] for mark in items("ContactEmail")}
    assert marks == {
        (contact["pk"], f"CONTACT_EMAIL#{contact['kind']}#{contact['email'].lower()}"): contact[
            "sk"
        ].removeprefix("CONTACT#")
        for contact in standing
    }
