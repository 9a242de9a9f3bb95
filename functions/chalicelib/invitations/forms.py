"""What an owner fills in to invite somebody, and what the invited person does."""

from dataclasses import replace
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
from chalicelib.permissions import PERMISSION_NAMES, ChosenPermissions
from chalicelib.words import _


class InviteUser(Form):
    """Mails somebody the link that makes them a user of the account."""

    card: ClassVar[Card] = Card(
        name="invite-user",
        title=_("Invite a user"),
        submit=_("Send the invitation"),
        busy=_("Sending…"),
        needs_session=True,
    )

    email: Annotated[
        EmailAddress,
        Input(
            _("E-mail address"),
            kind="email",
            hint=_("Only who reads this mailbox can accept."),
            errors={"required": _("Enter the e-mail address of the person.")},
        ),
    ]
    language: Annotated[
        Language, Input(_("Language of the invitation"), kind="select", choices=LANGUAGE_NAMES)
    ]
    permissions: Annotated[
        ChosenPermissions,
        Input(_("What the person may do"), kind="permissions", choices=PERMISSION_NAMES),
    ]


class PreviewInvitation(Form):
    """Asks what a mail's link is about, and uses nothing up."""

    token: Token


class AcceptInvitation(Form):
    """Makes the invited person a user of the account.

    Name and password are for who has no user yet; of who has one they change nothing.
    """

    card: ClassVar[Card] = Card(
        name="accept-invitation",
        title=_("Accept the invitation"),
        submit=_("Accept the invitation"),
        busy=_("Accepting…"),
    )

    token: Annotated[Token, Input("", kind="token")]
    name: Annotated[
        PersonName | None,
        Input(
            _("Full name"),
            autocomplete="name",
            errors={"required": _("Enter your full name.")},
            is_asked_for=True,
        ),
    ] = None
    password: Annotated[NewPassword | None, replace(NEW_PASSWORD, is_asked_for=True)] = None
    language: Annotated[Language | None, Input("", kind="hidden")] = None
