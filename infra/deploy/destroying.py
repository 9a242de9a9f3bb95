"""`make destroy`: the stack goes, its pages with it; the table and its key stay, for a later stack of the same name."""

from infra.bench import prices
from infra.deploy.account import Account
from infra.deploy.asking import Operator
from infra.deploy.kept import Kept, kept
from infra.deploy.stack import Stack
from infra.deploy.trouble import CannotDeploy
from infra.deploy.wishes import Wishes

_PRODUCTION = "production"
_AT_ONCE = 1_000  # objects that S3 deletes in one call
_GB = 2**30


def destroy(wanted: Wishes, account: Account, operator: Operator) -> None:
    """Remove a stack after asking twice. Raises CannotDeploy when there is none, or somebody said no."""
    stack = Stack(account, wanted.stack_name, wanted.stage)
    if not stack.can_be_deleted():
        raise CannotDeploy(f"There is no stack {stack.name} in {account.region}.")
    if operator.has_said_yes and stack.stage == _PRODUCTION and operator.wants_to_destroy != stack.name:
        raise CannotDeploy(
            f"YES=1 does not destroy {_PRODUCTION}: add DESTROY={stack.name} if that is meant."
        )
    print(
        f"{stack.name} in account {account.id}, {account.region}: its site, API, functions, queues and alarms go, and "
        "every release in its bucket. The table and the key that seals its secrets stay."
    )
    operator.agrees("Destroy it?")
    operator.types(f"Type {stack.stage} to destroy it:", stack.stage)
    bucket = stack.resources().get("SiteBucket")
    if bucket:
        print(f"{_empty(bucket, account):,} files of {bucket} are gone.")
    stack.delete()
    print(stays(kept(account, stack.name)))


def stays(left: Kept) -> str:
    """What is still there, and what it costs a month."""
    asked, lines = prices.current(), []
    if left.table:
        size = left.table.get("TableSizeBytes", 0)
        kept_twice = ("dynamodb.stored_gb", "dynamodb.point_in_time_recovery_gb")
        usd = asked.cost(dict.fromkeys(kept_twice, size / _GB))
        lines.append(
            f"  table {left.name}: about {left.table.get('ItemCount', 0):,} items, {size:,} bytes with its backups: "
            f"{usd:.2f} dollars a month"
        )
    if left.key:
        lines.append(
            f"  key {left.key['KeyId']} as alias/{left.name}: {asked.cost({'kms.keys': 1}):.2f} dollars a month"
        )
    if not lines:
        return "Nothing stays."
    return "\n".join(
        [
            "What stays:",
            *lines,
            "A later `make deploy` of this stage takes it in again. To be rid of it too, delete the table (after its "
            "protection) and the alias, and schedule the key's deletion.",
        ]
    )


def _empty(bucket: str, account: Account) -> int:
    """Delete everything in a bucket, and every version of it. Returns how many."""
    s3 = account.client("s3")
    count = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]
        for start in range(0, len(found), _AT_ONCE):
            asked = {"Objects": found[start : start + _AT_ONCE], "Quiet": True}
            errors = s3.delete_objects(Bucket=bucket, Delete=asked).get("Errors", [])
            if errors:
                raise CannotDeploy(
                    f"{bucket} cannot be emptied: {errors[0]['Key']}: {errors[0].get('Message', '')}"
                )
        count += len(found)
    return count
