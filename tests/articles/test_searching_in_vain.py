"""Searching in vain: counted for writers by day, language and words, and by nothing of who searched."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.articles.visitors import miss, missed
from tests.client import Client
from tests.conftest import Clock, Person, everything, items


def test_it_is_counted_by_day_language_and_words(visitor: Client, clock: Clock) -> None:
    answer = miss(visitor, "prenos domena")
    assert (answer.status, answer.body) == (202, {"accepted": True})
    miss(Client(), "prenos domena")
    miss(visitor, "prenos domena", "hu")
    assert missed() == {"sr prenos domena": 2, "hu prenos domena": 1}
    first_day = items("SearchMiss")[0]["pk"]
    assert first_day == f"SEARCH_MISSES#{datetime.now(UTC).date().isoformat()}"
    clock.forward(days=1)
    miss(visitor, "prenos domena")
    assert len({item["pk"] for item in items("SearchMiss")}) == 2


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Šifra", "sifra"),
        ("  ŠIFRA \u00a0 za   mejl ", "sifra za mejl"),
        ("kontraseña ÁRVÍZTŰRŐ", "kontrasena arvizturo"),
        ("Đorđe", "djordje"),
        ("ｗｉｄｅ letters", "wide letters"),
        ("Straße", "strasse"),
        ("лозинка", "лозинка"),
        ("php 8 na serveru 2019", "php 8 na serveru 2019"),
        ("office365", "office365"),
        ("megszentségteleníthetetlen", "megszentsegtelenithetetlen"),
        ("moja baza nije tu", "moja baza nije tu"),
        ("<script>", "<script>"),
    ],
)
def test_case_accents_and_blanks_make_no_other_query(visitor: Client, typed: str, kept: str) -> None:
    assert miss(visitor, typed).status == 202
    assert missed() == {f"sr {kept}": 1}


@pytest.mark.parametrize(
    "private",
    [
        "jelena@example.com",
        "nalog jelena＠example.com",
        "jelena @ example",
        "+381 11 123 4567",
        "064/123-4567",
        "（011）１２３４５６７",
        "٠٦٤١٢٣٤٥٦٧",
        "4111 1111 1111 1111",
        "kartica 4111-1111-1111-1111",
        "123456",
        "PIN 12 34 56",
        "192.168.100.20",
        "KLZ-7F3K-92QM",
        "klz-abcd-efgh abcd-efgh-jkmn",
        "7F3K92QM",
        "a3bZ9-kQ81_x",
        "3Zt9qLk0dXbR7wUvYpEo2sNf8mGhJ1cA5iKxTzQlWyB",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJqZWxlbmEifQ.",
        "abcdefghijklmnopqrstuvwxyzabcdefgh",
        "RS35260005601001611379",
        "https://help.tilia.example/people/#token=abcdefghijklmnop",
    ],
)
def test_what_looks_private_is_not_kept_and_the_answer_is_the_same(visitor: Client, private: str) -> None:
    answer = miss(visitor, private)
    assert (answer.status, answer.body) == (202, {"accepted": True})
    assert {item["entity"] for item in everything()} == {"Attempts"}


def test_nothing_of_who_searched_is_in_it(alice: Person) -> None:
    client = alice.signed_in()
    before = dict(client.cookies)
    answer = miss(client, "prenos domena")
    assert "Set-Cookie" not in answer.headers and client.cookies == before
    (item,) = items("SearchMiss")
    assert set(item) == {"pk", "sk", "entity", "version", "language", "query", "times", "expires_at"}
    told = json.dumps(item)
    assert client.peer not in told and alice.id not in told and client.cookies["session"] not in told


def test_it_is_kept_for_ninety_days(visitor: Client) -> None:
    miss(visitor, "prenos domena")
    (item,) = items("SearchMiss")
    in_ninety_days = datetime.now(UTC) + timedelta(days=90)
    assert abs(item["expires_at"] - in_ninety_days.timestamp()) < 60


def test_words_that_grow_when_folded_still_have_room_in_a_key(visitor: Client) -> None:
    assert miss(visitor, "ﷺ" * 200).status == 202
    assert len(items("SearchMiss")[0]["query"]) <= 200


def test_what_folds_to_nothing_is_not_kept(visitor: Client) -> None:
    assert miss(visitor, "\u0301\u0301").status == 202
    assert missed() == {}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        ("x" * 201, "too_long"),
        ("a\nb", "control_characters"),
        ("a\x00b", "control_characters"),
        (None, "wrong_type"),
        (7, "wrong_type"),
        (["prenos"], "wrong_type"),
    ],
)
def test_a_wrong_query_is_told_so(visitor: Client, query: object, code: str) -> None:
    answer = visitor.post("/api/search-misses", {"query": query, "language": "sr"})
    assert answer.field_codes == {"#/query": code}
    assert everything() == []


def test_a_language_that_the_site_has_not_is_refused(visitor: Client) -> None:
    assert miss(visitor, "transfer", "en").field_codes == {"#/language": "not_offered"}
    extra = {"query": "transfer", "language": "es", "page": "/es/"}
    assert visitor.post("/api/search-misses", extra).field_codes == {"#/page": "unknown_field"}


def test_an_address_may_miss_sixty_times_an_hour(aws: None, production: dict[str, str]) -> None:
    body = {"query": "prenos domena", "language": "sr"}
    for _time in range(60):
        assert Client().post("/api/search-misses", body, **production).status == 202
    assert Client().post("/api/search-misses", body, **production).code == "too_many_attempts"
    assert missed() == {"sr prenos domena": 60}
