"""`make export`: every value as it is, no secret in clear, nothing doubled or lost by a kill at any call."""

import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import keys, sealing, table
from chalicelib.mail import actions as mail
from infra.data import contents, exporting, lines, manifest, tables
from infra.data.export_key import ExportKey
from infra.data.kept import keep
from infra.data.lines import TypedItem
from infra.local.trouble import CannotRun
from tests.aws_calls import Killed
from tests.client import Client
from tests.conftest import Person
from tests.data.items import HOUSE, put_kept, written
from tests.data.moving import commanded, exported, key_of, killed_at, of, raw
from tests.requests.walk import Place
from tests.two_factor.authenticator import APP, Authenticator, switched_on

# --- What it knows ---


def test_every_entity_that_the_code_writes_is_carried_or_left_for_a_reason() -> None:
    notes = {"Import", "Migration"}
    assert set(contents.CARRIED) | set(contents.LEFT) == set(written()) | notes
    assert not set(contents.CARRIED) & set(contents.LEFT)


def sealed_places(items: list[TypedItem], ciphertexts: set[bytes]) -> set[tuple[str, str]]:
    """The entities and attributes in which ciphertexts lie, however deep."""
    return {
        (item["entity"]["S"], name)
        for item in items
        for name, value in item.items()
        if any(ciphertext in _binaries(value) for ciphertext in ciphertexts)
    }


def _binaries(value: object) -> set[bytes]:
    if isinstance(value, bytes):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {found for each in inner for found in _binaries(each)}


