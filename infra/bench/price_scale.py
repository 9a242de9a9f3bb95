"""What infra/scale.toml takes for granted: what customers do in a month, how long things take, what AWS allows."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra.bench.budget import CALLS
from infra.local.ministack import ROOT

FILE = ROOT / "infra" / "scale.toml"
CHALICE = ROOT / "functions" / ".chalice" / "config.json"


@dataclass(frozen=True)
class Habit:
    """What a customer does so many times a month, and the routes that it calls, each once."""

    what: str
    times: float
    calls: tuple[str, ...]


@dataclass(frozen=True)
class Scale:
    """The whole file; each part is named as its section there."""

    customers: tuple[int, ...]
    habits: tuple[Habit, ...]
    reading: Mapping[str, float]
    busiest: Mapping[str, float]
    mails: Mapping[str, float]
    together: Mapping[str, float]
    time: Mapping[str, float]
    logs: Mapping[str, float]
    standing: Mapping[str, float]
    stack: Mapping[str, float]
    quotas: Mapping[str, float]

    def calls(self) -> dict[str, float]:
        """How often a customer calls each route in a month."""
        calls: dict[str, float] = {}
        for habit in self.habits:
            for route in habit.calls:
                calls[route] = calls.get(route, 0.0) + habit.times
        return calls


def read(file: Path = FILE) -> Scale:
    """The assumptions of a file such as infra/scale.toml. Raises ValueError for a route that there is not."""
    told: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    habits = tuple(Habit(one["what"], one["times"], tuple(one["calls"])) for one in told.pop("habits"))
    for habit in habits:
        unknown = [route for route in habit.calls if route not in CALLS]
        if unknown:
            raise ValueError(f"{file.name}: who {habit.what!r} calls {unknown[0]}, which is no route")
    return Scale(customers=tuple(told.pop("customers")), habits=habits, **told)


@cache
def megabytes(function: str) -> int:
    """The memory of a function, by its name for chalice: `send_mails`."""
    config = json.loads(CHALICE.read_text("utf-8"))
    own = config["stages"]["production"]["lambda_functions"].get(function, {})
    return int(own.get("lambda_memory_size", config["lambda_memory_size"]))
