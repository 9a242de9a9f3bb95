"""AWS as a whole stack needs it, on this machine; and a reader's way to what CloudFront serves there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import playwright
import pytest
from botocore.config import Config

from infra.deploy import publishing
from infra.local.ministack import CREDENTIALS, REGION, Ministack
from tests.infra.processes import Answer

SERVICES = (
    "apigateway",
    "cloudformation",
    "cloudfront",
    "cloudfront-keyvaluestore",
    "dynamodb",
    "dynamodbstreams",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "s3",
    "ses",
    "sns",
    "sqs",
    "sts",
)
# CloudFront Functions run in it.
_NODE = Path(playwright.__file__).parent / "driver"


@dataclass(frozen=True)
class Cloud:
    """A running ministack with the stand-ins of edge_emulator.py."""

    ministack: Ministack

    def client(self, service: str) -> Any:
        """A boto3 client that leads there."""
        return boto3.client(
            service,
            endpoint_url=self.ministack.endpoint,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(max_pool_connections=publishing.UPLOADS),
        )

    def ask(
        self,
        address: str,
        method: str = "GET",
        *,
        body: bytes | None = None,
        scheme: str = "https",
        **headers: str,
    ) -> Answer:
        """Ask CloudFront as a browser does, for https://<distribution>/<path>; a header's name has underscores."""
        wanted = urlsplit(address)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection(urlsplit(self.ministack.endpoint).netloc, timeout=30)
        try:
            connection.request(
                method,
                wanted._replace(scheme="", netloc="").geturl(),
                body,
                {"Host": wanted.netloc, "X-Forwarded-Proto": scheme, **sent},
            )
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


@contextmanager
def running(folder: Path) -> Iterator[Cloud]:
    """Start it, with its files in a folder; at the end of the block it is stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{_NODE}{os.pathsep}{os.environ['PATH']}")
        ministack = Ministack.start(
            folder, keeps_state=False, services=SERVICES, emulator="tests.infra.edge_emulator"
        )
    try:
        ministack.wait_until_ready()
        yield Cloud(ministack)
    finally:
        ministack.stop()
