"""Signing in with two-factor on: the right password opens nothing yet, the code of the app does."""

from collections.abc import Callable
from datetime import timedelta

import argon2
import pytest

from chalicelib import brand, hashing, keys, sealing, table
from chalicelib.tokens import digest
from tests.aws_calls import Calls
from tests.client import Client, document, endpoints
from tests.conftest import PASSWORD, Clock, Person, everything, items
from tests.mailbox import Mailbox
from tests.requests.walk import INVITATION, Place, knock
from tests.two_factor.authenticator import (
    NO_CODES,
    RECOVERY_CODES,
    Authenticator,
    awaited,
    awaiting,
    credential,
    elevate,
    finish,
    mid_step,
    switched_on,
)

NEW = "nova čaplja preko druge reke"


def test_the_code_completes_what_the_password_began(alice: Person) -> None:
    app = switched_on(alice)
    client = alice.client()
    answer = client.post("/api/session", {"email": alice.email, "password": PASSWORD})
    assert (answer.status, answer.body) == (202, {"second_factor": "totp"})
    assert list(client.cookies) == ["sign_in"] and not items("Session")
    done = finish(client, app.code())
    assert done.status == 201 and done.body["user"] == {"id": alice.id}
    assert set(client.cookies) == {"session", "signed_in"}
    assert client.get("/api/me").body["user"]["id"] == alice.id


def test_what_was_proved_so_counts_as_elevation_by_code(alice: Person) -> None:
    app, client = switched_on(alice), awaited(alice)
    finish(client, app.code())
    assert client.post("/api/two-factor/recovery-codes").status == 201


def test_a_wrong_password_says_no_more_than_without(alice: Person, charlie: Person, calls: Calls) -> None:
    switched_on(alice)
    body = {"password": "not the password"}
    Client().post("/api/session", {**body, "email": "warm@example.com"})
    calls.taken()
    answers = []
    for email in (alice.email, charlie.email, "nobody@example.com"):
        client = Client()
        answer = client.post("/api/session", {**body, "email": email})
        assert client.cookies == {}
        answers.append((answer.status, answer.code, answer.text, answer.headers, calls.taken()))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][:2] == (401, "sign_in_failed")


# --- The cookie of the wait ---


def test_its_cookie_is_bound_as_far_as_it_can_be_without_tls(alice: Person) -> None:
    app, client = switched_on(alice), alice.client()
    (cookie,) = client.post("/api/session", {"email": alice.email, "password": PASSWORD}).headers[
        "Set-Cookie"
    ]
    token = client.cookies["sign_in"]
    assert len(token) * 6 >= 128
    assert cookie == f"sign_in={token}; HttpOnly; Path=/; Max-Age=300; SameSite=Lax"
    *_session, ended = finish(client, app.code()).headers["Set-Cookie"]
    assert ended == "sign_in=; HttpOnly; Path=/; Max-Age=0; SameSite=Lax"


def test_in_production_it_is_bound_to_the_host(alice: Person, production: dict[str, str]) -> None:
    app, client = switched_on(alice), alice.client()
    answer = client.post("/api/session", {"email": alice.email, "password": PASSWORD}, **production)
    token = client.cookies["__Host-sign_in"]
    assert answer.headers["Set-Cookie"] == [
        f"__Host-sign_in={token}; HttpOnly; Path=/; Max-Age=300; SameSite=Lax; Secure"
    ]
    plain = Client(cookies={"sign_in": token})  # A plain name is believed only where there is no TLS.
    code = {"code": app.code()}
    assert plain.post("/api/session/second-factor", code, **production).code == "not_signed_in"
    done = client.post("/api/session/second-factor", code, **production)
    assert done.status == 201
    assert done.headers["Set-Cookie"][-1] == (
        "__Host-sign_in=; HttpOnly; Path=/; Max-Age=0; SameSite=Lax; Secure"
    )


def test_the_table_keeps_only_the_hash_of_its_token(alice: Person) -> None:
    switched_on(alice)
    token = awaiting(alice).cookies["sign_in"]
    (waiting,) = items("SignIn")
    assert waiting["pk"] == waiting["sk"] == f"SIGN_IN#{digest(token)}"
    assert token not in repr(everything())


NEEDING_A_SESSION = [
    (method.upper(), path)
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
    if operation["security"]
]


@pytest.mark.parametrize(("method", "path"), NEEDING_A_SESSION)
def test_it_opens_nothing_that_needs_a_session(alice: Person, method: str, path: str) -> None:
    place = Place.furnished(alice)
    switched_on(alice)
    token = awaited(alice).cookies["sign_in"]
    endpoint = endpoints()[method, path]
    before = everything()
    for cookies in (
        {"sign_in": token},
        {"sign_in": token, "signed_in": "1"},
        {"session": token},
        {"session": digest(token)},
        {"__Host-session": token},
    ):
        answer = knock(Client(cookies=dict(cookies)), endpoint, place.path(endpoint))
        assert (answer.status, answer.code) == (401, "not_signed_in"), cookies
    assert everything() == before


