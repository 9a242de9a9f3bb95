"""What readers told, for writers: `make votes`, and `make misses`.

    python -m infra.local.readers votes|misses      of `make run`, whether it runs or not
    STAGE=production … votes|misses                 of a stage in AWS, by this shell's own credentials (or TABLE=…)

DAYS says how far `misses` looks back: 30 where it says nothing, and 90 is as long as they are kept. In AWS both need
the rights of infra/writing/policy.json.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.articles import repository
from chalicelib.problems import Problem
from infra.columns import aligned
from infra.deploy import trouble as of_aws
from infra.local.reaching import reaching_the_table
from infra.local.trouble import CannotRun

USUAL_DAYS = 30

Row = Sequence[object]


def misses(days: int, today: date) -> Iterator[Row]:
    """Each query that found nothing in the last days, by language: how often, its first day and its last."""
    times: Counter[tuple[str, str]] = Counter()
    seen: dict[tuple[str, str], list[str]] = {}
    for back in range(days):
        for miss in repository.misses(today - timedelta(days=back)):
            asked = miss.language, miss.query
            times[asked] += miss.times
            seen.setdefault(asked, []).append(miss.day)
    yield "times", "language", "query", "first", "last"
    for (language, query), count in sorted(times.items(), key=lambda one: (-one[1], one[0])):
        yield count, language, query, min(seen[language, query]), max(seen[language, query])


def votes() -> Iterator[Row]:
    """Each article's votes, the least helpful article first, and in each language."""
    yield "yes", "no", "article", "by language"
    standing = {article: repository.tally(article)[0] for article in repository.published()}
    for article, tally in sorted(standing.items(), key=lambda one: (one[1].yes - one[1].no, one[0])):
        if tally.yes or tally.no:
            each = (
                f"{language} {yes}:{no}" for language, (yes, no) in tally.by_language.items() if yes or no
            )
            yield tally.yes, tally.no, article, ", ".join(each)


def reasons() -> Iterator[str]:
    """Why articles did not help, article by article, the newest first."""
    for article in sorted(repository.published()):
        found = repository.votes_with_reason(article)
        if found:
            yield f"\n{article}"
        for vote in found:
            yield f"  {vote.at[:10]} {vote.language}  " + vote.reason.replace("\n", "\n" + " " * 16)


def told(what: str) -> str:
    """What there is to tell of `votes` or of `misses`. Raises CannotRun for DAYS that are no number."""
    if what == "votes":
        return "\n".join([aligned(votes()), *reasons()])
    days = os.environ.get("DAYS") or str(USUAL_DAYS)
    if not (days.isascii() and days.isdigit()):
        raise CannotRun(f"DAYS says {days}: give a number of days, such as DAYS=30.")
    return aligned(misses(int(days), datetime.now(UTC).date()))


def main(what: str) -> int:
    """Print it."""
    try:
        with reaching_the_table():
            print(told(what))
    except CannotRun as trouble:
        print(trouble, file=sys.stderr)
    except Problem:
        print("AWS does not answer. Run it again.", file=sys.stderr)
    except (BotoCoreError, ClientError) as failure:
        print(of_aws.told(failure, policy="infra/writing/policy.json"), file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
