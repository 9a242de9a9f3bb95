"""The table as a long job meets it: it has time to wait, and does many things at once."""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event
from typing import Any, TypeVar

from chalicelib import aws, settings
from chalicelib.problems import Problem
from infra.data.lines import TypedItem
from infra.local.trouble import CannotRun

T = TypeVar("T")

SEGMENTS = 4  # of a scan; each is one thread
ITEMS_A_PAGE = 1000  # DynamoDB ends a page at 1 MB too
BATCH = 25  # what BatchWriteItem takes
ATTEMPTS = 10
READ_SECONDS = 30
PATIENCE = 12  # tries, of which the last ones are CAP_SECONDS apart
BASE_SECONDS = 0.05
CAP_SECONDS = 10.0


def dynamodb() -> Any:
    """A client that waits longer, and tries more often, than a reader would."""
    import boto3
    from botocore.config import Config

    retries = {"mode": "standard", "total_max_attempts": ATTEMPTS}
    return boto3.client(
        "dynamodb",
        config=Config(read_timeout=READ_SECONDS, retries=retries, max_pool_connections=2 * SEGMENTS),
    )


def name() -> str:
    """The table at hand."""
    return settings.table_name()


def count() -> int:
    """About how many items it has: DynamoDB counts them every six hours. Tells soon if there is no table, or no AWS."""
    return int(aws.client("dynamodb").describe_table(TableName=name())["Table"]["ItemCount"])


def page(
    client: Any, segment: int, segments: int, after: TypedItem | None
) -> tuple[list[TypedItem], TypedItem | None]:
    """The items of one page of a segment's scan, read consistently, and the key after which the next one starts."""
    answer = client.scan(
        TableName=name(),
        Segment=segment,
        TotalSegments=segments,
        Limit=ITEMS_A_PAGE,
        ConsistentRead=True,
        **({"ExclusiveStartKey": after} if after else {}),
    )
    return answer["Items"], answer.get("LastEvaluatedKey")


def put_all(client: Any, items: Sequence[TypedItem]) -> None:
    """Put at most 25 items, those too that DynamoDB leaves out at first. Raises CannotRun when it goes on leaving."""
    wanted = [{"PutRequest": {"Item": item}} for item in items]
    for turn in range(PATIENCE):
        answer = client.batch_write_item(RequestItems={name(): wanted})
        wanted = answer.get("UnprocessedItems", {}).get(name(), [])
        if not wanted:
            return
        pause(turn)
    raise CannotRun("DynamoDB takes no more for now. Run the same again: it goes on from here.")


def patiently(act: Callable[[], T]) -> T:
    """What an act of the functions' own returns, tried again while it says that AWS is unavailable."""
    for turn in range(PATIENCE - 1):
        try:
            return act()
        except Problem as problem:
            if problem.code != "unavailable":
                raise
        pause(turn)
    return act()


def pause(turn: int) -> None:
    """Wait with full jitter, longer each turn."""
    time.sleep(random.uniform(0, min(CAP_SECONDS, BASE_SECONDS * 2**turn)))  # noqa: S311 - jitter, not a secret.


def in_parallel(act: Callable[[int, Event], None], times: int) -> None:
    """Do it so many times at once; each hears of the others' end. The first failure ends all, and is raised."""
    is_over = Event()
    with ThreadPoolExecutor(times) as threads:
        try:
            doing = [threads.submit(act, place, is_over) for place in range(times)]
            done, _pending = wait(doing, return_when=FIRST_EXCEPTION)
        finally:
            is_over.set()
    for each in (*done, *doing):
        each.result()
