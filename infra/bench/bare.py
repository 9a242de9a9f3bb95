"""The least that Chalice with pydantic can be: a form comes in, is checked, and goes out. What ours is held against."""

from typing import Any

from chalice.app import Chalice, Response
from pydantic import BaseModel, ConfigDict, Field

app = Chalice(app_name="bare")


class Contact(BaseModel):
    """A form with the fields of ours."""

    model_config = ConfigDict(strict=True, extra="forbid")

    kind: str
    name: str = Field(max_length=200)
    email: str = Field(max_length=254)
    phone: str = ""
    address: str = ""
    city: str = ""
    postcode: str = ""
    categories: list[str] = []


@app.route("/api/contacts", methods=["POST"])
def add() -> Response:
    """Check it and send it back."""
    request: Any = app.current_request
    contact = Contact.model_validate(request.json_body)
    return Response(contact.model_dump_json(), {"Content-Type": "application/json"}, 201)
