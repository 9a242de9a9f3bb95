"""Inviting and accepting at once (trust.md, 29, 30): an address is invited once, and a link makes one user."""

from collections import Counter

import pytest

from chalicelib import brand
from tests.client import Answer, Client
from tests.conftest import PASSWORD, Person, items, settle
from tests.invitations.guests import DORA, NEW_USER, accept, agree, invite, invited, preview
from tests.mailbox import Mailbox
from tests.races.racing import at_once, without

pytestmark = pytest.mark.xdist_group("ministack")

ACCOUNTS = "chalicelib.accounts.repository"
INVITATIONS = "chalicelib.invitations.repository"
USERS = "chalicelib.users.repository"

# Conditions that hold always, and still name every value that goes with them.
ANY_OPEN = "token_digest = :token AND :now = :now"
ANY_PENDING = "attribute_exists(pk) AND :token = :token"
ANY_MARK = "invitation_id = :invitation OR attribute_not_exists(pk)"
ANY_FREE_MARK = "attribute_not_exists(pk) OR attribute_exists(pk) OR :now = :now OR :invitation = :invitation"
ANY_DAY = "attribute_not_exists(mails) OR mails < :most OR mails >= :most"
ANYBODY = "is_owner = :no OR attribute_exists(pk) OR attribute_not_exists(pk)"

# What lets an invitation end once: each of these would do by itself.
ENDS_ONCE = (
    (f"{INVITATIONS}.IS_OPEN", ANY_OPEN),
    (f"{INVITATIONS}.IS_PENDING", ANY_PENDING),
    (f"{INVITATIONS}.MARK_IS_OURS", ANY_MARK),
    (f"{USERS}.IS_NEW", None),
)


@pytest.fixture(autouse=True)
def many_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of mails have races of their own."""
    monkeypatch.setitem(brand.BRAND["limits"]["windows"], "mail_per_addressee", ["1000 in 3600"])


@pytest.fixture
def charlie(emulated: None) -> Person:
    """Charlie Núñez owns another account, before ministack."""
    return settle("charlie", "Charlie Núñez", "es", owns=True)


def counted(answers: list[Answer]) -> Counter[tuple[int, str]]:
    return Counter((answer.status, answer.code) for answer in answers)


def guests_of(alice: Person) -> int:
    """How many memberships there are beside the owner's."""
    place = f"ACCOUNT#{alice.account_id}"
    return sum(one["pk"] == place and not one["is_owner"] for one in items("Membership"))


def notices() -> int:
    return [mail["kind"] for mail in items("Email")].count("invitation_accepted")


# Twenty accept.


def registering(alice: Person) -> Counter[tuple[int, str]]:
    _id, token = invited(alice.signed_in())

    def run(place: int) -> Answer:
        return accept(token, name=f"Dora {'I' * (place + 1)}", password=PASSWORD)

    return counted(at_once(20, run, once_all_did=f"{ACCOUNTS}.sign_in_address"))


def test_twenty_who_register_by_one_link_are_one_user(alice: Person) -> None:
    assert registering(alice) == {(201, ""): 1, (410, "link_expired"): 19}
    assert guests_of(alice) == notices() == 1
    assert len(items("User")) == len(items("EmailAddress")) == 2
    assert len(items("Session")) == 2  # Alice's, and that of who won
    agree()


def test_without_the_conditions_they_are_more(alice: Person) -> None:
    with without(*ENDS_ONCE, (f"{ACCOUNTS}.IS_NEW", None)):
        assert registering(alice)[201, ""] > 1
    assert guests_of(alice) > 1


def joining(alice: Person, charlie: Person) -> Counter[tuple[int, str]]:
    _id, token = invited(alice.signed_in(), email=charlie.email)
    cookies = charlie.signed_in().cookies

    def run(_place: int) -> Answer:
        return accept(token, Client(cookies=dict(cookies)))

    return counted(at_once(20, run, once_all_did=f"{INVITATIONS}.of_token"))


def test_who_accepts_twenty_times_at_once_is_a_user_once(alice: Person, charlie: Person) -> None:
    assert joining(alice, charlie) == {(201, ""): 1, (410, "link_expired"): 19}
    assert guests_of(alice) == notices() == 1
    agree()


def test_without_the_conditions_the_owner_hears_of_it_more_often(alice: Person, charlie: Person) -> None:
    with without(*ENDS_ONCE):
        assert joining(alice, charlie)[201, ""] > 1
    assert notices() > 1


# Twenty invite.


