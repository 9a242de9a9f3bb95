"""Inviting somebody to an account, resending and revoking it; and what the invited person does with it."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib import audit, hashing, limits, sealing
from chalicelib.accounts import repository as accounts
from chalicelib.audit import Event
from chalicelib.fields import field_error
from chalicelib.invitations import repository
from chalicelib.invitations.forms import AcceptInvitation, InviteUser, PreviewInvitation
from chalicelib.invitations.repository import LASTS, Invitation
from chalicelib.keys import normalised_email
from chalicelib.mail import actions as mail
from chalicelib.problems import Problem, validation_failed
from chalicelib.request import SignedIn
from chalicelib.sessions import actions as sessions
from chalicelib.sessions import repository as kept_sessions
from chalicelib.table import Page, Write, commit
from chalicelib.timestamps import epoch, rfc3339
from chalicelib.tokens import digest, new_id, new_token
from chalicelib.users import repository as users
from chalicelib.words import _


@dataclass(frozen=True)
class Preview:
    """What a link is about; and whether its addressee has a user, so that they sign in rather than register."""

    invitation: Invitation
    registered: bool


@dataclass(frozen=True)
class Joined:
    """An accepted invitation, and the session of who registered by it."""

    invitation: Invitation
    session: sessions.NewSession | None


def invite(by: SignedIn, form: InviteUser, address: str, now: datetime) -> Invitation:
    """Mail somebody the link that makes them a user of the account, with the permissions of the form.

    An address that has a user and one that has none cost the same calls and look the same. Raises already_exists
    for a user of the account and for an address that is invited, limit_reached for the day's, too_many_attempts.
    """
    limits.charge("mail_per_address", address, now)
    limits.charge("mail_per_addressee", normalised_email(form.email), now)
    token = new_token()
    invitation = Invitation(
        id=new_id(now),
        account_id=by.account_id,
        account=by.account_name,
        inviter_id=by.user_id,
        inviter=by.name,
        inviter_email=by.email,
        inviter_language=by.language,
        email=form.email,
        language=form.language,
        permissions=list(form.permissions),
        token_digest=digest(token),
        created_at=rfc3339(now),
        sent_at=rfc3339(now),
        valid_until=epoch(now + LASTS),
    )
    commit(
        [
            *repository.new_invitation(invitation, now),
            *_mailed(invitation, token, now),
            audit.by_user(Event.USER_INVITATION_SENT, by, invitation.id, now),
        ]
    )
    return invitation


def list_invitations(by: SignedIn, after: str | None) -> tuple[list[Invitation], Page]:
    """One page of the account's invitations, newest first, pending and past ones."""
    return repository.invitations(by.account_id, after)


def resend(by: SignedIn, invitation_id: str, address: str, now: datetime) -> Invitation:
    """Mail a fresh link, valid for 7 days more, and let the old one die; who resends vouches for it from now on.

    Raises not_found, link_expired for one that was accepted or revoked, limit_reached and too_many_attempts.
    """
    limits.charge("mail_per_address", address, now)
    old = _of_account(by, invitation_id)
    limits.charge("mail_per_addressee", normalised_email(old.email), now)
    token = new_token()
    new = replace(
        old,
        inviter_id=by.user_id,
        inviter=by.name,
        inviter_email=by.email,
        inviter_language=by.language,
        token_digest=digest(token),
        sent_at=rfc3339(now),
        valid_until=epoch(now + LASTS),
    )
    commit(
        [
            *repository.resend(new, instead_of=old.token_digest),
            *_mailed(new, token, now),
            audit.by_user(Event.USER_INVITATION_RESENT, by, new.id, now),
        ]
    )
    return new


def revoke(by: SignedIn, invitation_id: str, now: datetime) -> None:
    """Let the link of an invitation die. Raises not_found, link_expired for one that was accepted or revoked."""
    invitation = _of_account(by, invitation_id)
    commit(
        [
            *repository.revoke(invitation, now),
            audit.by_user(Event.USER_INVITATION_REVOKED, by, invitation.id, now),
        ]
    )


def preview(form: PreviewInvitation, address: str, now: datetime) -> Preview:
    """What a mail's link is about; looking uses nothing up.

    Raises not_found for a token that never was, link_expired for a used, revoked or old one, too_many_attempts.
    """
    limits.charge("link_per_address", address, now)
    invitation = _open(form.token, now)
    return Preview(invitation, accounts.sign_in_address(invitation.email) is not None)


def accept(form: AcceptInvitation, by: SignedIn | None, address: str, now: datetime) -> Joined:
    """Make the addressee a user of the account, once: signed in as themselves, or by registering.

    Raises what preview raises; other_addressee for another signed-in user; not_signed_in when the addressee has a
    user and is not signed in; validation_failed without the name and password of who registers.
    """
    limits.charge("link_per_address", address, now)
    invitation = _open(form.token, now)
    if by is not None:
        return _join(invitation, by, now)
    return _register(invitation, form, now)


