"""Our own time in a request, beside AWS calls and argon2; and that of a bare Chalice with pydantic, taking turns.

It is the processor's time, so that a busy machine changes it little.
"""

import json
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway

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
    with metering(time.thread_time) as meter:
        for _round in range(ROUNDS):
            for endpoint in ENDPOINTS:
                own[named(endpoint)].append(cost_of(endpoint, meter).own)
                bares.append(_bare(meter))
    slowest = max(own, key=lambda route: median(own[route]))
    yield _row("own time in a request, all routes", [took for each in own.values() for took in each], bares)
    yield _row(f"own time in {slowest}, the slowest", own[slowest], bares)


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
