"""What a release is called, and what its bucket remembers of how it was deployed.

deployments/<release>/ holds template.json and code.zip, which CloudFormation reads from there, parameters.json
without secrets, and `before`: the release that stood there until then, or nothing.
"""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import ClientError

from infra.deploy.account import Account
from infra.deploy.templates import Template
from infra.deploy.trouble import CannotDeploy
from infra.local.ministack import ROOT
from infra.package import ZIP

TEMPLATE, CODE, PARAMETERS, BEFORE = "template.json", "code.zip", "parameters.json", "before"


def new_release() -> str:
    """The name of a release made now from what is committed: 20261122T223000Z-1a2b3c4.

    Raises CannotDeploy when something is not committed: nobody could tell later what was deployed.
    """
    changed = _git("status", "--porcelain")
    if changed:
        first = changed.splitlines()[0][3:]
        raise CannotDeploy(
            f"Something is not committed, {first} for one, and a release is named after its commit: commit it first."
        )
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{_git('rev-parse', '--short=7', 'HEAD')[:7]}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as failure:
        raise CannotDeploy(
            "This tree is no clone of the repository, and a release is named after its commit: deploy from a clone."
        ) from failure
    return done.stdout.rstrip()


@dataclass(frozen=True)
class Deployment:
    """A release as it was deployed, or is about to be."""

    template: Template
    parameters: dict[str, str]
    before: str


@dataclass(frozen=True)
class Records:
    """The deployments that a bucket remembers."""

    account: Account
    bucket: str

    def code(self, release: str) -> str:
        """The s3:// address of the functions' code."""
        return f"s3://{self.bucket}/{_key(release, CODE)}"

    def template(self, release: str) -> str:
        """Where CloudFormation reads the template, in the form in which AWS's own tools name it."""
        return f"https://s3.{self.account.region}.amazonaws.com/{self.bucket}/{_key(release, TEMPLATE)}"

    def write(self, release: str, deployment: Deployment, package: Path | None = None) -> None:
        """Remember a deployment, with the code of its package unless that is there already."""
        s3 = self.account.client("s3")
        if package:
            s3.upload_file(str(package / ZIP), self.bucket, _key(release, CODE))
        for name, text in {
            PARAMETERS: json.dumps(deployment.parameters, indent=1),
            BEFORE: deployment.before,
            TEMPLATE: json.dumps(deployment.template),
        }.items():
            s3.put_object(Bucket=self.bucket, Key=_key(release, name), Body=text.encode())

    def read(self, release: str) -> Deployment:
        """What is remembered of a release. Raises CannotDeploy when something of it is gone."""
        return Deployment(
            json.loads(self._text(release, TEMPLATE)),
            json.loads(self._text(release, PARAMETERS)),
            self._text(release, BEFORE),
        )

    def before(self, release: str) -> str:
        """The release that stood there before this one, or nothing. Raises CannotDeploy when nobody remembers."""
        return self._text(release, BEFORE)

    def require(self, key: str) -> None:
        """Raises CannotDeploy when the bucket lacks what going back needs."""
        try:
            self.account.client("s3").head_object(Bucket=self.bucket, Key=key)
        except ClientError as failure:
            raise self._gone(key, failure) from failure

    def require_code(self, release: str) -> None:
        """Raises CannotDeploy when the functions' code is gone."""
        self.require(_key(release, CODE))

    def _text(self, release: str, name: str) -> str:
        key = _key(release, name)
        try:
            body = self.account.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"]
        except ClientError as failure:
            raise self._gone(key, failure) from failure
        return str(body.read().decode())

    def _gone(self, key: str, failure: ClientError) -> CannotDeploy:
        """What to say of a file that is not there. Raises AWS's own error when it says something else."""
        if failure.response["Error"]["Code"] not in ("404", "NoSuchKey"):
            raise failure
        return CannotDeploy(
            f"There is no going back: {key} is gone from the bucket {self.bucket}. Deploy forward."
        )


def _key(release: str, name: str) -> str:
    return f"deployments/{release}/{name}"


def without_secrets(parameters: Mapping[str, str | None], secret: frozenset[str]) -> dict[str, str]:
    """The parameters that may be written down."""
    return {name: value for name, value in parameters.items() if value is not None and name not in secret}
