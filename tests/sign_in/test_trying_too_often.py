"""Trying too often: passwords cannot be guessed, and nobody gets round the count (trust.md, 6)."""

from datetime import UTC, datetime, timedelta
from hmac import compare_digest

import pytest

from chalicelib import brand, keys, limits, request, table
from chalicelib.problems import Problem
from tests.aws_calls import Calls
from tests.client import Answer, Client
from tests.conftest import PASSWORD, Clock, Person, items

WRONG = "not Alice's password"


def guess(alice: Person, client: Client, password: str = WRONG, **headers: str) -> Answer:
    return client.post("/api/session", {"email": alice.email, "password": password}, **headers)


@pytest.mark.parametrize(
    ("what", "times", "seconds"),
    [
        ("sign_in_per_email", 10, 900),
        ("sign_in_per_address", 50, 900),
        ("mail_per_addressee", 3, 3600),
        ("mail_per_address", 20, 3600),
        ("link_per_address", 30, 3600),
    ],
)
def test_the_windows_are_those_that_were_promised(what: str, times: int, seconds: int) -> None:
    assert brand.windows(what, local=False) == (brand.Window(times, seconds),)


def test_locally_only_those_per_address_are_wide() -> None:
    assert all(what.endswith("_per_address") for what in brand.BRAND["limits"]["local_windows"])


def test_an_address_has_ten_tries_in_a_quarter_of_an_hour_wherever_they_come_from(
    alice: Person, clock: Clock
) -> None:
    for place in range(10):
        assert guess(alice, Client(peer=f"203.0.113.{place}")).code == "sign_in_failed"
    refused = guess(alice, Client(peer="203.0.113.99"), PASSWORD)
    assert (refused.status, refused.code) == (429, "too_many_attempts")
    assert 840 < int(refused.headers["Retry-After"]) <= 900
    clock.forward(seconds=int(refused.headers["Retry-After"]) - 20)
    assert guess(alice, Client(), PASSWORD).code == "too_many_attempts"
    clock.forward(seconds=21)
    assert guess(alice, Client(), PASSWORD).status == 201


def test_a_try_in_another_case_counts_for_the_same_address(alice: Person) -> None:
    for email in (alice.email, "ALICE@example.com", "alice@EXAMPLE.COM", "Alice@Example.com") * 3:
        last = Client().post("/api/session", {"email": email, "password": WRONG})
    assert last.code == "too_many_attempts"


def test_an_unknown_address_is_limited_as_a_known_one(alice: Person) -> None:
    answers = []
    for email in (alice.email, "nobody@example.com"):
        for _time in range(11):
            answer = Client().post("/api/session", {"email": email, "password": WRONG})
        answers.append(answer)
    known, unknown = answers
    assert (known.status, known.text) == (unknown.status, unknown.text) and known.status == 429


def test_who_tries_too_often_does_not_keep_the_owner_of_another_address_out(
    alice: Person, charlie: Person
) -> None:
    for _time in range(11):
        guess(alice, Client())
    assert charlie.signs_in().get("/api/me").status == 200


