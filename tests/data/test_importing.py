"""`make import`: into an empty table only, whole or not at all, and the same however often it was killed."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib import keys, sealing, table, versions
from infra.data import contents, importing, manifest, tables
from infra.data.lines import TypedItem
from infra.local.trouble import CannotRun
from tests.aws_calls import Faults, Killed, throttles
from tests.client import Client
from tests.conftest import PASSWORD, Person, items
from tests.data.items import put_kept
from tests.data.moving import commanded, empty, exported, imported, key_of, killed_at, of, opened, raw
from tests.requests.walk import Place
from tests.two_factor.authenticator import switched_on


@pytest.fixture
def folder(alice: Person, bob: Person, tmp_path: Path) -> Path:
    """An export of Alice's furnished account, in which Bob has two-factor on."""
    Place.furnished(alice)
    switched_on(bob)
    exported(tmp_path / "export")
    return tmp_path / "export"


@pytest.fixture
def expected(folder: Path) -> dict[tuple[str, str], TypedItem]:
    """What an import brings back; the table is empty from here on."""
    imported_ones = {key: item for key, item in opened(raw()).items() if key[0][:6] != "RESET#"}
    empty()
    return imported_ones


def test_it_brings_back_every_item_and_doing_it_again_changes_nothing(
    folder: Path, expected: dict[tuple[str, str], TypedItem]
) -> None:
    imported(folder)
    assert opened(raw()) == expected
    sealed = of("TotpCredential", raw())
    assert importing.import_(folder, key_of(folder), sends_queued=True)[1]
    assert of("TotpCredential", raw()) == sealed


def test_values_of_every_kind_survive_to_the_last_digit(aws: None, tmp_path: Path) -> None:
    kinds: TypedItem = {
        "number": {"N": "-1.2345678901234567890123456789012345678E-100"},
        "binary": {"B": bytes(range(256))},
        "empty": {"S": ""},
        "nothing": {"NULL": True},
        "sets": {"L": [{"SS": ["a", "đ\u2028"]}, {"NS": ["1", "2.5"]}, {"BS": [b"\xff", b""]}]},
        "map": {"M": {"B": {"S": "no binary"}, "list": {"L": []}, "yes": {"BOOL": True}}},
    }
    item = {
        "pk": {"S": "ACCOUNT#ő"},
        "sk": {"S": "ACCOUNT"},
        "entity": {"S": "Account"},
        "version": {"N": "1"},
    }
    table.dynamodb().put_item(TableName=tables.name(), Item={**item, **kinds})
    before = raw()
    exported(tmp_path / "export")
    empty()
    imported(tmp_path / "export")
    assert raw() == before


