"""What a destroyed stack left behind, for the next stack of the same name to take in."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.account import Account
from infra.deploy.trouble import CannotDeploy

_MISSING = frozenset({"ResourceNotFoundException", "NotFoundException"})


@dataclass(frozen=True)
class Kept:
    """The table and the key under a stack's names, as far as they are there."""

    name: str  # the table's, and without alias/ the alias's
    table: dict[str, Any]
    key: dict[str, Any]

    def names(self) -> list[str]:
        """What the template calls them."""
        return [str(each["LogicalResourceId"]) for each in self.imports()]

    def imports(self) -> list[dict[str, Any]]:
        """As CreateChangeSet's ResourcesToImport."""
        found = []
        if self.table:
            found.append(("Table", "AWS::DynamoDB::Table", "TableName", self.name))
        if self.key:
            found += [
                ("Key", "AWS::KMS::Key", "KeyId", self.key["KeyId"]),
                ("KeyName", "AWS::KMS::Alias", "AliasName", f"alias/{self.name}"),
            ]
        return [
            {"LogicalResourceId": logical, "ResourceType": kind, "ResourceIdentifier": {by: value}}
            for logical, kind, by, value in found
        ]


def kept(account: Account, name: str) -> Kept:
    """What stands under a stack's name. Raises CannotDeploy when the data could not be read with the key."""
    table = _look(account.client("dynamodb").describe_table, "Table", TableName=name)
    key = _look(account.client("kms").describe_key, "KeyMetadata", KeyId=f"alias/{name}")
    if key and key["KeyState"] == "PendingDeletion":
        raise CannotDeploy(
            f"The key of the kept table waits to be deleted: `aws kms cancel-key-deletion --key-id {key['KeyId']}` and "
            f"`aws kms enable-key --key-id {key['KeyId']}`, then deploy again."
        )
    if table and not key and _holds_something(account, name):
        raise CannotDeploy(
            f"The table {name} has data, and the key that seals its secrets is not to be found: `aws kms create-alias "
            f"--alias-name alias/{name} --target-key-id <its key>`, then deploy again."
        )
    return Kept(name, table, key)


def _look(describe: Any, part: str, **asked: str) -> dict[str, Any]:
    """What AWS describes, or nothing when there is no such thing."""
    try:
        found: dict[str, Any] = describe(**asked)[part]
    except ClientError as failure:
        if failure.response["Error"]["Code"] in _MISSING:
            return {}
        raise
    return found


def _holds_something(account: Account, table: str) -> bool:
    """Whether there is an item: what DescribeTable counts is hours old."""
    return bool(account.client("dynamodb").scan(TableName=table, Limit=1)["Count"])
