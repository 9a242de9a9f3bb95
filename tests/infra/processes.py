"""`make run` as a person starts it: as a process, in a folder of its own."""

import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl+C stops it"
RUN = (sys.executable, "-m", "infra.local.run")
WRITE = (sys.executable, "-m", "infra.local.write")
MAKE_RUN = ("make", "run")
PATIENCE = 90.0  # seconds, for a machine that is busy with other tests


@dataclass(frozen=True)
class Answer:
    """What came over the wire."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Running:
    """A process that printed that it is ready."""

    process: "subprocess.Popen[str]"
    folder: Path
    lines: "queue.Queue[str]"
    said: list[str]
    cookies: str = field(default="")

    @property
    def address(self) -> str:
        found = re.search(r"http://localhost:\d+", "".join(self.said))
        assert found, self.said
        return found[0]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask as our pages do; a header's name is written with underscores."""
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        sent = {"Sec-Fetch-Site": "same-origin", "Cookie": self.cookies}
        if raw is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection(self.address.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path, raw, sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def sign_in(self, email: str) -> None:
        """Sign in with the password that the terminal tells."""
        body = {"email": email, "password": "correct horse battery staple"}
        answer = self.ask("POST", "/api/session", body)
        assert answer.status == 201, answer.text
        lines = answer.headers.get_all("Set-Cookie") or []
        self.cookies = "; ".join(line.split(";")[0] for line in lines)

    def wait_for(self, words: str) -> str:
        """The rest of what it prints, up to a line with these words."""
        rest: list[str] = []
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                line = self.lines.get(timeout=0.1)
            except queue.Empty:
                continue
            rest.append(line)
            if words in line:
                return "".join(rest)
            if not line:
                break
        raise AssertionError(f"{words!r} was not said: {''.join(self.said)}{''.join(rest)}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal to the process that was started, and to no other; returns its exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def running(
    folder: Path, command: tuple[str, ...] = RUN, *, root: Path = ROOT, port: int = 0
) -> Iterator[Running]:
    """Start it, and wait until it is ready; at the end of the block it is stopped."""
    process = _start(folder, command, root, port)
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_pass_on, args=(process, lines), daemon=True).start()
    started = Running(process, folder, lines, [])
    try:
        started.said.append(started.wait_for(READY))
        yield started
    finally:
        process.terminate()
        process.wait(PATIENCE)
        assert not_gone(folder) == []


def refusal(folder: Path, *, port: int = 0, root: Path = ROOT) -> str:
    """What it says when it does not start."""
    process = _start(folder, RUN, root, port)
    said, _nothing = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, said
    return said


def not_gone(folder: Path) -> list[str]:
    """The processes that use a folder, once they had the time to end."""
    deadline = time.monotonic() + PATIENCE
    while (found := using(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def copy_of_the_project(folder: Path) -> Path:
    """What a writer may spoil."""
    root = folder / "project"
    for name in ("docs", "writing", "theme", "functions", "infra"):
        shutil.copytree(ROOT / name, root / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "brand.toml"):
        shutil.copy(ROOT / name, root / name)
    return root


def _start(folder: Path, command: tuple[str, ...], root: Path, port: int) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KALAUZ_")}
    environment |= {
        "KALAUZ_LOCAL_DIR": str(folder),
        "PORT": str(port),
        "PYTHONPATH": "functions:.",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A Ctrl+C of whoever runs the tests is not this one's business.
        start_new_session=True,
    )


def _pass_on(process: "subprocess.Popen[str]", lines: "queue.Queue[str]") -> None:
    assert process.stdout
    for line in process.stdout:
        lines.put(line)
    lines.put("")


def using(folder: Path) -> list[str]:
    """Processes whose environment names the folder, each by its number and its command."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in environment and int(process.name) != os.getpid():
            found.append(f"{process.name} {command!r}")
    return found
