"""A mail storm: very many mails queued at once, sent by the stream's senders and the sweep at the rate that SES allows.

The mails, their claims and marks are real, in ministack. SES is played: it takes its time, and refuses what is over its
rate. The clock that all of them read runs several times as fast as time does, so that minutes pass in seconds.
"""

import logging
import os
import random
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from email.message import EmailMessage
from threading import Event, Lock
from unittest.mock import patch

from botocore.exceptions import ClientError

from chalicelib import keys, table
from chalicelib.keys import Key
from chalicelib.mail import actions, repository, routes
from chalicelib.mail.repository import Email
from infra.bench import price_scale
from infra.bench.rows import Counted, Row, verdict
from infra.bench.setting import Setting
from tests.conftest import empty_table, items
from tests.mail.outbox import record

MAILS = 10_000  # BENCH_MAILS says otherwise
FASTER = 4
SWEEP_EVERY = 300.0  # seconds, as in infra/functions.yaml
SWEEP_LASTS = 230.0  # of the 240 that it has
BATCH = 10  # records, as in infra/functions.yaml
# How often botocore hands a mail over, and the longest pause before it does so again; then twice that.
HANDED_OVER = 3
PAUSE = 1.0
QUEUED_AT_ONCE = 50  # in one transaction


class Clock:
    """A clock that runs so many times as fast as time does."""

    def __init__(self, faster: float) -> None:
        self._faster = faster
        self._start = time.monotonic()
        self._began = datetime.now(UTC)

    def passed(self) -> float:
        """Seconds since it was made, by itself."""
        return (time.monotonic() - self._start) * self._faster

    def now(self, _zone: tzinfo = UTC) -> datetime:
        """What it shows."""
        return self._began + timedelta(seconds=self.passed())

    def until(self, seconds: float) -> Callable[[], bool]:
        """What tells, from now on, whether so many seconds are not over yet."""
        end = self.passed() + seconds
        return lambda: self.passed() < end

    def sleep(self, seconds: float) -> None:
        """Let so many of its seconds pass."""
        time.sleep(max(0.0, seconds) / self._faster)


@dataclass
class Storm:
    """What came of it. A mail is sent by whoever handed it over."""

    mails: int
    sent: Counter[str] = field(default_factory=Counter)  # by reference
    by_sweep: int = 0
    refused: int = 0  # by SES
    in_vain: int = 0  # claims of what another sender had or had sent
    parked: int = 0
    sweeps: int = 0
    lasted: float = 0.0  # seconds of the clock until the last mail was out

    @property
    def twice(self) -> int:
        """Mails that went out more than once."""
        return sum(times > 1 for times in self.sent.values())

    @property
    def lost(self) -> int:
        """Mails that nobody sent."""
        return self.mails - len(self.sent)


class Ses:
    """SES as a sender meets it: it takes its time, and refuses what is over its rate in a second."""

    def __init__(self, clock: Clock, rate: float, takes: float) -> None:
        self._clock, self._rate, self._takes = clock, rate, takes
        self._left, self._filled = rate, clock.passed()
        self._lock = Lock()

    def take(self) -> None:
        """Take one mail. Raises ClientError over the rate, as botocore does when it has tried again in vain."""
        for turn in range(HANDED_OVER):
            self._clock.sleep(self._takes)
            if self._admits():
                return
            if turn + 1 < HANDED_OVER:
                self._clock.sleep(random.uniform(0, PAUSE * 2**turn))  # noqa: S311 - jitter, not a secret.
        raise ClientError(
            {"Error": {"Code": "Throttling", "Message": "Maximum sending rate exceeded."}}, "Send"
        )

    def _admits(self) -> bool:
        with self._lock:
            now = self._clock.passed()
            self._left = min(self._rate, self._left + (now - self._filled) * self._rate)
            self._filled = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


