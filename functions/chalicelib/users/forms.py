"""What is sent to change what a user may do."""

from chalicelib.fields import Form
from chalicelib.permissions import ChosenPermissions


class ChangePermissions(Form):
    """Gives a user these permissions, and withdraws all others."""

    permissions: ChosenPermissions
