"""Using a link of a mail many times at once: it works once."""

from collections import Counter

import pytest

from chalicelib import brand
from tests.client import Client
from tests.conftest import PASSWORD, Person, items
from tests.mailbox import Mailbox
from tests.races.racing import at_once, without

pytestmark = pytest.mark.xdist_group("ministack")

ACCOUNTS = "chalicelib.accounts.repository"
DANA = {"name": "Dana", "email": "dana@example.com", "language": "sr"}


def confirming(tokens: list[str], times: int) -> Counter[tuple[int, str]]:
    def run(place: int) -> tuple[int, str]:
        body = {"token": tokens[place % len(tokens)], "password": PASSWORD}
        answer = Client().post("/api/registrations/confirm", body)
        return answer.status, answer.code

    return Counter(at_once(times, run, once_all_did=f"{ACCOUNTS}.registration"))


def registered(times: int = 1) -> list[str]:
    """The tokens of so many registrations of one address."""
    mailbox, tokens = Mailbox(), []
    for _time in range(times):
        assert Client().post("/api/registrations", DANA).status == 202
        tokens.append(mailbox.token())
    return tokens


def is_one_account() -> bool:
    kept = [items(entity) for entity in ("User", "Account", "EmailAddress", "Membership", "Session")]
    return all(len(found) == 1 for found in kept)


def test_twenty_confirmations_of_one_registration_are_one_account(emulated: None) -> None:
    assert confirming(registered(), 20) == {(201, ""): 1, (410, "link_expired"): 19}
    assert is_one_account()


def test_without_the_conditions_they_are_more(emulated: None) -> None:
    with without(
        ("chalicelib.one_use.UNUSED", "attribute_exists(pk)"),
        (f"{ACCOUNTS}.IS_NEW", None),
        ("chalicelib.users.repository.IS_NEW", None),
    ):
        assert confirming(registered(), 20)[201, ""] > 1
    assert not is_one_account()


@pytest.fixture
def many_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(brand.BRAND["limits"]["windows"], "mail_per_addressee", ["100 in 3600"])


def test_of_ten_registrations_of_one_address_one_wins(emulated: None, many_mails: None) -> None:
    assert confirming(registered(10), 10) == {(201, ""): 1, (409, "already_exists"): 9}
    assert is_one_account()


def test_without_the_claim_of_the_address_several_do(emulated: None, many_mails: None) -> None:
    with without((f"{ACCOUNTS}.IS_NEW", None)):
        assert confirming(registered(10), 10)[201, ""] > 1
    assert not is_one_account()


def resetting(alice: Person, times: int) -> Counter[tuple[int, str]]:
    Client().post("/api/password-resets", {"email": alice.email, "language": "sr"})
    token = Mailbox().token()

    def run(place: int) -> tuple[int, str]:
        body = {"token": token, "new": f"the password of thread {place}"}
        answer = Client().post("/api/password-resets/complete", body)
        return answer.status, answer.code

    return Counter(at_once(times, run, once_all_did="chalicelib.passwords.repository.reset"))


def test_twenty_uses_of_one_reset_change_the_password_once(alice: Person) -> None:
    assert resetting(alice, 20) == {(204, ""): 1, (410, "link_expired"): 19}
    assert [mail["kind"] for mail in items("Email")].count("password_changed") == 1


def test_without_the_conditions_they_change_it_more_often(alice: Person) -> None:
    """Two of them: a link is used once, and only in the place of the password that was forgotten."""
    conditions = {
        "chalicelib.one_use.UNUSED": "attribute_exists(pk)",
        f"{ACCOUNTS}.IS_UNCHANGED": "attribute_exists(pk) OR password_hash = :checked",
    }
    with without(*conditions.items()):
        assert resetting(alice, 20)[204, ""] > 1
    assert [mail["kind"] for mail in items("Email")].count("password_changed") > 1
