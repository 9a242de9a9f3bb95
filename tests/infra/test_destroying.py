"""`make destroy`: asked twice, it removes all but the table and its key."""

import pytest
from botocore.exceptions import ClientError

from tests.infra.deployer import Deployer

pytestmark = pytest.mark.xdist_group("cloud")


@pytest.fixture
def production(deployer: Deployer) -> str:
    """A stage `production` that was never finished; its bucket has a release."""
    deployer.is_killed("before", "PutObject", "production", nth=15)
    return "production"


def test_production_is_destroyed_only_by_name_and_keeps_its_table(
    deployer: Deployer, production: str
) -> None:
    cloudformation = deployer.cloud.client("cloudformation")
    resources = cloudformation.describe_stack_resources(StackName="kalauz-production")["StackResources"]
    (bucket,) = (
        each["PhysicalResourceId"] for each in resources if each["LogicalResourceId"] == "SiteBucket"
    )
    dynamodb, s3 = deployer.cloud.client("dynamodb"), deployer.cloud.client("s3")
    item = {"pk": {"S": "ACCOUNT#1"}, "sk": {"S": "ACCOUNT"}}
    dynamodb.put_item(TableName="kalauz-production", Item=item)
    s3.put_object(Bucket=bucket, Key="files/overwritten", Body=b"1")
    s3.put_object(Bucket=bucket, Key="files/overwritten", Body=b"2")

    wrong = "YES=1 does not destroy production: add DESTROY=kalauz-production if that is meant."
    assert deployer.refusal("destroy", production) == wrong
    assert deployer.refusal("destroy", production, DESTROY="production") == wrong
    assert "There is nobody to ask here" in deployer.refusal("destroy", production, YES="")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] > 10

    said = deployer.succeeds("destroy", production, DESTROY="kalauz-production")
    assert "  DELETE_COMPLETE    SiteBucket" in said
    assert "DELETE_SKIPPED     Table" in said
    with pytest.raises(ClientError, match="404"):
        s3.head_bucket(Bucket=bucket)
    assert dynamodb.scan(TableName="kalauz-production")["Items"] == [item]
    assert deployer.refusal("destroy", production) == "There is no stack kalauz-production in eu-central-1."


def test_a_kept_table_without_its_key_is_not_taken_for_a_new_one(deployer: Deployer) -> None:
    deployer.is_killed("before", "PutObject", "keyless")
    deployer.succeeds("destroy", "keyless")
    deployer.cloud.client("kms").delete_alias(AliasName="alias/kalauz-keyless")
    deployer.cloud.client("dynamodb").put_item(
        TableName="kalauz-keyless", Item={"pk": {"S": "ACCOUNT#1"}, "sk": {"S": "ACCOUNT"}}
    )
    said = deployer.refusal("deploy", "keyless")
    assert said.startswith(
        "The table kalauz-keyless has data, and the key that seals its secrets is not to be found:"
    )
    assert "aws kms create-alias --alias-name alias/kalauz-keyless" in said


def test_a_key_that_waits_to_be_deleted_is_told(deployer: Deployer) -> None:
    deployer.is_killed("before", "PutObject", "dying")
    deployer.succeeds("destroy", "dying")
    kms = deployer.cloud.client("kms")
    key = kms.describe_key(KeyId="alias/kalauz-dying")["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key)
    assert f"aws kms cancel-key-deletion --key-id {key}" in deployer.refusal("deploy", "dying")
