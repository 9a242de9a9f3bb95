"""Each action's round trips and write units, as ministack counts them, against infra/bench/budget.py."""

from collections.abc import Iterator

from chalicelib.routing import Endpoint
from infra.bench.budget import CALLS, WRITE_UNITS
from infra.bench.metering import Meter, metering
from infra.bench.rows import Counted, Row, failed, verdict
from infra.bench.setting import Setting
from infra.bench.walking import cost_of
from tests.requests.walk import ENDPOINTS, named


def rows(setting: Setting) -> Iterator[Row]:
    """A row for every route."""
    setting.use_ministack()
    with metering() as meter:
        for endpoint in ENDPOINTS:
            yield row(endpoint, meter)


def row(endpoint: Endpoint, meter: Meter) -> Row:
    """The row of one route, asked once."""
    route = named(endpoint)
    try:
        cost = cost_of(endpoint, meter)
    except Exception as failure:
        return failed(route, failure)
    calls, units = CALLS.get(route, []), WRITE_UNITS.get(route, 0)
    return Counted(
        route,
        _written(len(cost.calls), cost.write_units),
        budget=f"≤ {_written(len(calls), units)}",
        verdict=verdict(len(cost.calls) <= len(calls) and cost.write_units <= units),
    )


def _written(calls: int, units: float) -> str:
    return f"{calls} round trips, {units:g} write units"