def test_the_list_of_what_needs_a_session_is_long() -> None:
    assert len(NEEDING_A_SESSION) >= 28


def test_it_accepts_no_invitation(alice: Person) -> None:
    Place.furnished(alice)
    answer = awaited(alice).post("/api/invitations/accept", {"token": INVITATION})
    assert answer.field_codes == {"#/name": "required", "#/password": "required"}  # As of anybody.


def test_a_session_is_no_wait_for_a_code(alice: Person) -> None:
    app, client = switched_on(alice), alice.signed_in()
    client.cookies["sign_in"] = client.cookies["session"]
    answer = finish(client, app.code())
    assert (answer.status, answer.code) == (401, "not_signed_in")


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5000, "\N{SNOWMAN}", '"', "a,b"])
def test_without_one_or_with_one_made_up_nothing_is_awaited(alice: Person, token: str) -> None:
    app = switched_on(alice)
    answer = Client().post("/api/session/second-factor", {"code": app.code()}, cookie=f"sign_in={token}")
    assert (answer.status, answer.code) == (401, "not_signed_in")
    assert not items("Session")


# --- How long it waits ---


def test_the_code_is_awaited_for_five_minutes_though_the_item_stays(alice: Person, clock: Clock) -> None:
    app, client = switched_on(alice), awaited(alice)
    clock.forward(minutes=5, seconds=1)
    late = finish(client, app.code(clock.now()))
    assert (late.status, late.code) == (401, "not_signed_in")
    assert items("SignIn") and not items("Session")


def test_just_before_it_still_counts(alice: Person, clock: Clock) -> None:
    app, client = switched_on(alice), awaited(alice)
    clock.forward(minutes=4, seconds=50)
    assert finish(client, app.code(clock.now())).status == 201


def test_a_wrong_code_may_be_mended_on_the_same_sign_in(alice: Person) -> None:
    app, client = switched_on(alice), awaited(alice)
    answer = finish(client, app.wrong_code())
    assert (answer.status, answer.code) == (401, "second_factor_failed")
    assert answer.field_codes == {"#/code": "wrong_code"}
    assert not items("Session")
    assert finish(client, app.code()).status == 201


# --- Which codes count ---


@pytest.mark.parametrize(
    ("steps", "is_taken"),
    [(-3, False), (-2, False), (-1, True), (0, True), (1, True), (2, False), (3, False)],
)
def test_a_phones_clock_may_be_off_by_one_step(
    alice: Person, clock: Clock, steps: int, is_taken: bool
) -> None:
    app, client = switched_on(alice), awaited(alice)
    answer = finish(client, app.code(mid_step(clock), steps=steps))
    assert (answer.status, answer.code) == ((201, "") if is_taken else (401, "second_factor_failed"))


def test_a_code_counts_once_in_the_same_words_as_a_wrong_one(alice: Person, clock: Clock) -> None:
    app, now = switched_on(alice), mid_step(clock)
    first, second, third = (awaited(alice) for _sign_in in range(3))
    kept = dict(first.cookies)
    assert finish(first, app.code(now)).status == 201
    wrong = finish(third, app.wrong_code(now))
    for again in (finish(Client(cookies=kept), app.code(now)), finish(second, app.code(now))):
        assert (again.status, again.text, again.headers) == (wrong.status, wrong.text, wrong.headers)
    assert wrong.code == "second_factor_failed"
    assert len(items("Session")) == 1


@pytest.mark.parametrize("accepted", [-1, 0, 1])
def test_after_a_step_no_earlier_one_counts(alice: Person, clock: Clock, accepted: int) -> None:
    app, now = switched_on(alice), mid_step(clock)
    assert finish(awaited(alice), app.code(now, steps=accepted)).status == 201
    for steps in range(-1, accepted + 1):
        assert finish(awaited(alice), app.code(now, steps=steps)).code == "second_factor_failed"
    kept = credential(alice)
    assert kept and kept["last_step"] == int(now.timestamp()) // 30 + accepted


