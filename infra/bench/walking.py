"""Every route, called by somebody whom it answers, on a table of its own.

The tests know how each is called (tests/requests/walk.py), so a new route is measured without a word here.
"""

from chalicelib.routing import Endpoint
from infra.bench.metering import Cost, Meter
from tests.conftest import empty_table, settle
from tests.requests.walk import Place, caller, knock, named


def cost_of(endpoint: Endpoint, meter: Meter) -> Cost:
    """What one request to a route costs. Raises RuntimeError when it is refused."""
    empty_table()
    alice = settle("alice", "Alice Petrović", "sr", owns=True)
    place, client = Place.furnished(alice), caller(endpoint, alice)
    meter.read()
    answer = knock(client, endpoint, place.path(endpoint))
    if answer.status >= 300:
        raise RuntimeError(f"{named(endpoint)} answered {answer.status} {answer.code}")
    return meter.read()
