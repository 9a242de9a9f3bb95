"""What an operator reads of mails: where each is on its way, by its reference; not whom it is for nor what it says."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

import pytest

from chalicelib import keys, table
from chalicelib.mail import actions, letters
from chalicelib.mail.repository import Email
from chalicelib.mail.routes import deliver_records, note_records, sweep_mails
from tests.aws_calls import Faults, answered, throttles
from tests.client import endpoints
from tests.conftest import Person, everything, items
from tests.infra.packaged import SCHEDULED
from tests.lines import Lines, told
from tests.mail.news import ADDRESS, bounce, complaint, delay, published
from tests.mail.outbox import queue, record, stored
from tests.mailbox import Mailbox, text_of
from tests.requests.walk import Place, caller, knock

NOW = datetime.now(UTC)
PRIVATE = ("pk", "to", "name", "email", "subject", "account", "inviter")


# Routes that queue a mail to a stranger, to who forgot something, to who is invited, to an account.
MAILING = (
    "POST /api/registrations",
    "POST /api/password-resets",
    "POST /api/invitations",
    "POST /api/tickets",
    "PUT /api/me/password",
)


REFUSED_BY_SES = """<ErrorResponse><Error>
<Type>Sender</Type><Code>MessageRejected</Code><Message>{}</Message>
</Error></ErrorResponse>"""


def refuse(email: Email, message: EmailMessage) -> None:
    """SES takes nothing, and quotes what it was given."""
    raise RuntimeError(f"not to {email.to}: {message.as_string()}")


def secrets() -> set[str]:
    """Whom mails are for and what they say, as it is stored."""
    found = {str(item[name]) for item in everything() for name in PRIVATE if item.get(name)}
    for mail in items("Email"):
        found |= {str(value) for value in mail["parameters"].values() if len(str(value)) > 1}
    return found


def test_a_mail_that_goes_out_is_told_by_its_reference(alice: Person, mailbox: Mailbox, lines: Lines) -> None:
    key = queue(alice, NOW)
    deliver_records([record(key)], mailbox.post)
    sent, queued = lines.taken()
    assert (
        sent.items()
        >= {
            "level": "INFO",
            "event": "mail_sent",
            "kind": "password_changed",
            "reference": stored(key)["reference"],
            "tries": 1,
            "MailsSent": 1,
        }.items()
    )
    assert (queued["event"], queued["MailsQueued"]) == ("mails_queued", 1)
    assert told([sent, queued], secrets()) == set()


def test_a_mail_is_counted_as_queued_once_though_its_record_is_brought_again(
    alice: Person, mailbox: Mailbox, lines: Lines, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a batch Lambda brings all again from the lowest record on that is told as failed, the good ones too."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    queued = [record(queue(alice, NOW), number=str(number)) for number in range(4)]
    deliver_records(queued[:1], mailbox.post)
    faults.meets("UpdateItem", throttles, throttles, throttles)
    (failed,) = deliver_records(queued[1:], mailbox.post)["batchItemFailures"]
    deliver_records(queued[int(failed["itemIdentifier"]) :], mailbox.post)
    counted = [line.get("MailsQueued", 0) for line in lines.taken()]
    assert (failed, sum(counted), len(mailbox.messages)) == ({"itemIdentifier": "1"}, 4, 4)


def test_a_mail_that_does_not_go_out_is_told_with_each_try_and_when_it_is_given_up(
    alice: Person, lines: Lines
) -> None:
    key = queue(alice, NOW)
    for day in range(6):
        actions.deliver(key, NOW + timedelta(days=day), refuse)
    read = lines.taken()
    assert [(line["event"], line["tries"]) for line in read] == [
        *(("mail_not_sent", tries) for tries in range(1, 6)),
        ("mail_parked", 5),
    ]
    assert {line["level"] for line in read} == {"ERROR"}
    assert {line["reference"] for line in read} == {stored(key)["reference"]}
    assert read[0]["fault"][0]["type"] == "RuntimeError"
    assert read[0]["fault"][0]["where"][-1].endswith(":refuse")
    assert [line.get("MailsFailed", 0) for line in read] == [1, 1, 1, 1, 1, 0]
    assert read[-1]["MailsParked"] == 1
    assert told(read, secrets()) == set()


def test_no_line_of_any_kind_of_mail_says_whom_it_is_for_or_what_it_says(
    alice: Person, mailbox: Mailbox, lines: Lines, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every mail that a route queues: not rendered, refused by DynamoDB and SES with quotations, sent."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    place = Place.furnished(alice)
    for route in MAILING:
        method, _space, path = route.partition(" ")
        endpoint = endpoints()[method, path]
        assert knock(caller(endpoint, alice), endpoint, place.path(endpoint)).status < 300
    mails = items("Email")
    assert {mail["kind"] for mail in mails} == {
        "confirm_address",
        "password_reset",
        "invitation",
        "ticket_opened",
        "password_changed",
    }
    private = secrets() | {"@example.com"}
    queue_of = [record(keys.key(mail["pk"], mail["sk"])) for mail in mails]

    def quotes(request: Any) -> Any:
        sent = request.body
        said = unquote_plus(sent if isinstance(sent, str) else sent.decode())
        if "Action=SendRawEmail" in said:
            return answered(request, 400, REFUSED_BY_SES.format(escape(said)))
        return answered(
            request, 400, {"__type": "com.amazonaws.dynamodb#ValidationException", "message": said}
        )

    lines.taken()
    for operation in ("UpdateItem", "Decrypt", "SendRawEmail"):
        faults.always_meets(operation, quotes)
        deliver_records(queue_of, actions.by_ses)
        faults.are_over()
        for mail in items("Email"):
            again = keys.key(mail["pk"], mail["sk"])
            table.write(table.update(again, sets={"tries": 0, "leased_until": 0}))
    with monkeypatch.context() as patched:
        patched.setattr(letters, "PAGES", {})
        deliver_records(queue_of, mailbox.post)
    actions.sweep(NOW + timedelta(days=1), mailbox.post)
    read = lines.taken()
    assert {line["event"] for line in read} >= {"record_not_handled", "mail_not_sent", "mail_sent", "sweep"}
    met = [fault["aws"] for line in read for fault in line.get("fault", []) if "aws" in fault]
    assert {(each["operation"], each["code"]) for each in met} == {
        ("UpdateItem", "ValidationException"),
        ("Decrypt", "ValidationException"),
        ("SendRawEmail", "MessageRejected"),
    }
    links = {word for message in mailbox.messages for word in text_of(message).split() if "#token=" in word}
    tokens = {link.partition("#token=")[2] for link in links}
    assert tokens and told(read, private | tokens | {str(m["Subject"]) for m in mailbox.messages}) == set()


def test_what_ses_tells_of_a_mail_is_counted_and_names_nobody(alice: Person, lines: Lines) -> None:
    key, gone = queue(alice, NOW), {"pk": f"USER#{alice.id}", "sk": "EMAIL#01GONE"}
    note_records([published(each) for each in (bounce(key), complaint(key), delay(key), bounce(gone))])
    read = lines.taken()
    assert [(line["event"], line.get("MailsBounced"), line.get("MailsComplained")) for line in read] == [
        ("mail_bounced", 1, None),
        ("mail_complained", None, 1),
        ("mail_delayed", None, None),
        ("news_of_unknown_mail", None, None),
    ]
    assert {line["reference"] for line in read[:3]} == {stored(key)["reference"]}
    assert told(read, secrets() | {ADDRESS}) == set()


# --- The queue ---


def test_a_sweep_tells_how_many_mails_it_found_and_how_long_the_oldest_had_waited(
    alice: Person, mailbox: Mailbox, lines: Lines
) -> None:
    for minutes in (0, 20, 30):
        queue(alice, NOW + timedelta(minutes=minutes))
    actions.sweep(NOW + timedelta(minutes=35), mailbox.post)
    sweep = lines.taken()[-1]
    assert (sweep["event"], sweep["MailsWaiting"], sweep["OldestMail"]) == ("sweep", 3, 35 * 60)


def test_a_sweep_of_an_empty_queue_tells_that_it_was_there(
    alice: Person, mailbox: Mailbox, lines: Lines
) -> None:
    actions.sweep(NOW, mailbox.post)
    (sweep,) = lines.taken()
    assert (sweep["MailsWaiting"], sweep["OldestMail"]) == (0, 0)


def test_a_sweep_that_fails_tells_of_no_queue(
    alice: Person, lines: Lines, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    faults.always_meets("Query", throttles)
    with pytest.raises(Exception, match=r"chalicelib\.problems\.Problem"):
        sweep_mails(SCHEDULED, None)
    (line,) = lines.taken()
    assert (line["event"], line["function"]) == ("function_failed", "sweep_mails")
