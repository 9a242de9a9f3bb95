"""Test people with a story, on a table in memory.

Alice owns an account. Bob, her accountant, is a user of it with the permission `invoices`. Charlie owns another.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import sys

sys.path.insert(0, "/tmp")
from tp import table_properties
from moto import mock_aws

from chalicelib import hashing, sealing, table
from chalicelib.accounts import repository as accounts
from chalicelib.mail import actions as mail
from tests.client import Client
from tests.mailbox import Mailbox

# Read lazily, so that it is time enough to say it here.
os.environ |= {
    "KALAUZ_STAGE": "local",
    "KALAUZ_TABLE": "kalauz-test",
    "KALAUZ_KEY": "alias/kalauz-test",
    "KALAUZ_ORIGINS": "http://localhost:8000 http://127.0.0.1:8000",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}

PASSWORD = "zelena čaplja preko reke"


@dataclass(frozen=True)
class Person:
    """Somebody of the story."""

    id: str
    name: str
    email: str
    language: str
    account_id: str

    def client(self) -> Client:
        """Their browser, not signed in."""
        return Client(self.language)

    def signed_in(self) -> Client:
        """Their browser, signed in through the form's route."""
        client = self.client()
        answer = client.post("/api/session", {"email": self.email, "password": PASSWORD})
        assert answer.status == 201, answer.text
        return client


@pytest.fixture
def aws() -> Iterator[None]:
    """AWS in memory, with the table of infra/template.yaml and a key."""
    forget_clients()
    with mock_aws():
        boto3.client("dynamodb").create_table(**table_properties("kalauz-test"))
        kms = boto3.client("kms")
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/kalauz-test", TargetKeyId=key_id)
        boto3.client("ses").verify_email_identity(EmailAddress="podrska@tilia.example")
        yield
    forget_clients()


@pytest.fixture
def visitor(aws: None) -> Client:
    """A browser without a session."""
    return Client()


@pytest.fixture
def alice(aws: None) -> Person:
    """Alice Petrović owns the account Studio Lipa, and reads Serbian."""
    return settle("alice", "Alice Petrović", "sr", owns=True)


@pytest.fixture
def bob(alice: Person) -> Person:
    """Bob Kovács is Alice's accountant: a user of her account who may see and pay invoices."""
    return settle("bob", "Kovács Bob", "hu", account_id=alice.account_id, permissions=("invoices",))


@pytest.fixture
def charlie(aws: None) -> Person:
    """Charlie Núñez owns another account."""
    return settle("charlie", "Charlie Núñez", "es", owns=True)


@pytest.fixture
def mailbox(aws: None) -> Mailbox:
    """What the mail sender hands over."""
    return Mailbox()


def settle(
    who: str,
    name: str,
    language: str,
    *,
    owns: bool = False,
    account_id: str = "",
    permissions: tuple[str, ...] = (),
) -> Person:
    """Write a person of the story into the table."""
    now = datetime.now(UTC)
    person = Person(f"user-{who}", name, f"{who}@example.com", language, account_id or f"account-{who}")
    writes = [
        accounts.claim_address(person.email, person.id, person.account_id, hashing.hashed(PASSWORD)),
        accounts.new_user(person.id, name, person.email, language, now),
    ]
    if owns:
        writes.append(accounts.new_account(person.account_id, name, now))
    role = accounts.OWNER_ROLE if owns else accounts.USER_ROLE
    writes.append(
        accounts.new_membership(person.account_id, person.id, now, role=role, permissions=permissions)
    )
    table.commit(writes)
    return person


def forget_clients() -> None:
    """Make every AWS client anew, for another endpoint."""
    for made in (table.dynamodb, sealing._kms, mail._ses):
        made.cache_clear()


def items(entity: str) -> list[dict[str, Any]]:
    """Every item of one entity in the table."""
    found: list[dict[str, Any]] = []
    for page in table.dynamodb().get_paginator("scan").paginate(TableName="kalauz-test"):
        found += [table._from_dynamodb(item) or {} for item in page["Items"]]
    return [item for item in found if item["entity"] == entity]
