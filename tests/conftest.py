"""Test people with a story, on a table in memory.

Alice owns an account. Bob, her accountant, is a user of it with the permission `invoices`. Charlie owns another.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker

from chalicelib import brand, hashing, sealing, settings, table
from chalicelib.accounts import repository as accounts
from chalicelib.sessions import actions as sessions
from chalicelib.users import repository as users
from infra.local import stack
from infra.local.ministack import CREDENTIALS, Ministack
from tests.aws_calls import Calls, Faults
from tests.client import Client
from tests.lines import Lines
from tests.mailbox import Mailbox

TABLE = "kalauz-test"
# Read lazily, so that it is time enough to say it here.
os.environ |= {
    **CREDENTIALS,
    "KALAUZ_STAGE": "local",
    "KALAUZ_TABLE": TABLE,
    "KALAUZ_KEY": f"alias/{TABLE}",
    "KALAUZ_ORIGINS": "http://localhost:8000 http://127.0.0.1:8000",
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

    def signs_in(self, password: str = PASSWORD) -> Client:
        """Their browser, signed in through the form's route."""
        client = self.client()
        answer = client.post("/api/session", {"email": self.email, "password": password})
        assert answer.status == 201, answer.text
        return client

    def has_password_hash(self, new_hash: str) -> None:
        """From now on, whatever it was."""
        known = accounts.sign_in_address(self.email)
        assert known
        table.write(accounts.set_password(self.email, new_hash, instead_of=known.password_hash))

    def signed_in(self, *, with_code: bool = False) -> Client:
        """Their browser with a session such as signing in begins, without the cost of a password."""
        user = accounts.user(self.id)
        assert user
        new = sessions.begin(
            self.id, self.account_id, datetime.now(UTC), generation=user["generation"], with_code=with_code
        )
        table.commit(new.writes)
        client = self.client()
        client.take_cookies(new.cookies)
        return client


@dataclass
class Clock:
    """The time that the API reads from now on."""

    ahead: timedelta = timedelta()

    def now(self, zone: tzinfo = UTC) -> datetime:
        """What `datetime.now` answers."""
        return datetime.now(zone) + self.ahead

    def forward(self, **parts: float) -> datetime:
        """Let time pass: `minutes=30`. Returns the time that it is then."""
        self.ahead += timedelta(**parts)
        return self.now()


class ByItsName(XFormedAttributePicker):
    """Takes what DynamoDB answers as moto says it, which is by AWS's own names.

    For every part of every item moto looks under half a dozen spellings, which was a third of what a scan costs.
    """

    def __call__(self, context: AttributePickerContext) -> Any:
        if context.service_model.service_name == "dynamodb" and isinstance(context.obj, dict):
            return context.obj.get(context.key)
        return super().__call__(context)


@pytest.fixture(scope="session")
def memory() -> Iterator[None]:
    """AWS in memory, for all tests of this process: a key and the sender's address."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("moto.core.responses.XFormedAttributePicker", ByItsName)
        table.dynamodb().create_table(**table_properties(TABLE))
        kms = sealing._kms()
        kms.create_alias(AliasName=f"alias/{TABLE}", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
        boto3.client("ses").verify_email_identity(EmailAddress=brand.SUPPORT_EMAIL)
        yield
    stack.forget_clients()


@pytest.fixture
def aws(memory: None) -> None:
    """AWS in memory, with the table of infra/template.yaml, empty."""
    empty_table()


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    """A ministack, which keeps what moto does not: transactions between threads, and the tokens of repeated ones."""
    with stack.running(tmp_path_factory.mktemp("ministack")) as running:
        yield running


@pytest.fixture
def emulated(ministack: Ministack, request: pytest.FixtureRequest) -> Iterator[None]:
    """A table of the test's own in ministack."""
    with stack.of_its_own(ministack, f"kalauz-test-{abs(hash(request.node.nodeid))}"):
        yield


@pytest.fixture
def calls() -> Iterator[Calls]:
    """What the API asks of AWS from now on."""
    with Calls.listening() as calls:
        yield calls


@pytest.fixture
def faults() -> Iterator[Faults]:
    """Faults to put between the API and AWS."""
    with Faults.ready() as faults:
        yield faults


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that can be put forward."""
    clock = Clock()
    monkeypatch.setattr("chalicelib.routing.datetime", clock)
    return clock


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """The log, written as it is in AWS."""
    with Lines.written(capsys) as lines:
        yield lines


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The stage `production`; returns the headers that CloudFront adds there."""
    monkeypatch.setenv("KALAUZ_STAGE", "production")
    monkeypatch.setenv("KALAUZ_EDGE_SECRET", "known to our CloudFront")
    return {
        "x_kalauz_edge": "known to our CloudFront",
        "cloudfront_viewer_address": "198.51.100.10:46532",
    }


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
        accounts.claim_address(person.email, person.id, person.account_id, password_hash()),
        accounts.new_user(person.id, name, person.email, language, now),
    ]
    if owns:
        writes.append(accounts.new_account(person.account_id, name, now))
    writes.append(
        users.new_membership(person.account_id, person.id, now, is_owner=owns, permissions=permissions)
    )
    table.commit(writes)
    return person


@cache
def password_hash() -> str:
    """The hash of everybody's PASSWORD, made once, since making one is the dearest part of a test."""
    return hashing.hashed(PASSWORD)


@cache
def table_properties(name: str) -> dict[str, Any]:
    """The table of infra/template.yaml, as create_table wants it."""

    class Template(yaml.SafeLoader):
        """YAML with CloudFormation's `!Ref` and the like, which concern nothing that is asked for here."""

    Template.add_multi_constructor("!", lambda _loader, _tag, _node: None)
    template = yaml.load(stack.TEMPLATE.read_text("utf-8"), Template)  # noqa: S506 - a SafeLoader.
    properties = template["Resources"]["Table"]["Properties"]
    known = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
    return {"TableName": name, **{part: properties[part] for part in known}}


def empty_table() -> None:
    """Make the table that the functions use anew: quicker than deleting what is in it."""
    name = settings.table_name()
    table.dynamodb().delete_table(TableName=name)
    table.dynamodb().create_table(**table_properties(name))


def items(entity: str) -> list[dict[str, Any]]:
    """Every item of one entity in the table."""
    return [item for item in everything() if item["entity"] == entity]


def everything() -> list[dict[str, Any]]:
    """Every item in the table."""
    found: list[dict[str, Any]] = []
    for page in table.dynamodb().get_paginator("scan").paginate(TableName=settings.table_name()):
        found += [table._from_dynamodb(item) or {} for item in page["Items"]]
    return sorted(found, key=lambda item: (item["pk"], item["sk"]))
