"""Knocking at every route (trust.md, 21 and 31): each lets in whom the table of routes says, no other."""

from datetime import UTC, datetime

import pytest

from chalicelib import brand, table
from chalicelib.permissions import PERMISSIONS
from chalicelib.routing import ANY_USER, ANYBODY, MAKES_A_CHANGE, OWNER, Endpoint
from chalicelib.timestamps import epoch
from tests.aws_calls import Calls
from tests.client import Client
from tests.conftest import Person, everything, items
from tests.requests.walk import (
    ANONYMOUS,
    BODIES,
    ENDPOINTS,
    FOR_USERS,
    WITH_PERMISSION,
    Place,
    knock,
    named,
    user_with,
)

REFUSALS = ("not_signed_in", "not_allowed", "cross_site")
# What anybody may do without being counted: nothing that writes, mails or checks a secret.
UNCOUNTED = {"GET /api/openapi.json"}


@pytest.fixture
def place(alice: Person) -> Place:
    return Place.furnished(alice)


def test_the_table_says_of_every_route_whom_it_lets_in() -> None:
    assert len(ENDPOINTS) >= 20
    assert {each.needs for each in ENDPOINTS} <= {ANYBODY, ANY_USER, OWNER, *PERMISSIONS}
    assert [named(each) for each in ENDPOINTS if each.form and (each.method, each.path) not in BODIES] == []


def test_what_belongs_to_nobody_in_particular_is_all_that_anybody_reaches() -> None:
    assert {named(each) for each in ANONYMOUS} == {
        "GET /api/openapi.json",
        "POST /api/registrations",
        "POST /api/registrations/confirm",
        "POST /api/session",
        "POST /api/password-resets",
        "POST /api/password-resets/complete",
    }


@pytest.mark.parametrize("endpoint", FOR_USERS, ids=named)
def test_who_is_signed_out_or_makes_a_token_up_is_asked_to_sign_in(place: Place, endpoint: Endpoint) -> None:
    before = everything()
    for client in (Client(), Client(cookies={"session": "x" * 43, "signed_in": "1"})):
        answer = knock(client, endpoint, place.path(endpoint))
        assert (answer.status, answer.code) == (401, "not_signed_in")
    assert everything() == before


@pytest.mark.parametrize("endpoint", ANONYMOUS, ids=named)
def test_anybody_is_let_in_where_nobody_is_known(place: Place, endpoint: Endpoint) -> None:
    assert knock(Client(), endpoint).code not in REFUSALS


@pytest.mark.parametrize("endpoint", FOR_USERS, ids=named)
def test_the_owner_is_let_in_everywhere(place: Place, endpoint: Endpoint) -> None:
    assert knock(place.alice.signed_in(), endpoint, place.path(endpoint)).status < 300


@pytest.mark.parametrize("endpoint", WITH_PERMISSION, ids=named)
def test_who_has_the_permission_and_no_other_is_let_in(place: Place, endpoint: Endpoint) -> None:
    client = user_with(place.alice, endpoint.needs).signed_in()
    assert knock(client, endpoint, place.path(endpoint)).status < 300


@pytest.mark.parametrize("endpoint", WITH_PERMISSION, ids=named)
@pytest.mark.parametrize("has", ["none", "every other"])
def test_who_has_another_permission_or_none_is_not(place: Place, endpoint: Endpoint, has: str) -> None:
    others = [permission for permission in PERMISSIONS if permission != endpoint.needs]
    client = user_with(place.alice, *(others if has == "every other" else ())).signed_in()
    before = everything()
    answer = knock(client, endpoint, place.path(endpoint))
    assert (answer.status, answer.code) == (403, "not_allowed")
    assert everything() == before


@pytest.mark.parametrize("endpoint", [each for each in FOR_USERS if each.needs == ANY_USER], ids=named)
def test_what_concerns_oneself_needs_no_permission(place: Place, endpoint: Endpoint) -> None:
    assert knock(user_with(place.alice).signed_in(), endpoint).status < 300


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if "{id}" in each.path], ids=named)
def test_what_belongs_to_another_account_is_as_unknown_as_nothing(
    place: Place, charlie: Person, endpoint: Endpoint
) -> None:
    client = charlie.signed_in()
    before = everything()
    theirs = knock(client, endpoint, place.path(endpoint))
    nobodys = knock(client, endpoint, endpoint.path.replace("{id}", "0" * 26))
    assert (theirs.status, theirs.text, theirs.headers) == (nobodys.status, nobodys.text, nobodys.headers)
    assert theirs.code == "not_found"
    assert everything() == before


def test_every_route_that_anybody_may_write_to_is_limited() -> None:
    assert {named(each) for each in ANONYMOUS if not each.limited_by} == UNCOUNTED
    assert not any(each.method in MAKES_A_CHANGE for each in ANONYMOUS if named(each) in UNCOUNTED)


def test_every_limit_that_a_route_names_has_its_windows() -> None:
    for each in ENDPOINTS:
        for what in each.limited_by:
            assert brand.windows(what, local=False) and brand.windows(what, local=True)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_route_charges_what_it_says_and_before_anything_else(
    place: Place, calls: Calls, endpoint: Endpoint
) -> None:
    client = place.alice.signed_in() if endpoint.needs != ANYBODY else Client()
    calls.taken()
    knock(client, endpoint, place.path(endpoint))
    counted = [
        asked["Key"]["pk"]["S"].split("#")[1]
        for name, asked in calls.made
        if name == "UpdateItem" and asked["Key"]["pk"]["S"].startswith("ATTEMPTS#")
    ]
    assert counted == list(endpoint.limited_by)
    names = calls.names[2:] if endpoint.needs != ANYBODY else calls.names
    assert names[: len(counted)] == ["UpdateItem"] * len(counted)


LIMITED = [(each, what) for each in ENDPOINTS for what in each.limited_by]


@pytest.mark.parametrize(
    ("endpoint", "what"), LIMITED, ids=[f"{named(each)} {what}" for each, what in LIMITED]
)
def test_a_route_refuses_once_its_limit_is_used_up(place: Place, endpoint: Endpoint, what: str) -> None:
    client = place.alice.signed_in() if endpoint.needs != ANYBODY else Client()
    kept = dict(client.cookies)
    knock(client, endpoint, place.path(endpoint))
    times = brand.windows(what, local=True)[0].times
    for item in items("Attempts"):
        if item["pk"].startswith(f"ATTEMPTS#{what}#"):
            tries = [epoch(datetime.now(UTC))] * times
            table.write(table.update({"pk": item["pk"], "sk": item["sk"]}, sets={"times": tries}))
    if endpoint.needs != ANYBODY and client.cookies == kept:
        client = place.alice.signed_in()
    before = everything()
    answer = knock(client, endpoint, place.path(endpoint))
    assert (answer.status, answer.code) == (429, "too_many_attempts")
    assert {item["pk"] for item in everything()} == {item["pk"] for item in before}
