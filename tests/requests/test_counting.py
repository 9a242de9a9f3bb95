"""What an operator sees counted, by CloudWatch's embedded metrics: what was done, and what was refused."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from chalicelib import logs, metrics
from chalicelib.metrics import METRICS, NAMESPACE
from chalicelib.routing import MAKES_A_CHANGE, Endpoint
from tests.client import Client
from tests.conftest import TABLE, Person
from tests.lines import Lines
from tests.requests.walk import ENDPOINTS, Place, caller, knock, named

UNITS = ("Seconds", "Microseconds", "Milliseconds", "Bytes", "Percent", "Count", "Count/Second", "None")


def words(longest: int) -> dict[str, Any]:
    """A text of the schema."""
    return {"type": "string", "minLength": 1, "maxLength": longest}


def list_of(items: dict[str, Any], most: int, least: int = 0) -> dict[str, Any]:
    """An array of the schema."""
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


# The schema in "Specification: Embedded metric format", of CloudWatch's guide.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "additionalProperties": False,
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": list_of(
                    {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": False,
                        "properties": {
                            "Namespace": words(1024),
                            "Dimensions": list_of(list_of(words(250), 30), 30, least=1),
                            "Metrics": list_of(
                                {
                                    "type": "object",
                                    "required": ["Name"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "Name": words(1024),
                                        "Unit": {"enum": list(UNITS)},
                                        "StorageResolution": {"enum": [1, 60]},
                                    },
                                },
                                100,
                            ),
                        },
                    },
                    100,
                ),
            },
        }
    },
}


def extracted(line: dict[str, Any]) -> dict[tuple[str, ...], float]:
    """What CloudWatch would make of a line: values by a metric's name and dimensions. Fails where it makes none."""
    jsonschema.validate(line, SCHEMA)
    assert len(json.dumps(line)) < 256 * 1024
    found: dict[tuple[str, ...], float] = {}
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == NAMESPACE
        for dimensions in directive["Dimensions"]:
            values = [line[name] for name in dimensions]
            assert all(
                isinstance(value, str) and 0 < len(value) <= 1024 and value.isascii() for value in values
            )
            for metric in directive["Metrics"]:
                value = line[metric["Name"]]
                assert isinstance(value, int | float) and not isinstance(value, bool)
                found[(metric["Name"], *values)] = value
    return found


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_write_is_counted_once_and_a_look_not_at_all(
    alice: Person, lines: Lines, endpoint: Endpoint
) -> None:
    place = Place.furnished(alice)
    client = caller(endpoint, alice)
    lines.taken()
    knock(client, endpoint, place.path(endpoint))
    (line,) = lines.taken()
    if endpoint.method in MAKES_A_CHANGE:
        assert extracted(line) == {("Done", TABLE, named(endpoint)): 1}
    else:
        assert "_aws" not in line


def test_a_refusal_is_counted_by_its_code_whatever_was_asked(visitor: Client, lines: Lines) -> None:
    visitor.get("/api/me")
    visitor.post("/api/session", {"email": "nobody@example.com", "password": "nope nope nope"})
    visitor.post("/api/tickets", {}, sec_fetch_site="cross-site")
    assert [extracted(line) for line in lines.taken()] == [
        {("Refused", TABLE, code): 1} for code in ("not_signed_in", "sign_in_failed", "cross_site")
    ]


def test_a_search_in_vain_is_a_thing_done(visitor: Client, lines: Lines) -> None:
    visitor.post("/api/search-misses", {"query": "prenos domena", "language": "sr"})
    (line,) = lines.taken()
    assert extracted(line) == {("Done", TABLE, "POST /api/search-misses"): 1}


def test_several_things_can_be_counted_by_one_line(lines: Lines) -> None:
    logs.note("sweep", counts={metrics.MAILS_WAITING: 3, metrics.OLDEST_MAIL: 12.5, metrics.MAILS_SENT: 0})
    (line,) = lines.taken()
    assert extracted(line) == {
        ("MailsWaiting", TABLE): 3,
        ("OldestMail", TABLE): 12.5,
        ("MailsSent", TABLE): 0,
    }


def test_a_thing_that_is_counted_by_a_field_which_is_not_there_would_be_found(lines: Lines) -> None:
    logs.note("request", counts={metrics.REFUSED: 1}, route="GET /api/me")
    with pytest.raises(KeyError, match="code"):
        extracted(lines.taken()[0])


def test_names_of_metrics_are_told_apart_and_have_units_that_cloudwatch_knows() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    assert {metric.unit for metric in METRICS} <= set(UNITS)
    fields = {"timestamp", "level", "event", "route", "code", "status", "stack", "fault"}
    assert not {metric.name for metric in METRICS} & fields
