"""/api/contacts."""

from dataclasses import asdict

from chalicelib.fields import View
from chalicelib.people import actions
from chalicelib.people.forms import AddContact, ChangeContact
from chalicelib.people.repository import Contact
from chalicelib.routing import Answer, Call, Room

room = Room(__name__)


class ContactView(View):
    """A contact."""

    id: str
    kind: str
    name: str
    email: str
    phone: str
    address: str
    city: str
    postcode: str
    categories: list[str]
    created_at: str


class ContactList(View):
    """One page of contacts, and the cursor of the next."""

    items: list[ContactView]
    next: str | None


@room.endpoint("GET /api/contacts", needs="contacts", query=("cursor",), answers={200: ContactList})
def list_contacts(call: Call[None]) -> Answer:
    """The account's contacts, oldest first."""
    contacts, page = actions.list_contacts(call.by, call.query.get("cursor"))
    following = page.last_key["sk"].removeprefix("CONTACT#") if page.last_key else None
    return Answer(200, ContactList(items=[_view(one) for one in contacts], next=following))


@room.endpoint(
    "POST /api/contacts",
    needs="contacts",
    form=AddContact,
    answers={201: ContactView},
    problems=("already_exists", "limit_reached"),
)
def add_contact(call: Call[AddContact]) -> Answer:
    """Add a contact."""
    return Answer(201, _view(actions.add_contact(call.by, call.form, call.now)))


@room.endpoint("GET /api/contacts/{id}", needs="contacts", answers={200: ContactView})
def show_contact(call: Call[None]) -> Answer:
    """One contact."""
    return Answer(200, _view(actions.find_contact(call.by, call.ids["id"])))


@room.endpoint(
    "PATCH /api/contacts/{id}",
    needs="contacts",
    form=ChangeContact,
    answers={200: ContactView},
    problems=("already_exists",),
)
def change_contact(call: Call[ChangeContact]) -> Answer:
    """Change a contact."""
    return Answer(200, _view(actions.change_contact(call.by, call.ids["id"], call.form, call.now)))


@room.endpoint("DELETE /api/contacts/{id}", needs="contacts", answers={204: None})
def remove_contact(call: Call[None]) -> Answer:
    """Remove a contact; it can be restored for 15 minutes."""
    actions.remove_contact(call.by, call.ids["id"], call.now)
    return Answer(204)


@room.endpoint(
    "POST /api/contacts/{id}/restore",
    needs="contacts",
    answers={200: ContactView},
    problems=("already_exists", "limit_reached"),
)
def restore_contact(call: Call[None]) -> Answer:
    """Take back the removal of a contact."""
    return Answer(200, _view(actions.restore_contact(call.by, call.ids["id"], call.now)))


def _view(contact: Contact) -> ContactView:
    return ContactView(
        **{name: value for name, value in asdict(contact).items() if name != "restorable_until"}
    )
