"""Reading: it changes nothing, and nobody keeps a copy on the way."""

import pytest

from chalicelib.routing import Endpoint
from tests.conftest import Person, everything
from tests.mailbox import Mailbox
from tests.requests.walk import ENDPOINTS, Place, caller, knock, named


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each.method == "GET"], ids=named)
def test_it_changes_nothing(alice: Person, mailbox: Mailbox, endpoint: Endpoint) -> None:
    place = Place.furnished(alice)
    client = alice.signed_in()
    before = everything()
    for _time in range(3):
        assert knock(client, endpoint, place.path(endpoint)).status == 200
    assert everything() == before
    assert mailbox.collect() == []


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_no_answer_is_kept_on_the_way_or_tells_an_inner_key(alice: Person, endpoint: Endpoint) -> None:
    place = Place.furnished(alice)
    answer = knock(caller(endpoint, alice), endpoint, place.path(endpoint))
    assert answer.status < 300
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Last-Modified" not in answer.headers and "ETag" not in answer.headers
    for inner in ("password_hash", "argon2", "gsi1", "ACCOUNT#", "USER#", "body_digest", 'expires_at":1'):
        assert inner not in answer.text
