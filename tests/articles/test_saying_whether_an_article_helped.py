"""Saying whether an article helped: one vote a visitor, changeable, and nobody knows whose it is."""

import json
from typing import Any

import pytest

from chalicelib.articles import repository
from chalicelib.articles.repository import REMEMBERED
from infra.bench.budget import ACT, CALLS, CHARGE
from tests.articles.visitors import ARTICLE, NO, YES, agree, vote, votes
from tests.aws_calls import Calls, Faults, loses_the_answer
from tests.client import Client
from tests.conftest import Clock, Person, everything, items


def test_a_vote_counts_and_is_remembered(visitor: Client) -> None:
    answer = vote(visitor)
    assert answer.status == 201
    assert answer.body == {"article": ARTICLE, "yes": 1, "no": 0, "mine": True}
    assert votes(visitor) == answer.body
    assert votes(Client()) == {**answer.body, "mine": None}
    agree()


def test_an_article_that_nobody_voted_on_stands_at_nothing(visitor: Client) -> None:
    assert votes(visitor) == {"article": ARTICLE, "yes": 0, "no": 0, "mine": None}
    assert everything() == [] and visitor.cookies == {}


def test_another_answer_moves_the_one_vote(visitor: Client) -> None:
    vote(Client())
    vote(visitor)
    changed = vote(visitor, NO)
    assert changed.status == 200
    assert changed.body == {"article": ARTICLE, "yes": 1, "no": 1, "mine": False}
    assert vote(visitor).body == {"article": ARTICLE, "yes": 2, "no": 0, "mine": True}
    agree()


def test_the_same_answer_again_counts_no_more(visitor: Client) -> None:
    vote(visitor)
    before = [item for item in everything() if item["entity"] != "Attempts"]
    again = vote(visitor)
    assert (again.status, again.body["yes"]) == (200, 1)
    assert [item for item in everything() if item["entity"] != "Attempts"] == before


def test_a_reason_follows_its_no_and_goes_with_it(visitor: Client) -> None:
    vote(visitor, NO)
    vote(visitor, NO, reason="  Nema slike.\r\nA gde je dugme? ")
    (item,) = items("Vote")
    assert item["reason"] == "Nema slike.\nA gde je dugme?"
    assert votes(visitor)["no"] == 1
    vote(visitor)
    (item,) = items("Vote")
    assert item["reason"] == ""
    agree()


def test_votes_in_all_languages_count_together_and_are_told_apart_for_writers(visitor: Client) -> None:
    vote(visitor)
    vote(Client("hu"), NO, language="hu")
    assert votes(Client("es")) == {"article": ARTICLE, "yes": 1, "no": 1, "mine": None}
    vote(visitor, NO, language="es")
    standing, _own = repository.tally(ARTICLE)
    assert (standing.yes, standing.no) == (0, 2)
    assert {language: pair for language, pair in standing.by_language.items() if any(pair)} == {
        "hu": (0, 1),
        "es": (0, 1),
    }
    agree()


def test_each_article_counts_for_itself(visitor: Client) -> None:
    vote(visitor)
    assert vote(visitor, article="support/open-ticket").status == 201
    assert votes(visitor, "support/open-ticket")["yes"] == votes(visitor)["yes"] == 1


# --- Who it was ---


def test_nothing_in_the_table_leads_to_the_visitor_or_joins_their_votes(visitor: Client) -> None:
    vote(visitor, NO, reason="Nejasno.")
    vote(visitor, article="support/open-ticket")
    name = visitor.cookies["visitor"]
    told = json.dumps([item for item in everything() if item["entity"] != "Attempts"])
    assert name not in told and visitor.peer not in told
    voters = [item["sk"].removeprefix("VOTE#") for item in items("Vote")]
    assert len(set(voters)) == 2 and all(len(one) == 64 for one in voters)


def test_the_session_has_nothing_to_do_with_it(alice: Person) -> None:
    client = alice.signed_in()
    vote(client)
    assert alice.id not in json.dumps(items("Vote")) and client.cookies["session"] not in json.dumps(
        items("Vote")
    )
    client.delete("/api/session")
    assert votes(client)["mine"] is True


def test_the_cookie_is_for_no_script_and_lasts_a_year(visitor: Client) -> None:
    (line,) = vote(visitor).headers["Set-Cookie"]
    name, *attributes = line.split("; ")
    assert name.startswith("visitor=")
    assert set(attributes) == {"HttpOnly", "Path=/", f"Max-Age={365 * 24 * 3600}", "SameSite=Lax"}
    assert "Set-Cookie" not in vote(visitor, NO).headers


def test_in_production_it_is_bound_to_the_host_over_tls(visitor: Client, production: dict[str, str]) -> None:
    (line,) = visitor.post("/api/votes", YES, **production).headers["Set-Cookie"]
    assert line.startswith("__Host-visitor=") and "; Secure" in line


@pytest.mark.parametrize("made_up", ["", "x", "x" * 44, "č" * 43, "a b", "x" * 5000])
def test_a_cookie_that_is_not_ours_is_none(aws: None, made_up: str) -> None:
    client = Client(cookies={"visitor": made_up})
    assert vote(client).status == 201
    assert client.cookies["visitor"] != made_up


def test_a_vote_is_forgotten_with_its_cookie_and_stays_counted(visitor: Client, clock: Clock) -> None:
    vote(visitor)
    (item,) = items("Vote")
    assert abs(item["expires_at"] - (clock.now() + REMEMBERED).timestamp()) < 60
    assert all("expires_at" not in counter for counter in items("Votes"))