def test_every_attribute_in_which_something_sealed_lies_is_known(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that seals is called, and each ciphertext that KMS gave is looked for in the table."""
    ciphertexts: set[bytes] = set()
    sealers: set[str] = set()
    seal = sealing.seal

    def remembered(secret: str, *, owner: str) -> bytes:
        ciphertexts.add(found := seal(secret, owner=owner))
        sealers.add(sys._getframe(1).f_globals["__name__"])
        return found

    monkeypatch.setattr(sealing, "seal", remembered)
    client = alice.signed_in()
    invited = {"email": "dora@example.com", "language": "es", "permissions": "all"}
    assert (
        Client()
        .post("/api/registrations", {"name": "Dana", "email": "new@example.com", "language": "sr"})
        .status
        == 202
    )
    assert Client().post("/api/password-resets", {"email": bob.email, "language": "hu"}).status == 202
    assert (
        Client().post("/api/password-resets", {"email": "nobody@example.com", "language": "hu"}).status == 202
    )
    assert client.post("/api/invitations", invited).status == 201
    assert client.post("/api/two-factor").status == 201
    found = sealed_places(list(raw().values()), ciphertexts)
    (secret,) = of("TotpEnrolment", raw())
    assert client.post("/api/two-factor/confirm", {"code": code_of(secret)}).status == 201
    found |= sealed_places(list(raw().values()), ciphertexts)
    known = {(entity, name) for entity, names in contents.CARRIED.items() for name in names}
    assert {(entity, name) for entity, name in found if entity not in contents.LEFT} == known
    files = (file for file in HOUSE.rglob("*.py") if "sealing.seal(" in file.read_text("utf-8"))
    assert sealers == {f"chalicelib.{file.parent.name}.{file.stem}" for file in files}
    # A ciphertext anywhere else would be found: here in a list, in a map.
    hidden = {"entity": {"S": "Account"}, "new": {"M": {"secrets": {"L": [{"B": next(iter(ciphertexts))}]}}}}
    assert sealed_places([hidden], ciphertexts) == {("Account", "new")}


def code_of(enrolment: TypedItem) -> str:
    """What the app of whoever begins shows now."""
    secret = sealing.unseal(enrolment["sealed"]["B"], owner=enrolment["pk"]["S"])
    return Authenticator(secret).code()


# --- What it writes ---

TYPED = st.recursive(
    st.one_of(
        st.builds(lambda text: {"S": text}, st.text()),
        st.builds(lambda number: {"N": str(number)}, st.decimals(allow_nan=False, allow_infinity=False)),
        st.builds(lambda value: {"B": value}, st.binary()),
        st.builds(lambda value: {"BS": value}, st.lists(st.binary(), min_size=1, unique=True)),
        st.builds(lambda value: {"SS": value}, st.lists(st.text(), min_size=1, unique=True)),
        st.just(
            {"NS": ["1", "-0.000000000000000000000000000000000001", "99999999999999999999999999999999999999"]}
        ),
        st.sampled_from([{"NULL": True}, {"BOOL": False}, {"L": []}, {"M": {}}]),
    ),
    lambda inner: st.one_of(
        st.builds(lambda value: {"L": value}, st.lists(inner)),
        st.builds(
            lambda value: {"M": value},
            st.dictionaries(st.sampled_from(["B", "BS", "Item", "M", "", "é"]), inner),
        ),
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.one_of(st.sampled_from(["B", "BS", "Item", "S"]), st.text(min_size=1)), TYPED))
def test_a_line_holds_every_value_as_it_is(item: TypedItem) -> None:
    line = lines.line(item)
    assert line.count(b"\n") == 1 and lines.item(line) == item


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", b'{"Item":1}', b'{"Item":{"a":{"B":"?"}}}'])
def test_what_is_no_line_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        lines.item(line)


def test_the_files_say_what_they_hold_and_only_their_owner_reads_them(alice: Person, tmp_path: Path) -> None:
    Place.furnished(alice)
    folder = tmp_path / "export"
    said = exported(folder)
    assert {file.name for file in folder.iterdir()} == {
        "manifest.json",
        *(f"items-{n}.jsonl" for n in range(4)),
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in (*folder.iterdir(), key_of(folder))} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    found = [
        lines.item(line) for file in said.files for line in (folder / file.name).read_bytes().splitlines()
    ]
    assert len(found) == said.items == sum(file.items for file in said.files) == sum(said.entities.values())
    assert said.bytes == sum((folder / file.name).stat().st_size for file in said.files)
    manifest.verify(said, folder, lambda _bytes: None)


def test_no_secret_is_in_clear_in_the_files_or_the_terminal(
    alice: Person, bob: Person, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    switched_on(bob)
    now = datetime.now(UTC)
    sealed = sealing.seal("t0ken-of-a-mail", owner=f"USER#{alice.id}")
    table.commit(mail.send_password_reset(f"USER#{alice.id}", alice.email, "sr", sealed, now))
    folder = tmp_path / "export"
    said = exported(folder)
    key = ExportKey.read(key_of(folder))
    told = b"".join(file.read_bytes() for file in folder.iterdir()) + "".join(capfd.readouterr()).encode()
    ciphertexts = [item["sealed"]["B"] for item in (*of("Email", raw()), *of("TotpCredential", raw()))]
    for secret in (b"t0ken-of-a-mail", APP.secret.encode(), key_of(folder).read_bytes().strip()):
        assert secret not in told
    carried = {
        item["entity"]["S"]: item
        for file in said.files
        for item in map(lines.item, (folder / file.name).read_bytes().splitlines())
        if "sealed" in item
    }
    assert not {item["sealed"]["B"] for item in carried.values()} & set(ciphertexts)
    place = contents.place_of(carried["TotpCredential"], "sealed")
    assert key.unseal(carried["TotpCredential"]["sealed"]["B"], place=place) == APP.secret
    # It opens for no other owner, as KMS would not open it.
    with pytest.raises(ValueError, match="another place"):
        key.unseal(carried["TotpCredential"]["sealed"]["B"], place=place.replace("bob", "eve"))


def test_what_has_expired_and_what_must_not_come_back_stays_behind(alice: Person, tmp_path: Path) -> None:
    put_kept()
    now = int(datetime.now(UTC).timestamp())
    for place, expires_at in (("gone", now - 10), ("here", now + 1000)):
        item = {**keys.search_miss("2026-11-22", "sr", place), "entity": "SearchMiss", "version": 1}
        table.write(table.put({**item, "expires_at": expires_at}))
    before = raw()
    said = exported(tmp_path / "export")
    for entity in contents.LEFT:
        assert said.left.get(entity, 0) == len(of(entity, before))
    assert said.left["expired"] >= 1
    assert said.items + sum(said.left.values()) == len(before)
    text = b"".join(file.read_bytes() for file in (tmp_path / "export").glob("*.jsonl")).decode()
    assert "sr#here" in text and "sr#gone" not in text
    assert "SESSION#" not in text and "ATTEMPTS#" not in text


# --- Killed ---


def test_killed_at_any_call_it_goes_on_with_nothing_doubled_or_lost(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Place.furnished(alice)
    monkeypatch.setattr(tables, "ITEMS_A_PAGE", 3)
    whole = exported(tmp_path / "whole")
    expected = sorted(place_in(tmp_path / "whole"))
    kills = 0
    for call in range(1, 100):
        folder = tmp_path / f"killed-{call}"
        with killed_at(call, monkeypatch) as made:
            try:
                exported(folder)
            except Killed:
                kills += 1
        # Whatever was on its way to the disk.
        for file in folder.glob("items-*.jsonl"):
            with file.open("ab") as half_done:
                half_done.write(b'{"Item":{"pk":{"S":"ACCOU')
        if made[0] < call:
            break
        assert exported(folder).entities == whole.entities
        assert sorted(place_in(folder)) == expected
    assert kills > 4


def place_in(folder: Path) -> list[str]:
    """The keys of everything in the files, in their order."""
    found = (lines.item(line) for file in folder.glob("*.jsonl") for line in file.read_bytes().splitlines())
    return [f"{item['pk']['S']} {item['sk']['S']}" for item in found]


def test_without_cutting_a_half_written_page_items_would_be_doubled(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the state is not written, the page is."""
    Place.furnished(alice)
    monkeypatch.setattr(tables, "ITEMS_A_PAGE", 3)
    folder = tmp_path / "export"

    def dies(file: Path, content: object) -> None:
        if file.name.endswith("state.json"):
            raise Killed
        keep(file, content)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(exporting, "keep", dies)
        exported(folder)
    half_done = place_in(folder)
    assert half_done
    exported(folder)
    assert len(place_in(folder)) == len(set(place_in(folder))) and set(half_done) < set(place_in(folder))


def test_ctrl_c_says_that_it_goes_on(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tables, "in_parallel", interrupted)
    here = {"TO": str(tmp_path / "export"), "TABLE": os.environ["KALAUZ_TABLE"]}
    status, _printed, said = commanded("export", monkeypatch, capsys, **here)
    assert status == 1 and "it goes on from here" in said


# --- What it refuses ---


def refusal(folder: Path, key: Path | None = None) -> str:
    """Why there is no export, in one line."""
    with pytest.raises(CannotRun) as trouble:
        exporting.export(folder, key or key_of(folder))
    said = str(trouble.value)
    assert "\n" not in said
    return said


def test_what_cannot_be_exported_says_why_in_one_line(
    alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "export"
    exported(folder)
    assert "a finished export already" in refusal(folder)
    assert "must not lie in the folder" in refusal(tmp_path / "new", tmp_path / "new" / "key")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.odt").touch()
    assert "is not empty" in refusal(tmp_path / "full")
    (tmp_path / "empty.key").write_text("nothing")
    assert "holds no key" in refusal(tmp_path / "empty")
    (tmp_path / "file").touch()
    assert "cannot be used" in refusal(tmp_path / "file")
    table.write(table.put({**keys.key("CHAT#1", "CHAT"), "entity": "Chat", "version": 1}))
    assert "does not know" in refusal(tmp_path / "chats")
    # It goes on only under its own key, and with its own table.
    key_of(tmp_path / "chats").rename(tmp_path / "away.key")
    assert "key of this export is missing" in refusal(tmp_path / "chats")
    assert "the key of another export" in refusal(tmp_path / "chats", key_of(folder))
    monkeypatch.setattr(tables, "name", lambda: "kalauz-other")
    monkeypatch.setattr(tables, "count", lambda: 0)
    assert "holds a part of kalauz-test" in refusal(tmp_path / "chats", tmp_path / "away.key")


def test_two_exports_do_not_write_into_one_folder(alice: Person, tmp_path: Path) -> None:
    with exporting.ours_alone(tmp_path / "export"):
        assert "Another export writes" in refusal(tmp_path / "export")


@pytest.mark.parametrize(
    ("what", "environment", "words"),
    [
        ("export", {}, "TO=…"),
        ("import", {}, "FROM=…"),
        ("import", {"FROM": "nowhere", "QUEUED": "yes"}, "say QUEUED=send"),
        ("migrate", {"DRY": "please"}, "say DRY=1"),
        ("migrate", {"ENTITY": "Contact"}, "Contact has no older version; there are: Vote"),
        ("export", {"STAGE": "production"}, "not both"),
        ("export", {"TO": "nowhere", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "AWS cannot be reached"),
    ],
)
def test_a_command_that_lacks_something_says_what(
    what: str,
    environment: dict[str, str],
    words: str,
    tmp_path: Path,
    aws: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = {name: str(tmp_path / said) if said == "nowhere" else said for name, said in environment.items()}
    status, printed, said = commanded(what, monkeypatch, capsys, TABLE="kalauz-none", **here)
    assert (status, printed) == (1, "")
    assert words in said and "Traceback" not in said and said.count("\n") == 1
