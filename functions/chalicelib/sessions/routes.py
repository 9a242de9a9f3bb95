"""/api/session and /api/sessions."""

from chalicelib import cookies
from chalicelib.fields import View
from chalicelib.routing import ANY_USER, ANYBODY, Answer, Call, Room
from chalicelib.sessions import actions
from chalicelib.sessions.actions import SessionTimes
from chalicelib.sessions.forms import ChooseAccount, Elevate, SignIn

room = Room(__name__)


class SignedInView(View):
    """A session that has begun; /api/me tells the rest."""

    user: dict[str, str]
    session: SessionTimes


@room.endpoint(
    "POST /api/session",
    needs=ANYBODY,
    form=SignIn,
    answers={201: SignedInView},
    problems=("sign_in_failed",),
    limited_by=("sign_in_per_address", "sign_in_per_email"),
)
def sign_in(call: Call[SignIn]) -> Answer:
    """Sign in with an e-mail address and a password."""
    new = actions.sign_in(call.form, call.address, cookies.session_token(call.headers), call.now)
    return Answer(201, SignedInView(user={"id": new.session.user_id}, session=new.times), new.cookies)


@room.endpoint(
    "PUT /api/session/account",
    needs=ANY_USER,
    form=ChooseAccount,
    answers={204: None},
    problems=("not_found",),
)
def choose_account(call: Call[ChooseAccount]) -> Answer:
    """Act on another account of the user's."""
    actions.choose_account(call.by, call.form, call.now)
    return Answer(204)


@room.endpoint(
    "POST /api/session/elevation",
    needs=ANY_USER,
    form=Elevate,
    answers={201: SessionTimes},
    limited_by=("password_per_user",),
)
def elevate(call: Call[Elevate]) -> Answer:
    """Confirm the password before a sensitive step."""
    new = actions.elevate(call.by, call.form, call.now)
    return Answer(201, new.times, new.cookies)


@room.endpoint("DELETE /api/session", needs=ANY_USER, answers={204: None})
def sign_out(call: Call[None]) -> Answer:
    """Sign out."""
    return Answer(204, None, actions.sign_out(call.by, call.now))


@room.endpoint("DELETE /api/sessions", needs=ANY_USER, answers={204: None})
def end_other_sessions(call: Call[None]) -> Answer:
    """Sign out everywhere else."""
    return Answer(204, None, actions.end_other_sessions(call.by, call.now).cookies)
