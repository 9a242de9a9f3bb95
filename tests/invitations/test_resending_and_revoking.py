"""Resending and revoking an invitation: the link that went out before is dead."""

from datetime import timedelta

import pytest

from chalicelib import keys, table
from chalicelib.timestamps import parsed
from tests.client import Client
from tests.conftest import Clock, Person, items, settle
from tests.invitations.guests import (
    StoppedClock,
    accept,
    agree,
    invite,
    invited,
    permissions_of,
    preview,
    register,
    resent,
    standing,
    states,
)
from tests.mailbox import Mailbox, text_of


def test_a_resent_invitation_has_another_link_and_the_old_one_is_dead(alice: Person) -> None:
    client = alice.signed_in()
    invitation_id, old = invited(client)
    fresh = resent(client, invitation_id)
    for answer in (preview(old), register(old)):
        assert (answer.status, answer.code) == (410, "link_expired")
    assert not items("User")[1:]
    assert preview(fresh).status == 200
    assert register(fresh).status == 201
    agree()


def test_of_several_links_the_latest_counts(alice: Person) -> None:
    client = alice.signed_in()
    invitation_id, first = invited(client)
    second = resent(client, invitation_id)
    third = resent(client, invitation_id)
    assert [preview(token).code for token in (first, second, third)] == ["link_expired", "link_expired", ""]
    assert preview(third).status == 200


def test_it_is_the_same_invitation_with_the_same_mail(alice: Person, mailbox: Mailbox, clock: Clock) -> None:
    client = alice.signed_in()
    before = invite(client).body
    token = mailbox.token()
    clock.forward(minutes=1)
    answer = client.post(f"/api/invitations/{before['id']}/resend")
    assert answer.status == 200
    assert {name for name in before if before[name] != answer.body[name]} == {"sent_at", "expires_at"}
    assert client.get("/api/invitations").body["items"] == [answer.body]
    first, second = mailbox.collect()
    assert text_of(first).replace(token, "") == text_of(second).replace(mailbox.token(), "")
    assert (first["To"], first["Subject"]) == (second["To"], second["Subject"])
    assert first["Message-ID"] != second["Message-ID"]
    agree(clock.now())


def test_the_seven_days_begin_anew(alice: Person, stopped: StoppedClock) -> None:
    client = alice.signed_in()
    invitation_id, _old = invited(client)
    stopped.moment += timedelta(hours=20)
    fresh = resent(client, invitation_id)
    until = stopped.moment.replace(microsecond=0) + timedelta(days=7)
    told = client.get("/api/invitations").body["items"][0]
    assert parsed(told["expires_at"]) == until
    assert parsed(told["sent_at"]) == stopped.moment
    stopped.moment = until - timedelta(seconds=1)
    assert preview(fresh).status == 200
    stopped.moment = until
    assert preview(fresh).code == "link_expired"


def test_one_that_waited_too_long_can_be_resent(alice: Person, clock: Clock) -> None:
    invitation_id, old = invited(alice.signed_in())
    clock.forward(days=8)
    client = alice.signs_in()
    assert states(client) == ["expired"]
    fresh = resent(client, invitation_id)
    assert states(client) == ["pending"]
    agree(clock.now())
    assert preview(old).code == "link_expired"
    assert register(fresh).status == 201


def test_an_old_one_is_not_resent_beside_one_that_followed_it(alice: Person, clock: Clock) -> None:
    old, _token = invited(alice.signed_in())
    clock.forward(days=7)
    client = alice.signs_in()
    _new, token = invited(client)
    before = standing()
    answer = client.post(f"/api/invitations/{old}/resend")
    assert (answer.status, answer.code) == (409, "already_exists")
    assert answer.field_codes == {"#/email": "already_invited"}
    assert standing() == before
    register(token)
    again = client.post(f"/api/invitations/{old}/resend")
    assert again.field_codes == {"#/email": "already_a_user"}
    assert states(client) == ["accepted", "expired"]


def test_a_revoked_link_is_dead(alice: Person) -> None:
    client = alice.signed_in()
    invitation_id, token = invited(client)
    answer = client.delete(f"/api/invitations/{invitation_id}")
    assert (answer.status, answer.text) == (204, "")
    assert states(client) == ["revoked"]
    for refused in (preview(token), register(token)):
        assert (refused.status, refused.code) == (410, "link_expired")
    assert not items("InvitedMark") and len(items("User")) == len(items("Membership")) == 1


def test_a_revoked_link_is_dead_for_who_has_a_user_too(alice: Person, charlie: Person) -> None:
    client = alice.signed_in()
    invitation_id, token = invited(client, email=charlie.email)
    client.delete(f"/api/invitations/{invitation_id}")
    assert accept(token, charlie.signed_in()).code == "link_expired"
    assert permissions_of(client, charlie.email) is None


def test_revoking_sends_no_mail(alice: Person, mailbox: Mailbox) -> None:
    client = alice.signed_in()
    invitation_id, _token = invited(client)
    client.delete(f"/api/invitations/{invitation_id}")
    assert mailbox.collect() == []


def test_one_that_waited_too_long_can_be_revoked_and_harms_no_other(alice: Person, clock: Clock) -> None:
    old, _token = invited(alice.signed_in())
    clock.forward(days=7)
    client = alice.signs_in()
    _new, token = invited(client)
    assert client.delete(f"/api/invitations/{old}").status == 204
    assert states(client) == ["pending", "revoked"]
    agree(clock.now())
    assert invite(client).field_codes == {"#/email": "already_invited"}
    assert register(token).status == 201


