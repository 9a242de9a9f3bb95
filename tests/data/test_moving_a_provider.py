"""Moving a provider, as a drill: export, destroy, import under another key, and everybody goes on, with one sign-in.

On ministack, whose KMS checks an encryption context and forgets a key that was deleted.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from chalicelib import sealing, settings, table
from infra.data import contents, manifest
from infra.local import stack
from infra.local.ministack import Ministack
from tests.articles.visitors import NO, YES, agree, miss, vote
from tests.client import Client
from tests.conftest import Clock, Person, items, settle
from tests.data.moving import empty, exported, imported, job, key_of, kill_in_the_middle, of, opened, raw
from tests.mailbox import Mailbox
from tests.people.contacts import VERA, added, listed
from tests.requests.walk import INVITATION, NEW, Place
from tests.tickets.conversations import NO_MAIL
from tests.two_factor.authenticator import Authenticator, awaiting, enrolled, finish

pytestmark = [pytest.mark.xdist_group("ministack")]


@pytest.fixture
def alice(emulated: None) -> Person:
    """Alice Petrović, before ministack."""
    return settle("alice", "Alice Petrović", "sr", owns=True)


@pytest.fixture
def provider(alice: Person, clock: Clock) -> tuple[Authenticator, list[str], Client]:
    """Everything that there is: also Bob, with two-factor on. Returns his app and codes, and a visitor who voted."""
    bob = settle("bob", "Kovács Bob", "hu", account_id=alice.account_id, permissions=("tickets",))
    Place.furnished(alice)
    client = alice.signed_in()
    assert client.post("/api/tickets", NO_MAIL, idempotency_key="k" * 16).status == 201
    invited = {"email": "dora@example.com", "language": "es", "permissions": ["invoices"]}
    assert client.post("/api/invitations", invited).status == 201
    assert Client().post("/api/password-resets", {"email": bob.email, "language": "hu"}).status == 202
    app, answer = enrolled(bob.signed_in(), clock)
    visitor = Client()
    vote(visitor, NO, reason="Nema slike.")
    vote(Client(), YES)
    miss(visitor, "prenos domena")
    clock.forward(minutes=2)
    return app, answer["recovery_codes"], visitor


def destroy() -> None:
    """The table and its key, for good."""
    key = sealing._kms().describe_key(KeyId=settings.key_id())["KeyMetadata"]["KeyId"]
    sealing._kms().schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    table.dynamodb().update_table(TableName=settings.table_name(), DeletionProtectionEnabled=False)
    table.dynamodb().delete_table(TableName=settings.table_name())


def test_a_provider_is_exported_destroyed_imported_and_goes_on(
    provider: tuple[Authenticator, list[str], Client],
    alice: Person,
    ministack: Ministack,
    clock: Clock,
    tmp_path: Path,
) -> None:
    app, recovery_codes, visitor = provider
    before = raw()
    secrets = opened(before)
    said = exported(tmp_path / "export")
    destroy()
    sealed = next(iter(of("TotpCredential", before)))
    with pytest.raises(ClientError):
        sealing.unseal(sealed["sealed"]["B"], owner=sealed["pk"]["S"])
    with stack.of_its_own(ministack, "kalauz-elsewhere"):
        imported(tmp_path / "export")
        after = raw()

        # Every item is equal, but the ciphertexts, and what shall not come along.
        carried = {key for key, item in before.items() if item["entity"]["S"] in contents.CARRIED}
        assert set(after) == carried and len(after) == said.items > 40
        assert opened(after) == {key: secrets[key] for key in carried}
        assert not any(after[key].get("sealed", 0) == before[key].get("sealed", 1) for key in carried)
        assert set(said.left) == {"Attempts", "PasswordReset", "Session"}

        # Bob signs in with his password and the same second factor, or a recovery code.
        bob = Person("user-bob", "Kovács Bob", "bob@example.com", "hu", alice.account_id)
        assert finish(awaiting(bob), app.code(clock.now())).status == 201
        assert finish(awaiting(bob), recovery_codes[0]).status == 201
        assert finish(awaiting(bob), recovery_codes[0]).code == "second_factor_failed"

        # What is unique stays so, what is counted goes on, a link in a mail still leads where it did.
        client = alice.signs_in()
        assert client.post("/api/contacts", {**VERA, "email": "here@example.com"}).code == "already_exists"
        added(client)
        assert sorted(listed(client)) == ["here@example.com", "vera@example.com"]
        (account,) = (item for item in items("Account") if item["pk"] == "ACCOUNT#account-alice")
        assert account["contacts"] == 2
        again = client.post("/api/tickets", NO_MAIL, idempotency_key="k" * 16)
        assert len(items("Ticket")) == len(of("Ticket", before)) and again.status in (200, 201)
        greta = {"token": INVITATION, "name": "Greta", "password": NEW}
        assert Client("hu").post("/api/invitations/accept", greta).status == 201
        assert vote(visitor, YES).status == 200
        agree()


def test_who_was_signed_in_signs_in_again(alice: Person, ministack: Ministack, tmp_path: Path) -> None:
    client = alice.signed_in()
    exported(tmp_path / "export")
    with stack.of_its_own(ministack, "kalauz-elsewhere-2"):
        imported(tmp_path / "export")
        assert client.get("/api/me").code == "not_signed_in"
        assert alice.signs_in().get("/api/me").status == 200


@pytest.mark.parametrize("sends_queued", [False, True])
def test_a_mail_that_was_queued_is_sent_once_if_at_all(
    alice: Person, ministack: Ministack, tmp_path: Path, *, sends_queued: bool
) -> None:
    """Unless it is said that nobody else will, it is parked: the old stack may have sent it after the export."""
    mailbox = Mailbox()
    assert alice.signed_in().post("/api/tickets", NO_MAIL, idempotency_key="k" * 16).status == 201
    exported(tmp_path / "export")
    with stack.of_its_own(ministack, f"kalauz-elsewhere-3-{sends_queued}"):
        imported(tmp_path / "export", sends_queued=sends_queued)
        mailbox.collect()
        mailbox.collect(datetime.now(UTC))
        assert len(mailbox.messages) == int(sends_queued)
        (mail,) = items("Email")
        assert ("parked_at" in mail, "sent_at" in mail, "sealed" in mail) == (
            not sends_queued,
            sends_queued,
            False,
        )


# --- Killed ---


def filled(alice: Person) -> None:
    """So many items that there is a middle to be killed in."""
    Place.furnished(alice)
    for place in range(80):
        vote(Client(), YES if place % 3 else NO)


def test_an_export_that_is_killed_goes_on_and_holds_everything_once(alice: Person, tmp_path: Path) -> None:
    filled(alice)
    before, folder = raw(), tmp_path / "export"
    kill_in_the_middle(
        "export",
        lambda: len(list(folder.glob("items-*.state.json"))) > 2,
        TO=str(folder),
        TABLE=settings.table_name(),
    )
    written = sum(file.stat().st_size for file in folder.glob("items-*.jsonl"))
    assert written and not (folder / "manifest.json").exists()
    status, printed, _said = job("export", TO=str(folder), TABLE=settings.table_name())
    assert status == 0 and str(key_of(folder)) in printed
    assert sum(file.stat().st_size for file in folder.glob("items-*.jsonl")) > written
    empty()
    imported(folder)
    assert opened(raw()) == opened({key: before[key] for key in raw()})
    assert len(raw()) == sum(item["entity"]["S"] in contents.CARRIED for item in before.values())


def test_an_import_that_is_killed_goes_on_and_nothing_else_comes_between(
    alice: Person, tmp_path: Path
) -> None:
    filled(alice)
    before, folder = opened(raw()), tmp_path / "export"
    exported(folder)
    empty()
    kill_in_the_middle(
        "import", lambda: len(raw()) > 20, FROM=str(folder), TABLE=settings.table_name(), QUEUED="send"
    )
    assert 20 < len(raw()) < len(before) - 20
    status, printed, said = job("import", FROM=str(folder), TABLE=settings.table_name())
    assert status == 1 and "go on with it as it began" in said
    status, printed, said = job("import", FROM=str(folder), TABLE=settings.table_name(), QUEUED="send")
    assert status == 0, said
    assert opened(raw()) == {key: before[key] for key in raw()}
    assert len(raw()) == sum(item["entity"]["S"] in contents.CARRIED for item in before.values())
    status, printed, said = job("import", FROM=str(folder), TABLE=settings.table_name(), QUEUED="send")
    assert (status, "nothing was changed" in printed) == (0, True)


# --- On one machine ---


def test_an_export_becomes_the_data_of_make_run_where_it_never_ran(alice: Person, tmp_path: Path) -> None:
    """And can be exported from there, while it does not run; a second import changes nothing."""
    Place.furnished(alice)
    exported(tmp_path / "export")
    local = {"KALAUZ_LOCAL_DIR": str(tmp_path / "there"), "AWS_ENDPOINT_URL": ""}
    status, _printed, said = job("export", TO=str(tmp_path / "again"), **local)
    assert status == 1 and "keeps nothing yet" in said
    for words in ("items as kalauz-test", "nothing was changed"):
        status, printed, said = job("import", FROM=str(tmp_path / "export"), QUEUED="send", **local)
        assert (status, words in printed) == (0, True), said
    status, _printed, said = job("export", TO=str(tmp_path / "again"), **local)
    assert status == 0, said
    first, second = (
        manifest.read(tmp_path / name, tmp_path / f"{name}.key")[0] for name in ("export", "again")
    )
    assert second.entities == first.entities