# --- What is sent twice ---


def test_a_first_vote_whose_answer_was_lost_counts_once_when_it_is_sent_again(
    visitor: Client, faults: Faults
) -> None:
    faults.meets("TransactWriteItems", *[loses_the_answer] * 3)
    key = "8f14e45f-ceea-467f-a8b6-1f0d1c3b2a90"
    assert visitor.post("/api/votes", YES, idempotency_key=key).status == 503
    assert visitor.cookies == {}
    again = visitor.post("/api/votes", YES, idempotency_key=key)
    assert (again.status, again.body["yes"]) == (200, 1)
    assert visitor.cookies["visitor"]
    assert vote(visitor, NO).body == {"article": ARTICLE, "yes": 0, "no": 1, "mine": False}
    agree()


def test_a_key_that_others_may_have_too_names_nobody(aws: None) -> None:
    for _visitor in range(2):
        assert Client().post("/api/votes", YES, idempotency_key="1").status == 201
    assert votes(Client())["yes"] == 2


def test_the_visitor_of_a_cookie_goes_before_that_of_a_key(visitor: Client) -> None:
    vote(visitor)
    assert visitor.post("/api/votes", NO, idempotency_key="k" * 36).body["yes"] == 0


# --- What is refused ---


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"article": "people/no-such-article"}, {"#/article": "unknown_article"}),
        ({"article": "people/add-contact/"}, {"#/article": "unknown_article"}),
        ({"article": "/people/add-contact"}, {"#/article": "unknown_article"}),
        ({"article": "People/Add-Contact"}, {"#/article": "unknown_article"}),
        ({"article": "index"}, {"#/article": "unknown_article"}),
        ({"article": "people/index"}, {"#/article": "unknown_article"}),
        ({"article": "../brand"}, {"#/article": "unknown_article"}),
        ({"article": "people/add-contact#VOTES"}, {"#/article": "unknown_article"}),
        ({"article": ""}, {"#/article": "required"}),
        ({"article": "people/add\ncontact"}, {"#/article": "control_characters"}),
        ({"article": "x" * 201}, {"#/article": "too_long"}),
        ({"article": 7}, {"#/article": "wrong_type"}),
        ({"article": ["people/add-contact"]}, {"#/article": "wrong_type"}),
        ({"language": "en"}, {"#/language": "not_offered"}),
        ({"language": "SR"}, {"#/language": "not_offered"}),
        ({"helpful": "yes"}, {"#/helpful": "wrong_type"}),
        ({"helpful": 1}, {"#/helpful": "wrong_type"}),
        ({"helpful": None}, {"#/helpful": "wrong_type"}),
        ({"helpful": False, "reason": "x" * 1001}, {"#/reason": "too_long"}),
        ({"helpful": False, "reason": "a\x00b"}, {"#/reason": "control_characters"}),
        ({"helpful": False, "reason": "a\u202eb"}, {"#/reason": "control_characters"}),
        ({"helpful": False, "reason": None}, {"#/reason": "wrong_type"}),
        ({"helpful": True, "reason": "Odlično!"}, {"#/reason": "reason_to_no"}),
        ({"visitor": "x" * 43}, {"#/visitor": "unknown_field"}),
    ],
    ids=str,
)
def test_a_vote_that_is_wrong_is_told_so_and_leaves_nothing(
    visitor: Client, said: dict[str, Any], wrong: dict[str, str]
) -> None:
    answer = vote(visitor, YES, **said)
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.field_codes == wrong
    assert everything() == [] and visitor.cookies == {}


@pytest.mark.parametrize("missing", ["article", "language", "helpful"])
def test_what_is_left_out_is_asked_for(visitor: Client, missing: str) -> None:
    body = {name: value for name, value in YES.items() if name != missing}
    assert visitor.post("/api/votes", body).field_codes == {f"#/{missing}": "required"}


def test_a_thousand_letters_of_any_script_are_taken_as_they_are(visitor: Client) -> None:
    reason = ("<b>Ђурђевак</b> 🙂 " * 60)[:999] + "."
    assert vote(visitor, NO, reason=reason).status == 201
    assert items("Vote")[0]["reason"] == reason


@pytest.mark.parametrize(
    "query", ["", "?article=", "?article=people", "?article=index", "?other=people/add-contact"]
)
def test_of_no_article_nothing_is_told(visitor: Client, query: str) -> None:
    assert visitor.get(f"/api/votes{query}").code == "not_found"


def test_an_address_may_vote_sixty_times_an_hour(aws: None, production: dict[str, str], clock: Clock) -> None:
    for _time in range(60):
        assert Client().post("/api/votes", YES, **production).status == 201
    refused = Client().post("/api/votes", YES, **production)
    assert (refused.status, refused.code) == (429, "too_many_attempts")
    elsewhere = {**production, "cloudfront_viewer_address": "198.51.100.11:46532"}
    assert Client().post("/api/votes", YES, **elsewhere).status == 201
    clock.forward(hours=1, seconds=1)
    assert Client().post("/api/votes", YES, **production).status == 201
    agree()


# --- What it costs ---


def test_a_change_costs_the_look_at_what_stood_there(visitor: Client, calls: Calls) -> None:
    vote(visitor)
    calls.taken()
    vote(visitor, NO)
    assert calls.taken() == [*CHARGE, *ACT, *ACT, "BatchGetItem"]
    vote(visitor, NO)
    assert calls.taken() == CALLS["POST /api/votes"]
    votes(visitor)
    assert calls.taken() == CALLS["GET /api/votes"]
