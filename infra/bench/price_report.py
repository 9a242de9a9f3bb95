"""`make price`: what Kalauz costs a month, what each action costs, and what breaks first, as OPERATING.md has it."""

import sys

from infra.bench import price_actions as actions
from infra.bench import price_scale, prices
from infra.bench.budget import UNITS
from infra.bench.price_month import (
    Limit,
    Month,
    bad_hour,
    breaks_at,
    hottest_key,
    limits,
    mean,
    of_few,
    peak,
)
from infra.bench.price_scale import Scale
from infra.bench.prices import Prices
from infra.columns import aligned

MILLION = 1e6
FEWEST_SHOWN = 1e11  # customers; a limit that more of them would reach is no limit


def report(scale: Scale, bill: Prices) -> str:
    """The four tables, for the customers that scale.toml names."""
    months = [Month(customers, scale, bill) for customers in scale.customers]
    return "\n\n".join(
        [
            f"List prices of {bill.as_of} in {bill.region}, without free tiers and tax; habits of infra/scale.toml",
            aligned(_of_months(months)),
            aligned(_of_limits(months[-1])),
            aligned(_of_few(scale)),
            aligned(_of_actions(scale, bill)),
        ]
    )


def per_million(route: str, scale: Scale, bill: Prices) -> float:
    """Dollars for a million requests to a route, its mails and a year of keeping what they leave included."""
    units = UNITS[route]
    kept = max(0, units.kept) * 12 / actions.GB
    usage = {
        **actions.request(route, scale),
        "dynamodb.stored_gb": kept,
        "dynamodb.point_in_time_recovery_gb": kept,
    }
    return MILLION * bill.cost(usage)


def _of_months(months: list[Month]) -> list[list[str]]:
    def line(what: str, *figures: str) -> list[str]:
        return [what, *(f"{figure:>12}" for figure in figures)]

    services = list(months[-1].bill)
    return [
        line("a month of so many customers", *(f"{month.customers:,}" for month in months)),
        line("pages read", *(_many(month.page_views) for month in months)),
        line("requests to the API", *(_many(month.requests) for month in months)),
        line("  a second", *(_few(mean(month).requests) for month in months)),
        line("  in the busiest second", *(_few(peak(month).requests) for month in months)),
        line("  in a second of a bad hour", *(_few(bad_hour(month).requests) for month in months)),
        line("mails", *(_many(month.mails) for month in months)),
        line("  in a second of a bad hour", *(_few(bad_hour(month).mails) for month in months)),
        line("GB in the table after a year", *(_few(month.stored_gb) for month in months)),
        line("write units a second, the hottest key", *(_few(hottest_key(month).writes) for month in months)),
        *(line(f"$ {name}", *(_dollars(month.bill.get(name, 0.0)) for month in months)) for name in services),
        line("$ together", *(_dollars(sum(month.bill.values())) for month in months)),
        line(
            "$ for 1,000 customers",
            *(_dollars(1000 * sum(month.bill.values()) / month.customers) for month in months),
        ),
        line("$ WAF before it all, if you want it", *(_dollars(month.firewall) for month in months)),
    ]


def _of_limits(month: Month) -> list[list[str]]:
    heading = [
        "what breaks first",
        f"at {month.customers:,}",
        "limit",
        "",
        "enough for customers",
        "mended by",
    ]
    return [
        heading,
        *(_limit(limit, month) for limit in limits(month) if breaks_at(limit, month) < FEWEST_SHOWN),
    ]


def _of_few(scale: Scale) -> list[list[str]]:
    heading = ["however few the customers", "comes", "limit", "", "mended by"]
    return [
        heading,
        *([one.what, _few(one.load), _few(one.most), one.unit, one.mended_by] for one in of_few(scale)),
    ]


def _limit(limit: Limit, month: Month) -> list[str]:
    enough = breaks_at(limit, month)
    return [
        limit.what,
        _few(limit.load),
        _many(limit.most) if limit.most >= 100 else _few(limit.most),
        limit.unit,
        f"{_many(round(enough, -len(str(int(enough))) + 2)):>20}",
        limit.mended_by,
    ]


def _of_actions(scale: Scale, bill: Prices) -> list[list[str]]:
    costs = {route: per_million(route, scale, bill) for route in UNITS}
    costs["a page view"] = MILLION * bill.cost(actions.page_view(scale))
    costs["a mail, by itself"] = MILLION * bill.cost(actions.mail(scale, has_token=False))
    dearest_first = sorted(costs.items(), key=lambda cost: (-round(cost[1], 2), cost[0]))
    return [["a million of", "$"], *([what, f"{cost:>7.2f}"] for what, cost in dearest_first)]


def _many(number: float) -> str:
    return f"{number:,.0f}"


def _few(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 1 else f"{number:.2g}"


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}" if amount < 1000 else f"{amount:,.0f}"


if __name__ == "__main__":
    try:
        print(report(price_scale.read(), prices.read()))
    except (ValueError, KeyError, TypeError) as wrong:
        sys.exit(f"infra/prices.toml or infra/scale.toml: {wrong}")
