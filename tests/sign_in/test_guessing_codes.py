"""Guessing codes (trust.md, 6): each try is counted before it is checked, by user and by address."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import brand, keys, limits
from chalicelib.brand import Window
from chalicelib.problems import Problem
from chalicelib.two_factor import actions
from tests.client import Answer, Client
from tests.conftest import Clock, Person, items
from tests.two_factor.authenticator import (
    APP,
    RECOVERY_CODES,
    awaited,
    begun,
    elevate,
    finish,
    mid_step,
    switched_on,
)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The codes that were compared with what the app shows."""
    compared: list[str] = []
    matching_step = actions._matching_step

    def counted(user_id: str, sealed: bytes, code: str, now: datetime) -> int | None:
        compared.append(code)
        return matching_step(user_id, sealed, code, now)

    monkeypatch.setattr(actions, "_matching_step", counted)
    yield compared


def guess(client: Client, now: datetime | None = None, **headers: str) -> Answer:
    return client.post("/api/session/second-factor", {"code": APP.wrong_code(now)}, **headers)


def test_the_windows_are_those_that_were_promised() -> None:
    assert brand.windows("second_factor_per_user", local=False) == (
        Window(5, 300),
        Window(20, 3600),
        Window(50, 86400),
    )
    assert brand.windows("second_factor_per_user", local=True) == brand.windows(
        "second_factor_per_user", local=False
    )
    assert brand.windows("second_factor_per_address", local=False) == (Window(10, 300),)


def test_a_user_has_five_tries_over_all_sign_ins_and_addresses(alice: Person, checked: list[str]) -> None:
    switched_on(alice)
    for place in range(5):
        client = awaited(alice)
        client.peer = f"203.0.113.{place}"
        assert guess(client).code == "second_factor_failed"
    answer = finish(awaited(alice), APP.code())
    assert (answer.status, answer.code) == (429, "too_many_attempts")
    assert 280 < int(answer.headers["Retry-After"]) <= 300
    assert len(checked) == 5 and not items("Session")


def sign_in(alice: Person) -> Answer:
    return guess(awaited(alice))


def sign_in_by_recovery_code(alice: Person) -> Answer:
    return finish(awaited(alice), "ZZZZ-ZZZZ-ZZZZ-ZZZZ")


def elevation(alice: Person) -> Answer:
    return elevate(alice.signed_in(), APP.wrong_code())


def elevation_by_recovery_code(alice: Person) -> Answer:
    return elevate(alice.signed_in(), "ZZZZ-ZZZZ-ZZZZ-ZZZZ")


def test_all_ways_share_the_count(alice: Person) -> None:
    switched_on(alice)
    ways: list[Callable[[Person], Answer]] = [
        sign_in,
        elevation,
        sign_in_by_recovery_code,
        elevation_by_recovery_code,
    ]
    for way in (*ways, sign_in):
        assert way(alice).code == "second_factor_failed"
    for way in ways:
        assert way(alice).code == "too_many_attempts"
    assert finish(awaited(alice), RECOVERY_CODES[0]).code == "too_many_attempts"
    assert len(items("RecoveryCode")) == 10


def test_confirming_an_enrolment_shares_it_too(alice: Person, checked: list[str]) -> None:
    for _time in range(5):
        client = alice.signed_in()
        begun(alice, client)
        answer = client.post("/api/two-factor/confirm", {"code": APP.wrong_code()})
        assert answer.code == "second_factor_failed"
    answer = client.post("/api/two-factor/confirm", {"code": APP.code()})
    assert (answer.status, answer.code) == (429, "too_many_attempts")
    assert len(checked) == 5
    switched_on(alice)
    assert finish(awaited(alice), APP.code()).code == "too_many_attempts"


def test_the_fifth_try_may_still_be_right(alice: Person) -> None:
    switched_on(alice)
    client = awaited(alice)
    for _time in range(4):
        guess(client)
    assert finish(client, APP.code()).status == 201


def test_a_success_of_ones_own_gives_nothing_back(alice: Person, clock: Clock) -> None:
    app, now = switched_on(alice), mid_step(clock)
    for steps in (-1, 0, 1):
        assert finish(awaited(alice), app.code(now, steps=steps)).status == 201
    assert finish(awaited(alice), RECOVERY_CODES[0]).status == 201
    assert guess(awaited(alice), now).code == "second_factor_failed"
    assert finish(awaited(alice), RECOVERY_CODES[1]).code == "too_many_attempts"


