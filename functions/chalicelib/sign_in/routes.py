"""POST /api/session, its second factor, and its elevation."""

from typing import Literal

from chalicelib import cookies
from chalicelib.fields import View
from chalicelib.routing import ANY_USER, ANYBODY, Answer, Call, Room
from chalicelib.sessions.actions import NewSession, SessionTimes
from chalicelib.sign_in import actions
from chalicelib.sign_in.forms import Elevate, SecondFactor, SignIn

room = Room(__name__)


class SignedInView(View):
    """A session that has begun; /api/me tells the rest."""

    user: dict[str, str]
    session: SessionTimes


class AwaitingView(View):
    """The password was right, and this is still needed."""

    second_factor: Literal["totp"] = "totp"


@room.endpoint(
    "POST /api/session",
    needs=ANYBODY,
    form=SignIn,
    answers={201: SignedInView, 202: AwaitingView},
    problems=("sign_in_failed",),
    limited_by=("sign_in_per_address", "sign_in_per_email"),
)
def sign_in(call: Call[SignIn]) -> Answer:
    """Sign in with an e-mail address and a password."""
    new = actions.sign_in(call.form, call.address, cookies.session_token(call.headers), call.now)
    if isinstance(new, actions.Awaiting):
        return Answer(202, AwaitingView(), new.cookies)
    return _signed_in(new)


@room.endpoint(
    "POST /api/session/second-factor",
    needs=ANYBODY,
    form=SecondFactor,
    answers={201: SignedInView},
    problems=("not_signed_in", "second_factor_failed"),
    limited_by=("second_factor_per_address",),
)
def finish(call: Call[SecondFactor]) -> Answer:
    """Finish signing in with a code of the authenticator app, or a recovery code."""
    awaited, old = cookies.sign_in_token(call.headers), cookies.session_token(call.headers)
    return _signed_in(actions.finish(call.form, awaited, call.address, old, call.now), cookies.end_sign_in())


@room.endpoint(
    "POST /api/session/elevation",
    needs=ANY_USER,
    form=Elevate,
    answers={201: SessionTimes},
    problems=("second_factor_failed",),
    limited_by=("password_per_user",),
)
def elevate(call: Call[Elevate]) -> Answer:
    """Confirm the password, and the code with two-factor on, before a sensitive step."""
    new = actions.elevate(call.by, call.form, call.address, call.now)
    return Answer(201, new.times, new.cookies)


def _signed_in(new: NewSession, also: tuple[str, ...] = ()) -> Answer:
    view = SignedInView(user={"id": new.session.user_id}, session=new.times)
    return Answer(201, view, (*new.cookies, *also))
