"""What a reader fills in to become a customer."""

from typing import Annotated, ClassVar

from chalicelib.fields import (
    LANGUAGE_NAMES,
    NEW_PASSWORD,
    Card,
    EmailAddress,
    Form,
    Input,
    Language,
    NewPassword,
    PersonName,
    Token,
)
from chalicelib.words import _


class Register(Form):
    """Opens an account, once the address is confirmed."""

    card: ClassVar[Card] = Card(
        name="register",
        title=_("Open an account"),
        submit=_("Open the account"),
        busy=_("Sending…"),
        lead=_("We will send you a link to confirm the address and choose a password."),
        alongside=("confirm-address",),
    )

    name: Annotated[
        PersonName,
        Input(_("Full name"), autocomplete="name", errors={"required": _("Enter your full name.")}),
    ]
    email: Annotated[
        EmailAddress,
        Input(
            _("E-mail address"),
            kind="email",
            autocomplete="email",
            hint=_("You will sign in with it."),
            errors={"required": _("Enter your e-mail address.")},
        ),
    ]
    language: Annotated[Language, Input(_("Language of our mails"), kind="select", choices=LANGUAGE_NAMES)]


class ConfirmAddress(Form):
    """Chooses the password, in the page that the mail's link opens; only then is the account made."""

    card: ClassVar[Card] = Card(
        name="confirm-address",
        title=_("Choose your password"),
        submit=_("Save the password and sign in"),
        busy=_("Saving…"),
        lead=_("Your address is confirmed with this step."),
    )

    token: Annotated[Token, Input("", kind="token")]
    password: Annotated[NewPassword, NEW_PASSWORD]


class ChangeMe(Form):
    """Changes what is known of the user who is signed in; what is left out stays."""

    name: PersonName | None = None
    language: Language | None = None
