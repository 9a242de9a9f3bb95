"""What wakes the mail sender here: the table's stream, as in AWS, and a sweep for what it missed."""

import logging
import threading
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from chalicelib import aws, settings, table
from chalicelib.mail import actions
from chalicelib.mail.repository import Email
from infra.local.mailbox import Mailbox

logger = logging.getLogger("kalauz.mail_sender")

LOOKS_EVERY = 0.2  # seconds
SWEEPS_EVERY = 30.0


class MailSender:
    """A thread that sends queued mails through SES, and keeps each in a mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail-sender", daemon=True)

    def start(self) -> None:
        """Begin, with a sweep of what was queued before."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the mail at hand, and end."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        """Follow the stream until it breaks off, then find it again: what came meanwhile is swept up."""
        while not self._is_over.is_set():
            try:
                self._follow()
            except Exception:
                if not self._is_over.is_set():
                    logger.exception("the table's stream broke off")
            self._is_over.wait(1)

    def _follow(self) -> None:
        # What Lambda starts with sets up the log by its stage, which is not known before `serve`.
        from chalicelib.mail.routes import deliver_records

        streams = aws.client("dynamodbstreams")
        # Its end first, then the sweep: a mail that is queued between the two is met twice, and sent once.
        iterator = _end_of_stream(streams)
        next_sweep = time.monotonic()
        while not self._is_over.is_set():
            if time.monotonic() >= next_sweep:
                actions.sweep(datetime.now(UTC), self._post)
                next_sweep = time.monotonic() + SWEEPS_EVERY
            answer = streams.get_records(ShardIterator=iterator)
            deliver_records(answer["Records"], self._post)
            iterator = answer["NextShardIterator"]
            if not answer["Records"]:
                self._is_over.wait(LOOKS_EVERY)

    def _post(self, email: Email, message: EmailMessage) -> None:
        actions.by_ses(email, message)
        self._mailbox.keep(email, message)


def _end_of_stream(streams: Any) -> str:
    """An iterator for what will be written from now on."""
    described = table.dynamodb().describe_table(TableName=settings.table_name())
    stream = described["Table"]["LatestStreamArn"]
    shards = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shards[-1]["ShardId"], ShardIteratorType="LATEST"
    )
    return str(iterator["ShardIterator"])
