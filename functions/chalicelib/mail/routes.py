"""What wakes the functions of mail: the table's stream, a schedule for what got stuck, and SES's news of what was sent.

Lambda tries an event again that ends in an exception, so only what may go better the next time ends in one. What
wakes which function stands in infra/functions.yaml.
"""

import logging
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint

from chalicelib import keys, logs, metrics
from chalicelib.mail import actions
from chalicelib.mail.actions import HasTime, Post, always

# Milliseconds that must be left to begin with another mail: one takes 0.2 s, and this much when AWS is slow to answer.
TIME_FOR_ONE = 10_000

# No Room: nothing here answers requests, so that the functions that send mails load none of what checks these.
room = Blueprint(__name__)
# Lambda imports them from here, without app.py.
logs.set_up()


class NotAllHandled(Exception):
    """So many of an event's records could not be handled now: Lambda shall bring the event again."""


@room.lambda_function(name="send_mails")
@logs.woken
def send_mails(event: Any, context: Any) -> dict[str, Any]:
    """Send the mails that stream records say were queued; tells which records to bring again."""
    return deliver_records(_records(event, "dynamodb", "send_mails"), actions.by_ses, _has_time(context))


@room.lambda_function(name="sweep_mails")
@logs.woken
def sweep_mails(event: Any, context: Any) -> None:
    """Send what the stream missed."""
    if isinstance(event, dict) and event.get("source") == "aws.events":
        actions.sweep(datetime.now(UTC), actions.by_ses, _has_time(context))
    else:
        _refused("sweep_mails")


@room.lambda_function(name="hear_of_mails")
@logs.woken
def hear_of_mails(event: Any, context: Any) -> None:
    """Keep what SES tells of mails that were sent."""
    note_records(_records(event, "Sns", "hear_of_mails"), _has_time(context))


def deliver_records(records: list[Any], post: Post, has_time: HasTime = always) -> dict[str, Any]:
    """Deliver what stream records queued, in AWS's shape of a partial batch response.

    Records for which there is no time are told as failed, so that Lambda brings them again. A mail that could not be
    sent is no failed record: it stays queued, and the sweep brings it.
    """
    failed: list[dict[str, str]] = []
    queued = 0
    for record in records:
        try:
            if is_queued_mail(record):
                if not has_time():
                    failed += _failure(record)
                    continue
                key = record["dynamodb"]["Keys"]
                actions.deliver(keys.key(key["pk"]["S"], key["sk"]["S"]), datetime.now(UTC), post)
                # From the lowest that failed on, Lambda brings all records again: they are counted then.
                queued += not failed
        except Exception as fault:
            logs.note("record_not_handled", level=logging.ERROR, fault=fault)
            failed += _failure(record)
    if queued:
        logs.note("mails_queued", counts={metrics.MAILS_QUEUED: queued})
    return {"batchItemFailures": failed}


def is_queued_mail(record: dict[str, Any]) -> bool:
    """Whether a stream record says that a mail was just queued; one that was sent long ago may be imported too."""
    item = record.get("dynamodb", {}).get("NewImage", {})
    is_mail = record.get("eventName") == "INSERT" and item.get("entity", {}).get("S") == "Email"
    return is_mail and "gsi1pk" in item


def note_records(records: list[Any], has_time: HasTime = always) -> None:
    """Keep with each mail what SES published of it.

    What cannot be read is passed over. Raises NotAllHandled, after all the others, if something could not be written
    or time ran out: noting the same twice changes nothing.
    """
    from chalicelib.mail import feedback  # No other function reads events of SES.

    left = 0
    for record in records:
        try:
            news = feedback.read(record["Sns"]["Message"])
        except (feedback.Unreadable, KeyError, TypeError) as wrong:
            logs.note("news_not_understood", level=logging.ERROR, fault=wrong)
            continue
        try:
            if news and has_time():
                actions.note(news)
            elif news:
                left += 1
        except Exception as fault:
            logs.note("news_not_kept", level=logging.ERROR, fault=fault)
            left += 1
    if left:
        raise NotAllHandled(f"{left} of {len(records)}")


def _records(event: Any, part: str, function: str) -> list[Any]:
    """The records of an event; none of one from elsewhere, where no record has the part that ours have."""
    records = event.get("Records") if isinstance(event, dict) else None
    known = isinstance(records, list) and (
        not records or any(isinstance(record, dict) and part in record for record in records)
    )
    if not known:
        _refused(function)
        return []
    return list(records or [])


def _refused(function: str) -> None:
    """Somebody woke a function with what it does not take; it would be no better the next time."""
    logs.note("event_refused", level=logging.ERROR, function=function)


def _failure(record: Any) -> list[dict[str, str]]:
    """What asks Lambda for a record again: its place in the stream.

    Nothing for one without: Lambda takes an empty identifier for a failure of all. If it was of a mail, that stays
    queued, and the sweep brings it.
    """
    stream = record.get("dynamodb") if isinstance(record, dict) else None
    number = stream.get("SequenceNumber") if isinstance(stream, dict) else None
    return [{"itemIdentifier": number}] if isinstance(number, str) and number else []


def _has_time(context: Any) -> HasTime:
    return lambda: bool(context.get_remaining_time_in_millis() > TIME_FOR_ONE)
