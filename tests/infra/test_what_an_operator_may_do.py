"""infra/deploy/policy.json: the rights of who deploys, compared with what deploying asks for.

Two kinds: the calls of our own commands, which are heard here; and those that CloudFormation makes in the operator's
name, which AWS publishes with the schema of each resource.
"""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from infra.package import ROOT
from tests.infra.deployer import BESIDE_ANOTHER, Call, Deployer

pytestmark = pytest.mark.xdist_group("cloud")
POLICY = json.loads((ROOT / "infra/deploy/policy.json").read_text("utf-8"))
LARGEST = 6_144  # characters without spaces, of a managed policy
ACCOUNT, REGION = "123456789012", "eu-central-1"

STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/kalauz-rights/0a1b2c3d"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E0A1B2C3D4"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/kalauz-rights"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d"
BUCKET, OBJECT = (
    "arn:aws:s3:::kalauz-rights-sitebucket-0a1b2c3d",
    "arn:aws:s3:::kalauz-rights-sitebucket-0a1b2c3d/x",
)

# What IAM asks for where the operation's name does not say it.
_S3 = {
    "GetObject": {("s3:GetObject", OBJECT)},
    "HeadObject": {("s3:GetObject", OBJECT)},
    "PutObject": {("s3:PutObject", OBJECT)},
    "DeleteObjects": {("s3:DeleteObject", OBJECT), ("s3:DeleteObjectVersion", OBJECT)},
    "ListObjectsV2": {("s3:ListBucket", BUCKET)},
    "ListObjectVersions": {("s3:ListBucketVersions", BUCKET)},
}
_ON: dict[str, str] = {
    "cloudformation": STACK,
    "cloudfront": DISTRIBUTION,
    "dynamodb": TABLE,
    "kms": KEY,
}

# What AWS lists for our types of resources and our template makes no use of.
UNUSED = {
    "a table is kept, and so is the name of its key": ("dynamodb:DeleteTable", "kms:DeleteAlias"),
    "tables in several regions, imported, streamed to Kinesis or shared": (
        "dynamodb:*Replica",
        "dynamodb:*Item",
        "dynamodb:Query",
        "dynamodb:ImportTable",
        "dynamodb:*KinesisStreamingDestination",
        "dynamodb:PutResourcePolicy",
        "dynamodb:DeleteResourcePolicy",
        "dynamodb:UpdateContributorInsights",
        "kinesis:*",
    ),
    "functions in a network or with a file system": ("ec2:*", "elasticfilesystem:*", "s3files:*"),
    "logs that go to Firehose": ("firehose:*",),
    "roles with a boundary": ("iam:*RolePermissionsBoundary",),
    "sealing and opening is for the functions": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"),
    "buckets that are copied, counted, logged, locked, shared with others or sites by themselves": (
        "s3:*Abac",
        "s3:*Acl",
        "s3:*Accelerate*",
        "s3:*Analytics*",
        "s3:*Cors",
        "s3:*IntelligentTiering*",
        "s3:*Inventory*",
        "s3:*Logging",
        "s3:*Metadata*",
        "s3:*Metrics*",
        "s3:*Notification",
        "s3:*ObjectLock*",
        "s3:*Replication*",
        "s3:*Website",
        "s3tables:*",
    ),
    "properties of the bucket that stay": ("s3:DeleteBucketEncryption", "s3:DeleteBucketLifecycle"),
    "a version of a file that is not the latest": ("s3:GetObjectVersion",),
    "not an action of IAM": ("s3:HeadObject", "s3:REST.PUT.OBJECT"),
}


def asks(call: Call) -> set[tuple[str, str]]:
    """The actions of IAM that a call needs, each on what; asking who one is needs none."""
    if call.service == "sts":
        return set()
    if call.service == "s3":
        return _S3[call.operation]
    return {(f"{call.service}:{call.operation}", _ON[call.service])}


def permits(statement: dict[str, Any], action: str, resource: str) -> bool:
    """Whether a statement allows an action on a resource."""
    on = any(fnmatchcase(resource, each) for each in listed(statement["Resource"]))
    return on and matches(action, listed(statement["Action"]))


def listed(one_or_more: str | list[str]) -> list[str]:
    return [one_or_more] if isinstance(one_or_more, str) else one_or_more


@pytest.fixture(scope="module")
def made(deployer: Deployer) -> set[tuple[str, str]]:
    """What the commands ask for in the life of a stage, with a no, an interruption and a table that was kept."""
    deployer.calls.clear()
    deployer.is_killed("before", "PutObject", "rights", nth=15)
    deployer.succeeds("destroy", "rights")
    deployer.cloud.client("kms").delete_alias(AliasName="alias/kalauz-rights")
    deployer.succeeds("deploy", "rights", **BESIDE_ANOTHER)
    deployer.succeeds("deploy", "rights", ROTATE="1")
    deployer.refusal("deploy", "rights", YES="")
    deployer.succeeds("rollback", "rights")
    deployer.succeeds("destroy", "rights")
    return {ask for call in deployer.calls for ask in asks(call)}


def test_the_policy_allows_what_the_commands_ask_and_no_more(made: set[tuple[str, str]]) -> None:
    ours = [each for each in POLICY["Statement"] if each["Sid"].startswith("Commands")]
    missing = {ask for ask in made if not any(permits(statement, *ask) for statement in ours)}
    assert missing == set()
    granted = {action for statement in ours for action in listed(statement["Action"])}
    assert granted == {action for action, _resource in made}


def test_the_policy_allows_what_cloudformation_does_with_each_resource(deployer: Deployer) -> None:
    allowed = [action for statement in POLICY["Statement"] for action in listed(statement["Action"])]
    asked = {action for kind in kinds(deployer) for action in handled(kind)}
    unused = {pattern: {action for action in asked if matches(action, [pattern])} for pattern in patterns()}
    assert {pattern for pattern, actions in unused.items() if not actions} == set()
    assert {
        action for action in asked - set().union(*unused.values()) if not matches(action, allowed)
    } == set()


def test_who_deploys_can_neither_delete_the_table_nor_read_what_is_sealed_in_it() -> None:
    allowed = [action for statement in POLICY["Statement"] for action in listed(statement["Action"])]
    for never in (
        "dynamodb:DeleteTable",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "kms:DeleteAlias",
        "ses:SendEmail",
    ):
        assert not matches(never, allowed), never


def test_the_policy_is_one_that_iam_takes() -> None:
    assert len(json.dumps(POLICY, separators=(",", ":"))) <= LARGEST
    names = [statement["Sid"] for statement in POLICY["Statement"]]
    assert len(names) == len(set(names))
    assert all(name.isalnum() for name in names)


def patterns() -> list[str]:
    return [pattern for listed_together in UNUSED.values() for pattern in listed_together]


def matches(action: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def kinds(deployer: Deployer) -> set[str]:
    """The types of our resources, as SAM leaves them."""
    expanded = json.loads(deployer.package.expanded.read_text("utf-8"))
    return {resource["Type"] for resource in expanded["Resources"].values()}


def handled(kind: str) -> Iterator[str]:
    """What CloudFormation may do to make, read, change and delete a resource of a type."""
    schemas = Path(cfnlint.__file__).parent / "data" / "schemas"
    name = json.loads((schemas / "providers" / f"{REGION}.json").read_text("utf-8"))[kind]
    handlers = json.loads((schemas / "resources" / f"{name}.json").read_text("utf-8"))["handlers"]
    for what in ("create", "read", "update", "delete"):
        yield from handlers.get(what, {}).get("permissions", [])
