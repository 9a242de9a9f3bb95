"""Knocking at every route (trust.md, 21 and 31): each lets in whom the table of routes says, no other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import brand, keys, table
from chalicelib.permissions import PERMISSIONS
from chalicelib.routing import ANY_USER, ANYBODY, MAKES_A_CHANGE, OWNER, Endpoint
from chalicelib.timestamps import epoch
from chalicelib.tokens import digest
from tests.aws_calls import Calls
from tests.client import Client
from tests.conftest import Person, everything, items
from tests.requests.walk import (
    ANONYMOUS,
    BODIES,
    ENDPOINTS,
    FOR_USERS,
    WITH_ELEVATION,
    WITH_PERMISSION,
    Place,
    body_of,
    caller,
    elevated_until,
    knock,
    named,
    user_with,
)
from tests.two_factor.authenticator import APP, switched_on

# What anybody may do without being counted: nothing that writes, mails or checks a secret.
UNCOUNTED = {"GET /api/openapi.json", "GET /api/votes"}
# Counted by something that is known only once the request has been looked into.
COUNTED_LATER = {
    "POST /api/session/second-factor": ["second_factor_per_user"],
    "POST /api/invitations/{id}/resend": ["mail_per_addressee"],
}
OF_ONES_OWN = [each for each in FOR_USERS if each.needs == ANY_USER]


@pytest.fixture
def place(alice: Person) -> Place:
    return Place.furnished(alice)


def standing() -> list[dict[str, Any]]:
    """What is in the table but for counted tries."""
    return [item for item in everything() if item["entity"] != "Attempts"]


def test_the_table_says_of_every_route_whom_it_lets_in() -> None:
    assert len(ENDPOINTS) >= 36
    assert {each.needs for each in ENDPOINTS} <= {ANYBODY, ANY_USER, OWNER, *PERMISSIONS}
    assert [named(each) for each in ENDPOINTS if each.form and (each.method, each.path) not in BODIES] == []


def test_there_are_thirteen_permissions() -> None:
    assert len(set(PERMISSIONS)) == len(PERMISSIONS) == 13


def test_what_belongs_to_nobody_in_particular_is_all_that_anybody_reaches() -> None:
    assert {named(each) for each in ANONYMOUS} == {
        "GET /api/openapi.json",
        "POST /api/registrations",
        "POST /api/registrations/confirm",
        "POST /api/session",
        "POST /api/session/second-factor",
        "POST /api/password-resets",
        "POST /api/password-resets/complete",
        "POST /api/invitations/preview",
        "POST /api/invitations/accept",
        "GET /api/votes",
        "POST /api/votes",
        "POST /api/search-misses",
    }


def test_who_may_do_what_is_the_owners_alone_to_say() -> None:
    assert {named(each) for each in ENDPOINTS if each.needs == OWNER} == {
        "GET /api/invitations",
        "POST /api/invitations",
        "POST /api/invitations/{id}/resend",
        "DELETE /api/invitations/{id}",
        "GET /api/users",
        "PATCH /api/users/{id}",
        "DELETE /api/users/{id}",
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
    assert knock(caller(endpoint, place.alice), endpoint).status < 300


@pytest.mark.parametrize("endpoint", FOR_USERS, ids=named)
def test_the_owner_is_let_in_everywhere(place: Place, endpoint: Endpoint) -> None:
    assert knock(caller(endpoint, place.alice), endpoint, place.path(endpoint)).status < 300


@pytest.mark.parametrize("endpoint", [each for each in WITH_PERMISSION if each.needs != OWNER], ids=named)
def test_who_has_the_permission_and_no_other_is_let_in(place: Place, endpoint: Endpoint) -> None:
    client = caller(endpoint, user_with(place.alice, endpoint.needs))
    assert knock(client, endpoint, place.path(endpoint)).status < 300


@pytest.mark.parametrize("endpoint", WITH_PERMISSION, ids=named)
def test_who_has_none_or_others_is_not(place: Place, endpoint: Endpoint) -> None:
    """Each of the other permissions by itself, none, and all of the others together: for the owner's, all thirteen."""
    others = [permission for permission in PERMISSIONS if permission != endpoint.needs]
    erika = user_with(place.alice)
    client = erika.signed_in()
    before = everything()
    for has in (*([permission] for permission in others), others, []):
        membership = keys.membership(erika.account_id, erika.id)
        table.write(table.update(membership, sets={"permissions": has}))
        answer = knock(client, endpoint, place.path(endpoint))
        assert (answer.status, answer.code) == (403, "not_allowed"), has
    assert everything() == before


