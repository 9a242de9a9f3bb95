"""What a reader fills in to sign in, and to prove once more who they are."""

from dataclasses import replace
from typing import Annotated, ClassVar

from chalicelib.fields import (
    ONE_TIME_CODE,
    USERNAME,
    Card,
    EmailAddress,
    Form,
    Input,
    Password,
    SecondFactorCode,
)
from chalicelib.words import _

PASSWORD = Input(
    _("Password"),
    kind="password",
    autocomplete="current-password",
    errors={"required": _("Enter your password.")},
)


class SignIn(Form):
    """Starts a session, or, with two-factor on, the wait for its code."""

    card: ClassVar[Card] = Card(
        name="sign-in",
        title=_("Sign in"),
        submit=_("Sign in and continue"),
        busy=_("Signing in…"),
        lead=_("First, sign in to your account."),
        alongside=("second-factor", "recovery-code"),
    )

    email: Annotated[EmailAddress, USERNAME]
    password: Annotated[Password, PASSWORD]


class SecondFactor(Form):
    """Finishes signing in with a code of the authenticator app; the API takes a recovery code in its place."""

    card: ClassVar[Card] = Card(
        name="second-factor",
        title=_("Enter the code"),
        submit=_("Confirm and continue"),
        busy=_("Checking…"),
        lead=_("Open the authenticator app on your phone and enter the code that it shows for us."),
    )

    code: Annotated[SecondFactorCode, ONE_TIME_CODE]


class UseRecoveryCode(SecondFactor):
    """The same for who has no phone at hand."""

    card: ClassVar[Card] = Card(
        name="recovery-code",
        title=_("Enter a recovery code"),
        submit=_("Confirm and continue"),
        busy=_("Checking…"),
        lead=_("Enter one of the ten codes that you saved when you switched two-factor authentication on."),
    )

    code: Annotated[
        SecondFactorCode,
        Input(
            _("Recovery code"),
            kind="code",
            hint=_("16 letters and digits; with or without the hyphens. Each works once."),
            errors={
                "required": _("Enter a recovery code."),
                "not_a_code": _("Enter the whole recovery code, 16 letters and digits."),
                "wrong_code": _("This code is not right, or was used already. Enter another one of the ten."),
            },
        ),
    ]


class Elevate(Form):
    """Proves once more who is at the keyboard, before a sensitive step."""

    card: ClassVar[Card] = Card(
        name="elevate",
        title=_("Confirm it is you"),
        submit=_("Confirm"),
        busy=_("Checking…"),
        lead=_("What follows protects your account, so please prove once more that it is you."),
        needs_session=True,
    )

    password: Annotated[Password, PASSWORD]
    # Asked of who has two-factor on, and of nobody else. A recovery code needs a keyboard with letters.
    code: Annotated[
        SecondFactorCode | None,
        replace(
            ONE_TIME_CODE,
            hint=_("6 digits, or one of your recovery codes"),
            inputmode="",
            is_asked_for=True,
        ),
    ] = None
