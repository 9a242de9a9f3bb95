"""AWS's clients, with time limits that leave room to answer a reader; and what to say when AWS does not answer."""

from typing import Any

from chalicelib.problems import Problem

CONNECT_SECONDS = 1
READ_SECONDS = 3
ATTEMPTS = 3

_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)


def client(service: str) -> Any:
    """A boto3 client. Importing boto3 is most of a cold start, so callers make theirs on first use and keep it."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        ),
    )


def available(operation: Any, **request: Any) -> Any:
    """Call an operation of a client; what passes (throttling, time-outs, AWS's own faults) becomes `unavailable`."""
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

    try:
        return operation(**request)
    except ClientError as failure:
        status = failure.response["ResponseMetadata"].get("HTTPStatusCode", 0)
        if status >= 500 or failure.response["Error"]["Code"] in _THROTTLED:
            raise unavailable() from failure
        raise
    except (ConnectionError, HTTPClientError) as failure:
        raise unavailable() from failure


def unavailable() -> Problem:
    """503: the service would not answer now, and may soon."""
    return Problem("unavailable", retry_after=2)
