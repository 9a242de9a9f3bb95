"""What each action uses of AWS beside its budget, in dollars for a million; and what a page brings to its reader.

A count that is over its budget fails, since all that `make price` tells is computed from the budgets.
"""

import time
from collections.abc import Iterator
from statistics import median

from playwright.sync_api import sync_playwright

from infra.bench import price_scale, prices
from infra.bench.budget import LOGGED, MAIL, PAGE, PAGE_AGAIN, SWEEP_READ_UNITS, UNITS, WRITE_UNITS
from infra.bench.chromium import launch_options, weigh
from infra.bench.metering import Cost, metering
from infra.bench.price_counting import Action, SentMail, action, sweep
from infra.bench.price_report import per_million
from infra.bench.rows import Counted, Row, failed, seconds, verdict
from infra.bench.setting import Setting
from tests.requests.walk import ENDPOINTS, named

PAGES = ("people/add-contact/", "support/open-ticket/")


def rows(setting: Setting) -> Iterator[Row]:
    """A row for every route, the dearest first; for a mail, a sweep, a page; and the times that scale.toml takes."""
    setting.use_ministack()
    counted: dict[str, Action | Exception] = {}
    with metering(time.thread_time) as meter:
        for endpoint in ENDPOINTS:
            try:
                counted[named(endpoint)] = action(endpoint, meter)
            except Exception as failure:
                counted[named(endpoint)] = failure
        swept = sweep(meter)
    scale, bill = price_scale.read(), prices.read()
    for route in sorted(counted, key=lambda route: -per_million(route, scale, bill)):
        one = counted[route]
        yield failed(route, one) if isinstance(one, Exception) else row(route, one)
    actions = [one for one in counted.values() if isinstance(one, Action)]
    yield _of_mails([mail for one in actions for mail in one.mails])
    yield Counted(
        "a sweep of an empty queue",
        f"{swept.read_units:g} read units",
        budget=f"≤ {SWEEP_READ_UNITS} read units",
        verdict=verdict(swept.read_units <= SWEEP_READ_UNITS and not swept.write_units),
    )
    yield from _of_times(actions, scale)
    yield from _of_pages(setting)


def row(route: str, counted: Action) -> Counted:
    """The row of one route: its price, what it uses, what it may use."""
    units = UNITS[route]
    cost = counted.cost
    within = (
        cost.write_units <= WRITE_UNITS.get(route, 0)
        and cost.read_units <= units.read_units
        and cost.records <= units.records
        and cost.hashes <= units.hashes
        and len(counted.mails) <= units.mails
        and counted.kept <= units.kept
        and counted.passing <= units.passing
        and counted.answered <= units.answered
        and counted.logged <= LOGGED
    )
    dollars = per_million(route, price_scale.read(), prices.current())
    return Counted(
        f"a million of {route}",
        f"${dollars:.2f}",
        _written(
            cost.write_units,
            cost.read_units,
            cost.records,
            len(counted.mails),
            counted.kept,
            counted.passing,
            counted.answered,
        ),
        budget="≤ "
        + _written(
            WRITE_UNITS.get(route, 0),
            units.read_units,
            units.records,
            units.mails,
            units.kept,
            units.passing,
            units.answered,
        ),
        verdict=verdict(within),
    )


def _written(
    writes: float, reads: float, records: int, mails: int, kept: int, passing: int, answered: int
) -> str:
    return (
        f"{writes:g} w, {reads:g} r, {records} records, {mails} mails, "
        f"{kept:+} B kept, {passing:+} B passing, {answered} B answered"
    )


def _of_mails(mails: list[SentMail]) -> Row:
    """The most that a mail of any kind takes."""
    costs: list[Cost] = [mail.cost for mail in mails]
    most = (
        max(len(cost.calls) for cost in costs),
        max(cost.write_units for cost in costs),
        max(cost.read_units for cost in costs),
        max(mail.size for mail in mails),
    )
    within = all(one <= budget for one, budget in zip(most, MAIL, strict=True))
    within = within and max(mail.logged for mail in mails) <= LOGGED
    told = "{} calls, {:g} w, {:g} r, {} B"
    return Counted(
        "a mail, of any kind", told.format(*most), budget=f"≤ {told.format(*MAIL)}", verdict=verdict(within)
    )


def _of_times(actions: list[Action], scale: price_scale.Scale) -> Iterator[Row]:
    """The processor's time beside what the model takes for it. It informs, as all times do."""
    requests = [one.cost for one in actions if one.cost.calls]
    hashing = [cost.argon2 / cost.hashes for cost in requests if cost.hashes]
    mails = [mail.cost for one in actions for mail in one.mails]
    for what, took in (
        ("request", [cost.own for cost in requests]),
        ("call", [cost.aws / len(cost.calls) for cost in requests]),
        ("hash", hashing),
        ("mail", [cost.own for cost in mails]),
    ):
        taken = scale.time[what] / 1000
        yield Row(
            f"processor's time of a {what}, p50",
            seconds(median(took)),
            budget=f"≤ {seconds(taken)} in scale.toml",
            verdict=verdict(median(took) <= taken),
        )


def _of_pages(setting: Setting) -> Iterator[Row]:
    """Pages of one visit: the first with all its files, the next when the browser has most of them."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(**launch_options()) as browser,
        browser.new_context() as context,
    ):
        first, again = (weigh(context.new_page(), f"{setting.site.address}/{path}") for path in PAGES)
    for what, weight, most in (("first", first, PAGE), ("next", again, PAGE_AGAIN)):
        yield Counted(
            f"the {what} page of a visit",
            f"{weight.bytes / 1000:.1f} KB",
            budget=f"≤ {most / 1000:.1f} KB",
            verdict=verdict(weight.bytes <= most),
        )
