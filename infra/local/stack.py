"""The table, the key and the mail sender's address in a ministack; and the environment that leads the functions there.

Tests start from here:

    with stack.running(tmp_path) as ministack:       # a ministack of its own, which keeps nothing
        with stack.of_its_own(ministack, "a_table"):  # the functions use this table, until the end of the block
            ...
"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.ministack import CREDENTIALS, FOREIGN, ROOT, Ministack
from infra.local.trouble import CannotRun

TEMPLATE = ROOT / "infra" / "template.yaml"
TABLE = "kalauz"
_IS_UP = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_UNDER_WAY = "_IN_PROGRESS"


@contextmanager
def running(folder: Path) -> Iterator[Ministack]:
    """A ministack that keeps nothing, with its log in a folder."""
    ministack = Ministack.start(folder, keeps_state=False)
    try:
        ministack.wait_until_ready()
        yield ministack
    finally:
        ministack.stop()


@contextmanager
def of_its_own(ministack: Ministack, table: str) -> Iterator[None]:
    """A fresh stack with a table of this name, which the functions use until the end of the block."""
    before = dict(os.environ)
    environment(ministack, table)
    try:
        create(table)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        forget_clients()


def environment(ministack: Ministack, table: str = TABLE) -> None:
    """Lead boto3 to ministack, and the functions to a stack in it."""
    reach(ministack.endpoint, table)


def reach(endpoint: str, table: str = TABLE) -> None:
    """The same, of a ministack that another process started."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ.update(CREDENTIALS)
    os.environ.update(
        AWS_ENDPOINT_URL=endpoint,
        KALAUZ_STAGE="local",
        KALAUZ_TABLE=table,
        KALAUZ_KEY=f"alias/{table}",
    )
    # The server's threads share clients with 10 connections each; urllib3 would tell of every one beyond them.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    forget_clients()


def forget_clients() -> None:
    """Let the functions make their clients anew: each keeps the endpoint that it was made for."""
    from chalicelib import sealing, table
    from chalicelib.mail import actions

    table.dynamodb.cache_clear()
    sealing._kms.cache_clear()
    actions._ses.cache_clear()


def create(table: str = TABLE) -> None:
    """Bring the stack up to infra/template.yaml, making it where there is none. Raises CannotRun."""
    from chalicelib import aws, brand

    cloudformation = aws.client("cloudformation")
    request = {
        "StackName": table,
        "TemplateBody": TEMPLATE.read_text("utf-8"),
        "Parameters": [
            {"ParameterKey": "Stage", "ParameterValue": "local"},
            {"ParameterKey": "TableName", "ParameterValue": table},
            {"ParameterKey": "KeyAlias", "ParameterValue": f"alias/{table}"},
        ],
    }
    if not _exists(table):
        cloudformation.create_stack(**request)
    elif cloudformation.get_template(StackName=table)["TemplateBody"] != request["TemplateBody"]:
        _update(cloudformation, request)
    status = _settled_status(cloudformation, table)
    if status not in _IS_UP:
        raise CannotRun(f"infra/template.yaml could not be put into ministack: its stack is {status}.")
    aws.client("ses").verify_email_identity(EmailAddress=brand.SUPPORT_EMAIL)


def is_whole(table: str = TABLE) -> bool:
    """Whether the table, the key and the stack that holds them are there."""
    from botocore.exceptions import ClientError

    from chalicelib import aws

    try:
        aws.client("dynamodb").describe_table(TableName=table)
        aws.client("kms").describe_key(KeyId=f"alias/{table}")
    except ClientError:
        return False
    return _exists(table)


def _exists(table: str) -> bool:
    from botocore.exceptions import ClientError

    from chalicelib import aws

    try:
        aws.client("cloudformation").describe_stacks(StackName=table)
    except ClientError:
        return False
    return True


def _update(cloudformation: Any, request: dict[str, Any]) -> None:
    """Update the stack, unless the template changed in its comments alone, which CloudFormation calls an error."""
    from botocore.exceptions import ClientError

    try:
        cloudformation.update_stack(**request)
    except ClientError as failure:
        if "No updates are to be performed" not in str(failure):
            raise


def _settled_status(cloudformation: Any, table: str) -> str:
    """The stack's status once nothing is under way; boto3's own waiter would look every 30 seconds."""
    while True:
        status = str(cloudformation.describe_stacks(StackName=table)["Stacks"][0]["StackStatus"])
        if not status.endswith(_UNDER_WAY):
            return status
        time.sleep(0.02)
