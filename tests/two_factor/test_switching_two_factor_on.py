"""Switching two-factor on: a secret, proved by the app's first code; until then nothing changes."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
import segno

from chalicelib import brand, keys, sealing, table
from chalicelib.accounts import repository as accounts
from chalicelib.request import SignedIn
from chalicelib.routing import GATE
from chalicelib.timestamps import parsed
from chalicelib.tokens import LEGIBLE, digest
from tests.client import Answer, Client
from tests.conftest import PASSWORD, Clock, Person, everything, items
from tests.mailbox import Mailbox, html_of, text_of
from tests.two_factor.authenticator import (
    NO_CODES,
    Authenticator,
    awaiting,
    begun,
    credential,
    elevate,
    enrolled,
    finish,
    mid_step,
    switched_on,
)

SVG = "{http://www.w3.org/2000/svg}"


def begin(client: Client) -> Authenticator:
    answer = client.post("/api/two-factor")
    assert answer.status == 201, answer.text
    return Authenticator(answer.body["secret"])


def confirm(client: Client, code: object) -> Answer:
    return client.post("/api/two-factor/confirm", {"code": code})


def is_off(person: Person) -> bool:
    """Nothing says that it is on, and the password alone signs in."""
    me = person.signs_in().get("/api/me").body
    status = person.signed_in().get("/api/two-factor").body
    return (
        (me["two_factor"], me["two_factor_since"]) == (False, None)
        and status == {"on": False, "since": None, "recovery_codes_left": 0}
        and credential(person) is None
        and not items("RecoveryCode")
    )


def test_at_first_nothing_is_on(alice: Person) -> None:
    assert is_off(alice)


def test_the_apps_first_code_switches_it_on(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    _app, confirmed = enrolled(client, clock)
    me = client.get("/api/me").body
    assert (me["two_factor"], me["two_factor_since"]) == (True, confirmed["since"])
    assert abs(parsed(confirmed["since"]) - clock.now()) < timedelta(minutes=1)
    assert client.get("/api/two-factor").body == {
        "on": True,
        "since": confirmed["since"],
        "recovery_codes_left": 10,
    }
    body = {"email": alice.email, "password": PASSWORD}
    assert Client().post("/api/session", body).status == 202


def test_it_is_on_for_this_user_alone(alice: Person, bob: Person, clock: Clock) -> None:
    enrolled(alice.signed_in(), clock)
    assert bob.signs_in().get("/api/me").body["two_factor"] is False


# --- What the app is given ---


def test_the_secret_has_160_bits_and_is_a_new_one_each_time(alice: Person) -> None:
    client = alice.signed_in()
    secrets = {begin(client).secret for _time in range(5)}
    assert len(secrets) == 5
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}


def test_the_link_says_what_apps_expect(alice: Person) -> None:
    answer = alice.signed_in().post("/api/two-factor").body
    told = pyotp.parse_uri(answer["otpauth_uri"])
    assert isinstance(told, pyotp.TOTP)
    assert (told.secret, told.issuer, told.name) == (answer["secret"], "Tilia Hosting", alice.email)
    assert (told.digits, told.interval, told.digest) == (6, 30, hashlib.sha1)
    assert parsed(answer["expires_at"]) > datetime.now().astimezone() + timedelta(minutes=9)


@pytest.mark.parametrize(
    "company",
    [
        "Tilia: Hosting",
        "Lipa & sin",
        "Čavrljanje Đurđević",
        "Őrségi Űrközpont",
        "Niño",
        "50 % a=b?c#d/e+f",
        "a&issuer=b",
    ],
)
@pytest.mark.parametrize(
    "email",
    ["alice@example.com", "a+b&c=d%20@example.com", "o'neil/x?y#z@example.com", "alice@ćuk.őr.niño.example"],
)
def test_whatever_stands_in_the_names_survives(
    alice: Person, monkeypatch: pytest.MonkeyPatch, company: str, email: str
) -> None:
    monkeypatch.setattr(brand, "COMPANY", company)
    table.write(accounts.change_user(alice.id, {"email": email}))
    answer = alice.signed_in().post("/api/two-factor").body
    told = pyotp.parse_uri(answer["otpauth_uri"])
    assert (told.secret, told.issuer, told.name) == (answer["secret"], company, email)


def test_the_longest_address_fits_into_the_picture(alice: Person) -> None:
    email = f"alice@{'.'.join(['č' * 60] * 4)}.example"[:254]
    table.write(accounts.change_user(alice.id, {"email": email}))
    answer = alice.signed_in().post("/api/two-factor")
    assert answer.status == 201
    assert pyotp.parse_uri(answer.body["otpauth_uri"]).name == email


def test_the_picture_is_inert_and_says_what_the_link_says(alice: Person) -> None:
    answer = alice.signed_in().post("/api/two-factor").body
    picture = ElementTree.fromstring(answer["qr_svg"])  # noqa: S314
    assert answer["qr_svg"].startswith("<svg ") and picture.tag == f"{SVG}svg"
    parts = list(picture.iter())
    assert {part.tag for part in parts} == {f"{SVG}svg", f"{SVG}path"}
    names = {name for part in parts for name in part.attrib}
    assert names <= {"viewBox", "class", "transform", "stroke", "fill", "d"}
    assert not any("url(" in value or ":" in value for part in parts for value in part.attrib.values())
    assert dark_modules(parts[-1].attrib["d"]) == dark_modules_of(answer["otpauth_uri"])


def dark_modules(path: str) -> set[tuple[int, int]]:
    """The squares that a path of `M4 4.5h7m2 0h3m-12 1h1` draws: lines, each one high."""
    squares, x, y = set(), 0.0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if command == "h":
            squares |= {(int(x) + step, int(y)) for step in range(int(first))}
            x += float(first)
        elif command == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    return squares


def dark_modules_of(text: str) -> set[tuple[int, int]]:
    """The dark squares of a QR code of a text, inside its quiet zone of four."""
    rows = segno.make_qr(text, error="m").matrix
    return {(x + 4, y + 4) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


# --- Who may begin, and how long it waits ---


def test_beginning_asks_for_a_sign_in_of_the_last_ten_minutes(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    clock.forward(minutes=9, seconds=50)
    begin(client)
    clock.forward(seconds=15)
    answer = client.post("/api/two-factor")
    assert (answer.status, answer.code) == (403, "elevation_required")
    assert elevate(client).status == 201
    begin(client)


def test_beginning_alone_changes_nothing_about_signing_in(alice: Person) -> None:
    begin(alice.signed_in())
    assert is_off(alice)


def test_of_two_beginnings_the_newest_counts(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    first, second = begin(client), begin(client)
    assert len(items("TotpEnrolment")) == 1
    assert confirm(client, first.code(clock.now())).code == "second_factor_failed"
    assert confirm(client, second.code(clock.now())).status == 201


def test_what_one_session_began_no_other_finishes(alice: Person) -> None:
    here, there = alice.signed_in(), alice.signed_in()
    app = begin(here)
    answer = confirm(there, app.code())
    assert (answer.status, answer.code) == (404, "not_found")
    assert confirm(here, app.code()).status == 201


def test_beginning_elsewhere_takes_the_place_of_what_was_begun_here(alice: Person) -> None:
    here, there = alice.signed_in(), alice.signed_in()
    first, second = begin(here), begin(there)
    assert confirm(here, first.code()).code == confirm(here, second.code()).code == "not_found"
    assert confirm(there, second.code()).status == 201


def test_what_one_person_began_no_other_finishes(alice: Person, charlie: Person) -> None:
    app = begin(alice.signed_in())
    assert confirm(charlie.signed_in(), app.code()).code == "not_found"
    assert is_off(alice) and is_off(charlie)


def test_who_began_nothing_has_nothing_to_confirm(alice: Person) -> None:
    assert confirm(alice.signed_in(), "123456").code == "not_found"


def test_a_secret_waits_ten_minutes_though_its_item_stays(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    app = begin(client)
    clock.forward(minutes=10, seconds=1)
    late = confirm(client, app.code(clock.now()))
    assert (late.status, late.code) == (410, "link_expired")
    assert items("TotpEnrolment")
    assert is_off(alice)


def test_just_before_it_still_counts(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    app = begin(client)
    clock.forward(minutes=9, seconds=50)
    assert confirm(client, app.code(clock.now())).status == 201


def test_what_is_on_is_not_begun_again(alice: Person) -> None:
    app = switched_on(alice)
    client = alice.signed_in(with_code=True)
    for answer in (client.post("/api/two-factor"), confirm(client, app.code())):
        assert (answer.status, answer.code) == (409, "already_enrolled")


# --- The first code ---


@pytest.mark.parametrize(
    ("steps", "is_taken"),
    [(-3, False), (-2, False), (-1, True), (0, True), (1, True), (2, False), (3, False)],
)
def test_a_phones_clock_may_be_off_by_one_step(
    alice: Person, clock: Clock, steps: int, is_taken: bool
) -> None:
    client = alice.signed_in()
    app, now = begin(client), mid_step(clock)
    answer = confirm(client, app.code(now, steps=steps))
    assert (answer.status, answer.code) == ((201, "") if is_taken else (401, "second_factor_failed"))


def test_a_wrong_code_is_told_at_its_field_and_may_be_mended(alice: Person) -> None:
    client = alice.signed_in()
    app = begin(client)
    answer = confirm(client, app.wrong_code())
    assert (answer.status, answer.code) == (401, "second_factor_failed")
    assert answer.field_codes == {"#/code": "wrong_code"}
    assert is_off(alice)
    assert confirm(client, app.code()).status == 201


@pytest.mark.parametrize(
    ("code", "told"), [*NO_CODES, (None, "wrong_type"), ("ABCD-2345-6789-WXYZ", "not_a_code")], ids=repr
)
def test_what_is_no_code_is_told_so_and_counts_as_no_try(alice: Person, code: object, told: str) -> None:
    client = alice.signed_in()
    begin(client)
    before = everything()
    answer = confirm(client, code)
    assert (answer.status, answer.field_codes) == (422, {"#/code": told})
    assert everything() == before


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, {"#/code": "required"}),
        ({"code": "123456", "time": 1}, {"#/time": "unknown_field"}),
        ({"code": "123456", "secret": "A" * 32}, {"#/secret": "unknown_field"}),
    ],
)
def test_nobody_brings_their_own_time_or_secret(alice: Person, body: object, codes: dict[str, str]) -> None:
    client = alice.signed_in()
    begin(client)
    assert client.post("/api/two-factor/confirm", body).field_codes == codes


def test_the_time_of_a_request_is_ours(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    app, now = begin(client), mid_step(clock)
    later = now + timedelta(minutes=5)
    answer = client.post(
        "/api/two-factor/confirm", {"code": app.code(later)}, date=f"{later:%a, %d %b %Y %T} GMT"
    )
    assert answer.code == "second_factor_failed"


def test_the_code_that_confirmed_signs_nobody_in_and_no_earlier_one_does(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    app, now = begin(client), mid_step(clock)
    assert confirm(client, app.code(now)).status == 201
    waiting = awaiting(alice)
    for steps in (0, -1):
        assert finish(waiting, app.code(now, steps=steps)).code == "second_factor_failed"
    assert finish(waiting, app.code(now, steps=1)).status == 201


# --- What confirming brings ---


def test_ten_recovery_codes_are_shown_once_and_kept_as_hashes(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    _app, confirmed = enrolled(client, clock)
    codes = confirmed["recovery_codes"]
    assert len(codes) == len(set(codes)) == 10
    assert all(re.fullmatch(rf"[{LEGIBLE}]{{4}}(-[{LEGIBLE}]{{4}}){{3}}", code) for code in codes)
    assert len(LEGIBLE) ** 16 >= 2**64
    assert {item["sk"] for item in items("RecoveryCode")} == {
        f"RECOVERY#{digest(code.replace('-', ''))}" for code in codes
    }
    for path in ("/api/two-factor", "/api/me"):
        assert not any(code in client.get(path).text for code in codes)


def test_the_session_is_renewed_and_lasts_no_longer(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    (before,) = items("Session")
    old = dict(client.cookies)
    clock.forward(minutes=5)
    _app, confirmed = enrolled(client, clock)
    (after,) = items("Session")
    assert client.cookies["session"] != old["session"]
    assert Client(cookies=old).get("/api/me").code == "not_signed_in"
    assert client.get("/api/me").status == 200
    for kept in ("expires_at", "elevated_until"):
        assert after[kept] == before[kept]
    assert parsed(confirmed["session"]["elevated_until"]) == parsed(after["elevated_until"])


def test_its_elevation_counts_as_one_by_code(alice: Person, clock: Clock) -> None:
    client = alice.signed_in()
    enrolled(client, clock)
    assert client.post("/api/two-factor/recovery-codes").status == 201


def test_other_sessions_stay_until_they_are_ended(alice: Person, clock: Clock) -> None:
    here, there = alice.signed_in(), alice.signed_in()
    enrolled(here, clock)
    assert there.get("/api/me").body["two_factor"] is True
    assert here.delete("/api/sessions").status == 204
    assert there.get("/api/me").code == "not_signed_in"
    assert here.get("/api/me").status == 200


def test_one_notice_goes_out_in_the_users_language(bob: Person, clock: Clock, mailbox: Mailbox) -> None:
    client = bob.signed_in()
    client.language = "es"
    app, confirmed = enrolled(client, clock)
    notice = mailbox.only()
    assert (notice["To"], notice["Content-Language"]) == (bob.email, "hu")
    assert [mail["kind"] for mail in items("Email")] == ["two_factor_enabled"]
    assert "http://localhost:8000/hu/security/two-factor/" in text_of(notice)
    for secret in (app.secret, *confirmed["recovery_codes"]):
        assert secret not in text_of(notice) + html_of(notice)


def test_neither_beginning_nor_failing_sends_one(alice: Person, mailbox: Mailbox) -> None:
    client = alice.signed_in()
    app = begin(client)
    confirm(client, app.wrong_code())
    assert mailbox.collect() == []


def test_both_steps_are_on_record(alice: Person, clock: Clock) -> None:
    enrolled(alice.signed_in(), clock)
    events = items("AuditEvent")
    assert sorted((event["event"], event["actor"]) for event in events) == [
        ("user:two_factor:begun", alice.id),
        ("user:two_factor:enabled", alice.id),
    ]
    assert {event["pk"] for event in events} == {f"USER#{alice.id}"}


# --- Meanwhile ---


def everything_ends(alice: Person, _token: str) -> None:
    table.commit([accounts.end_all_sessions(alice.id), accounts.count_generation(alice.email)])


def this_one_ends(_alice: Person, token: str) -> None:
    table.write(table.delete(keys.under_hash("SESSION", digest(token))))


@pytest.mark.parametrize("ends", [everything_ends, this_one_ends])
def test_a_session_that_ends_while_its_code_is_checked_switches_nothing_on(
    alice: Person, monkeypatch: pytest.MonkeyPatch, ends: Callable[[Person, str], None]
) -> None:
    """A thief's, say, whom a reset of the password has just thrown out."""
    client = alice.signed_in()
    app, authorise = begun(alice, client), GATE.authorise
    assert authorise

    def ended_meanwhile(token: str, now: datetime) -> SignedIn:
        found = authorise(token, now)
        ends(alice, token)
        return found

    monkeypatch.setattr(GATE, "authorise", ended_meanwhile)
    assert confirm(client, app.code()).code == "not_signed_in"
    monkeypatch.undo()
    assert client.get("/api/me").code == "not_signed_in"
    assert is_off(alice)


def test_somebody_elses_sealed_secret_does_not_open_here(alice: Person, charlie: Person) -> None:
    client = alice.signed_in()
    begin(client)
    foreign = sealing.seal("A" * 32, owner=f"USER#{charlie.id}")
    table.write(table.update(keys.totp_enrolment(alice.id), sets={"sealed": foreign}))
    answer = confirm(client, Authenticator("A" * 32).code())
    assert (answer.status, answer.code) == (500, "internal_error")
    assert is_off(alice)
