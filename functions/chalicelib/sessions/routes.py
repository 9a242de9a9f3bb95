"""/api/session, once there is one, and /api/sessions."""

from chalicelib.routing import ANY_USER, Answer, Call, Room
from chalicelib.sessions import actions
from chalicelib.sessions.forms import ChooseAccount

room = Room(__name__)


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


@room.endpoint("DELETE /api/session", needs=ANY_USER, answers={204: None})
def sign_out(call: Call[None]) -> Answer:
    """Sign out."""
    return Answer(204, None, actions.sign_out(call.by, call.now))


@room.endpoint("DELETE /api/sessions", needs=ANY_USER, answers={204: None})
def end_other_sessions(call: Call[None]) -> Answer:
    """Sign out everywhere else."""
    return Answer(204, None, actions.end_other_sessions(call.by, call.now).cookies)
