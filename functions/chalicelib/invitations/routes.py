"""/api/invitations."""

from datetime import UTC, datetime

from chalicelib.fields import View
from chalicelib.invitations import actions
from chalicelib.invitations.forms import AcceptInvitation, InviteUser, PreviewInvitation
from chalicelib.invitations.repository import Invitation
from chalicelib.routing import ANYBODY, OWNER, Answer, Call, Room
from chalicelib.sessions.actions import SessionTimes
from chalicelib.timestamps import rfc3339

room = Room(__name__)


class InvitationView(View):
    """An invitation as the owner sees it; `state` is pending, accepted, revoked or expired."""

    id: str
    email: str
    language: str
    permissions: list[str]
    state: str
    created_at: str
    sent_at: str
    expires_at: str


class InvitationList(View):
    """One page of invitations, and the cursor of the next."""

    items: list[InvitationView]
    next: str | None


class PreviewView(View):
    """An invitation as the invited person sees it, before they decide."""

    account: str
    inviter: str
    email: str
    language: str
    permissions: list[str]
    expires_at: str
    registered: bool


class JoinedAccount(View):
    """The account that was joined."""

    id: str
    name: str


class JoinedView(View):
    """What the invited person may do from now on; with the session of who registered."""

    account: JoinedAccount
    permissions: list[str]
    session: SessionTimes | None


@room.endpoint("GET /api/invitations", needs=OWNER, query=("cursor",), answers={200: InvitationList})
def list_invitations(call: Call[None]) -> Answer:
    """The account's invitations, newest first, pending and past ones."""
    invitations, page = actions.list_invitations(call.by, call.query.get("cursor"))
    following = page.last_key["sk"].removeprefix("INVITATION#") if page.last_key else None
    return Answer(200, InvitationList(items=[_view(one, call.now) for one in invitations], next=following))


@room.endpoint(
    "POST /api/invitations",
    needs=OWNER,
    form=InviteUser,
    answers={201: InvitationView},
    problems=("already_exists", "limit_reached"),
    limited_by=("mail_per_address", "mail_per_addressee"),
)
def invite(call: Call[InviteUser]) -> Answer:
    """Invite somebody to the account."""
    return Answer(201, _view(actions.invite(call.by, call.form, call.address, call.now), call.now))


@room.endpoint(
    "POST /api/invitations/{id}/resend",
    needs=OWNER,
    answers={200: InvitationView},
    problems=("already_exists", "limit_reached", "link_expired"),
    limited_by=("mail_per_address",),  # and per addressee, once it is known who that is
)
def resend(call: Call[None]) -> Answer:
    """Mail an invitation again, with a fresh link."""
    return Answer(200, _view(actions.resend(call.by, call.ids["id"], call.address, call.now), call.now))


@room.endpoint("DELETE /api/invitations/{id}", needs=OWNER, answers={204: None}, problems=("link_expired",))
def revoke(call: Call[None]) -> Answer:
    """Revoke an invitation."""
    actions.revoke(call.by, call.ids["id"], call.now)
    return Answer(204)


@room.endpoint(
    "POST /api/invitations/preview",
    needs=ANYBODY,
    form=PreviewInvitation,
    answers={200: PreviewView},
    problems=("link_expired",),
    limited_by=("link_per_address",),
)
def preview(call: Call[PreviewInvitation]) -> Answer:
    """See what a mail's link is about; nothing is used up."""
    seen = actions.preview(call.form, call.address, call.now)
    invitation = seen.invitation
    return Answer(
        200,
        PreviewView(
            account=invitation.account,
            inviter=invitation.inviter,
            email=invitation.email,
            language=invitation.language,
            permissions=invitation.permissions,
            expires_at=_until(invitation),
            registered=seen.registered,
        ),
    )


@room.endpoint(
    "POST /api/invitations/accept",
    needs=ANYBODY,
    knows_who=True,
    form=AcceptInvitation,
    answers={201: JoinedView},
    problems=("link_expired", "other_addressee", "not_signed_in", "already_exists"),
    limited_by=("link_per_address",),
)
def accept(call: Call[AcceptInvitation]) -> Answer:
    """Accept an invitation: signed in as its addressee, or by registering."""
    joined = actions.accept(call.form, call.session, call.address, call.now)
    invitation, session = joined.invitation, joined.session
    view = JoinedView(
        account=JoinedAccount(id=invitation.account_id, name=invitation.account),
        permissions=invitation.permissions,
        session=session.times if session else None,
    )
    return Answer(201, view, session.cookies if session else ())


def _view(invitation: Invitation, now: datetime) -> InvitationView:
    return InvitationView(
        id=invitation.id,
        email=invitation.email,
        language=invitation.language,
        permissions=invitation.permissions,
        state=invitation.state(now),
        created_at=invitation.created_at,
        sent_at=invitation.sent_at,
        expires_at=_until(invitation),
    )


def _until(invitation: Invitation) -> str:
    return rfc3339(datetime.fromtimestamp(invitation.valid_until, UTC))
