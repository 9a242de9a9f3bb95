"""What wakes the sender: the table's stream, and a schedule for what got stuck."""

from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint

from chalicelib import keys
from chalicelib.mail import actions
from chalicelib.mail.actions import Post

# No Room: nothing here answers requests, so that the functions that send mails load none of what checks these.
room = Blueprint(__name__)


@room.lambda_function(name="send_mails")
def send_mails(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Send the mails that stream records say were queued; tells which records to bring again."""
    return deliver_records(event["Records"], actions.by_ses)


@room.schedule("rate(5 minutes)", name="sweep_mails")
def sweep_mails(_event: object) -> None:
    """Send what the stream missed."""
    actions.sweep(datetime.now(UTC), actions.by_ses)


def deliver_records(records: list[dict[str, Any]], post: Post) -> dict[str, Any]:
    """Deliver what stream records queued, in AWS's shape of a partial batch response.

    A mail that could not be sent is no failed record: it stays queued, and the sweep brings it.
    """
    failures = []
    for record in records:
        try:
            if is_queued_mail(record):
                key = record["dynamodb"]["Keys"]
                actions.deliver(keys.key(key["pk"]["S"], key["sk"]["S"]), datetime.now(UTC), post)
        except Exception:
            actions.logger.exception("stream record not handled")
            failures.append({"itemIdentifier": record.get("dynamodb", {}).get("SequenceNumber", "")})
    return {"batchItemFailures": failures}


def is_queued_mail(record: dict[str, Any]) -> bool:
    """Whether a stream record says that a mail was just queued."""
    item = record.get("dynamodb", {}).get("NewImage", {})
    return record.get("eventName") == "INSERT" and item.get("entity", {}).get("S") == "Email"
