"""Times as the table and the API write them: RFC 3339, in UTC, to the microsecond, so that text sorts as time."""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """`2026-11-22T13:00:00.000000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parsed(text: str) -> datetime:
    """The moment that rfc3339 wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def epoch(moment: datetime) -> int:
    """Seconds since 1970, as DynamoDB's TTL wants them."""
    return int(moment.timestamp())