def test_an_attackers_success_gives_nothing_back(alice: Person, charlie: Person) -> None:
    switched_on(alice)
    switched_on(charlie)
    attacker = awaited(alice)
    for place in range(5):
        assert guess(attacker).code == "second_factor_failed"
        mine = awaited(charlie)
        mine.peer = attacker.peer
        assert finish(mine, RECOVERY_CODES[place]).status == 201
    assert finish(attacker, APP.code()).code == "too_many_attempts"


def test_who_guesses_keeps_nobody_else_out(alice: Person, charlie: Person) -> None:
    switched_on(alice)
    switched_on(charlie)
    client = awaited(alice)
    assert [guess(client).code for _time in range(6)][-1] == "too_many_attempts"
    assert finish(awaited(charlie), APP.code()).status == 201


def test_a_refused_try_is_not_checked_and_does_not_lengthen_the_wait(
    alice: Person, clock: Clock, checked: list[str]
) -> None:
    switched_on(alice)
    client = awaited(alice)
    for _time in range(5):
        guess(client)
    checked.clear()
    for _minute in range(4):
        now = clock.forward(minutes=1)
        assert finish(client, APP.code(now)).code == "too_many_attempts"
    assert checked == []
    now = clock.forward(minutes=1, seconds=1)
    assert elevate(alice.signed_in(), APP.code(now)).status == 201


def test_the_windows_of_five_minutes_an_hour_and_a_day_hold_together_and_slide(aws: None) -> None:
    """Somebody who tries as often as it is taken, and waits as long as each refusal says."""
    start, second, taken = datetime.now(UTC), 0, list[int]()
    while second <= 86_400:
        try:
            limits.charge("second_factor_per_user", "user-alice", start + timedelta(seconds=second))
        except Problem as refusal:
            assert refusal.retry_after
            second += refusal.retry_after
        else:
            taken.append(second)
    an_hour = (0, 300, 600, 900)
    times = [*an_hour, *(3600 + second for second in an_hour), 7200, 7500, 86_400]
    assert taken == [second for second in times for _try in range(5)]


def test_an_address_has_ten_tries_over_all_users(
    alice: Person, bob: Person, charlie: Person, production: dict[str, str]
) -> None:
    codes = []
    for person in (alice, bob, charlie):
        switched_on(person)
        for _time in range(4 if person is not charlie else 2):
            codes.append(guess(awaited(person), **production).code)
    assert set(codes) == {"second_factor_failed"} and len(codes) == 10
    client = awaited(charlie)
    refused = client.post("/api/session/second-factor", {"code": APP.code()}, **production)
    assert (refused.status, refused.code) == (429, "too_many_attempts")
    assert 280 < int(refused.headers["Retry-After"]) <= 300
    elsewhere = {**production, "cloudfront_viewer_address": "198.51.100.11:46532"}
    assert client.post("/api/session/second-factor", {"code": APP.code()}, **elsewhere).status == 201


def test_so_it_has_for_tokens_that_were_made_up(alice: Person, production: dict[str, str]) -> None:
    for place in range(10):
        client = Client(cookies={"__Host-sign_in": f"guess-{place}"})
        assert guess(client, **production).code == "not_signed_in"
    assert guess(Client(), **production).code == "too_many_attempts"


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip", "true_client_ip"])
def test_a_forged_header_makes_no_other_address(
    alice: Person, production: dict[str, str], header: str
) -> None:
    switched_on(alice)
    answers = [
        guess(Client(peer=f"10.0.0.{place}"), **{**production, header: f"192.0.2.{place}"})
        for place in range(11)
    ]
    assert [answer.code for answer in answers] == ["not_signed_in"] * 10 + ["too_many_attempts"]


def test_what_is_counted_is_forgotten_by_the_table_itself_after_a_day(alice: Person) -> None:
    switched_on(alice)
    guess(awaited(alice))
    (counted,) = [item for item in items("Attempts") if "per_user" in item["pk"]]
    assert counted["pk"] == keys.attempts("second_factor_per_user", alice.id)["pk"]
    assert 86_390 < counted["expires_at"] - datetime.now().astimezone().timestamp() <= 86_400