@pytest.mark.parametrize("endpoint", OF_ONES_OWN, ids=named)
def test_what_concerns_oneself_needs_no_permission(place: Place, endpoint: Endpoint) -> None:
    assert knock(caller(endpoint, user_with(place.alice)), endpoint).status < 300


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if "{id}" in each.path], ids=named)
def test_what_belongs_to_another_account_is_as_unknown_as_nothing(
    place: Place, charlie: Person, endpoint: Endpoint
) -> None:
    client = charlie.signed_in()
    before = standing()
    theirs = knock(client, endpoint, place.path(endpoint))
    nobodys = knock(client, endpoint, endpoint.path.replace("{id}", "0" * 26))
    assert (theirs.status, theirs.text, theirs.headers) == (nobodys.status, nobodys.text, nobodys.headers)
    assert theirs.code == "not_found"
    assert standing() == before


@pytest.mark.parametrize("endpoint", [each for each in FOR_USERS if "{id}" not in each.path], ids=named)
def test_a_stranger_meets_only_what_is_their_own(place: Place, charlie: Person, endpoint: Endpoint) -> None:
    answer = knock(caller(endpoint, charlie), endpoint)
    if endpoint.path == "/api/session/account":  # It names Alice's.
        assert answer.code == "not_found"
        return
    assert answer.status < 300
    theirs = (place.alice.id, place.alice.email, place.alice.account_id, place.removed, *place.ids.values())
    assert not any(name in answer.text for name in theirs)


@pytest.mark.parametrize("endpoint", FOR_USERS, ids=named)
def test_whom_the_account_has_lost_reaches_no_more_than_themselves(place: Place, endpoint: Endpoint) -> None:
    erika = user_with(place.alice, *PERMISSIONS)
    client = caller(endpoint, erika)
    table.write(table.delete(keys.membership(erika.account_id, erika.id)))
    answer = knock(client, endpoint, place.path(endpoint))
    if endpoint.needs != ANY_USER:
        assert (answer.status, answer.code) == (403, "not_allowed")
    elif endpoint.path == "/api/session/account":
        assert answer.code == "not_found"
    else:
        assert answer.status < 300


# --- Who proved lately who they are ---


def test_what_protects_the_account_asks_once_more_who_it_is() -> None:
    assert {named(each) for each in WITH_ELEVATION} == {
        "POST /api/two-factor",
        "POST /api/two-factor/recovery-codes",
        "DELETE /api/two-factor",
    }


@pytest.mark.parametrize("endpoint", WITH_ELEVATION, ids=named)
def test_without_it_a_step_is_refused_before_body_and_state_are_looked_at(
    place: Place, endpoint: Endpoint
) -> None:
    client = caller(endpoint, place.alice)
    elevated_until(client, datetime.now(UTC) - timedelta(seconds=1))
    before = everything()
    for body in (..., {}, b"no JSON", b'{"x": 1}'):
        answer = knock(client, endpoint, body=body)
        assert (answer.status, answer.code) == (403, "elevation_required")
    assert knock(client, endpoint, sec_fetch_site="cross-site").code == "cross_site"
    assert everything() == before
    elevated_until(client, datetime.now(UTC) + timedelta(minutes=1))
    assert knock(client, endpoint).status < 300


@pytest.mark.parametrize("endpoint", WITH_ELEVATION, ids=named)
def test_where_there_is_nothing_to_do_it_is_asked_for_all_the_same(place: Place, endpoint: Endpoint) -> None:
    """Two-factor on where it is begun, off where it is renewed or switched off: what is on is told to its user only."""
    if endpoint.path == "/api/two-factor" and endpoint.method == "POST":
        switched_on(place.alice)
    client = place.alice.signed_in(with_code=True)
    refused = knock(client, endpoint).code
    assert refused in ("already_enrolled", "not_found")
    elevated_until(client, datetime.now(UTC) - timedelta(seconds=1))
    assert knock(client, endpoint).code == "elevation_required"