def inviting(alice: Person) -> Counter[tuple[int, str]]:
    cookies = alice.signed_in().cookies

    def run(place: int) -> Answer:
        email = "DORA@Example.com" if place % 2 else "dora@example.com"
        return invite(Client(cookies=dict(cookies)), email=email)

    return counted(at_once(20, run, once_all_did=f"{ACCOUNTS}.sign_in_address"))


def test_twenty_invitations_of_one_address_are_one_and_one_mail(alice: Person) -> None:
    assert inviting(alice) == {(201, ""): 1, (409, "already_exists"): 19}
    assert len(items("Invitation")) == len(items("InvitationToken")) == len(items("Email")) == 1
    assert len(Mailbox().collect()) == 1
    assert items("InvitationsOfDay")[0]["mails"] == 1
    agree()


def test_without_the_mark_they_are_more(alice: Person) -> None:
    with without((f"{INVITATIONS}.MARK_IS_FREE", ANY_FREE_MARK)):
        assert inviting(alice)[201, ""] > 1
    assert len(items("Invitation")) > 1 and len(Mailbox().collect()) > 1


def resending(alice: Person) -> Counter[tuple[int, str]]:
    client = alice.signed_in()
    invitation_id, _token = invited(client)

    def run(_place: int) -> Answer:
        own = Client(cookies=dict(client.cookies))
        return own.post(f"/api/invitations/{invitation_id}/resend")

    return counted(at_once(20, run, once_all_did=f"{INVITATIONS}.invitation"))


def test_of_twenty_who_resend_one_does(alice: Person) -> None:
    assert resending(alice) == {(200, ""): 1, (410, "link_expired"): 19}
    assert len(Mailbox().collect()) == 1  # The first one was read already.
    assert items("InvitationsOfDay")[0]["mails"] == 2
    agree()


def test_without_the_condition_more_do(alice: Person) -> None:
    with without((f"{INVITATIONS}.IS_PENDING", ANY_PENDING)):
        assert resending(alice)[200, ""] > 1
    assert items("InvitationsOfDay")[0]["mails"] > 2


# One accepts while the owner thinks better of it.


def accepting_and(alice: Person, charlie: Person, revoke: bool) -> tuple[list[int], list[int], list[str]]:
    """The statuses of ten who accept and of ten who revoke or resend, and the tokens that went out."""
    owner = alice.signed_in()
    invitation_id, token = invited(owner, email=charlie.email)
    path = f"/api/invitations/{invitation_id}"
    cookies = charlie.signed_in().cookies

    def run(place: int) -> int:
        if place % 2:
            return accept(token, Client(cookies=dict(cookies))).status
        own = Client(cookies=dict(owner.cookies))
        return (own.delete(path) if revoke else own.post(f"{path}/resend")).status

    statuses = at_once(20, run, once_all_did=f"{INVITATIONS}.invitation")
    mailbox = Mailbox()
    sent = [mail for mail in mailbox.collect() if mail["To"] == charlie.email]
    return statuses[1::2], statuses[::2], [token, *([mailbox.token()] if sent else [])]


@pytest.mark.parametrize("_time", range(5))
def test_either_it_is_accepted_or_revoked(alice: Person, charlie: Person, _time: int) -> None:
    accepted, revoked, _tokens = accepting_and(alice, charlie, revoke=True)
    assert set(accepted) <= {201, 410} and set(revoked) <= {204, 410}
    assert accepted.count(201) + revoked.count(204) == 1
    (invitation,) = items("Invitation")
    assert invitation["outcome"] == ("accepted" if 201 in accepted else "revoked")
    assert guests_of(alice) == notices() == accepted.count(201)
    assert not items("InvitedMark")
    agree()


def test_without_the_conditions_both_happen(alice: Person, charlie: Person) -> None:
    with without(*ENDS_ONCE):
        accepted, revoked, _tokens = accepting_and(alice, charlie, revoke=True)
    assert 201 in accepted and 204 in revoked


@pytest.mark.parametrize("_time", range(5))
def test_either_it_is_accepted_or_its_link_replaced(alice: Person, charlie: Person, _time: int) -> None:
    accepted, resent_ones, tokens = accepting_and(alice, charlie, revoke=False)
    assert set(accepted) <= {201, 410} and set(resent_ones) <= {200, 410}
    assert accepted.count(201) + resent_ones.count(200) == 1
    assert guests_of(alice) == notices() == accepted.count(201)
    agree()
    if 201 in accepted:
        assert len(tokens) == 1 and preview(tokens[0]).code == "link_expired"
    else:
        old, fresh = tokens
        assert accept(old, charlie.signed_in()).code == "link_expired"
        assert accept(fresh, charlie.signed_in()).status == 201


