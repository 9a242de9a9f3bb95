"""What `make package` leaves, and its functions run as Lambda runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import boto3
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

from infra.local.ministack import CREDENTIALS
from infra.package import ZIP

EDGE_SECRET = "known to our CloudFront and to the functions"
# What Lambda has by itself, with what that needs.
IN_LAMBDA = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")


class NoManagedPolicies(ManagedPolicyLoader):  # type: ignore[misc]
    """For SAM's translator, which asks AWS for them; we name none."""

    def __init__(self) -> None:
        super().__init__(None)

    def load(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class Package:
    """A folder with deployment.zip and sam.json."""

    folder: Path

    @property
    def zip(self) -> Path:
        return self.folder / "deployment.zip"

    @property
    def sam(self) -> Path:
        return self.folder / "sam.json"

    @cached_property
    def names(self) -> list[str]:
        """The files in the zip."""
        with ZipFile(self.zip) as packed:
            return packed.namelist()

    def file(self, name: str) -> bytes:
        """A file in the zip."""
        with ZipFile(self.zip) as packed:
            return packed.read(name)

    @cached_property
    def template(self) -> dict[str, Any]:
        template: dict[str, Any] = json.loads(self.sam.read_text("utf-8"))
        return template

    @cached_property
    def expanded(self) -> Path:
        """The template in CloudFormation's own words: what is deployed, instead of what SAM makes it of."""
        template = json.loads(self.sam.read_text("utf-8"))
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = {"Bucket": "code", "Key": ZIP}
        file = self.folder / "expanded.json"
        file.write_text(json.dumps(transform(template, {}, NoManagedPolicies()), indent=1), "utf-8")
        return file

    def properties(self, resource: str) -> dict[str, Any]:
        """What the template says of a resource."""
        properties: dict[str, Any] = self.template["Resources"][resource]["Properties"]
        return properties

    def variables(self, function: str) -> dict[str, Any]:
        """The environment that the template gives a function."""
        everywhere: dict[str, Any] = self.template["Globals"]["Function"]["Environment"]["Variables"]
        return {**everywhere, **self.properties(function)["Environment"]["Variables"]}

    def unpack(self) -> None:
        """Lay the zip, and what Lambda has by itself, beside it."""
        with ZipFile(self.zip) as packed:
            packed.extractall(self.folder / "task")
        runtime = self.folder / "runtime"
        runtime.mkdir()
        site_packages = Path(boto3.__file__).parents[1]
        for name in IN_LAMBDA:
            (runtime / name).symlink_to(site_packages / name)

    @contextmanager
    def started(self, function: str, **settings: str) -> Iterator["Started"]:
        """A function of the unpacked zip, with this process's AWS; settings stand in the place of production's."""
        values = {
            "KALAUZ_STAGE": "production",
            "KALAUZ_TABLE": os.environ["KALAUZ_TABLE"],
            "KALAUZ_KEY": os.environ["KALAUZ_KEY"],
            "KALAUZ_ORIGINS": "https://help.example",
            "KALAUZ_EDGE_SECRET": EDGE_SECRET,
            "KALAUZ_EDGE_SECRET_BEFORE": "",
            "KALAUZ_MAIL_CONFIGURATION": "",
            "KALAUZ_RELEASE": "20261122T223000Z-1a2b3c4",
        }
        script = Path(__file__).with_name("lambda_runtime.py")
        handler = self.properties(function)["Handler"]
        with subprocess.Popen(
            # Without `site`, and so without what is installed here.
            [sys.executable, "-S", script, handler, self.folder / "task", self.folder / "runtime"],
            env={
                **CREDENTIALS,
                "AWS_ENDPOINT_URL": os.environ.get("AWS_ENDPOINT_URL", ""),
                "PYTHONPYCACHEPREFIX": str(self.folder / "pycache"),
                **{name: values[name] for name in self.variables(function)},
                **settings,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            # Leaving the block closes what it reads events from, which ends it.
            yield Started(process)

    def run(self, function: str, event: dict[str, Any]) -> Any:
        """What a function of the unpacked zip answers to an event, started for it."""
        with self.started(function) as started:
            return started.answer(event)


@dataclass
class Started:
    """A function in an interpreter of its own, which answers one event after the other."""

    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)

    def answer(self, event: dict[str, Any]) -> Any:
        """What it answers to an event; the lines that it writes before are added to the log."""
        assert self.process.stdin and self.process.stdout
        # Chalice's own events, of which tests make use, have bytes for an empty body.
        self.process.stdin.write(f"{json.dumps(event, default=bytes.decode)}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith('{"answer": '):
                return json.loads(line)["answer"]
            self.log.append(line)
        raise AssertionError(f"It ended instead of answering, after it wrote {self.log}")


def request(method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """A request as API Gateway hands it over behind our CloudFront; a header's name is written with underscores."""
    sent = {
        "Accept": "application/json",
        "CloudFront-Viewer-Address": "198.51.100.10:46532",
        "Host": "abcdefghij.execute-api.eu-central-1.amazonaws.com",
        "Sec-Fetch-Site": "same-origin",
        "X-Amzn-Trace-Id": "Root=1-69219f3d-0123456789abcdef01234567",
        "X-Forwarded-For": "198.51.100.10, 203.0.113.68",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        "X-Kalauz-Edge": EDGE_SECRET,
        **({"Content-Type": "application/json"} if body is not None else {}),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "0a1b2c",
            "resourcePath": path,
            "httpMethod": method,
            "extendedRequestId": "UJd3BGYpliAEXAM=",
            "requestTime": "22/Nov/2026:16:04:45 +0000",
            "path": f"/api{path}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "api",
            "domainPrefix": "abcdefghij",
            "requestTimeEpoch": 1795363485000,
            "requestId": "b7e0b7e2-6a4e-4a4c-9c53-6d6c7f6a3f10",
            "identity": {
                "cognitoIdentityPoolId": None,
                "accountId": None,
                "cognitoIdentityId": None,
                "caller": None,
                "sourceIp": "203.0.113.68",
                "principalOrgId": None,
                "accessKey": None,
                "cognitoAuthenticationType": None,
                "cognitoAuthenticationProvider": None,
                "userArn": None,
                "userAgent": "Amazon CloudFront",
                "user": None,
            },
            "domainName": "abcdefghij.execute-api.eu-central-1.amazonaws.com",
            "deploymentId": "d4e5f6",
            "apiId": "abcdefghij",
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


# As EventBridge sends it every five minutes.
SCHEDULED = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-11-22T16:05:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:events:eu-central-1:123456789012:rule/kalauz-SweepMailsEvent"],
    "detail": {},
}
