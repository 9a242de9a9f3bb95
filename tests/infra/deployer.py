"""`make deploy` and its like as an operator runs them, on the AWS of this machine."""

import contextlib
import io
import itertools
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.deploy import __main__ as command
from infra.deploy import account, checks, deploying, releases, stack
from infra.local.ministack import CREDENTIALS, FOREIGN
from tests.aws_calls import Killed
from tests.infra import made_up_site
from tests.infra.cloud import Cloud
from tests.infra.packaged import Package
from tests.infra.processes import PATIENCE

# One stack of an account and region has these; the others of our tests say so.
BESIDE_ANOTHER = {"MANAGES_API_GATEWAY_ACCOUNT": "no", "MANAGES_MAIL_IDENTITY": "no"}


@dataclass(frozen=True)
class Call:
    """One call of AWS."""

    service: str
    operation: str
    asked: dict[str, Any]


@dataclass
class Said:
    """How a command ended, and what the terminal shows."""

    status: int
    text: str

    @property
    def last(self) -> str:
        return self.text.rstrip().splitlines()[-1]


@dataclass
class Deployer:
    """Somebody at a machine with a clone of the project, and credentials for the cloud."""

    cloud: Cloud
    package: Package
    folder: Path
    calls: list[Call] = field(default_factory=list)
    dies: Callable[[str, Call], bool] = lambda _when, _call: False
    """Whether the process is killed `before` or `after` a call."""
    looks: str = made_up_site.SECOND
    _minutes: Iterator[int] = field(default_factory=lambda: itertools.count(10))

    def run(self, what: str, stage: str, **said: str) -> Said:
        """`make <what> STAGE=<stage> …`, with YES=1 unless something else is said of it."""
        output = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            self._lead_there(patch)
            for name, value in {"STAGE": stage, "YES": "1", **said}.items():
                patch.setenv(name, value)
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                status = command.main(what)
        return Said(status, output.getvalue())

    def refusal(self, what: str, stage: str, **said: str) -> str:
        """The last thing that a command says which does not come to its end."""
        done = self.run(what, stage, **said)
        assert done.status == 1, done.text
        return done.last

    def is_killed(self, when: str, operation: str, stage: str, *, nth: int = 1) -> None:
        """`make deploy`, whose process dies `before` or `after` its nth call of an operation."""
        left = itertools.count(1)
        self.dies = lambda now, call: (now, call.operation) == (when, operation) and next(left) == nth
        try:
            with pytest.raises(Killed):
                self.run("deploy", stage)
        finally:
            self.dies = lambda _when, _call: False

    def settled(self, stage: str) -> str:
        """The status of a stack that nobody waits for, once nothing is under way."""
        deadline = time.monotonic() + PATIENCE
        while (status := str(self.described(stage)["StackStatus"])).endswith("_IN_PROGRESS"):
            assert time.monotonic() < deadline, status
            time.sleep(0.05)
        return status

    def succeeds(self, what: str, stage: str, **said: str) -> str:
        """What a command that has to succeed says."""
        done = self.run(what, stage, **said)
        assert done.status == 0, f"{done.text}\n{self.cloud.ministack.log.read_text('utf-8')[-3000:]}"
        return done.text

    def described(self, stage: str) -> dict[str, Any]:
        """The stack as CloudFormation describes it."""
        found = self.cloud.client("cloudformation").describe_stacks(StackName=f"kalauz-{stage}")["Stacks"]
        return dict(found[0])

    def output(self, stage: str, name: str) -> str:
        outputs = self.described(stage)["Outputs"]
        return next(str(each["OutputValue"]) for each in outputs if each["OutputKey"] == name)

    def parameter(self, stage: str, name: str) -> str:
        parameters = self.described(stage)["Parameters"]
        return next(str(each["ParameterValue"]) for each in parameters if each["ParameterKey"] == name)

    def heard(self, client: Any) -> Any:
        """A client whose calls are listened to."""

        def before(model: Any, params: dict[str, Any], **_others: object) -> None:
            self._meets("before", Call(model.service_model.service_name, model.name, params))

        def after(model: Any, **_others: object) -> None:
            self._meets("after", self.calls[-1])

        client.meta.events.register("before-call.*.*", before)
        client.meta.events.register("after-call.*.*", after)
        return client

    def make(self, address: str) -> deploying.Made:
        """A made-up site, of which every other release looks the same, and the real package."""
        self.looks = made_up_site.FIRST if self.looks == made_up_site.SECOND else made_up_site.SECOND
        return deploying.Made(made_up_site.write(self.folder / self.looks, self.looks), self.package.folder)

    def _lead_there(self, patch: pytest.MonkeyPatch) -> None:
        """Lead the commands to the cloud, where a minute passes between two releases, and nothing else takes long."""
        for name in FOREIGN:
            patch.delenv(name, raising=False)
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": self.cloud.ministack.endpoint}.items():
            patch.setenv(name, value)
        make_client = account._client
        gateway = urlsplit(self.cloud.ministack.endpoint).netloc
        patch.setattr(account, "_client", lambda *asked: self.heard(make_client(*asked)))
        patch.setattr(deploying, "make", lambda address: self.make(address))
        patch.setattr(releases, "new_release", self._new_release)
        patch.setattr(stack, "LOOKS_EVERY", 0.05)
        patch.setattr(checks, "PATIENCE", 0.0)
        patch.setattr(checks, "connect", lambda _host: _Https(gateway, timeout=30))

    def _new_release(self) -> str:
        return f"20261122T22{next(self._minutes)}00Z-1a2b3c4"

    def _meets(self, when: str, call: Call) -> None:
        if when == "before":
            self.calls.append(call)
        if self.dies(when, call):
            raise Killed


class _Https(HTTPConnection):
    """A way to a distribution that arrives as HTTPS."""

    def request(self, method: str, url: str, headers: dict[str, str]) -> None:  # type: ignore[override]
        super().request(method, url, headers={**headers, "X-Forwarded-Proto": "https"})


def hides_credentials(patch: pytest.MonkeyPatch, home: Path) -> None:
    """A shell in which nobody has signed in to AWS."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            patch.delenv(name)
    patch.setenv("HOME", str(home))
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patch.setenv("AWS_CONFIG_FILE", str(home / "config"))
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "credentials"))
