"""Signing in: who knows the password gets a session, and nobody learns which addresses have an account."""

from collections.abc import Iterator
from datetime import UTC, datetime

import argon2
import pytest

from chalicelib import hashing
from chalicelib.tokens import digest
from tests.aws_calls import Calls
from tests.client import Answer, Client
from tests.conftest import PASSWORD, Person, items

WRONG = "not Alice's password"


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The hashes that passwords were compared with."""
    compared: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, stored: str, password: bytes) -> bool:
        compared.append(stored)
        return bool(verify(self, stored, password))

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    yield compared


def sign_in(email: str, password: object = PASSWORD, client: Client | None = None) -> Answer:
    return (client or Client()).post("/api/session", {"email": email, "password": password})


def test_it_begins_a_session(alice: Person) -> None:
    client = alice.signs_in()
    me = client.get("/api/me").body
    assert me["user"] == {
        "id": alice.id,
        "name": alice.name,
        "email": alice.email,
        "language": "sr",
    }
    assert me["account"] == {"id": alice.account_id, "name": alice.name}


@pytest.mark.parametrize("email", ["ALICE@example.com", "alice@EXAMPLE.com", " alice@example.com "])
def test_the_address_may_be_typed_in_any_case(alice: Person, email: str) -> None:
    assert sign_in(email).status == 201


def test_a_password_may_be_composed_in_any_way(alice: Person) -> None:
    assert sign_in(alice.email, PASSWORD.replace("č", "c\N{COMBINING CARON}")).status == 201


@pytest.mark.parametrize("password", [PASSWORD.upper(), PASSWORD + " ", PASSWORD[:-1], "x", "x" * 128])
def test_another_password_is_refused(alice: Person, password: str) -> None:
    answer = sign_in(alice.email, password)
    assert (answer.status, answer.code) == (401, "sign_in_failed")
    assert not items("Session")


def test_an_unknown_address_looks_like_a_wrong_password(
    alice: Person, calls: Calls, verifications: list[str]
) -> None:
    sign_in("warm@example.com", WRONG)  # What a process does once is not counted.
    calls.taken()
    verifications.clear()
    known, known_calls, known_verifications = sign_in(alice.email, WRONG), calls.taken(), len(verifications)
    verifications.clear()
    unknown = sign_in("nobody@example.com", WRONG)
    assert (known.status, known.text, known.headers) == (unknown.status, unknown.text, unknown.headers)
    assert known_calls == calls.taken()
    assert known_verifications == len(verifications) == 1


def test_nobodys_hash_costs_as_much_as_anybodys() -> None:
    assert not hashing.is_outgrown(hashing._nobodys_hash())


def test_passwords_are_hashed_as_owasp_asks() -> None:
    assert hashing.hashed("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_table_keeps_only_the_hash_of_the_token(alice: Person) -> None:
    token = alice.signs_in().cookies["session"]
    assert len(token) * 6 >= 128
    (session,) = items("Session")
    assert session["pk"] == session["sk"] == f"SESSION#{digest(token)}"
    assert token not in repr(session)


def test_the_cookies_are_bound_as_far_as_they_can_be_without_tls(alice: Person) -> None:
    client = alice.client()
    session, hint = sign_in(alice.email, client=client).headers["Set-Cookie"]
    assert session == (
        f"session={client.cookies['session']}; HttpOnly; Path=/; Max-Age=1209600; SameSite=Lax"
    )
    assert hint == "signed_in=1; Path=/; Max-Age=1209600; SameSite=Lax"


def test_in_production_the_cookie_is_bound_to_the_host(alice: Person, production: dict[str, str]) -> None:
    client = alice.client()
    answer = client.post("/api/session", {"email": alice.email, "password": PASSWORD}, **production)
    session, hint = answer.headers["Set-Cookie"]
    token = client.cookies["__Host-session"]
    assert session == (f"__Host-session={token}; HttpOnly; Path=/; Max-Age=1209600; SameSite=Lax; Secure")
    assert hint == "signed_in=1; Path=/; Max-Age=1209600; SameSite=Lax; Secure"
    assert client.get("/api/me", **production).status == 200
    client.cookies = {"session": token}  # A plain name is believed only where there is no TLS.
    assert client.get("/api/me", **production).code == "not_signed_in"


def test_a_cookie_of_somebody_else_in_the_same_header_does_no_harm(alice: Person) -> None:
    token = alice.signed_in().cookies["session"]
    for other in (
        'settings={"a":[1,"b"]}',
        "=nameless",
        "odd name=1",
        "x",
        'quoted="a;b"',
        "tel[0]=1",
        "č=š",
    ):
        for cookie in (f"{other}; session={token}", f"session={token}; {other}"):
            assert Client().get("/api/me", cookie=cookie).status == 200, cookie


@pytest.mark.parametrize("token", ["", "x", "session", "x" * 5000, "\N{SNOWMAN}", '"', "a,b"])
def test_a_token_that_was_never_given_out_opens_nothing(alice: Person, token: str) -> None:
    assert Client().get("/api/me", cookie=f"session={token}").code == "not_signed_in"


def test_the_session_that_the_browser_had_ends(alice: Person) -> None:
    client = alice.signs_in()
    old = dict(client.cookies)
    assert sign_in(alice.email, client=client).status == 201
    assert client.cookies["session"] != old["session"]
    assert client.get("/api/me").status == 200
    assert Client(cookies=old).get("/api/me").code == "not_signed_in"
    assert len(items("Session")) == 1


def test_a_failed_try_leaves_the_session_that_the_browser_had(alice: Person) -> None:
    client = alice.signed_in()
    assert sign_in(alice.email, WRONG, client).code == "sign_in_failed"
    assert client.get("/api/me").status == 200


def test_another_person_signs_in_over_the_first(alice: Person, charlie: Person) -> None:
    client = alice.signed_in()
    assert sign_in(charlie.email, client=client).status == 201
    assert client.get("/api/me").body["user"]["id"] == charlie.id
    assert [session["user_id"] for session in items("Session")] == [charlie.id]


def test_a_password_hashed_with_lesser_parameters_is_hashed_anew(alice: Person) -> None:
    lesser = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    alice.has_password_hash(lesser.hash(hashing._normal(PASSWORD)))
    assert sign_in(alice.email, WRONG).status == 401
    assert "m=8192" in items("EmailAddress")[0]["password_hash"]
    assert sign_in(alice.email).status == 201
    assert "m=19456,t=2" in items("EmailAddress")[0]["password_hash"]
    assert sign_in(alice.email).status == 201


def test_a_password_changed_while_it_is_checked_opens_nothing(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_right = hashing.is_right

    def change_meanwhile(password: str, stored: str | None) -> bool:
        alice.has_password_hash(hashing.hashed("another password"))
        return is_right(password, stored)

    monkeypatch.setattr(hashing, "is_right", change_meanwhile)
    assert sign_in(alice.email).code == "sign_in_failed"
    assert not items("Session")


def test_it_is_on_record(alice: Person) -> None:
    alice.signs_in()
    (event,) = items("AuditEvent")
    assert (event["event"], event["actor"]) == ("user:session:started", alice.id)
    assert event["pk"] == f"USER#{alice.id}"
    assert event["at"][:10] == datetime.now(UTC).date().isoformat()


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "", "required"),
        ("email", "alice", "invalid_email"),
        ("email", "alice@example.com\r\n", "control_characters"),
        ("email", None, "wrong_type"),
        ("email", {"S": "alice@example.com"}, "wrong_type"),
        ("email", "a" * 250 + "@example.com", "too_long"),
        ("password", "", "required"),
        ("password", None, "wrong_type"),
        ("password", True, "wrong_type"),
        ("password", 12345678, "wrong_type"),
        ("password", ["x"], "wrong_type"),
        ("password", "x" * 129, "too_long"),
        ("remember", True, "unknown_field"),
    ],
)
def test_bad_input_is_told_at_its_field_and_counts_as_no_try(
    alice: Person, field: str, value: object, code: str
) -> None:
    answer = Client().post("/api/session", {"email": alice.email, "password": PASSWORD, field: value})
    assert answer.status == 422
    assert answer.field_codes == {f"#/{field}": code}
    assert not items("Session") and not items("Attempts")