def test_a_refused_try_is_not_compared_and_does_not_lengthen_the_wait(
    alice: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _time in range(10):
        guess(alice, Client())
    monkeypatch.setattr("chalicelib.hashing.is_right", None)
    for _minute in range(14):
        clock.forward(minutes=1)
        assert guess(alice, Client(), PASSWORD).code == "too_many_attempts"
    monkeypatch.undo()
    monkeypatch.setattr("chalicelib.routing.datetime", clock)
    clock.forward(minutes=1, seconds=1)
    assert guess(alice, Client(), PASSWORD).status == 201


def test_an_attackers_own_success_changes_no_count(alice: Person, charlie: Person) -> None:
    attacker = Client()
    for _time in range(9):
        guess(alice, attacker)
        assert attacker.post("/api/session", {"email": charlie.email, "password": PASSWORD}).status == 201
    assert guess(alice, attacker).code == "sign_in_failed"
    assert guess(alice, attacker).code == "too_many_attempts"


def test_an_internet_address_has_fifty_tries_over_all_e_mail_addresses(
    alice: Person, production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.hashing.is_right", lambda _password, _stored: False)
    for place in range(50):
        answer = Client().post(
            "/api/session", {"email": f"guess{place}@example.com", "password": WRONG}, **production
        )
        assert answer.code == "sign_in_failed"
    monkeypatch.undo()
    monkeypatch.setenv("KALAUZ_STAGE", "production")
    monkeypatch.setenv("KALAUZ_EDGE_SECRET", production["x_kalauz_edge"])
    assert guess(alice, Client(), PASSWORD, **production).code == "too_many_attempts"
    elsewhere = {**production, "cloudfront_viewer_address": "198.51.100.11:46532"}
    assert guess(alice, Client(), PASSWORD, **elsewhere).status == 201


@pytest.mark.parametrize(
    "header", ["x_forwarded_for", "forwarded", "x_real_ip", "client_ip", "true_client_ip"]
)
def test_a_forged_header_makes_no_other_address(
    alice: Person, production: dict[str, str], monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    monkeypatch.setitem(brand.BRAND["limits"]["windows"], "sign_in_per_address", ["2 in 900"])
    answers = [
        guess(alice, Client(peer=f"10.0.0.{place}"), **{**production, header: f"192.0.2.{place}"})
        for place in range(3)
    ]
    assert [answer.code for answer in answers] == ["sign_in_failed", "sign_in_failed", "too_many_attempts"]


def test_without_the_secret_of_our_edge_nothing_is_answered(
    alice: Person, production: dict[str, str]
) -> None:
    address = {"cloudfront_viewer_address": production["cloudfront_viewer_address"]}
    for headers in (
        {},
        address,
        {**address, "x_kalauz_edge": ""},
        {**address, "x_kalauz_edge": "guessed"},
        {**address, "x_kalauz_edge": "\N{SNOWMAN}"},
        {"x_kalauz_edge": production["x_kalauz_edge"]},
        {**production, "cloudfront_viewer_address": "somewhere"},
        {**production, "cloudfront_viewer_address": ""},
    ):
        answer = guess(alice, Client(), PASSWORD, **headers)
        assert (answer.status, answer.code) == (403, "not_allowed"), headers
        assert Client().get("/api/openapi.json", **headers).code == "not_allowed"
    assert not items("Session") and not items("Attempts")


def test_without_a_secret_configured_none_is_the_right_one(
    alice: Person, production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KALAUZ_EDGE_SECRET")
    assert guess(alice, Client(), PASSWORD, **{**production, "x_kalauz_edge": ""}).code == "not_allowed"


def test_while_a_new_secret_spreads_the_one_before_is_right_too(
    alice: Person, production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KALAUZ_EDGE_SECRET", "the new one")
    assert guess(alice, Client(), PASSWORD, **production).code == "not_allowed"
    monkeypatch.setenv("KALAUZ_EDGE_SECRET_BEFORE", production["x_kalauz_edge"])
    for secret in (production["x_kalauz_edge"], "the new one"):
        assert guess(alice, Client(), PASSWORD, **{**production, "x_kalauz_edge": secret}).status == 201
    for wrong in ("", "the new", "the new one " + production["x_kalauz_edge"]):
        answer = guess(alice, Client(), PASSWORD, **{**production, "x_kalauz_edge": wrong})
        assert answer.code == "not_allowed"


def test_each_secret_is_compared_whichever_is_right(
    alice: Person, production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a time that does not depend on what was sent."""
    compared = []

    def compare(shown: bytes, secret: bytes) -> bool:
        compared.append(secret)
        return compare_digest(shown, secret)

    monkeypatch.setattr("hmac.compare_digest", compare)
    monkeypatch.setenv("KALAUZ_EDGE_SECRET_BEFORE", "the one before")
    for shown in (production["x_kalauz_edge"], "the one before", "guessed"):
        compared.clear()
        Client().get("/api/openapi.json", **{**production, "x_kalauz_edge": shown})
        assert compared == [production["x_kalauz_edge"].encode(), b"the one before"]


@pytest.mark.parametrize(
    ("seen", "counts_as"),
    [
        ("198.51.100.10:46532", "198.51.100.10"),
        ("2001:db8:1:2:3:4:5:6:46532", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1:46532", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:ffff::1]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:3::1]:443", "2001:db8:1:3::/64"),
        ("::ffff:198.51.100.10:46532", "198.51.100.10"),
    ],
)
def test_an_ipv6_address_counts_by_its_64(production: dict[str, str], seen: str, counts_as: str) -> None:
    headers = {"x-kalauz-edge": production["x_kalauz_edge"], "cloudfront-viewer-address": seen}
    assert request.client_address(headers, "192.0.2.1") == counts_as


@pytest.mark.parametrize(
    ("peer", "counts_as"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_locally_the_sockets_peer_counts_whatever_a_header_says(peer: str, counts_as: str) -> None:
    headers = {
        "x-kalauz-edge": "x",
        "cloudfront-viewer-address": "198.51.100.1:1",
        "x-forwarded-for": "1.1.1.1",
    }
    assert request.client_address(headers, peer) == counts_as


def test_neighbours_in_one_64_share_their_tries(
    alice: Person, production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(brand.BRAND["limits"]["windows"], "sign_in_per_address", ["2 in 900"])
    codes = []
    for place in ("[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1", "[2001:db8:0:1::1]:1"):
        headers = {**production, "cloudfront_viewer_address": place}
        codes.append(guess(alice, Client(), **headers).code)
    assert codes == ["sign_in_failed", "sign_in_failed", "too_many_attempts", "sign_in_failed"]


def test_several_windows_hold_together(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(brand.BRAND["limits"]["windows"], "of_a_test", ["2 in 60", "3 in 3600"])
    start = datetime.now(UTC)

    def waits(seconds: int) -> int | None:
        try:
            limits.charge("of_a_test", "somebody", start + timedelta(seconds=seconds))
        except Problem as problem:
            return problem.retry_after
        return None

    assert [waits(0), waits(10), waits(20), waits(59)] == [None, None, 40, 1]
    assert [waits(60), waits(70), waits(3599), waits(3600), waits(3609), waits(3610)] == [
        None,
        3530,
        1,
        None,
        1,
        None,
    ]


def test_the_list_of_tries_stays_short(aws: None, calls: Calls) -> None:
    now = datetime.now(UTC)
    longest = 0
    for _time in range(65):
        now += timedelta(seconds=91)
        limits.charge("sign_in_per_email", "alice@example.com", now)
        (item,) = items("Attempts")
        longest = max(longest, len(item["times"]))
        assert item["times"] == sorted(item["times"], reverse=True)
    assert longest <= 20
    assert calls.names.count("UpdateItem") < 65 * 1.2, "trimming is rare"
    assert items("Attempts")[0]["expires_at"] == int(now.timestamp()) + 900


def test_tries_long_ago_are_forgotten_by_the_table_itself(alice: Person) -> None:
    guess(alice, Client())
    now = datetime.now(UTC).timestamp()
    for item in items("Attempts"):
        assert now < item["expires_at"] <= now + 900


def test_a_subject_cannot_be_made_to_look_like_another(aws: None) -> None:
    assert keys.attempts("sign_in_per_email", "a@example.com") != keys.attempts(
        "sign_in_per_address", "a@example.com"
    )
    limits.charge("sign_in_per_email", "a#b@example.com", datetime.now(UTC))
    assert table.get(keys.attempts("sign_in_per_email", "a#b@example.com"))
