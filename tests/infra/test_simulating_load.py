"""What `make bench` plays, smaller: a hot account and a mail storm, where nothing is lost or doubled."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from botocore.exceptions import ClientError

from chalicelib import table
from infra.bench.conflicts import Conflicts, conflicting
from infra.bench.hot_account import Rush, rush_of
from infra.bench.mail_storm import Clock, Ses, Storm, storm_of
from tests.races.racing import at_once, without

pytestmark = pytest.mark.xdist_group("ministack")

KEY = {"pk": "PLACE#1", "sk": "PLACE"}


def count() -> None:
    table.commit([table.update(KEY, adds={"visitors": 1}, when=None)])


def met(writers: int) -> Conflicts:
    """So many writers of one item, all at once."""
    with conflicting(0.05) as conflicts:
        at_once(writers, lambda _place: count())
    return conflicts


def test_transactions_that_meet_are_refused_and_tried_again(emulated: None) -> None:
    assert met(4).refused >= 3
    assert table.get(KEY) == {**KEY, "visitors": 4}


def test_a_write_that_meets_a_transaction_is_refused_and_tried_again(emulated: None) -> None:
    with conflicting(0.3) as conflicts, ThreadPoolExecutor(1) as other:
        transaction = other.submit(count)
        while not conflicts.under_way:
            sleep(0.001)
        table.write(table.update(KEY, adds={"visitors": 1}, when=None))
        transaction.result()
    item = table.get(KEY)
    assert item and item["visitors"] == 2
    assert conflicts.refused


def test_one_transaction_alone_meets_nobody(emulated: None) -> None:
    assert met(1).refused == 0


def rush() -> Rush:
    return rush_of(users=6, turns=2)


def test_a_hot_account_loses_and_doubles_nothing(emulated: None) -> None:
    seen = rush()
    assert (seen.lost, seen.doubled) == (0, 0)
    assert seen.conflicts > 0
    assert set(seen.answers) <= {"", "limit_reached"}
    assert seen.answers[""] >= 6 * 2 * 2


def test_without_trying_again_its_users_would_be_refused(
    emulated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.table.CONFLICT_TRIES", 1)
    seen = rush()
    assert seen.answers["unavailable"] > 0
    assert (seen.lost, seen.doubled) == (0, 0)


def test_ses_refuses_what_is_over_its_rate() -> None:
    clock = Clock(faster=1000)
    ses = Ses(clock, rate=0.001, takes=0.0)
    with pytest.raises(ClientError, match="Maximum sending rate exceeded"):
        ses.take()


def storm() -> Storm:
    return storm_of(80, faster=20, sweep_every=1)


def test_a_storm_is_sent_by_stream_and_sweep_each_mail_once(emulated: None) -> None:
    seen = storm()
    assert (seen.lost, seen.parked, seen.twice) == (0, 0, 0)
    assert sum(seen.sent.values()) == 80
    assert seen.in_vain > 0, "stream and sweep met"


def test_without_the_lease_a_storm_sends_twice(emulated: None) -> None:
    always = "attribute_exists(gsi1pk) AND (leased_until <= :now OR attribute_exists(pk))"
    with without(("chalicelib.mail.repository.CAN_BE_CLAIMED", always)):
        assert storm().twice > 0
