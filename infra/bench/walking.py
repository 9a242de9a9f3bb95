"""Every route, called by somebody whom it answers, on a table of its own.

The tests know how each is called (tests/requests/walk.py), so a new route is measured without a word here.
"""

from collections.abc import Callable

from chalicelib.routing import Endpoint
from infra.bench.metering import Cost, Meter
from tests.client import Answer
from tests.conftest import empty_table, settle
from tests.requests.walk import Place, caller, knock, named


def ready(endpoint: Endpoint) -> Callable[[], Answer]:
    """Set the table up for one request to a route; returns what sends it, or raises RuntimeError if it is refused."""
    empty_table()
    alice = settle("alice", "Alice Petrović", "sr", owns=True)
    place, client = Place.furnished(alice), caller(endpoint, alice)

    def ask() -> Answer:
        answer = knock(client, endpoint, place.path(endpoint))
        if answer.status >= 300:
            raise RuntimeError(f"{named(endpoint)} answered {answer.status} {answer.code}")
        return answer

    return ask


def cost_of(endpoint: Endpoint, meter: Meter) -> Cost:
    """What one request to a route costs. Raises RuntimeError when it is refused."""
    ask = ready(endpoint)
    meter.read()
    ask()
    return meter.read()
