"""The prices of infra/prices.toml: what an amount of each unit costs.

A unit is called by its service and its name there: `dynamodb.write_units`, `ses.mails`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from infra.local.ministack import ROOT

FILE = ROOT / "infra" / "prices.toml"

# So much of each unit.
Usage = Mapping[str, float]


@dataclass(frozen=True)
class Price:
    """Dollars per so many units, in steps: from each amount a month on, its price; the first from nothing on."""

    steps: tuple[tuple[float, float], ...]
    per: float

    def of(self, amount: float) -> float:
        """Dollars for an amount of a month: each part of it at the price of its own step."""
        ends = [start for start, _usd in self.steps[1:]] + [float("inf")]
        parts = zip(self.steps, ends, strict=True)
        return sum(max(0.0, min(amount, end) - start) * usd / self.per for (start, usd), end in parts)


@dataclass(frozen=True)
class Prices:
    """All prices of one day in one region."""

    as_of: date
    region: str
    names: Mapping[str, str]  # of the services, as their bills call them
    units: Mapping[str, Price]

    def cost(self, usage: Usage) -> float:
        """Dollars for so much of each unit. Raises KeyError for a unit without a price."""
        return sum(self.units[unit].of(amount) for unit, amount in usage.items())

    def by_service(self, usage: Usage) -> dict[str, float]:
        """Dollars for each service that asks for anything, by its name, the dearest first."""
        bill: dict[str, float] = {}
        for unit, amount in usage.items():
            name = self.names[unit.partition(".")[0]]
            bill[name] = bill.get(name, 0.0) + self.units[unit].of(amount)
        return dict(sorted(bill.items(), key=lambda line: -line[1]))


def added(*parts: tuple[float, Usage]) -> dict[str, float]:
    """Usages together, each so many times."""
    total: dict[str, float] = {}
    for times, usage in parts:
        for unit, amount in usage.items():
            total[unit] = total.get(unit, 0.0) + times * amount
    return total


def read(file: Path = FILE) -> Prices:
    """The prices of a file such as infra/prices.toml. Raises ValueError, naming what is wrong in it."""
    told: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    names, units = {}, {}
    for service, lines in told.items():
        if not isinstance(lines, dict):
            continue
        if not str(lines.get("read_at", "")).startswith("https://aws.amazon.com/"):
            raise ValueError(f"{file.name}: [{service}] does not tell where its prices are read")
        names[service] = lines["name"]
        for unit, price in lines.items():
            if isinstance(price, dict):
                units[f"{service}.{unit}"] = _price(f"{file.name}: {service}.{unit}", price)
    return Prices(told["as_of"], told["region"], names, units)


@cache
def current() -> Prices:
    """The prices of infra/prices.toml."""
    return read()


def _price(where: str, told: Mapping[str, Any]) -> Price:
    steps = ((0.0, told["usd"]), *(tuple(step) for step in told.get("above", ())))
    starts = [start for start, _usd in steps]
    if starts != sorted(set(starts)) or min(usd for _start, usd in steps) <= 0 or told["per"] <= 0:
        raise ValueError(f"{where} has an amount or a price that cannot be")
    return Price(tuple((float(start), float(usd)) for start, usd in steps), float(told["per"]))
