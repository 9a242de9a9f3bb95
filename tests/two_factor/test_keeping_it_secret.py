"""Keeping it secret (trust.md, 7): what signs somebody in stands in clear in no item and no log."""

import base64
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import keys, sealing, table
from tests.aws_calls import Faults, refuses
from tests.client import Client
from tests.conftest import PASSWORD, Clock, Person, everything
from tests.mailbox import Mailbox, html_of, text_of
from tests.two_factor.authenticator import awaiting, elevate, enrolled, finish


def values(part: Any) -> Iterator[str]:
    """Every value in an item, as text."""
    if isinstance(part, dict):
        for inner in part.values():
            yield from values(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from values(inner)
    else:
        yield str(part)


def test_all_that_is_done_with_it_leaves_none_of_it_in_the_table_a_mail_or_a_log(
    alice: Person, clock: Clock, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    secrets, codes = set[str](), set[str]()
    seen: list[Any] = []

    def look(client: Client) -> None:
        secrets.update(token for name, token in client.cookies.items() if name != "signed_in")
        seen.extend(everything())

    def shown() -> str:
        codes.add(app.code(clock.now()))
        return app.code(clock.now())

    client = alice.signs_in()
    look(client)
    begun = client.post("/api/two-factor").body["secret"]
    look(client)
    app, confirmed = enrolled(client, clock)
    secrets |= {begun, app.secret, *confirmed["recovery_codes"]}
    shown()
    look(client)
    for code in (shown, lambda: confirmed["recovery_codes"][0]):
        clock.forward(minutes=6)
        client = awaiting(alice)
        look(client)
        assert finish(client, app.wrong_code(clock.now())).status == 401
        assert finish(client, code()).status == 201
        look(client)
    clock.forward(minutes=6)
    assert elevate(client, shown()).status == 201
    look(client)
    secrets |= set(client.post("/api/two-factor/recovery-codes").body["recovery_codes"])
    look(client)
    assert client.delete("/api/two-factor").status == 204
    look(client)

    assert len(secrets) > 25 and len(codes) == 3
    written = "\n".join(text_of(mail) + html_of(mail) for mail in mailbox.collect(clock.now()))
    logged = caplog.text
    for secret in secrets | {PASSWORD}:
        for form in {secret, secret.replace("-", ""), secret.lower(), secret.replace("-", "").lower()}:
            assert form not in repr(seen) and form not in written and form not in logged
    for secret in (begun, app.secret):
        assert base64.b32decode(secret) not in b"".join(sealed_ones(seen))
    # Six digits are found in many a hash: it is whole values that are looked at.
    assert not codes & set(values(seen))
    assert not any(code in written + logged for code in codes)


def sealed_ones(seen: list[dict[str, Any]]) -> list[bytes]:
    return [item["sealed"] for item in seen if "sealed" in item]


def test_the_secret_opens_with_its_user_as_context_alone(
    alice: Person, charlie: Person, clock: Clock
) -> None:
    app, _confirmed = enrolled(alice.signed_in(), clock)
    kept = table.get(keys.totp_credential(alice.id))
    assert kept
    assert sealing.unseal(kept["sealed"], owner=f"USER#{alice.id}") == app.secret
    with pytest.raises(Exception, match=r"InvalidCiphertext|AccessDenied"):
        sealing.unseal(kept["sealed"], owner=f"USER#{charlie.id}")


def test_a_fault_logs_none_of_it(
    alice: Person, clock: Clock, faults: Faults, caplog: pytest.LogCaptureFixture
) -> None:
    client = alice.signed_in()
    app, confirmed = enrolled(client, clock)
    waiting = awaiting(alice)
    clock.forward(minutes=1)
    code = app.code(clock.now())
    faults.always_meets("TransactWriteItems", refuses("ValidationException"))
    for sent in (code, confirmed["recovery_codes"][0]):
        assert finish(waiting, sent).code == "internal_error"
        assert elevate(client, sent).code == "internal_error"
    assert client.post("/api/two-factor/recovery-codes").code == "internal_error"
    faults.always_meets("Decrypt", refuses("InvalidCiphertextException"))
    clock.forward(minutes=6)
    assert elevate(client, app.code(clock.now())).code == "internal_error"
    assert "ValidationException" in caplog.text and "InvalidCiphertext" in caplog.text
    tokens = (client.cookies["session"], waiting.cookies["sign_in"])
    for secret in (app.secret, code, app.code(clock.now()), *confirmed["recovery_codes"], *tokens, PASSWORD):
        assert secret not in caplog.text
