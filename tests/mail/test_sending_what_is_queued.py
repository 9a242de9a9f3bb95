"""Sending what is queued: each mail once, by whoever takes it first."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest

from chalicelib import brand, table
from chalicelib.mail import actions, letters
from chalicelib.mail.repository import Email
from chalicelib.mail.routes import deliver_records, is_queued_mail, send_mails, sweep_mails
from chalicelib.words import say
from tests.aws_calls import Calls, Faults, throttles
from tests.client import Client
from tests.conftest import Person, items, settle
from tests.infra.lambda_runtime import Context
from tests.infra.packaged import SCHEDULED
from tests.mail.outbox import is_queued, queue, record, stored
from tests.mailbox import Mailbox, html_of, text_of

NOW = datetime.now(UTC)


def refuse(_queued: Email, _message: EmailMessage) -> None:
    raise RuntimeError("the mail service is down")


def test_it_leaves_the_queue_and_is_kept_as_sent(alice: Person, mailbox: Mailbox) -> None:
    key = queue(alice, NOW)
    assert actions.deliver(key, NOW, mailbox.post)
    mail = stored(key)
    assert not is_queued(key)
    assert mail["sent_at"] and "leased_until" not in mail
    assert (mail["kind"], mail["to"], mail["tries"]) == ("password_changed", alice.email, 1)


def test_it_is_sent_once_however_often_it_is_asked_for(alice: Person, mailbox: Mailbox) -> None:
    key = queue(alice, NOW)
    for later in range(5):
        assert actions.deliver(key, NOW + timedelta(hours=later), mailbox.post)
    mailbox.collect(NOW + timedelta(days=1))
    assert len(mailbox.messages) == 1


def test_what_one_sender_has_taken_another_leaves_alone(alice: Person, mailbox: Mailbox) -> None:
    key = queue(alice, NOW)

    def meanwhile(queued: Email, message: EmailMessage) -> None:
        assert actions.deliver(key, NOW + timedelta(seconds=59), mailbox.post)
        assert mailbox.messages == []
        mailbox.post(queued, message)

    actions.deliver(key, NOW, meanwhile)
    assert len(mailbox.messages) == 1


def test_the_sweep_brings_every_mail_of_every_shard(alice: Person, mailbox: Mailbox) -> None:
    keys = [queue(alice, NOW + timedelta(seconds=place)) for place in range(40)]
    shards = {stored(key)["gsi1pk"] for key in keys}
    assert len(shards) > 8, "the queue is spread over its shards"
    assert len(mailbox.collect()) == 40
    assert not any(is_queued(key) for key in keys)


def test_what_a_sweep_is_sending_stays_its_own_however_long_the_sweep_lasts(
    alice: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(3):
        queue(alice, NOW + timedelta(seconds=place))
    passed = 0

    def slow(queued: Email, message: EmailMessage) -> None:
        nonlocal passed
        assert actions.deliver(queued.key, NOW + timedelta(seconds=passed + 1), mailbox.post)
        mailbox.post(queued, message)
        passed += 100

    monkeypatch.setattr("chalicelib.mail.actions.monotonic", lambda: passed)
    actions.sweep(NOW, slow)
    assert len(mailbox.messages) == 3


def test_one_bad_mail_keeps_no_other_back(alice: Person, mailbox: Mailbox) -> None:
    bad, good = queue(alice, NOW), queue(alice, NOW + timedelta(seconds=1))
    table.write(table.update(bad, sets={"kind": "no_such_template"}))
    assert len(mailbox.collect()) == 1
    assert is_queued(bad) and not is_queued(good)


@pytest.mark.parametrize("kind", ["no_such_template", "ticket_opened"])
def test_a_mail_that_cannot_be_rendered_is_parked_after_five_tries(
    alice: Person, mailbox: Mailbox, kind: str
) -> None:
    key = queue(alice, NOW)
    table.write(table.update(key, sets={"kind": kind}))  # A ticket's mail needs what this one lacks.
    for day in range(7):
        actions.sweep(NOW + timedelta(days=day), mailbox.post)
    assert not is_queued(key)
    assert stored(key)["parked_at"] and "sent_at" not in stored(key)
    assert mailbox.messages == []


def test_a_mail_that_is_refused_is_tried_five_times_further_and_further_apart(alice: Person) -> None:
    key, tried = queue(alice, NOW), []

    def refused(_queued: Email, _message: EmailMessage) -> None:
        tried.append(second)
        raise RuntimeError

    for second in range(0, 600, 5):
        actions.sweep(NOW + timedelta(seconds=second), refused)
    assert tried == [0, 10, 30, 60, 100]
    assert stored(key)["parked_at"]


def test_the_mail_service_is_down_and_comes_back(
    alice: Person, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    client = alice.signed_in()
    numbers = []
    for minute in range(0, 3):
        body = {"department": "sales", "subject": "s", "description": "d"}
        answer = client.post("/api/tickets", body, idempotency_key=f"k{minute}")
        assert answer.status == 201, "every form works meanwhile"
        numbers.append(answer.body["number"])
        actions.sweep(datetime.now(UTC) + timedelta(minutes=minute), refuse)
    assert sorted(len(mail["reference"]) for mail in items("Email")) == [26] * 3
    mailbox.collect(datetime.now(UTC) + timedelta(minutes=10))
    assert sorted(numbers) == sorted(
        number for number in numbers for m in mailbox.messages if number in m["Subject"]
    )
    assert alice.email not in caplog.text, "the log names no addressee"


def test_ten_minutes_without_the_mail_service_park_nothing(alice: Person, mailbox: Mailbox) -> None:
    """Sweeps come every five minutes, and the stream once."""
    key = queue(alice, NOW)
    actions.deliver(key, NOW, refuse)
    for minute in (0, 5, 10):
        actions.sweep(NOW + timedelta(minutes=minute), refuse)
    mailbox.collect(NOW + timedelta(minutes=15))
    assert len(mailbox.messages) == 1 and not is_queued(key)


def test_the_words_are_in_the_language_that_the_addressee_has_now(alice: Person, mailbox: Mailbox) -> None:
    queue(alice, NOW)
    alice.signed_in().patch("/api/me", {"language": "es"})
    assert mailbox.only()["Content-Language"] == "es"


def test_a_mail_of_an_account_is_in_the_language_of_its_addressee(alice: Person, mailbox: Mailbox) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("tickets",))
    body = {"department": "sales", "subject": "s", "description": "d"}
    erika.signed_in().post("/api/tickets", body, idempotency_key="k")
    assert mailbox.only()["Content-Language"] == "hu"


def test_it_reaches_ses_as_it_is(alice: Person, calls: Calls) -> None:
    key = queue(alice, NOW)
    calls.taken()
    assert actions.deliver(key, NOW, actions.by_ses)
    assert "SendRawEmail" in calls.names
    assert stored(key)["sent_at"]


@pytest.mark.parametrize("email_address", ["Dana@Čaplja.example.com"])
def test_a_domain_in_unicode_is_written_as_mail_servers_know_it(
    visitor: Client, mailbox: Mailbox, email_address: str
) -> None:
    body = {"name": "Dana", "email": email_address, "language": "sr"}
    visitor.post("/api/registrations", body)
    assert mailbox.only()["To"] == "Dana@xn--aplja-gya.example.com"


KINDS = sorted(letters.PAGES)


@pytest.mark.parametrize("language", ["sr", "hu", "es"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_the_same_in_text_and_html(aws: None, kind: str, language: str) -> None:
    parameters = {
        "name": "Čedomir <b>&",
        "number": "KLZ-7F3K-92QM",
        "subject": "Nema & <pošte>",
        "inviter": "Željka <b>&",
        "account": "Lipa & <b>&",
        "email": "o'dora&co@example.com",
        "left": "7",
    }
    key = {"pk": "USER#x", "sk": "EMAIL#x"}
    queued = Email(key, kind, "dana@example.com", language, parameters, None, "REFERENCE")
    raw = letters.letter(queued, language, NOW).as_bytes()
    assert raw.isascii(), "no server on the way needs 8BITMIME"
    assert max(map(len, raw.splitlines())) <= 998, "RFC 5322, 2.1.1"
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text, html = text_of(message), html_of(message)
    assert message["Subject"].strip() and "\n" not in message["Subject"]
    assert brand.COMPANY in text and brand.COMPANY in html
    assert "<b>&" not in html and "<pošte>" not in html
    link = f"http://localhost:8000/{'' if language == 'sr' else language + '/'}{letters.PAGES[kind]}/"
    assert link in text and link in html
    for unfilled in ("{{", "{%", "%(", "None"):
        assert unfilled not in text + html
    assert f'<html lang="{message["Content-Language"]}">' in html
    assert str(message["Subject"]) in unescape(html)


@pytest.mark.parametrize("words", range(1, 20))
def test_a_subject_of_any_length_keeps_its_words_apart(aws: None, words: int) -> None:
    parameters = {
        "inviter": "Őri Éva",
        "account": " ".join(["Könyvelő", "űrlap", "Iroda", "ebbe"][n % 4] for n in range(words)),
    }
    key = {"pk": "ACCOUNT#x", "sk": "EMAIL#x"}
    queued = Email(key, "invitation", "dana@example.com", "hu", parameters, None, "REFERENCE")
    raw = letters.letter(queued, "hu", NOW).as_bytes()
    assert max(map(len, raw.partition(b"\n\n")[0].splitlines())) <= 78, "RFC 5322, 2.1.1"
    subject = email.message_from_bytes(raw, policy=email.policy.default)["Subject"]
    assert subject == say("hu", "%(inviter)s invites you to the account %(account)s") % parameters


def test_links_are_built_from_configuration_and_never_from_a_header(
    visitor: Client, mailbox: Mailbox
) -> None:
    body = {"name": "Dana", "email": "dana@example.com", "language": "hu"}
    visitor.post("/api/registrations", body, host="evil.example", x_forwarded_host="evil.example")
    assert "evil" not in text_of(mailbox.only())
    assert "http://localhost:8000/hu/" in text_of(mailbox.messages[0])


# What wakes the sender.


def test_a_stream_record_of_a_queued_mail_sends_it(alice: Person, mailbox: Mailbox) -> None:
    key = queue(alice, datetime.now(UTC))
    assert deliver_records([record(key)], mailbox.post) == {"batchItemFailures": []}
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"name": "MODIFY"},
        {"name": "REMOVE"},
        {"entity": "Ticket"},
        {"entity": "AuditEvent"},
        pytest.param({"waits": False}, id="a mail that was sent long ago, and imported"),
    ],
)
def test_other_records_send_nothing_and_ask_nothing(
    alice: Person, mailbox: Mailbox, calls: Calls, other: dict[str, Any]
) -> None:
    key = queue(alice, datetime.now(UTC))
    calls.taken()
    assert not is_queued_mail(record(key, **other))
    assert deliver_records([record(key, **other)], mailbox.post) == {"batchItemFailures": []}
    assert calls.taken() == [] and mailbox.messages == [] and is_queued(key)


def test_duplicate_late_and_reordered_records_change_nothing(alice: Person, mailbox: Mailbox) -> None:
    now = datetime.now(UTC)
    first, second = queue(alice, now), queue(alice, now + timedelta(seconds=1))
    deliver_records([record(second), record(first), record(second), record(first)], mailbox.post)
    sent = [stored(first), stored(second)]
    deliver_records(
        [record(first, name="MODIFY"), record(first), record(second, name="MODIFY")], mailbox.post
    )
    assert len(mailbox.messages) == 2
    assert [stored(first), stored(second)] == sent


def test_a_record_of_a_mail_that_is_gone_sends_nothing(alice: Person, mailbox: Mailbox) -> None:
    key = queue(alice, datetime.now(UTC))
    table.write(table.delete(key))
    assert deliver_records([record(key)], mailbox.post) == {"batchItemFailures": []}
    assert mailbox.messages == [] and not items("Email")


def test_a_mail_that_could_not_be_sent_stays_queued_and_fails_no_record(alice: Person) -> None:
    key = queue(alice, datetime.now(UTC))
    assert deliver_records([record(key)], refuse) == {"batchItemFailures": []}
    assert is_queued(key)


def test_only_the_record_that_could_not_be_handled_is_asked_for_again(
    alice: Person, mailbox: Mailbox, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    mails = [queue(alice, now + timedelta(seconds=place)) for place in range(3)]
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    faults.meets("UpdateItem", throttles, throttles, throttles)
    records = [record(key, number=str(100 + place)) for place, key in enumerate(mails)]
    assert deliver_records(records, mailbox.post) == {"batchItemFailures": [{"itemIdentifier": "100"}]}
    assert len(mailbox.messages) == 2
    assert deliver_records(records, mailbox.post) == {"batchItemFailures": []}
    assert len(mailbox.messages) == 3


def test_a_record_of_no_known_shape_fails_alone(alice: Person, mailbox: Mailbox) -> None:
    key = queue(alice, datetime.now(UTC))
    broken = {
        "eventName": "INSERT",
        "dynamodb": {"SequenceNumber": "7", "NewImage": {"entity": {"S": "Email"}, "gsi1pk": {"S": "…"}}},
    }
    assert deliver_records([broken, record(key)], mailbox.post) == {
        "batchItemFailures": [{"itemIdentifier": "7"}]
    }
    assert len(mailbox.messages) == 1


def test_lambda_and_schedule_send_by_ses(alice: Person, calls: Calls) -> None:
    first, second = queue(alice, datetime.now(UTC)), queue(alice, datetime.now(UTC))
    send_mails({"Records": [record(first)]}, Context())
    assert not is_queued(first) and is_queued(second)
    sweep_mails(SCHEDULED, Context())
    assert not is_queued(second)
    assert calls.names.count("SendRawEmail") == 2
