"""The thirteen permissions of a user (product.md): the owner has them all and gives them."""

PERMISSIONS = (
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
)
