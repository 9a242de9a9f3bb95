"""What a reader fills in to sign in."""

from typing import Annotated, ClassVar

from chalicelib.fields import USERNAME, Card, EmailAddress, FilledLine, Form, Input, Password
from chalicelib.words import _

PASSWORD = Input(
    _("Password"),
    kind="password",
    autocomplete="current-password",
    errors={"required": _("Enter your password.")},
)


class SignIn(Form):
    """Starts a session."""

    card: ClassVar[Card] = Card(
        name="sign-in",
        title=_("Sign in"),
        submit=_("Sign in and continue"),
        busy=_("Signing in…"),
        lead=_("First, sign in to your account."),
    )

    email: Annotated[EmailAddress, USERNAME]
    password: Annotated[Password, PASSWORD]


class ChooseAccount(Form):
    """Says on which of the user's accounts the session acts."""

    account: FilledLine


class Elevate(Form):
    """Proves once more who is at the keyboard, before a sensitive step."""

    card: ClassVar[Card] = Card(
        name="elevate",
        title=_("Confirm it is you"),
        submit=_("Confirm"),
        busy=_("Checking…"),
        needs_session=True,
    )

    password: Annotated[Password, PASSWORD]
