"""Starting and stopping ministack, which stands for DynamoDB, its streams, KMS, SES and CloudFormation."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from infra.local.trouble import CannotRun

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"
SERVICES = ("cloudformation", "dynamodb", "dynamodbstreams", "kms", "ses", "sts")
EMULATOR = "infra.local.emulator"  # the child's module
STARTS_WITHIN = 60.0  # seconds; 2 suffice on an idle machine.
SAVES_WITHIN = 30.0

# Who starts here asks nobody for credentials; ministack takes any, and these reach no AWS account.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
# What a developer's own machine may set, and what would lead boto3 to a real account.
FOREIGN = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)


_ENDPOINT = "endpoint"  # a file beside the log, for other processes


def endpoint_in(folder: Path) -> str:
    """Where the ministack that has its files in this folder answers, or did."""
    return (folder / _ENDPOINT).read_text("ascii")


class Ministack:
    """A running ministack, at `endpoint`."""

    def __init__(self, process: "subprocess.Popen[bytes]", endpoint: str, log: Path) -> None:
        self.process = process
        self.endpoint = endpoint
        self.log = log

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        keeps_state: bool,
        inherits: tuple[int, ...] = (),
        services: tuple[str, ...] = SERVICES,
        emulator: str = EMULATOR,
    ) -> "Ministack":
        """Start it on a free port of 127.0.0.1, with its files in a folder; `wait_until_ready` before using it.

        `keeps_state` loads what an earlier one saved there, and saves on `stop`. The child keeps the descriptors
        that it `inherits` open: a lock is then held until it has saved. Of AWS it is the `services` named; a test
        that needs more than `make run` names them, and may give a module of its own that serves as the `emulator`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "ministack.log"
        with socket.socket() as listener, log.open("wb") as output:
            listener.bind(("127.0.0.1", 0))
            listener.listen(128)  # Early calls wait in the backlog, instead of being refused.
            port = listener.getsockname()[1]
            process = subprocess.Popen(
                [sys.executable, "-m", emulator, str(listener.fileno())],
                cwd=ROOT,
                env=_environment(folder, port, services, keeps_state=keeps_state),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(listener.fileno(), *inherits),
                # A Ctrl+C in the terminal reaches us alone: ministack ends after the last request is answered.
                start_new_session=True,
            )
        endpoint = f"http://127.0.0.1:{port}"
        (folder / _ENDPOINT).write_text(endpoint, "ascii")
        return cls(process, endpoint, log)

    def wait_until_ready(self) -> None:
        """Return when it answers. Raises CannotRun."""
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/ready", timeout=5):  # noqa: S310 - http, ours.
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise CannotRun(f"ministack, which stands for AWS here, did not start; {self.log} says why.")

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def stop(self) -> None:
        """Let it save what it keeps, and wait until it has. Does nothing the second time."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.terminate()
            self.process.stdin.close()
        try:
            self.process.wait(SAVES_WITHIN)
        except subprocess.TimeoutExpired:
            self.abandon()

    def abandon(self) -> None:
        """End it without letting it save, so that a state that it could not read stays as it was."""
        self.process.kill()
        self.process.wait()


def _environment(folder: Path, port: int, services: tuple[str, ...], *, keeps_state: bool) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KALAUZ_"))
    }
    return {
        **inherited,
        **CREDENTIALS,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1" if keeps_state else "0",
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "TMPDIR": str(folder),
        "LOG_LEVEL": "WARNING",
        "SERVICES": ",".join(services),
        # Both would open ports of their own, on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # It looks for containers of its own to tidy up; there are none.
        "DOCKER_HOST": "unix:///nonexistent",
    }
