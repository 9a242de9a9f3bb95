"""What is sent to change what a session acts on."""

from chalicelib.fields import FilledLine, Form


class ChooseAccount(Form):
    """Says on which of the user's accounts the session acts."""

    account: FilledLine