def test_without_the_conditions_an_accepted_one_is_resent(alice: Person, charlie: Person) -> None:
    with without(*ENDS_ONCE):
        accepted, resent_ones, _tokens = accepting_and(alice, charlie, revoke=False)
    assert accepted.count(201) + resent_ones.count(200) > 1


# A day's mails.


def filling_a_day(alice: Person, times: int) -> Counter[tuple[int, str]]:
    cookies = alice.signed_in().cookies

    def run(place: int) -> Answer:
        return invite(Client(cookies=dict(cookies)), email=f"dora{place}@example.com")

    return counted(at_once(times, run))


def test_of_a_hundred_invitations_exactly_a_days_go_out(alice: Person) -> None:
    most = brand.INVITATIONS_PER_DAY
    assert filling_a_day(alice, 100) == {(201, ""): most, (409, "limit_reached"): 100 - most}
    assert [day["mails"] for day in items("InvitationsOfDay")] == [most]
    assert len(items("Invitation")) == len(items("Email")) == len(items("InvitedMark")) == most
    agree()


def test_without_the_condition_more_go_out(alice: Person) -> None:
    with without((f"{INVITATIONS}.DAY_HAS_ROOM", ANY_DAY)):
        assert filling_a_day(alice, 100)[201, ""] > brand.INVITATIONS_PER_DAY


# Two ways to one address.


def claiming(alice: Person) -> Counter[tuple[str, int, str]]:
    """Ten register by invitation while ten confirm a registration of the same address."""
    Client().post("/api/registrations", {"name": "Dora", "email": DORA["email"], "language": "es"})
    waiting = Mailbox().token()
    _id, token = invited(alice.signed_in())

    def run(place: int) -> tuple[str, int, str]:
        if place % 2:
            answer = accept(token, **NEW_USER)
            return "accept", answer.status, answer.code
        body = {"token": waiting, "password": PASSWORD}
        answer = Client().post("/api/registrations/confirm", body)
        return "confirm", answer.status, answer.code

    return Counter(at_once(20, run, once_all_did="chalicelib.hashing.hashed"))


def test_an_address_is_claimed_once_whichever_way_is_quicker(alice: Person) -> None:
    seen = claiming(alice)
    by_accepting = {
        ("accept", 201, ""): 1,
        ("accept", 410, "link_expired"): 9,
        ("confirm", 409, "already_exists"): 10,
    }
    by_confirming = {
        ("confirm", 201, ""): 1,
        ("confirm", 410, "link_expired"): 9,
        ("accept", 401, "not_signed_in"): 10,
    }
    assert seen in (by_accepting, by_confirming)
    assert len(items("User")) == len(items("EmailAddress")) == 2  # Alice and Dora
    assert len(items("Membership")) == 2
    assert guests_of(alice) == notices() == (seen == by_accepting)
    agree()


def test_without_the_claim_they_are_two_people(alice: Person) -> None:
    with without((f"{ACCOUNTS}.IS_NEW", None)):
        seen = claiming(alice)
    assert seen["accept", 201, ""] == seen["confirm", 201, ""] == 1
    assert len(items("User")) == 3 and len(items("EmailAddress")) == 2


# The owner changes and removes one user at once.


def changing_and_removing(alice: Person) -> Counter[tuple[int, str]]:
    bob = settle("bob", "Kovács Bob", "hu", account_id=alice.account_id, permissions=("invoices",))
    cookies = alice.signed_in().cookies

    def run(place: int) -> Answer:
        own = Client(cookies=dict(cookies))
        path = f"/api/users/{bob.id}"
        return own.delete(path) if place % 2 else own.patch(path, {"permissions": "all"})

    return counted(at_once(20, run))


def test_a_user_is_removed_once_and_no_change_brings_them_back(alice: Person) -> None:
    seen = changing_and_removing(alice)
    assert seen[204, ""] == 1 and seen[404, "not_found"] == 19 - seen[200, ""]
    assert guests_of(alice) == 0
    events = Counter(event["event"] for event in items("AuditEvent"))
    assert events["user:membership:removed"] == 1
    assert events["user:permissions:changed"] == seen[200, ""]


def test_without_the_condition_they_are_removed_more_often(alice: Person) -> None:
    with without((f"{USERS}.IS_NOT_OWNER", ANYBODY)):
        assert changing_and_removing(alice)[204, ""] > 1
