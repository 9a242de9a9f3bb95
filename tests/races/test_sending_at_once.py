"""Several senders at once, as the stream and the sweep are: each mail goes out once."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Lock

import pytest

from chalicelib.keys import Key
from chalicelib.mail import actions
from chalicelib.mail.repository import Email
from tests.conftest import Person
from tests.mail.outbox import is_queued, queue
from tests.races.racing import at_once, without

pytestmark = pytest.mark.xdist_group("ministack")

NOW = datetime.now(UTC)
SENDERS = 20


def sending(alice: Person, mails: int) -> tuple[list[Key], Counter[str]]:
    """So many mails, each asked for by every sender, and how often each went out."""
    keys = [queue(alice, NOW + timedelta(milliseconds=place)) for place in range(mails)]
    sent: Counter[str] = Counter()
    lock = Lock()

    def post(queued: Email, _message: object) -> None:
        with lock:
            sent[queued.reference] += 1

    def run(place: int) -> None:
        for step in range(mails):
            actions.deliver(keys[(place + step) % mails], NOW, post)

    at_once(SENDERS, run, once_all_did="chalicelib.mail.repository.claim")
    return keys, sent


def test_each_mail_goes_out_once(alice: Person) -> None:
    keys, sent = sending(alice, 5)
    assert list(sent.values()) == [1] * 5
    assert not any(is_queued(key) for key in keys)


def test_without_the_lease_it_goes_out_more_often(alice: Person) -> None:
    always = "attribute_exists(gsi1pk) AND (leased_until <= :now OR attribute_exists(pk))"
    with without(("chalicelib.mail.repository.CAN_BE_CLAIMED", always)):
        _keys, sent = sending(alice, 1)
    assert max(sent.values()) > 1