@pytest.mark.parametrize("endpoint", WITH_ELEVATION, ids=named)
def test_with_two_factor_on_an_elevation_by_the_password_alone_is_none(
    place: Place, endpoint: Endpoint
) -> None:
    client = place.alice.signed_in()
    switched_on(place.alice)
    before = everything()
    assert knock(client, endpoint).code == "elevation_required"
    assert everything() == before


@pytest.mark.parametrize("endpoint", [each for each in FOR_USERS if each not in WITH_ELEVATION], ids=named)
def test_everything_else_asks_for_none(place: Place, endpoint: Endpoint) -> None:
    client = caller(endpoint, place.alice)
    elevated_until(client, datetime.now(UTC) - timedelta(seconds=1))
    assert knock(client, endpoint, place.path(endpoint)).status < 300


# --- Where anybody may call, and who it is makes a difference ---

KNOWING = [each for each in ENDPOINTS if each.knows_who]


def test_only_accepting_an_invitation_asks_who_of_anybody_it_is() -> None:
    assert [named(each) for each in KNOWING] == ["POST /api/invitations/accept"]
    assert all(each.needs == ANYBODY for each in KNOWING)


@pytest.mark.parametrize("endpoint", KNOWING, ids=named)
def test_a_session_counts_where_there_is_one(place: Place, charlie: Person, endpoint: Endpoint) -> None:
    assert knock(charlie.signed_in(), endpoint).code == "other_addressee"


@pytest.mark.parametrize("endpoint", KNOWING, ids=named)
def test_a_session_that_is_over_or_made_up_is_as_good_as_none(place: Place, endpoint: Endpoint) -> None:
    ended = place.alice.signed_in()
    kept = dict(ended.cookies)
    ended.delete("/api/session")
    for cookies in (kept, {"session": "x" * 43}, {"session": ""}):
        assert knock(Client(cookies=dict(cookies)), endpoint, body={"token": "none"}).code == "not_found"
    assert knock(Client(cookies=kept), endpoint).status < 300


@pytest.mark.parametrize("endpoint", [each for each in ANONYMOUS if not each.knows_who], ids=named)
def test_elsewhere_nobody_is_looked_up(place: Place, calls: Calls, endpoint: Endpoint) -> None:
    client, session = caller(endpoint, place.alice), place.alice.signed_in().cookies["session"]
    client.cookies["session"] = session
    calls.made.clear()
    assert knock(client, endpoint).status < 300
    read = [asked["Key"]["pk"]["S"] for name, asked in calls.made if name == "GetItem"]
    assert f"SESSION#{digest(session)}" not in read


# --- What is counted ---


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
    client = caller(endpoint, place.alice)
    calls.taken()
    knock(client, endpoint, place.path(endpoint))
    counted = [
        asked["Key"]["pk"]["S"].split("#")[1]
        for name, asked in calls.made
        if name == "UpdateItem" and asked["Key"]["pk"]["S"].startswith("ATTEMPTS#")
    ]
    at_once = list(endpoint.limited_by)
    assert counted == [*at_once, *COUNTED_LATER.get(named(endpoint), [])]
    names = calls.names[2:] if endpoint.needs != ANYBODY else calls.names
    assert names[: len(at_once)] == ["UpdateItem"] * len(at_once)


LIMITED = [
    (each, what) for each in ENDPOINTS for what in (*each.limited_by, *COUNTED_LATER.get(named(each), []))
]


@pytest.mark.parametrize(
    ("endpoint", "what"), LIMITED, ids=[f"{named(each)} {what}" for each, what in LIMITED]
)
def test_a_route_refuses_once_its_limit_is_used_up(place: Place, endpoint: Endpoint, what: str) -> None:
    client, body = caller(endpoint, place.alice), body_of(endpoint)
    # A wrong code leaves what it was for as it was.
    first = {**body, "code": APP.wrong_code()} if body and "code" in body else body
    knock(client, endpoint, place.path(endpoint), first)
    times = brand.windows(what, local=True)[0].times
    for item in items("Attempts"):
        if item["pk"].startswith(f"ATTEMPTS#{what}#"):
            tries = [epoch(datetime.now(UTC))] * times
            table.write(table.update({"pk": item["pk"], "sk": item["sk"]}, sets={"times": tries}))
    before = standing()
    answer = knock(client, endpoint, place.path(endpoint), body)
    assert (answer.status, answer.code) == (429, "too_many_attempts")
    assert standing() == before