def test_a_step_that_was_passed_while_its_code_was_checked_counts_no_more(
    alice: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, now, slow = switched_on(alice), mid_step(clock), awaited(alice)
    unseal = sealing.unseal

    def passed_meanwhile(sealed: bytes, *, owner: str) -> str:
        monkeypatch.setattr(sealing, "unseal", unseal)
        assert finish(awaited(alice), app.code(now)).status == 201
        return unseal(sealed, owner=owner)

    monkeypatch.setattr(sealing, "unseal", passed_meanwhile)
    assert finish(slow, app.code(now, steps=-1)).code == "second_factor_failed"
    assert len(items("Session")) == 1


def test_the_next_step_counts_again(alice: Person, clock: Clock) -> None:
    app, now = switched_on(alice), mid_step(clock)
    assert finish(awaited(alice), app.code(now)).status == 201
    later = clock.forward(seconds=30)
    assert finish(awaited(alice), app.code(later)).status == 201


def test_a_code_that_differs_in_one_digit_is_a_wrong_one(
    alice: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(brand.BRAND["limits"]["windows"], "second_factor_per_user", ["50 in 300"])
    app, now = switched_on(alice), mid_step(clock)
    right = app.code(now)
    for place, digit in enumerate(right):
        near = f"{right[:place]}{(int(digit) + 1) % 10}{right[place + 1 :]}"
        assert finish(awaited(alice), near).code == "second_factor_failed"


def test_another_persons_code_does_not_count(alice: Person, charlie: Person, clock: Clock) -> None:
    switched_on(alice)
    theirs = Authenticator("A" * 32)
    assert finish(awaited(alice), theirs.code()).code == "second_factor_failed"


def test_two_sign_ins_of_one_person_wait_side_by_side(alice: Person, clock: Clock) -> None:
    app, now = switched_on(alice), mid_step(clock)
    here, there = awaited(alice), awaited(alice)
    assert finish(there, app.code(now)).status == 201
    assert finish(here, app.code(now, steps=1)).status == 201
    assert len(items("Session")) == 2


@pytest.mark.parametrize(("code", "told"), [*NO_CODES, (None, "wrong_type")], ids=repr)
def test_what_is_no_code_is_told_so_and_counts_as_no_try(alice: Person, code: object, told: str) -> None:
    switched_on(alice)
    client = awaited(alice)
    before = everything()
    answer = finish(client, code)
    assert (answer.status, answer.field_codes) == (422, {"#/code": told})
    assert everything() == before


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, {"#/code": "required"}),
        ({"code": "123456", "time": 1}, {"#/time": "unknown_field"}),
        ({"code": "123456", "email": "alice@example.com"}, {"#/email": "unknown_field"}),
    ],
)
def test_nothing_else_is_taken(alice: Person, body: object, codes: dict[str, str]) -> None:
    switched_on(alice)
    answer = awaited(alice).post("/api/session/second-factor", body)
    assert (answer.status, answer.field_codes) == (422, codes)


def test_the_time_of_a_request_is_ours(alice: Person, clock: Clock) -> None:
    app, client = switched_on(alice), awaited(alice)
    later = mid_step(clock) + timedelta(minutes=5)
    told = {"date": f"{later:%a, %d %b %Y %T} GMT", "x_client_time": later.isoformat()}
    answer = client.post("/api/session/second-factor", {"code": app.code(later)}, **told)
    assert answer.code == "second_factor_failed"


# --- What becomes of the rest ---


def test_the_session_that_the_browser_had_ends(alice: Person, charlie: Person) -> None:
    app, client = switched_on(alice), awaited(alice)
    client.cookies |= charlie.signed_in().cookies
    old = {"session": client.cookies["session"]}
    assert finish(client, app.code()).status == 201
    assert client.get("/api/me").body["user"]["id"] == alice.id
    assert Client(cookies=old).get("/api/me").code == "not_signed_in"


def test_a_failed_try_leaves_the_session_that_the_browser_had(alice: Person, charlie: Person) -> None:
    app, client = switched_on(alice), awaited(alice)
    client.cookies |= charlie.signed_in().cookies
    assert finish(client, app.wrong_code()).status == 401
    assert client.get("/api/me").body["user"]["id"] == charlie.id


def test_who_did_not_hear_that_they_are_in_is_led_to_sign_in_again(alice: Person, clock: Clock) -> None:
    """The answer to the first code was lost; the next code must not be called wrong, again and again."""
    app, now, client = switched_on(alice), mid_step(clock), awaited(alice)
    lost = Client(cookies=dict(client.cookies))
    assert finish(lost, app.code(now)).status == 201
    assert finish(client, app.code(now)).code == "second_factor_failed"
    assert finish(client, app.code(now, steps=1)).code == "not_signed_in"
    assert finish(client, RECOVERY_CODES[0]).code == "not_signed_in"
    assert len(items("Session")) == 1 and len(items("RecoveryCode")) == 10
    assert finish(awaited(alice), app.code(now, steps=1)).status == 201, "neither code was spent"


def sessions_end(alice: Person) -> None:
    assert alice.signed_in().delete("/api/sessions").status == 204


def the_password_is_changed(alice: Person) -> None:
    assert alice.signed_in().put("/api/me/password", {"current": PASSWORD, "new": NEW}).status == 200


