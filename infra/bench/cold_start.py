"""What a cold start takes, in fresh interpreters: importing each function, with its client, and the first request.

The functions' folder is measured on bytecode that an earlier turn kept, the zip as it is shipped.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from app import app
from infra import package
from infra.bench.rows import Row, compared
from infra.bench.setting import Setting
from infra.bench.taking_turns import quickest
from infra.local.ministack import CREDENTIALS, ROOT
from tests.client import GATEWAY
from tests.conftest import settle

TURNS = 9
MOST_OF_IMPORTS = 1.15  # times chalice and pydantic
MOST_WITH_CLIENT = 1.4  # times chalice with a boto3 client
MOST_OF_FIRST_REQUEST = 1.25  # times chalice and a boto3 client
MOST_AS_SHIPPED = 0.75  # times the same from sources

_IMPORTS = """
import time
start = time.process_time()
import {module}
print(time.process_time() - start)
"""
_WITH_CLIENT = """
import time
start = time.process_time()
import {module}
from chalicelib import table
table.dynamodb()
print(time.process_time() - start)
"""
_BARE_WITH_CLIENT = """
import time
start = time.process_time()
from infra.bench import bare_table
bare_table.dynamodb()
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


def imports_with_client(setting: Setting) -> Iterator[Row]:
    """Importing each function and making its client, against chalice with such a client: the processor's time."""
    modules = starting_points()
    # Making a client asks AWS for nothing.
    programs = [*(_WITH_CLIENT.format(module=module) for module in modules), _BARE_WITH_CLIENT]
    *ours, bare = quickest(
        *(partial(_fresh, setting, program) for program in programs),
        turns=TURNS,
    )
    for (module, names), taken in zip(modules.items(), ours, strict=True):
        what = f"{module} with its client ({', '.join(names)})"
        yield compared(what, taken, "chalice, boto3 client", bare, MOST_WITH_CLIENT)


def imports_as_shipped(setting: Setting) -> Iterator[Row]:
    """Importing each function from the zip against the same of sources, as chalice packs them: the processor's time."""
    shipped, sources = setting.folder / "shipped", setting.folder / "sources"
    package.package_sources(sources)
    package.package(shipped)
    for folder in (shipped, sources):
        with ZipFile(folder / package.ZIP) as packed:
            packed.extractall(folder / "task")
    for module in starting_points():
        ours, theirs = quickest(
            partial(_from_folder, shipped / "task", module),
            partial(_from_folder, sources / "task", module),
            turns=TURNS,
        )
        yield compared(f"{module} as shipped", ours, "from sources", theirs, MOST_AS_SHIPPED)


def starting_points() -> dict[str, list[str]]:
    """The module that Lambda imports for each function, with the names of the functions that begin there."""
    functions: list[Any] = [*app.pure_lambda_functions, *app.event_sources]
    handlers = {"api": "app.app"} | {each.name: each.handler_string for each in functions}
    modules: dict[str, list[str]] = {}
    for name, handler in handlers.items():
        modules.setdefault(handler.rpartition(".")[0], []).append(name)
    return modules


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
        **CREDENTIALS,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT)]),
        "PYTHONPYCACHEPREFIX": str(setting.folder / "bytecode"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return _printed([sys.executable, "-c", program, *arguments], environment, ROOT)


def _from_folder(folder: Path, module: str) -> float:
    """The seconds that importing a module of a folder takes, with nothing installed beside it and no bytecode kept."""
    return _printed([sys.executable, "-S", "-B", "-c", _IMPORTS.format(module=module)], {}, folder)


def _printed(command: list[str], environment: dict[str, str], folder: Path) -> float:
    """The number that a program prints, started in a folder."""
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return float(done.stdout)
