"""`make bench`: what it costs beside what it may cost, in one table. `BENCH=imports,pages` picks measurements.

What is counted over its budget, or cannot be measured, makes it end with 1; a time that is over only informs, since
it depends on the machine and on what else runs there.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator

from infra.bench import (
    actions,
    cold_start,
    hot_account,
    known_addresses,
    lighthouse_scores,
    mail_storm,
    own_time,
    pages,
    price,
    scale,
    site_build,
    tickets,
    writing,
    zip_size,
)
from infra.bench.rows import Row, drawn, exit_status, failed
from infra.bench.setting import Setting

MEASUREMENTS: dict[str, Callable[[Setting], Iterator[Row]]] = {
    "actions": actions.rows,
    "own_time": own_time.rows,
    "imports": cold_start.imports,
    "imports_with_client": cold_start.imports_with_client,
    "imports_as_shipped": cold_start.imports_as_shipped,
    "first_request": cold_start.first_request,
    "zip": zip_size.rows,
    "pages": pages.rows,
    "lighthouse": lighthouse_scores.rows,
    "build": site_build.rows,
    "scale": scale.rows,
    "writing": writing.rows,
    "tickets": tickets.rows,
    "known_addresses": known_addresses.rows,
    "price": price.rows,
    "hot_account": hot_account.rows,
    "mail_storm": mail_storm.rows,
}


def measured(names: list[str]) -> list[Row]:
    """The rows of some measurements; one that fails is a row too."""
    rows: list[Row] = []
    with Setting() as setting:
        for name in names:
            start = time.monotonic()
            try:
                rows += MEASUREMENTS[name](setting)
            except Exception as failure:
                rows.append(failed(name, failure))
            print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    return rows


def main() -> int:
    """Measure what BENCH names, or everything, and print the table."""
    names = os.environ.get("BENCH", "").replace(",", " ").split() or [*MEASUREMENTS]
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        print(
            f"There is no {', '.join(unknown)} to measure; there are: {', '.join(MEASUREMENTS)}",
            file=sys.stderr,
        )
        return 1
    rows = measured(names)
    print(drawn(rows))
    return exit_status(rows)


if __name__ == "__main__":
    sys.exit(main())
