"""infra/data/policy.json: the rights of who moves and migrates data, compared with what the commands ask of AWS."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib import sealing, settings, table
from chalicelib.mail import actions as mail
from infra.local.ministack import ROOT
from tests.articles.visitors import vote
from tests.client import Client
from tests.conftest import Person
from tests.data.moving import commanded, empty
from tests.two_factor.authenticator import switched_on

POLICY = json.loads((ROOT / "infra/data/policy.json").read_text("utf-8"))


def test_the_policy_allows_what_the_commands_ask_and_no_more(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    switched_on(alice)
    vote(Client())
    sealed = sealing.seal("token", owner=f"USER#{alice.id}")
    table.commit(mail.send_password_reset(f"USER#{alice.id}", alice.email, "sr", sealed, datetime.now(UTC)))
    asked: set[str] = set()
    call = BaseClient._make_api_call

    def heard(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        asked.add(f"{client.meta.service_model.service_name}:{operation}")
        return call(client, operation, parameters)

    here = {"TABLE": settings.table_name(), "KEY_ALIAS": settings.key_id(), "KEY": str(tmp_path / "key")}
    folder = str(tmp_path / "export")
    for what, more in (
        ("export", {"TO": folder}),
        ("import", {"FROM": folder, "QUEUED": "send"}),
        ("migrate", {}),
    ):
        if what == "import":
            empty()
        with monkeypatch.context() as patch:
            patch.setattr(BaseClient, "_make_api_call", heard)
            assert commanded(what, patch, capsys, **here, **more)[0] == 0
        if what == "import":
            table.dynamodb().update_item(
                TableName=settings.table_name(),
                Key=next(
                    {name: item[name] for name in ("pk", "sk")}
                    for item in table.dynamodb().scan(TableName=settings.table_name())["Items"]
                    if item["entity"]["S"] == "Vote"
                ),
                UpdateExpression="REMOVE revision",
            )
    assert asked == {action for statement in POLICY["Statement"] for action in statement["Action"]}


def test_what_aws_does_not_allow_is_told_with_the_file_that_lists_it(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from botocore.exceptions import ClientError

    from infra.data import tables

    def denied() -> int:
        words = {
            "Code": "AccessDeniedException",
            "Message": "User is not authorized to perform: dynamodb:Scan",
        }
        raise ClientError({"Error": words}, "Scan")

    monkeypatch.setattr(tables, "count", denied)
    status, _printed, said = commanded(
        "export", monkeypatch, capsys, TO=str(tmp_path / "e"), TABLE="kalauz-test"
    )
    assert status == 1
    assert said == "AWS does not allow you dynamodb:Scan: infra/data/policy.json lists what this needs.\n"