def the_password_is_reset(alice: Person) -> None:
    Client().post("/api/password-resets", {"email": alice.email, "language": "sr"})
    body = {"token": Mailbox().token(), "new": NEW}
    assert Client().post("/api/password-resets/complete", body).status == 204


def two_factor_is_switched_off(alice: Person) -> None:
    assert alice.signed_in(with_code=True).delete("/api/two-factor").status == 204


@pytest.mark.parametrize(
    "happens", [sessions_end, the_password_is_changed, the_password_is_reset, two_factor_is_switched_off]
)
def test_what_ends_sessions_ends_the_wait_for_one(alice: Person, happens: Callable[[Person], None]) -> None:
    app, thief = switched_on(alice), awaited(alice)
    happens(alice)
    answer = finish(thief, app.code())
    assert (answer.status, answer.code) == (401, "not_signed_in")
    assert thief.get("/api/me").code == "not_signed_in"


@pytest.mark.parametrize("happens", [sessions_end, the_password_is_changed])
def test_so_it_does_while_the_code_is_checked(
    alice: Person, monkeypatch: pytest.MonkeyPatch, happens: Callable[[Person], None]
) -> None:
    app, thief = switched_on(alice), awaited(alice)
    unseal = sealing.unseal

    def meanwhile(sealed: bytes, *, owner: str) -> str:
        happens(alice)
        return unseal(sealed, owner=owner)

    monkeypatch.setattr(sealing, "unseal", meanwhile)
    assert finish(thief, app.code()).code == "not_signed_in"
    assert thief.get("/api/me").code == "not_signed_in"


@pytest.mark.parametrize("is_on", [False, True])
def test_two_factor_switched_while_the_password_is_checked_lets_nobody_in_by_what_was_before(
    alice: Person, monkeypatch: pytest.MonkeyPatch, is_on: bool
) -> None:
    if is_on:
        switched_on(alice)
    owner, is_right = alice.signed_in(with_code=True), hashing.is_right

    def meanwhile(password: str, stored: str | None) -> bool:
        if is_on:
            assert owner.delete("/api/two-factor").status == 204
        else:
            switched_on(alice)
        return is_right(password, stored)

    monkeypatch.setattr(hashing, "is_right", meanwhile)
    client = alice.client()
    answer = client.post("/api/session", {"email": alice.email, "password": PASSWORD})
    assert (answer.status, answer.code, client.cookies) == (401, "sign_in_failed", {})
    assert not items("SignIn")


def test_a_password_hashed_with_lesser_parameters_is_hashed_anew_here_too(alice: Person) -> None:
    switched_on(alice)
    lesser = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    alice.has_password_hash(lesser.hash(hashing._normal(PASSWORD)))
    awaiting(alice)
    assert "m=19456,t=2" in items("EmailAddress")[0]["password_hash"]
    awaiting(alice)


def test_somebody_elses_sealed_secret_in_ones_place_signs_nobody_in(alice: Person, charlie: Person) -> None:
    """Who could write to the table would have to make KMS open it in Alice's name."""
    mine = Authenticator("A" * 32)
    switched_on(alice)
    sealed = sealing.seal(mine.secret, owner=f"USER#{charlie.id}")
    table.write(table.update(keys.totp_credential(alice.id), sets={"sealed": sealed}))
    thief = alice.signed_in()
    for answer in (finish(awaited(alice), mine.code()), elevate(thief, mine.code())):
        assert (answer.status, answer.code) == (500, "internal_error")
    assert thief.delete("/api/two-factor").code == "elevation_required"
    assert len(items("Session")) == 1


def test_a_user_who_is_gone_is_let_in_nowhere(alice: Person) -> None:
    app, client = switched_on(alice), awaited(alice)
    table.write(table.delete(keys.user(alice.id)))
    assert finish(client, app.code()).code == "not_signed_in"
    assert finish(client, RECOVERY_CODES[0]).status == 401
    assert not items("Session")


def test_whom_the_account_lost_is_signed_in_without_it(alice: Person, bob: Person) -> None:
    app, client = switched_on(bob), awaited(bob)
    table.write(table.delete(keys.membership(alice.account_id, bob.id)))
    assert finish(client, app.code()).status == 201
    assert client.get("/api/me").body["account"] is None


def test_both_steps_are_on_record(alice: Person) -> None:
    app = switched_on(alice)
    finish(awaiting(alice), app.code())
    events = items("AuditEvent")
    assert sorted((event["event"], event["actor"]) for event in events) == [
        ("user:second_factor:awaited", alice.id),
        ("user:session:started", alice.id),
    ]


def test_no_notice_goes_out_for_a_code_of_the_app(alice: Person, mailbox: Mailbox) -> None:
    app = switched_on(alice)
    finish(awaiting(alice), app.code())
    assert mailbox.collect() == []