def _join(invitation: Invitation, by: SignedIn, now: datetime) -> Joined:
    """Whoever is signed in as the addressee goes on in the same session, on the account that they joined."""
    if normalised_email(by.email) != normalised_email(invitation.email):
        raise Problem("other_addressee", values={"invited": invitation.email, "you": by.email})
    on_account = kept_sessions.choose_account(by.session_digest, invitation.account_id)
    # Whoever was removed from the account that signing in opens would find themselves without one again.
    opens_next = [] if by.account_id else [accounts.open_next(by.email, invitation.account_id)]
    commit(
        [
            *_accepted(invitation, by.user_id, by.name, now),
            on_account.or_else(Problem("not_signed_in")),
            *opens_next,
        ]
    )
    return Joined(invitation, None)


def _register(invitation: Invitation, form: AcceptInvitation, now: datetime) -> Joined:
    """Whoever has no user becomes one, and is signed in: the link proves that they read the mailbox."""
    if accounts.sign_in_address(invitation.email):
        raise Problem("not_signed_in")
    missing = [name for name in ("name", "password") if getattr(form, name) is None]
    if form.name is None or form.password is None:
        raise validation_failed(*(field_error(f"#/{name}", "required") for name in missing))
    user_id = new_id(now)
    session = sessions.begin(user_id, invitation.account_id, now)
    password_hash = hashing.hashed(form.password)
    language = form.language or invitation.language
    commit(
        [
            *_accepted(invitation, user_id, form.name, now),
            accounts.claim_address(invitation.email, user_id, invitation.account_id, password_hash).or_else(
                Problem("not_signed_in")
            ),
            accounts.new_user(user_id, form.name, invitation.email, language, now),
            *session.writes,
        ]
    )
    return Joined(invitation, session)


def _accepted(invitation: Invitation, user_id: str, name: str, now: datetime) -> list[Write]:
    """What accepting changes, whoever does it: only while the inviter is still the owner, who alone may grant."""
    taken = Problem("already_exists", words=_("You are a user of this account already."))
    return [
        *repository.accept(invitation, user_id, now),
        users.is_owner(invitation.account_id, invitation.inviter_id).or_else(Problem("link_expired")),
        users.new_membership(invitation.account_id, user_id, now, permissions=invitation.permissions).or_else(
            taken
        ),
        *mail.send_invitation_accepted(
            f"USER#{invitation.inviter_id}",
            invitation.inviter_email,
            invitation.inviter_language,
            name,
            invitation.email,
            invitation.account,
            now,
        ),
        audit.of_account(
            Event.USER_INVITATION_ACCEPTED, invitation.account_id, now, actor=user_id, about=invitation.id
        ),
    ]


def _mailed(invitation: Invitation, token: str, now: datetime) -> list[Write]:
    """The mail with the link, counted; unless the address has a place on the account, or is invited otherwise."""
    owner = f"ACCOUNT#{invitation.account_id}"
    known = accounts.sign_in_address(invitation.email)
    # Nobody has this id; a check for nobody costs what a check for somebody does.
    user_id = known.user_id if known else f"nobody-{invitation.id}"
    return [
        repository.claim_mark(invitation, now).or_else(_already("already_invited")),
        users.is_no_member(invitation.account_id, user_id).or_else(_already("already_a_user")),
        repository.count_mail(invitation.account_id, now).or_else(
            Problem(
                "limit_reached", words=_("The account has sent all of today's invitations. Go on tomorrow.")
            )
        ),
        *mail.send_invitation(
            owner,
            invitation.email,
            invitation.language,
            invitation.inviter,
            invitation.account,
            sealing.seal(token, owner=owner),
            now,
        ),
    ]


def _already(code: str) -> Problem:
    return Problem("already_exists", errors=(field_error("#/email", code),))


def _of_account(by: SignedIn, invitation_id: str) -> Invitation:
    invitation = repository.invitation(by.account_id, invitation_id)
    if invitation is None:
        raise Problem("not_found")
    if invitation.outcome:
        raise Problem("link_expired", words=_("This invitation was accepted or revoked already."))
    return invitation


def _open(token: str, now: datetime) -> Invitation:
    """The invitation that a token opens. Raises not_found, and link_expired when it no longer does."""
    invitation = repository.of_token(digest(token))
    if invitation is None:
        raise Problem("not_found")
    if invitation.outcome == repository.ACCEPTED:
        # Perhaps by the reader themselves, whom the answer did not reach.
        raise Problem(
            "link_expired",
            words=_("This invitation was accepted already. If it was you, sign in and choose the account."),
        )
    if invitation.token_digest != digest(token) or invitation.state(now) != "pending":
        raise Problem("link_expired")
    return invitation
