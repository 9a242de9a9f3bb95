"""What a reader fills in to ask support."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from chalicelib import brand
from chalicelib.fields import Card, FilledLine, FilledText, Form, Input
from chalicelib.words import _

_NAMES = {
    "technical": _("Technical support"),
    "billing": _("Invoices and payment"),
    "sales": _("Sales"),
}
DEPARTMENT_NAMES = {name: _NAMES[name] for name in brand.DEPARTMENTS}


def department(name: str) -> str:
    """A department of the provider. Raises not_offered."""
    if name not in DEPARTMENT_NAMES:
        raise PydanticCustomError("not_offered", "no such department")
    return name


class OpenTicket(Form):
    """Opens a ticket."""

    card: ClassVar[Card] = Card(
        name="open-ticket",
        title=_("Open a ticket"),
        submit=_("Open the ticket"),
        busy=_("Sending…"),
        needs_session=True,
        alongside=("answer-ticket",),
    )

    department: Annotated[
        str,
        AfterValidator(department),
        Input(
            _("Department"),
            kind="select",
            choices=DEPARTMENT_NAMES,
            errors={"required": _("Choose a department.")},
        ),
    ]
    subject: Annotated[
        FilledLine,
        Input(
            _("Subject"),
            hint=_("In a few words, for example: no mail since yesterday"),
            errors={"required": _("Enter the subject in a few words.")},
        ),
    ]
    description: Annotated[
        FilledText,
        Input(
            _("Description"),
            kind="textarea",
            hint=_("What you did, what you expected, what you saw. Never a password."),
            errors={"required": _("Describe what it is about.")},
        ),
    ]


class AnswerTicket(Form):
    """Adds a message to a ticket."""

    card: ClassVar[Card] = Card(
        name="answer-ticket",
        title=_("Add a message"),
        submit=_("Send the message"),
        busy=_("Sending…"),
        needs_session=True,
    )

    text: Annotated[
        FilledText, Input(_("Message"), kind="textarea", errors={"required": _("Write the message.")})
    ]
