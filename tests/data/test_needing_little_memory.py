"""However large a provider is, exporting and importing needs no more memory: pages and batches, never the whole."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.data import importing, tables
from infra.data.lines import TypedItem
from tests.data.moving import exported, imported

PAGE = 200


def page_of(pages: int) -> Callable[..., tuple[list[TypedItem], TypedItem | None]]:
    """So many pages of a made-up table, in its one segment."""

    def page(
        _client: Any, segment: int, _segments: int, after: TypedItem | None
    ) -> tuple[list[TypedItem], TypedItem | None]:
        number = int(after["pk"]["S"]) if after else 1
        items = [
            {
                "pk": {"S": f"TICKET#{segment}-{number}"},
                "sk": {"S": f"MESSAGE#{place}"},
                "entity": {"S": "TicketMessage"},
                "version": {"N": "1"},
                "text": {"S": f"{segment} {number} {place} " * 20},
            }
            for place in range(PAGE)
        ]
        return items, None if number == pages else {"pk": {"S": str(number + 1)}, "sk": {"S": "0"}}

    return page


class EmptyTable:
    """Takes every item, and counts them."""

    def __init__(self) -> None:
        self.taken = 0

    def get_item(self, **_request: Any) -> dict[str, Any]:
        return {}

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name.
        self.taken += sum(map(len, RequestItems.values()))
        return {}

    def put_item(self, **_request: Any) -> None: ...

    def update_item(self, **_request: Any) -> None: ...


def peak(act: Callable[[], object]) -> int:
    """The most bytes that Python held at once beyond what it held before."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_items_take_the_same_memory(
    aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "SEGMENTS", 1)
    monkeypatch.setattr(importing, "_holds_something", lambda _client: False)
    peaks: dict[str, list[int]] = {"export": [], "import": []}
    for pages in (2, 2, 20):  # The first is there to load what is loaded once.
        folder = tmp_path / f"{pages}-{len(peaks['export'])}"
        table = EmptyTable()
        monkeypatch.setattr(tables, "page", page_of(pages))
        monkeypatch.setattr(tables, "dynamodb", lambda table=table: table)
        peaks["export"].append(peak(lambda folder=folder: exported(folder)))
        peaks["import"].append(peak(lambda folder=folder: imported(folder)))
        assert table.taken == pages * PAGE
    for _loading, few, many in peaks.values():
        assert many < 1.3 * few


def test_whoever_kept_it_all_would_be_found(
    aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: an import that reads its lines before it puts the first."""
    monkeypatch.setattr(tables, "SEGMENTS", 1)
    monkeypatch.setattr(importing, "_holds_something", lambda _client: False)
    monkeypatch.setattr(tables, "dynamodb", EmptyTable)
    batches = importing._batches
    monkeypatch.setattr(importing, "_batches", lambda source: list(batches(source)))
    peaks = []
    for pages in (2, 2, 20):
        folder = tmp_path / f"{pages}-{len(peaks)}"
        monkeypatch.setattr(tables, "page", page_of(pages))
        exported(folder)
        peaks.append(peak(lambda folder=folder: imported(folder)))
    assert peaks[2] > 2 * peaks[1]
