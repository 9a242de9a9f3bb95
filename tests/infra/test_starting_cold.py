"""Each function, started cold: it loads what it needs, and nothing that only another one needs."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.bench.cold_start import starting_points
from infra.local.ministack import ROOT
from tests.client import GATEWAY
from tests.conftest import Person, settle
from tests.infra.packaged import IN_LAMBDA
from tests.mail.outbox import is_queued, queue, record

pytestmark = pytest.mark.xdist_group("ministack")

# What a function may load beside the standard library. Lambda has boto3 by itself; urllib3 takes the other two along
# where they are installed, as here.
AWS = {*(name.removesuffix(".py") for name in IN_LAMBDA), "brotli", "certifi"}
PYDANTIC = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
CHALICE = {"chalice"}
JINJA = {"jinja2", "markupsafe"}

API = "app"
SENDER = "chalicelib.mail.routes"

_LOADED = """
import importlib, json, sys
from tests.infra.lambda_runtime import Context
before = set(sys.modules)
module = importlib.import_module(sys.argv[1])
imported = sorted(set(sys.modules) - before)
handler, event = json.load(sys.stdin)
if handler:
    getattr(module, handler)(event, Context())
print(json.dumps([imported, sorted(set(sys.modules) - before)]))
"""


class Loaded:
    """The modules that a start leaves in an interpreter, but for the standard library's."""

    def __init__(self, modules: list[str]) -> None:
        self.ours = {name.removeprefix("chalicelib.") for name in modules if name.startswith("chalicelib.")}
        firsts = {name.partition(".")[0] for name in modules if not name.startswith("_")}
        self.others = firsts - sys.stdlib_module_names - {"app", "chalicelib"}


def start(module: str, handler: str = "", event: Any = None) -> tuple[Loaded, Loaded]:
    """What importing a function's module loads, and what is loaded after an event of its own, if it gets one."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, module],
        input=json.dumps([handler, event]),
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT)])},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    imported, in_the_end = json.loads(done.stdout.splitlines()[-1])
    return Loaded(imported), Loaded(in_the_end)


@pytest.fixture
def alice(emulated: None) -> Person:
    """Alice Petrović, before ministack, which a fresh interpreter reaches too."""
    return settle("alice", "Alice Petrović", "sr", owns=True)


def test_every_function_starts_in_one_of_these_modules() -> None:
    assert set(starting_points()) == {API, SENDER}


_SAID = """
import importlib, logging, sys
from tests.infra.lambda_runtime import Context
logging.getLogger().addHandler(logging.StreamHandler())  # As Lambda has put its own there.
getattr(importlib.import_module(sys.argv[1]), sys.argv[2])(None, Context())
logging.getLogger("botocore.hooks").error("not to %s", "vera@example.com")
"""


@pytest.mark.parametrize(("module", "handler"), [(API, "app"), (SENDER, "sweep_mails")])
def test_wherever_a_function_starts_it_writes_lines_without_what_others_quote(
    module: str, handler: str
) -> None:
    """Not every function starts in app.py."""
    done = subprocess.run(
        [sys.executable, "-c", _SAID, module, handler],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT)]),
            "KALAUZ_STAGE": "production",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["event_refused", "told_by_library"]
    assert "vera@example.com" not in done.stdout + done.stderr


def test_importing_the_api_loads_chalice_and_pydantic_alone() -> None:
    loaded, _ = start(API)
    assert loaded.others == CHALICE | PYDANTIC
    assert "mail.letters" not in loaded.ours


def test_a_reader_waits_for_no_hash_no_drawing_no_mail_and_no_list_of_passwords(alice: Person) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in alice.signed_in().cookies.items())
    event = GATEWAY._generate_lambda_event("GET", "/api/contacts", {"cookie": cookies}, None)
    _, loaded = start(API, "app", event)
    assert loaded.others - AWS == CHALICE | PYDANTIC
    assert "mail.letters" not in loaded.ours


def test_importing_the_mail_sender_loads_chalice_alone() -> None:
    loaded, _ = start(SENDER)
    assert loaded.others == CHALICE


def test_sending_a_mail_loads_what_renders_it_and_nothing_that_takes_forms(alice: Person) -> None:
    key = queue(alice, datetime.now(UTC))
    _, loaded = start(SENDER, "send_mails", {"Records": [record(key)]})
    assert not is_queued(key)
    assert loaded.others - AWS == CHALICE | JINJA | {"idna"}
    rooms = {name.partition(".")[0] for name in loaded.ours if "." in name}
    assert rooms == {"accounts", "mail"}
    assert not {name for name in loaded.ours if name.endswith(("forms", "fields", "routing", "openapi"))}
