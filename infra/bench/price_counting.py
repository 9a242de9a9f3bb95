"""What an action uses of AWS, counted: one request of each route, and the sending of the mails that it queues."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from io import StringIO
from unittest.mock import patch

from chalicelib import logs, settings, table
from chalicelib.keys import Key
from chalicelib.mail import actions as mail
from chalicelib.mail.repository import Email
from chalicelib.routing import Endpoint
from infra.bench.item_sizes import kept_bytes
from infra.bench.metering import Cost, Meter
from infra.bench.walking import ready


@dataclass(frozen=True)
class SentMail:
    """What sending one mail cost, and its bytes as SES gets them."""

    cost: Cost
    size: int
    logged: int  # bytes


@dataclass(frozen=True)
class Action:
    """What one request cost, with its mails.

    Of the bytes that it left in the table some stay, and some go by themselves when they expire; fewer than none are
    left where more went.
    """

    cost: Cost
    mails: list[SentMail]
    kept: int
    passing: int
    answered: int  # bytes of the answer, its headers too
    logged: int  # bytes


def action(endpoint: Endpoint, meter: Meter) -> Action:
    """Ask a route once, on a table of its own, and send what it queued. Raises RuntimeError when it is refused."""
    ask = ready(endpoint)
    before = _kept()
    meter.read()
    with _log() as log:
        answer = ask()
    cost = meter.read()
    mails = [_sent(key, meter) for key in cost.mails]
    kept, passing = (now - then for now, then in zip(_kept(), before, strict=True))
    headers = sum(len(f"{name}: {value}\r\n".encode()) for name, value in answer.headers.items())
    return Action(cost, mails, kept, passing, headers + len(answer.text.encode()), _size(log))


def sweep(meter: Meter) -> Cost:
    """What the sweep costs when nothing is queued."""
    meter.read()
    mail.sweep(datetime.now(UTC), mail.by_ses)
    return meter.read()


def _sent(key: Key, meter: Meter) -> SentMail:
    sizes: list[int] = []

    def post(email: Email, message: EmailMessage) -> None:
        sizes.append(len(message.as_bytes()))
        mail.by_ses(email, message)

    meter.read()
    with _log() as log, meter.running("handler"):
        mail.deliver(key, datetime.now(UTC), post)
    (size,) = sizes
    return SentMail(meter.read(), size, _size(log))


@contextmanager
def _log() -> Iterator[StringIO]:
    """What the functions print, as they do in AWS."""
    try:
        with patch.dict(os.environ, KALAUZ_STAGE="production"):
            logs.set_up()
        with redirect_stdout(StringIO()) as printed:
            yield printed
    finally:
        logs.set_up()


def _size(log: StringIO) -> int:
    return len(log.getvalue().encode())


def _kept() -> tuple[int, int]:
    """The bytes of all items that stay, and of all that expire."""
    stays = expires = 0
    for page in table.dynamodb().get_paginator("scan").paginate(TableName=settings.table_name()):
        for item in page["Items"]:
            if "expires_at" in item:
                expires += kept_bytes(item)
            else:
                stays += kept_bytes(item)
    return stays, expires
