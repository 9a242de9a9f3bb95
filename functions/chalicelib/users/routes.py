"""/api/users."""

from chalicelib.fields import View
from chalicelib.permissions import PERMISSIONS
from chalicelib.routing import OWNER, Answer, Call, Room
from chalicelib.users import actions
from chalicelib.users.actions import User
from chalicelib.users.forms import ChangePermissions

room = Room(__name__)


class UserOfAccount(View):
    """A user of the account, its owner among them."""

    id: str
    name: str
    email: str
    is_owner: bool
    permissions: list[str]
    since: str


class UserList(View):
    """One page of users, and the cursor of the next."""

    items: list[UserOfAccount]
    next: str | None


class PermissionsView(View):
    """What a user may do from now on."""

    id: str
    permissions: list[str]


@room.endpoint("GET /api/users", needs=OWNER, query=("cursor",), answers={200: UserList})
def list_users(call: Call[None]) -> Answer:
    """The account's users, the owner among them."""
    users, following = actions.list_users(call.by, call.query.get("cursor"))
    return Answer(200, UserList(items=[_view(one) for one in users], next=following))


@room.endpoint("PATCH /api/users/{id}", needs=OWNER, form=ChangePermissions, answers={200: PermissionsView})
def change_permissions(call: Call[ChangePermissions]) -> Answer:
    """Change what a user may do."""
    permissions = actions.change_permissions(call.by, call.ids["id"], call.form, call.now)
    return Answer(200, PermissionsView(id=call.ids["id"], permissions=permissions))


@room.endpoint("DELETE /api/users/{id}", needs=OWNER, answers={204: None})
def remove_user(call: Call[None]) -> Answer:
    """Remove a user from the account."""
    actions.remove_user(call.by, call.ids["id"], call.now)
    return Answer(204)


def _view(user: User) -> UserOfAccount:
    place = user.membership
    return UserOfAccount(
        id=place.user_id,
        name=user.name,
        email=user.email,
        is_owner=place.is_owner,
        permissions=list(PERMISSIONS) if place.is_owner else place.permissions,
        since=place.since,
    )
