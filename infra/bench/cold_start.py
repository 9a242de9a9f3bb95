"""What a cold start takes, in fresh interpreters: importing app.py, and the first request with its client."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from infra.bench.rows import Row, compared
from infra.bench.setting import Setting
from infra.bench.taking_turns import quickest
from infra.local.ministack import ROOT
from tests.client import GATEWAY
from tests.conftest import settle

TURNS = 9
MOST_OF_IMPORTS = 1.15  # times chalice and pydantic
MOST_OF_FIRST_REQUEST = 1.25  # times chalice and a boto3 client

_IMPORTS = """
import time
start = time.process_time()
import {module}
print(time.process_time() - start)
"""
_FIRST_REQUEST = """
import json, sys, time
from {module} import app
event = json.loads(sys.argv[1])
start = time.perf_counter()
answer = app(event, None)
taken = time.perf_counter() - start
assert answer["statusCode"] == 200, answer
print(taken)
"""


def imports(setting: Setting) -> Iterator[Row]:
    """Importing app.py against importing chalice and pydantic, with a form and a route: the processor's time."""
    ours, bare = quickest(
        lambda: _fresh(setting, _IMPORTS.format(module="app")),
        lambda: _fresh(setting, _IMPORTS.format(module="infra.bench.bare")),
        turns=TURNS,
    )
    yield compared("imports of app.py", ours, "chalice, pydantic", bare, MOST_OF_IMPORTS)


def first_request(setting: Setting) -> Iterator[Row]:
    """The first list of contacts against the same reads by a bare client, when each has imported its app."""
    setting.use_ministack()
    client = settle("first", "Alice Petrović", "sr", owns=True).signed_in()
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    event = json.dumps(GATEWAY._generate_lambda_event("GET", "/api/contacts", {"cookie": cookie}, None))
    ours, bare = quickest(
        lambda: _fresh(setting, _FIRST_REQUEST.format(module="app"), event),
        lambda: _fresh(setting, _FIRST_REQUEST.format(module="infra.bench.bare_table"), event),
        turns=TURNS,
    )
    yield compared(
        "first request with its client", ours, "chalice, boto3 client", bare, MOST_OF_FIRST_REQUEST
    )


def _fresh(setting: Setting, program: str, *arguments: str) -> float:
    """The seconds that a program prints, run by an interpreter of its own on bytecode that an earlier turn kept."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT)]),
        "PYTHONPYCACHEPREFIX": str(setting.folder / "bytecode"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return float(done.stdout)
