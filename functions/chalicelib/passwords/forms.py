"""What a reader fills in to get another password."""

from typing import Annotated, ClassVar

from chalicelib.fields import (
    NEW_PASSWORD,
    USERNAME,
    Card,
    EmailAddress,
    Form,
    Input,
    Language,
    NewPassword,
    Password,
    Token,
)
from chalicelib.words import _


class ChangePassword(Form):
    """Replaces the password of the user who is signed in."""

    card: ClassVar[Card] = Card(
        name="change-password",
        title=_("Change the password"),
        submit=_("Save the new password"),
        busy=_("Saving…"),
        needs_session=True,
        alongside=("forgot-password", "reset-password"),
    )

    current: Annotated[
        Password,
        Input(
            _("Current password"),
            kind="password",
            autocomplete="current-password",
            errors={"required": _("Enter your current password.")},
        ),
    ]
    new: Annotated[NewPassword, NEW_PASSWORD]


class AskForReset(Form):
    """Sends a reset link to an address, if it has an account."""

    card: ClassVar[Card] = Card(
        name="forgot-password",
        title=_("Reset a forgotten password"),
        submit=_("Send me the link"),
        busy=_("Sending…"),
        lead=_("We will send a link to your address. It works once, for 30 minutes."),
    )

    email: Annotated[EmailAddress, USERNAME]
    language: Annotated[Language, Input("", kind="hidden")]


class CompleteReset(Form):
    """Chooses another password, in the page that the mail's link opens."""

    card: ClassVar[Card] = Card(
        name="reset-password",
        title=_("Choose a new password"),
        submit=_("Save the new password"),
        busy=_("Saving…"),
    )

    token: Annotated[Token, Input("", kind="token")]
    new: Annotated[NewPassword, NEW_PASSWORD]