def test_killed_at_any_call_it_goes_on_and_brings_back_the_same(
    folder: Path, expected: dict[tuple[str, str], TypedItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH", 8)
    monkeypatch.setattr(importing, "BATCHES_A_NOTE", 1)
    kills = 0
    for call in range(1, 200, 2):
        with killed_at(call, monkeypatch) as made:
            try:
                imported(folder)
            except Killed:
                kills += 1
        if made[0] < call:
            break
        imported(folder)
        assert opened(raw()) == expected
        empty()
    assert kills > 3


def test_what_dynamodb_leaves_out_at_first_is_put_again(
    folder: Path, expected: dict[tuple[str, str], TypedItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BASE_SECONDS", 0)
    client = tables.dynamodb()
    put = client.batch_write_item
    asked: list[int] = []

    def takes_two(RequestItems: dict[str, list[Any]]) -> Any:  # noqa: N803 - boto3's name.
        ((name, wanted),) = RequestItems.items()
        asked.append(len(wanted))
        put(RequestItems={name: wanted[:2]})
        return {"UnprocessedItems": {name: wanted[2:]} if wanted[2:] else {}}

    monkeypatch.setattr(client, "batch_write_item", takes_two)
    monkeypatch.setattr(tables, "dynamodb", lambda: client)
    imported(folder)
    assert opened(raw()) == expected and max(asked) > 4
    empty()
    monkeypatch.setattr(
        client, "batch_write_item", lambda **request: {"UnprocessedItems": request["RequestItems"]}
    )
    with pytest.raises(CannotRun, match="takes no more for now"):
        imported(folder)


def test_a_busy_kms_is_waited_for(
    folder: Path, expected: dict[tuple[str, str], TypedItem], faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BASE_SECONDS", 0)
    faults.meets("Encrypt", *[throttles] * 4)
    imported(folder)
    assert opened(raw()) == expected
    assert faults.attempts["Encrypt"] > 4


def forget_what_was_done() -> None:
    """Let the table know no more of its import than that it began, as after a kill just before the first note."""
    nothing = {"M": {"bytes": {"N": "0"}, "items": {"N": "0"}}}
    table.dynamodb().update_item(
        TableName=tables.name(),
        Key=importing.MARK,
        UpdateExpression="SET done = :none REMOVE finished_at",
        ExpressionAttributeValues={
            ":none": {"M": {f"items-{number}.jsonl": nothing for number in range(tables.SEGMENTS)}}
        },
    )


def test_what_somebody_changed_while_the_import_was_killed_stays_changed(
    folder: Path, expected: object, alice: Person
) -> None:
    imported(folder)
    forget_what_was_done()
    table.write(table.update(keys.user(alice.id), sets={"name": "Alice Changed"}))
    imported(folder)
    changed = table.get(keys.user(alice.id))
    assert changed and changed["name"] == "Alice Changed"


def test_a_mail_that_was_sent_while_the_import_was_killed_is_not_queued_again(
    folder: Path, alice: Person, tmp_path: Path
) -> None:
    sealed = sealing.seal("token", owner=f"USER#{alice.id}")
    mail = {
        **keys.email(f"USER#{alice.id}", "1"),
        "entity": "Email",
        "version": 1,
        "gsi1pk": "EMAILS#QUEUED#1",
    }
    table.write(table.put({**mail, "gsi1sk": "1", "sealed": sealed, "leased_until": 5, "reference": "1"}))
    exported(tmp_path / "with-mail")
    empty()
    imported(tmp_path / "with-mail")
    (item,) = items("Email")
    assert "leased_until" not in item and sealing.unseal(item["sealed"], owner=item["pk"]) == "token"
    # It goes out; then the import, which had not noted that it was done, goes on from the beginning.
    table.write(
        table.put({key: value for key, value in item.items() if key not in ("gsi1pk", "gsi1sk", "sealed")})
    )
    forget_what_was_done()
    imported(tmp_path / "with-mail")
    (item,) = items("Email")
    assert "gsi1pk" not in item and "sealed" not in item


# --- What it refuses ---


def refusal(folder: Path, key: Path | None = None) -> str:
    """Why there is no import, in one line; nothing was written."""
    before = raw()
    with pytest.raises(CannotRun) as trouble:
        importing.import_(folder, key or key_of(folder), sends_queued=False)
    said = str(trouble.value)
    assert "\n" not in said and raw() == before
    return said


def test_a_table_that_holds_anything_else_is_left_alone(folder: Path, alice: Person, tmp_path: Path) -> None:
    assert "is not empty: import into a new table" in refusal(folder)
    exported(tmp_path / "other")
    empty()
    # Who came by while the table was new is in nobody's way.
    assert (
        Client().post("/api/session", {"email": alice.email, "password": PASSWORD}).code == "sign_in_failed"
    )
    assert items("Attempts")
    imported(folder)
    assert "holds another import" in refusal(tmp_path / "other")


def test_a_wrong_or_missing_key_is_told(folder: Path, expected: object, tmp_path: Path) -> None:
    exported(tmp_path / "other")
    assert "the key of another export" in refusal(folder, key_of(tmp_path / "other"))
    assert "cannot be read" in refusal(folder, tmp_path / "none.key")
    (tmp_path / "short.key").write_text("c2hvcnQ=")
    assert "holds no key" in refusal(folder, tmp_path / "short.key")


def test_what_is_no_finished_export_is_told(folder: Path, expected: object, tmp_path: Path) -> None:
    assert "holds no finished export" in refusal(tmp_path / "nowhere")
    (folder / "manifest.json").write_text('{"Items": []}')
    assert "is not one of `make export`" in refusal(folder)
    (folder / "manifest.json").write_text("[]")
    assert "is not one of `make export`" in refusal(folder)
    (folder / "manifest.json").write_text("{")
    assert "cannot be read" in refusal(folder)


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (lambda said: said.update(version=2), "version 2 of the format, and this release reads 1"),
        (lambda said: said.update(items=1), "was altered"),
        (lambda said: said["files"][0].update(sha256="0" * 64), "was altered"),
        (lambda said: said.pop("signature"), "was altered"),
    ],
)
def test_an_altered_manifest_is_told(
    folder: Path, expected: object, alter: Callable[[dict[str, Any]], object], words: str
) -> None:
    said = json.loads((folder / "manifest.json").read_text("utf-8"))
    alter(said)
    (folder / "manifest.json").write_text(json.dumps(said), "utf-8")
    assert words in refusal(folder)


def test_an_altered_cut_or_missing_file_is_told_before_anything_is_written(
    folder: Path, expected: object
) -> None:
    file = max(folder.glob("items-*.jsonl"), key=lambda one: one.stat().st_size)
    whole = file.read_bytes()
    for altered in (
        whole.replace(b"Alice", b"Eve__", 1),
        whole[:-1],
        whole + b"\n",
        whole[: len(whole) // 2],
    ):
        assert altered != whole
        file.write_bytes(altered)
        assert "is not as it was exported" in refusal(folder)
    file.unlink()
    assert "is missing" in refusal(folder)


def test_items_of_a_newer_version_than_this_release_reads_are_told(
    folder: Path, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert manifest.read(folder, key_of(folder))[0].versions["User"] == [1]
    monkeypatch.setattr(versions, "newest", lambda _entity: 0)
    assert "import with the release that wrote it" in refusal(folder)


def test_items_of_an_older_version_than_this_release_reads_are_told(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_kept()
    exported(tmp_path / "old")
    empty()
    assert manifest.read(tmp_path / "old", key_of(tmp_path / "old"))[0].versions["Vote"] == [1]
    monkeypatch.setattr(versions, "STEPS", {})
    assert "holds Vote of version 1" in refusal(tmp_path / "old")
    assert "migrate there" in refusal(tmp_path / "old")


def test_entities_that_this_release_does_not_know_are_told(
    folder: Path, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(contents.CARRIED, "Contact")  # type: ignore[arg-type]
    assert "'Contact', which this release does not know" in refusal(folder)


@pytest.mark.parametrize("where", [{"TABLE": "kalauz-lost"}, {"STAGE": "lost"}])
def test_a_table_that_is_not_there_is_told_in_one_line(
    folder: Path,
    where: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, _printed, said = commanded("import", monkeypatch, capsys, FROM=str(folder), **where)
    assert status == 1 and "ResourceNotFoundException" in said and said.count("\n") == 1
    assert os.environ["KALAUZ_TABLE"] == "kalauz-lost" and os.environ["KALAUZ_KEY"] == "alias/kalauz-lost"