def rows(setting: Setting) -> Iterator[Row]:
    """A row for how long it takes, and one for what it may not do: lose a mail, park it, send it twice."""
    setting.use_ministack()
    mails = int(os.environ.get("BENCH_MAILS") or MAILS)
    storm = storm_of(mails)
    yield Row(
        f"mail storm: {mails:,} queued at once",
        f"all out after {storm.lasted / 60:.1f} minutes, {mails / storm.lasted:.1f} a second",
        f"{storm.sweeps} sweeps sent {storm.by_sweep}; {storm.in_vain} claims in vain, {storm.refused} refused by SES",
    )
    yield Counted(
        "mail storm: lost, parked, sent twice",
        f"{storm.lost}, {storm.parked}, {storm.twice}",
        budget="0, 0, 0",
        verdict=verdict(not (storm.lost or storm.parked or storm.twice)),
    )


def storm_of(mails: int, *, faster: float = FASTER, sweep_every: float = SWEEP_EVERY) -> Storm:
    """Queue so many mails in an empty table, and send them with as many senders as the stream has shards."""
    scale = price_scale.read()
    empty_table()
    queued = _queue(mails)
    clock = Clock(faster)
    ses = Ses(clock, scale.quotas["ses_second"], scale.time["waiting_ses"] / 1000)
    storm, lock = Storm(mails), Lock()
    stream_is_done = Event()
    senders = int(scale.quotas["shards"] * scale.stack["MailsAtOnce"])

    def post_of(sweeps: bool) -> Callable[[Email, EmailMessage], None]:
        def post(email: Email, _message: EmailMessage) -> None:
            try:
                ses.take()
            except ClientError:
                with lock:
                    storm.refused += 1
                raise
            with lock:
                storm.sent[email.reference] += 1
                storm.by_sweep += sweeps
                storm.lasted = clock.passed()

        return post

    def follow(shard: int) -> None:
        mine = [key for key in queued if zlib.crc32(key["pk"].encode()) % senders == shard]
        for start in range(0, len(mine), BATCH):
            routes.deliver_records(
                [record(key) for key in mine[start : start + BATCH]], post_of(sweeps=False)
            )

    def sweep() -> None:
        next_one = sweep_every
        while True:
            clock.sleep(next_one - clock.passed())
            next_one += sweep_every
            was_done = stream_is_done.is_set()
            storm.sweeps += 1
            found = actions.sweep(clock.now(), post_of(sweeps=True), clock.until(SWEEP_LASTS))
            if was_done and not found:
                return

    with _watched(clock, storm, lock), ThreadPoolExecutor(senders + 1) as threads:
        sweeper = threads.submit(sweep)
        for followed in [threads.submit(follow, shard) for shard in range(senders)]:
            followed.result()
        stream_is_done.set()
        sweeper.result()
    storm.parked = sum("parked_at" in mail for mail in items("Email"))
    return storm


@contextmanager
def _watched(clock: Clock, storm: Storm, lock: Lock) -> Iterator[None]:
    """Let the senders read this clock, count their claims in vain, and say nothing of what SES refuses."""
    claim = repository.claim

    def counting(key: Key, now: datetime) -> Email | None:
        email = claim(key, now)
        if email is None:
            with lock:
                storm.in_vain += 1
        return email

    logging.disable()
    try:
        with (
            patch.object(routes, "datetime", clock),
            patch.object(actions, "monotonic", clock.passed),
            patch.object(repository, "claim", counting),
        ):
            yield
    finally:
        logging.disable(logging.NOTSET)


def _queue(mails: int) -> list[Key]:
    """Queue so many notices, each to somebody else; returns their keys in the order of the stream."""
    now = datetime.now(UTC)
    queued: list[Key] = []
    for start in range(0, mails, QUEUED_AT_ONCE):
        writes = [
            write
            for number in range(start, min(start + QUEUED_AT_ONCE, mails))
            for write in actions.send_password_changed(
                f"USER#storm-{number}", f"storm-{number}@example.com", "sr", "Vera Ćirić", now
            )
        ]
        table.commit(writes)
        items_put = [write.request["Item"] for write in writes]
        queued += [keys.key(item["pk"]["S"], item["sk"]["S"]) for item in items_put]
    return queued
