"""/api/registrations and /api/me."""

from chalicelib.accounts import actions
from chalicelib.accounts.forms import ChangeMe, ConfirmAddress, Register
from chalicelib.fields import Accepted, View
from chalicelib.permissions import PERMISSIONS
from chalicelib.request import SignedIn
from chalicelib.routing import ANY_USER, ANYBODY, Answer, Call, Room
from chalicelib.sessions.actions import SessionTimes
from chalicelib.timestamps import rfc3339

room = Room(__name__)


class UserView(View):
    """A person who signs in."""

    id: str
    name: str
    email: str
    language: str


class AccountView(View):
    """An account as its users see it."""

    id: str
    name: str


class OpenedView(View):
    """A new account, its owner, and the session that they are in."""

    account: AccountView
    user: UserView
    session: SessionTimes


class MeView(View):
    """Who is signed in, and what they may do where."""

    user: UserView
    accounts: list[AccountView]
    account: AccountView | None
    is_owner: bool
    permissions: list[str]
    two_factor: bool
    two_factor_since: str | None
    elevated_until: str


@room.endpoint(
    "POST /api/registrations",
    needs=ANYBODY,
    form=Register,
    answers={202: Accepted},
    limited_by=("mail_per_address", "mail_per_addressee"),
)
def register(call: Call[Register]) -> Answer:
    """Ask for an account: a mail with a link goes to the address."""
    actions.register(call.form, call.address, call.now)
    return Answer(202, Accepted())


@room.endpoint(
    "POST /api/registrations/confirm",
    needs=ANYBODY,
    form=ConfirmAddress,
    answers={201: OpenedView},
    problems=("not_found", "link_expired", "already_exists"),
    limited_by=("link_per_address",),
)
def confirm_address(call: Call[ConfirmAddress]) -> Answer:
    """Confirm the address with the mail's token, choose the password, and be signed in."""
    opened = actions.confirm_address(call.form, call.address, call.now)
    asked = opened.registration
    body = OpenedView(
        account=AccountView(id=asked.account_id, name=asked.name),
        user=UserView(id=asked.user_id, name=asked.name, email=asked.email, language=asked.language),
        session=opened.session.times,
    )
    return Answer(201, body, opened.session.cookies)


@room.endpoint("GET /api/me", needs=ANY_USER, answers={200: MeView})
def me(call: Call[None]) -> Answer:
    """Who is signed in, on which accounts, and with which permissions."""
    return Answer(200, _me(call.by))


@room.endpoint("PATCH /api/me", needs=ANY_USER, form=ChangeMe, answers={200: UserView})
def change_me(call: Call[ChangeMe]) -> Answer:
    """Change the name or the language of the user who is signed in."""
    actions.change_me(call.by, call.form, call.now)
    by = call.by
    return Answer(
        200,
        UserView(
            id=by.user_id,
            name=call.form.name or by.name,
            email=by.email,
            language=call.form.language or by.language,
        ),
    )


def _me(by: SignedIn) -> MeView:
    accounts = [AccountView(id=one.id, name=one.name) for one in actions.accounts_of(by)]
    return MeView(
        user=UserView(id=by.user_id, name=by.name, email=by.email, language=by.language),
        accounts=accounts,
        account=AccountView(id=by.account_id, name=by.account_name) if by.account_id else None,
        is_owner=by.is_owner,
        permissions=[permission for permission in PERMISSIONS if by.may(permission)],
        two_factor=bool(by.two_factor_since),
        two_factor_since=by.two_factor_since or None,
        elevated_until=rfc3339(by.elevated_until),
    )
