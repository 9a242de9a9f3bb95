"""Our own time in a request, beside AWS calls and argon2, with its line in the log; and that of a bare Chalice with
pydantic, taking turns.

It is the processor's time, so that a busy machine changes it little.
"""

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway

from chalicelib import logs
from infra.bench import bare
from infra.bench.metering import Meter, metering
from infra.bench.rows import Row, seconds, times, verdict
from infra.bench.setting import Setting
from infra.bench.walking import cost_of
from tests.people.contacts import VERA
from tests.requests.walk import ENDPOINTS, named

ROUNDS = 10
BUDGET = 0.001  # seconds, p50


def rows(setting: Setting) -> Iterator[Row]:
    """The p50 of all requests, each route being asked as often; and that of the slowest route."""
    setting.use_ministack()
    own: dict[str, list[float]] = {named(each): [] for each in ENDPOINTS}
    bares = []
    with _lines_written(), metering(time.thread_time) as meter:
        for _round in range(ROUNDS):
            for endpoint in ENDPOINTS:
                own[named(endpoint)].append(cost_of(endpoint, meter).own)
                bares.append(_bare(meter))
    slowest = max(own, key=lambda route: median(own[route]))
    yield _row("own time in a request, all routes", [took for each in own.values() for took in each], bares)
    yield _row(f"own time in {slowest}, the slowest", own[slowest], bares)


@contextmanager
def _lines_written() -> Iterator[None]:
    """Let each request write its line as in AWS, though nobody reads it."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    with patch.dict(os.environ, KALAUZ_STAGE="production"):
        logs.set_up()
    try:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            yield
    finally:
        root.handlers = before
        root.setLevel(level)
        logs.set_up()


def _row(what: str, ours: list[float], bares: list[float]) -> Row:
    own, least = median(ours), median(bares)
    return Row(
        what,
        f"{seconds(own)} p50",
        f"{seconds(least)} bare Chalice, pydantic",
        times(own / least),
        f"< {seconds(BUDGET)}",
        verdict(own < BUDGET),
    )


def _bare(meter: Meter) -> float:
    """Seconds of one request to the bare app."""
    bare.app.__class__ = LocalChalice
    gateway = LocalGateway(bare.app, Config.create())
    body = json.dumps({**VERA, "email": "another@example.com"}).encode()
    headers = {"content-type": "application/json"}
    event: dict[str, Any] = gateway._generate_lambda_event("POST", "/api/contacts", headers, body)
    context = gateway._generate_lambda_context()
    meter.read()
    answer = bare.app(event, context)
    if answer["statusCode"] != 201:
        raise RuntimeError(f"the bare app answered {answer}")
    return meter.read().handler
