"""/api/two-factor."""

from dataclasses import asdict

from chalicelib.fields import View
from chalicelib.routing import ANY_USER, Answer, Call, Room
from chalicelib.sessions.actions import SessionTimes
from chalicelib.two_factor import actions
from chalicelib.two_factor.forms import ConfirmEnrolment

room = Room(__name__)


class StatusView(View):
    """Whether two-factor is on, since when, and how many recovery codes are left."""

    on: bool
    since: str | None
    recovery_codes_left: int


class BegunView(View):
    """What the authenticator app needs: to scan, to open on a phone, or to type."""

    otpauth_uri: str
    secret: str
    qr_svg: str
    expires_at: str


class RecoveryCodesView(View):
    """The recovery codes, shown this once."""

    recovery_codes: list[str]


class EnrolledView(RecoveryCodesView):
    """Two-factor is on."""

    since: str
    session: SessionTimes


@room.endpoint("GET /api/two-factor", needs=ANY_USER, answers={200: StatusView})
def status(call: Call[None]) -> Answer:
    """Whether two-factor is on."""
    return Answer(200, StatusView(**asdict(actions.status(call.by))))


@room.endpoint(
    "POST /api/two-factor",
    needs=ANY_USER,
    needs_elevation=True,
    answers={201: BegunView},
    problems=("already_enrolled",),
)
def begin(call: Call[None]) -> Answer:
    """Begin to switch two-factor on: get the secret for the app."""
    return Answer(201, BegunView(**asdict(actions.begin(call.by, call.now))))


@room.endpoint(
    "POST /api/two-factor/confirm",
    needs=ANY_USER,
    form=ConfirmEnrolment,
    answers={201: EnrolledView},
    problems=("already_enrolled", "link_expired", "second_factor_failed"),
    limited_by=("second_factor_per_address", "second_factor_per_user"),
)
def confirm(call: Call[ConfirmEnrolment]) -> Answer:
    """Switch two-factor on with the app's first code."""
    enrolled = actions.confirm(call.by, call.form, call.address, call.now)
    view = EnrolledView(
        recovery_codes=enrolled.recovery_codes, since=enrolled.since, session=enrolled.session.times
    )
    return Answer(201, view, enrolled.session.cookies)


@room.endpoint(
    "POST /api/two-factor/recovery-codes",
    needs=ANY_USER,
    needs_elevation=True,
    answers={201: RecoveryCodesView},
)
def renew_recovery_codes(call: Call[None]) -> Answer:
    """Get ten new recovery codes in the place of the old ones."""
    return Answer(201, RecoveryCodesView(recovery_codes=actions.renew_recovery_codes(call.by, call.now)))


@room.endpoint("DELETE /api/two-factor", needs=ANY_USER, needs_elevation=True, answers={204: None})
def disable(call: Call[None]) -> Answer:
    """Switch two-factor off."""
    actions.disable(call.by, call.now)
    return Answer(204)
