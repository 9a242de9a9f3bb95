"""The thirteen permissions of a user (product.md): the owner has them all and gives them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from chalicelib.fields import distinct
from chalicelib.words import _

Permission = Literal[
    "profile",
    "contacts",
    "products",
    "product_passwords",
    "single_sign_on",
    "domains",
    "domain_settings",
    "invoices",
    "quotes",
    "tickets",
    "affiliate",
    "emails",
    "orders",
]

# What each lets its bearer do, in the words that owners and invited people read.
PERMISSION_NAMES: Mapping[str, str] = {
    "profile": _("Change the details of the account"),
    "contacts": _("View and manage contacts"),
    "products": _("View products and services"),
    "product_passwords": _("View and manage the passwords of products"),
    "single_sign_on": _("Open applications by single sign-on"),
    "domains": _("View domains"),
    "domain_settings": _("Manage the settings of domains"),
    "invoices": _("View and pay invoices"),
    "quotes": _("View offers"),
    "tickets": _("View and open tickets"),
    "affiliate": _("View and manage the affiliate account"),
    "emails": _("View the e-mails that we sent"),
    "orders": _("Order, upgrade and cancel services"),
}

PERMISSIONS = tuple(PERMISSION_NAMES)


def in_order(chosen: list[str]) -> list[str]:
    """Permissions in the order in which readers find them everywhere."""
    return [permission for permission in PERMISSIONS if permission in chosen]


def _spelled_out(chosen: Any) -> Any:
    return list(PERMISSIONS) if chosen == "all" else chosen


# `"all"` or a list of names; all are the thirteen of the day on which they were given.
ChosenPermissions = Annotated[
    list[Permission],
    BeforeValidator(_spelled_out),
    AfterValidator(distinct),
    AfterValidator(in_order),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "all"},
                {"type": "array", "items": {"enum": list(PERMISSIONS)}, "uniqueItems": True},
            ]
        }
    ),
]
