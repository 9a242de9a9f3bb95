"""The part of our stack that is the site, deployed by itself. In the API's place an echo tells what reached it."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalice.package import YAMLTemplateSerializer

from infra import package
from infra.deploy import publishing
from tests.infra.cloud import Cloud

EDGE_SECRET = "only CloudFront and the functions know this"
PATIENCE = 60.0  # seconds

_ECHO = """
import json
def handler(event, context):
    missing = event["path"].endswith("/missing")
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return {"statusCode": 404 if missing else 200, "headers": headers, "body": json.dumps(event)}
"""
_LAMBDA = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31"
# Names of the whole stack that the site's part refers to.
_ECHOING: dict[str, Any] = {
    "RestAPI": {
        "Type": "AWS::ApiGateway::RestApi",
        "Properties": {"Name": {"Ref": "AWS::StackName"}},
    },
    "AnyPath": {
        "Type": "AWS::ApiGateway::Resource",
        "Properties": {
            "RestApiId": {"Ref": "RestAPI"},
            "ParentId": {"Fn::GetAtt": ["RestAPI", "RootResourceId"]},
            "PathPart": "{proxy+}",
        },
    },
    "AnyMethod": {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": {"Ref": "RestAPI"},
            "ResourceId": {"Ref": "AnyPath"},
            "HttpMethod": "ANY",
            "AuthorizationType": "NONE",
            "Integration": {
                "Type": "AWS_PROXY",
                "IntegrationHttpMethod": "POST",
                "Uri": {"Fn::Sub": f"{_LAMBDA}/functions/${{Echo.Arn}}/invocations"},
            },
        },
    },
    "Deployment": {
        "Type": "AWS::ApiGateway::Deployment",
        "DependsOn": "AnyMethod",
        "Properties": {"RestApiId": {"Ref": "RestAPI"}, "StageName": "api"},
    },
    "Echo": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/echo",
            "Code": {"ZipFile": _ECHO},
        },
    },
}


@dataclass(frozen=True)
class SiteStack:
    """A stack of its own in the cloud, with its bucket."""

    cloud: Cloud
    name: str

    @classmethod
    def begin(cls, cloud: Cloud, name: str) -> "SiteStack":
        """With the bucket alone: a release has to be there before it is named."""
        begun = cls(cloud, name)
        whole = _template()
        bucket = {"Resources": {"SiteBucket": whole["Resources"]["SiteBucket"]}}
        bucket["Outputs"] = {"SiteBucketName": whole["Outputs"]["SiteBucketName"]}
        cloud.client("cloudformation").create_stack(
            StackName=name, TemplateBody=YAMLTemplateSerializer().serialize_template(bucket)
        )
        begun._wait()
        return begun

    def publish(self, site: Path, release: str) -> publishing.Published:
        """Upload a release."""
        return publishing.publish(site, release, self.bucket, self.cloud.client("s3"))

    def show(self, release: str, **parameters: str) -> str:
        """Update the stack to a release, and wait. Returns the stack's status."""
        said = {"Release": release, "EdgeSecret": EDGE_SECRET, **parameters}
        self.cloud.client("cloudformation").update_stack(
            StackName=self.name,
            TemplateBody=YAMLTemplateSerializer().serialize_template(_template()),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in said.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        return self._wait()

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.output("SiteBucketName")

    @property
    def address(self) -> str:
        """Where a reader finds the site, without a slash at the end."""
        return self.output("Address")

    def output(self, name: str) -> str:
        """What the stack tells of itself."""
        outputs = {each["OutputKey"]: each["OutputValue"] for each in self._described()["Outputs"]}
        return str(outputs[name])

    def _described(self) -> dict[str, Any]:
        (described,) = self.cloud.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return dict(described)

    def _wait(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while (status := str(self._described()["StackStatus"])).endswith("_IN_PROGRESS"):
            assert time.monotonic() < deadline, status
            time.sleep(0.05)
        return status


def _template() -> dict[str, Any]:
    """What infra/site.yaml names, as infra/package.py merges it."""
    path = package.ROOT / "infra" / "site.yaml"
    ours = YAMLTemplateSerializer().load_template(path.read_text("utf-8"), path.name)
    merged = package.template()
    parts = {kind: {name: merged[kind][name] for name in ours[kind]} for kind in ours}
    parts["Parameters"]["EdgeSecret"] = merged["Parameters"]["EdgeSecret"]
    parts["Resources"] |= _ECHOING
    return parts
