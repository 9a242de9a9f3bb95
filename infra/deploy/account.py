"""The account and the region that this shell's settings lead to, and the clients that talk to them."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import NoRegionError

from infra.deploy.trouble import CannotDeploy

# What the stack is made of; a region that lacks one of them cannot hold it.
SERVICES = {
    "apigateway": "API Gateway",
    "cloudformation": "CloudFormation",
    "dynamodb": "DynamoDB",
    "kms": "KMS",
    "lambda": "Lambda",
    "s3": "S3",
    "ses": "SES",
    "sns": "SNS",
    "sqs": "SQS",
}
_ATTEMPTS = 8  # CloudFormation throttles who asks often; botocore waits longer each time.


@dataclass(frozen=True)
class Account:
    """An AWS account in one region."""

    session: boto3.session.Session
    id: str
    region: str

    @cache  # noqa: B019 - there is one account in a process.
    def client(self, service: str) -> Any:
        """A boto3 client of this account, the same one each time."""
        return _client(self.session, service)


def account() -> Account:
    """Who we are in AWS, and where. Raises CannotDeploy, or what botocore raises without credentials or region."""
    # The command line of AWS reads AWS_REGION first; boto3 does not read it.
    session = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
    region = session.region_name
    if not region:
        raise NoRegionError
    sts = _client(session, "sts")
    partition = session.get_partition_for_region(region)
    for service, name in SERVICES.items():
        there = session.get_available_regions(service, partition)
        if region not in there:
            raise CannotDeploy(
                f"The region {region} has no {name}: set AWS_REGION to one that has, {', '.join(_near(region, there))}."
            )
    return Account(session, sts.get_caller_identity()["Account"], region)


def _near(region: str, there: list[str]) -> list[str]:
    """The regions of the same continent, or all."""
    return [each for each in there if each.split("-")[0] == region.split("-")[0]] or there


def _client(session: boto3.session.Session, service: str) -> Any:
    retries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
    return session.client(service, config=Config(retries=retries, max_pool_connections=32))
