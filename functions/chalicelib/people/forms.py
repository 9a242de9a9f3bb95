"""What a reader fills in about the people of an account."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from chalicelib.fields import (
    Card,
    EmailAddress,
    Form,
    Input,
    PersonName,
    PhoneNumber,
    PlainLine,
    distinct,
)
from chalicelib.words import _

Kind = Literal["contact", "domain"]
Category = Literal["general", "product", "domain", "invoice", "support"]
Categories = Annotated[list[Category], AfterValidator(distinct)]

CATEGORY_NAMES = {
    "general": _("General – notices and password reminders"),
    "product": _("Services – orders and access details"),
    "domain": _("Domains – renewal and registration"),
    "invoice": _("Invoices – invoices, pro-forma invoices, reminders"),
    "support": _("Support – replies to tickets"),
}


class AddContact(Form):
    """Adds a person who gets the mails of the chosen categories, or one for registering domains who gets none."""

    card: ClassVar[Card] = Card(
        name="add-contact",
        title=_("Add a contact"),
        submit=_("Save the contact"),
        busy=_("Saving…"),
        needs_session=True,
        kinds={
            "domain": Card(
                name="add-contact",
                title=_("Add a domain contact"),
                lead=_(
                    "Only for registering domains: gets no mails and cannot write to support in your name."
                ),
                submit=_("Save the domain contact"),
                busy=_("Saving…"),
            )
        },
    )

    kind: Annotated[Kind, Input("", kind="hidden")] = "contact"
    name: Annotated[
        PersonName,
        Input(_("Full name"), errors={"required": _("Enter the contact's full name.")}),
    ]
    email: Annotated[
        EmailAddress,
        Input(
            _("E-mail address"), kind="email", errors={"required": _("Enter the contact's e-mail address.")}
        ),
    ]
    phone: Annotated[PhoneNumber, Input(_("Phone"), kind="tel")] = ""
    address: Annotated[PlainLine, Input(_("Address"))] = ""
    city: Annotated[PlainLine, Input(_("City"))] = ""
    postcode: Annotated[PlainLine, Input(_("Postcode"))] = ""
    categories: Annotated[
        Categories,
        Input(_("Which mails they get"), kind="checkboxes", choices=CATEGORY_NAMES, of_kind="contact"),
    ] = Field(default_factory=list)

    @field_validator("categories")
    @classmethod
    def none_of_a_domain_contact(cls, categories: list[str], info: ValidationInfo) -> list[str]:
        """The categories, of which a domain contact has none. Raises no_mails."""
        if categories and info.data.get("kind") == "domain":
            raise PydanticCustomError("no_mails", "a domain contact gets no mails")
        return categories


class ChangeContact(Form):
    """Changes a contact; what is left out stays."""

    name: PersonName | None = None
    email: EmailAddress | None = None
    phone: PhoneNumber | None = None
    address: PlainLine | None = None
    city: PlainLine | None = None
    postcode: PlainLine | None = None
    categories: Categories | None = None
