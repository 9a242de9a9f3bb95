"""What a reader fills in to switch two-factor authentication on."""

from typing import Annotated, ClassVar

from chalicelib.fields import ONE_TIME_CODE, Card, Form, TotpCode
from chalicelib.words import _


class ConfirmEnrolment(Form):
    """Proves that the authenticator app has the secret; only then is two-factor on."""

    card: ClassVar[Card] = Card(
        name="enrol-two-factor",
        title=_("Switch on two-factor authentication"),
        submit=_("Switch it on"),
        busy=_("Checking the code…"),
        needs_session=True,
        alongside=("elevate",),
    )

    code: Annotated[TotpCode, ONE_TIME_CODE]
