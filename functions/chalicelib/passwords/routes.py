"""/api/me/password and /api/password-resets."""

from chalicelib.fields import Accepted
from chalicelib.passwords import actions
from chalicelib.passwords.forms import AskForReset, ChangePassword, CompleteReset
from chalicelib.routing import ANY_USER, ANYBODY, Answer, Call, Room
from chalicelib.sessions.actions import SessionTimes

room = Room(__name__)


@room.endpoint(
    "PUT /api/me/password",
    needs=ANY_USER,
    form=ChangePassword,
    answers={200: SessionTimes},
    limited_by=("password_per_user",),
)
def change_password(call: Call[ChangePassword]) -> Answer:
    """Change the password; every other session ends."""
    new = actions.change_password(call.by, call.form, call.now)
    return Answer(200, new.times, new.cookies)


@room.endpoint(
    "POST /api/password-resets",
    needs=ANYBODY,
    form=AskForReset,
    answers={202: Accepted},
    limited_by=("mail_per_address", "mail_per_addressee"),
)
def ask_for_reset(call: Call[AskForReset]) -> Answer:
    """Ask for a link that resets a forgotten password."""
    actions.ask_for_reset(call.form, call.address, call.now)
    return Answer(202, Accepted())


@room.endpoint(
    "POST /api/password-resets/complete",
    needs=ANYBODY,
    form=CompleteReset,
    answers={204: None},
    problems=("not_found", "link_expired"),
    limited_by=("link_per_address",),
)
def complete_reset(call: Call[CompleteReset]) -> Answer:
    """Choose a new password with the mail's token."""
    actions.complete_reset(call.form, call.address, call.now)
    return Answer(204)