@pytest.mark.parametrize("end", ["accepted", "revoked"])
def test_what_is_over_is_neither_resent_nor_revoked(alice: Person, mailbox: Mailbox, end: str) -> None:
    client = alice.signed_in()
    invitation_id, token = invited(client)
    if end == "accepted":
        register(token)
    else:
        client.delete(f"/api/invitations/{invitation_id}")
    mails = len(mailbox.collect())
    for answer in (
        client.post(f"/api/invitations/{invitation_id}/resend"),
        client.delete(f"/api/invitations/{invitation_id}"),
    ):
        assert (answer.status, answer.code) == (410, "link_expired")
    assert states(client) == [end]
    assert len(mailbox.collect()) == mails
    agree()


def test_what_was_accepted_stays_so_when_the_user_is_removed(alice: Person) -> None:
    client, guest = alice.signed_in(), Client("es")
    invitation_id, token = invited(client)
    register(token, guest)
    client.delete(f"/api/users/{guest.get('/api/me').body['user']['id']}")
    assert client.post(f"/api/invitations/{invitation_id}/resend").code == "link_expired"
    assert accept(token, guest).code == "link_expired"
    assert permissions_of(client, "dora@example.com") is None


UNKNOWN = [
    "none",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "%20",
    "%00",
    "..",
    "INVITATION%23x",
    "x" * 400,
    "x" * 2000,
    "%F0%9F%99%82",
]


@pytest.mark.parametrize("invitation_id", UNKNOWN, ids=lambda name: name[:12])
def test_an_id_that_never_was_is_not_found(alice: Person, invitation_id: str) -> None:
    client = alice.signed_in()
    for answer in (
        client.post(f"/api/invitations/{invitation_id}/resend"),
        client.delete(f"/api/invitations/{invitation_id}"),
    ):
        assert (answer.status, answer.code) == (404, "not_found")
    assert not items("Email") and not items("AuditEvent")


def test_another_accounts_invitation_is_as_unknown_as_none(alice: Person, charlie: Person) -> None:
    owner, stranger = alice.signed_in(), charlie.signed_in()
    invitation_id, token = invited(owner)
    before = standing()
    for method, path in (("POST", "/api/invitations/{}/resend"), ("DELETE", "/api/invitations/{}")):
        theirs = stranger.send(method, path.format(invitation_id))
        none = stranger.send(method, path.format("01ARZ3NDEKTSV4RRFFQ69G5FAV"))
        assert (theirs.status, theirs.code) == (404, "not_found")
        assert (theirs.status, theirs.text, theirs.headers) == (none.status, none.text, none.headers)
    assert standing() == before
    assert states(stranger) == []
    assert preview(token).status == 200


def test_guessing_at_another_accounts_ids_uses_up_nobodys_mails(alice: Person, charlie: Person) -> None:
    owner, stranger = alice.signed_in(), charlie.signed_in()
    invitation_id, _token = invited(owner)
    for _time in range(5):
        stranger.post(f"/api/invitations/{invitation_id}/resend")
    assert owner.post(f"/api/invitations/{invitation_id}/resend").status == 200


def test_both_are_on_record(alice: Person) -> None:
    client = alice.signed_in()
    invitation_id, _token = invited(client)
    resent(client, invitation_id)
    client.delete(f"/api/invitations/{invitation_id}")
    events = [(one["event"], one["actor"], one["about"]) for one in items("AuditEvent")]
    assert sorted(events) == [
        ("user:invitation:resent", alice.id, invitation_id),
        ("user:invitation:revoked", alice.id, invitation_id),
        ("user:invitation:sent", alice.id, invitation_id),
    ]


def test_the_marks_of_a_link_are_tidied_up_long_after_its_end(alice: Person, stopped: StoppedClock) -> None:
    """A dead link says for a quarter of a year that it is dead, and then that there is no such thing."""
    client = alice.signed_in()
    invitation_id, _token = invited(client)
    resent(client, invitation_id)
    end = stopped.moment.replace(microsecond=0) + timedelta(days=7 + 90)
    kept = [*items("Invitation"), *items("InvitationToken")]
    assert {one["expires_at"] for one in kept} == {int(end.timestamp())} and len(kept) == 3


def test_an_invitation_resent_meanwhile_is_not_revoked_in_its_old_state(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read is what is revoked: the link that went out meanwhile stays good."""
    client = alice.signed_in()
    invitation_id, _old = invited(client)
    get, fresh = table.get, []

    def resent_meanwhile(key: keys.Key) -> table.Item | None:
        found = get(key)
        if found and found["entity"] == "Invitation" and not fresh:
            fresh.append("")
            fresh[0] = resent(alice.signed_in(), invitation_id)
        return found

    monkeypatch.setattr(table, "get", resent_meanwhile)
    assert client.delete(f"/api/invitations/{invitation_id}").code == "link_expired"
    assert preview(fresh[0]).status == 200
    agree()


def test_a_user_of_two_accounts_resends_for_the_one_that_they_act_on(alice: Person) -> None:
    """An owner invited elsewhere does not carry their rights along."""
    erika = settle("erika", "Erika", "hu", owns=True)
    owner, client = alice.signed_in(), erika.signed_in()
    _id, token = invited(owner, email=erika.email, permissions="all")
    invitation_id, _token = invited(owner)
    accept(token, client)
    assert client.post(f"/api/invitations/{invitation_id}/resend").code == "not_allowed"
    client.put("/api/session/account", {"account": erika.account_id})
    assert client.post(f"/api/invitations/{invitation_id}/resend").code == "not_found"
