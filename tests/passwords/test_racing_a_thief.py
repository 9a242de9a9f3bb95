"""Racing a thief: whatever begins while the password is being replaced ends with it (trust.md, 17)."""

from collections.abc import Callable

import pytest

from chalicelib import hashing
from tests.client import Client
from tests.conftest import PASSWORD, Person
from tests.mailbox import Mailbox

NEW = "nova čaplja preko druge reke"


def signs_in(alice: Person, thief: Client) -> None:
    body = {"email": alice.email, "password": PASSWORD}
    assert thief.post("/api/session", body).status == 201


def renews_the_session(_alice: Person, thief: Client) -> None:
    assert thief.delete("/api/sessions").status == 204


def elevates_the_session(_alice: Person, thief: Client) -> None:
    assert thief.post("/api/session/elevation", {"password": PASSWORD}).status == 201


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let something happen while the new password is being hashed."""
    hashed = hashing.hashed

    def slowly(password: str) -> str:
        monkeypatch.setattr(hashing, "hashed", hashed)
        act()
        return hashed(password)

    monkeypatch.setattr(hashing, "hashed", slowly)


@pytest.mark.parametrize("steals", [signs_in, renews_the_session, elevates_the_session])
def test_a_session_begun_while_the_password_is_reset_ends_with_it(
    alice: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, steals: Callable[[Person, Client], None]
) -> None:
    thief = alice.signed_in()
    Client().post("/api/password-resets", {"email": alice.email, "language": "sr"})
    token = mailbox.token()
    meanwhile(monkeypatch, lambda: steals(alice, thief))
    assert Client().post("/api/password-resets/complete", {"token": token, "new": NEW}).status == 204
    assert thief.get("/api/me").code == "not_signed_in"
    assert alice.signs_in(NEW)


@pytest.mark.parametrize("steals", [signs_in, elevates_the_session])
def test_a_session_begun_while_the_password_is_changed_ends_with_it(
    alice: Person, monkeypatch: pytest.MonkeyPatch, steals: Callable[[Person, Client], None]
) -> None:
    owner, thief = alice.signed_in(), alice.signed_in()
    meanwhile(monkeypatch, lambda: steals(alice, thief))
    assert owner.put("/api/me/password", {"current": PASSWORD, "new": NEW}).status == 200
    assert thief.get("/api/me").code == "not_signed_in"
    assert owner.get("/api/me").status == 200


def test_a_thief_who_ends_the_owners_session_first_stays_out_of_the_password(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, thief = alice.signed_in(), alice.signed_in()
    meanwhile(monkeypatch, lambda: renews_the_session(alice, thief))
    answer = owner.put("/api/me/password", {"current": PASSWORD, "new": NEW})
    assert answer.code == "not_signed_in"
    assert alice.signs_in(PASSWORD).put("/api/me/password", {"current": PASSWORD, "new": NEW}).status == 200
    assert thief.get("/api/me").code == "not_signed_in"
