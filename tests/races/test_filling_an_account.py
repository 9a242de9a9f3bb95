"""Filling an account with contacts (trust.md, 42): the counter, the marks and the contacts always agree."""

from collections import Counter

import pytest

from chalicelib import brand
from tests.client import Answer, Client
from tests.conftest import Person, items, settle
from tests.people.contacts import add, added, agree, listed
from tests.races.racing import at_once, without

pytestmark = pytest.mark.xdist_group("ministack")

PEOPLE = "chalicelib.people.repository"


def adding(alice: Person, times: int, *, one_address: bool = False) -> Counter[tuple[int, str]]:
    cookies = alice.signed_in().cookies

    def run(place: int) -> Answer:
        email = "vera@example.com" if one_address else f"vera{place}@example.com"
        return add(Client(cookies=dict(cookies)), email=email)

    return Counter((answer.status, answer.code) for answer in at_once(times, run))


def test_of_a_hundred_at_once_exactly_twenty_five_find_room(alice: Person) -> None:
    assert brand.CONTACTS_PER_ACCOUNT == 25
    assert adding(alice, 100) == {(201, ""): 25, (409, "limit_reached"): 75}
    assert len(listed(alice.signed_in())) == 25
    agree()


def test_without_the_condition_more_do(alice: Person) -> None:
    with without((f"{PEOPLE}.HAS_ROOM", "contacts < :most OR contacts >= :most")):
        adding(alice, 100)
    assert len(items("Contact")) > 25


def test_the_last_place_is_taken_once(alice: Person) -> None:
    client = alice.signed_in()
    for place in range(24):
        added(client, email=f"v{place}@example.com")
    assert adding(alice, 20)[201, ""] == 1
    agree()


def test_one_address_added_twenty_times_at_once_is_one_contact(alice: Person) -> None:
    assert adding(alice, 20, one_address=True) == {(201, ""): 1, (409, "already_exists"): 19}
    agree()


def test_without_the_mark_it_is_more(alice: Person) -> None:
    with without((f"{PEOPLE}.IS_NEW", None)):
        adding(alice, 20, one_address=True)
    assert len(items("Contact")) > 1


def removing(alice: Person, times: int) -> Counter[int]:
    client = alice.signed_in()
    contact_id = added(client)
    cookies = dict(client.cookies)

    def run(_place: int) -> int:
        return Client(cookies=dict(cookies)).delete(f"/api/contacts/{contact_id}").status

    return Counter(at_once(times, run, once_all_did=f"{PEOPLE}.contact"))


def test_removing_one_contact_twenty_times_at_once_counts_once(alice: Person) -> None:
    assert removing(alice, 20) == {204: 1, 404: 19}
    agree()


def test_without_its_conditions_it_counts_more(alice: Person) -> None:
    with without(
        (f"{PEOPLE}.IS_UNCHANGED_ON_ACCOUNT", "attribute_exists(pk) AND email = :email"),
        (f"{PEOPLE}.MARK_IS_OURS", "contact_id = :contact OR attribute_not_exists(pk)"),
    ):
        removing(alice, 20)
    with pytest.raises(AssertionError):
        agree()


def restoring(alice: Person, times: int) -> Counter[int]:
    client = alice.signed_in()
    contact_id = added(client)
    client.delete(f"/api/contacts/{contact_id}")
    cookies = dict(client.cookies)

    def run(_place: int) -> int:
        return Client(cookies=dict(cookies)).post(f"/api/contacts/{contact_id}/restore").status

    return Counter(at_once(times, run, once_all_did=f"{PEOPLE}.contact"))


def test_restoring_one_contact_twenty_times_at_once_counts_once(alice: Person) -> None:
    assert restoring(alice, 20) == {200: 1, 404: 19}
    agree()


def test_without_its_conditions_restoring_counts_more(alice: Person) -> None:
    always = "attribute_exists(removed_at) AND expires_at > :now OR attribute_exists(pk) AND :now = :now"
    with without((f"{PEOPLE}.CAN_BE_RESTORED", always), (f"{PEOPLE}.IS_NEW", None)):
        restoring(alice, 20)
    with pytest.raises(AssertionError):
        agree()


def test_adding_changing_removing_and_restoring_at_once_leave_an_account_that_agrees(alice: Person) -> None:
    client = alice.signed_in()
    ids = [added(client, email=f"v{place}@example.com") for place in range(6)]
    cookies = dict(client.cookies)

    def run(place: int) -> set[int]:
        own, statuses = Client(cookies=dict(cookies)), set()
        for step in range(6):
            contact_id = ids[(place + step) % len(ids)]
            address = {"email": f"v{(place * step) % 8}@example.com"}
            answers = [
                own.delete(f"/api/contacts/{contact_id}"),
                own.post(f"/api/contacts/{contact_id}/restore"),
                own.patch(f"/api/contacts/{contact_id}", address),
                add(own, **address),
            ]
            statuses |= {answer.status for answer in answers}
        return statuses

    seen = set().union(*at_once(12, run))
    assert seen <= {200, 201, 204, 404, 409}
    agree()


def test_the_same_account_filled_by_two_people_has_one_limit(alice: Person) -> None:
    erika = settle("erika", "Erika", "hu", account_id=alice.account_id, permissions=("contacts",))
    cookies = [alice.signed_in().cookies, erika.signed_in().cookies]

    def run(place: int) -> int:
        own = Client(cookies=dict(cookies[place % 2]))
        return add(own, email=f"vera{place}@example.com").status

    assert Counter(at_once(60, run))[201] == 25
    agree()
