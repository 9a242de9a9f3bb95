"""`make price` and `BENCH=price`: prices are read, units are counted, a month is computed, the guide says the same."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.metrics import DONE, METRICS, REFUSED
from chalicelib.problems import PROBLEMS
from infra import package
from infra.bench import price, price_actions, price_report, price_scale, prices
from infra.bench.budget import CALLS, LOGGED, MAIL, UNITS, WRITE_UNITS
from infra.bench.item_sizes import item_bytes, kept_bytes, read_units
from infra.bench.metering import Meter, metering, written
from infra.bench.price_counting import action
from infra.bench.price_month import (
    DAYS,
    Month,
    bad_hour,
    breaks_at,
    hot_keys,
    hottest_key,
    limits,
    mean,
    of_few,
    peak,
)
from infra.bench.price_scale import Habit, Scale
from infra.bench.prices import Price
from infra.bench.rows import Verdict, exit_status
from infra.local.ministack import ROOT
from tests.client import endpoints
from tests.requests.walk import ENDPOINTS, named

OPEN_TICKET = "POST /api/tickets"
GUIDE = ROOT / "OPERATING.md"
BEGINS, ENDS = "<!-- what `make price` prints -->\n```\n", "\n```\n"


@pytest.fixture
def meter(emulated: None) -> Iterator[Meter]:
    with metering() as meter:
        yield meter


@pytest.fixture
def scale() -> Scale:
    return price_scale.read()


@pytest.fixture
def tickets_alone(scale: Scale) -> Scale:
    """Customers who open one ticket a month, and do nothing else but read; nothing stands without them."""
    votes = Habit(
        "votes", 0.0, ("POST /api/votes", "POST /api/search-misses", "GET /api/me", "POST /api/session")
    )
    return replace(scale, habits=(Habit("opens a ticket", 1.0, (OPEN_TICKET,)), votes), standing={})


def test_every_part_of_an_amount_has_the_price_of_its_own_step() -> None:
    price = Price(((0.0, 1.0), (100.0, 0.5), (300.0, 0.1)), per=10)
    assert price.of(0) == 0
    assert price.of(100) == pytest.approx(10)
    assert price.of(150) == pytest.approx(10 + 2.5)
    assert price.of(1300) == pytest.approx(10 + 10 + 10)


def test_a_bill_has_a_line_for_each_service() -> None:
    usage = {"ses.mails": 1000, "ses.sent_gb": 1, "kms.calls": 10_000}
    assert prices.read().by_service(usage) == {"SES": pytest.approx(0.22), "KMS": pytest.approx(0.03)}


def test_a_unit_without_a_price_is_no_free_one() -> None:
    with pytest.raises(KeyError, match=r"ses\.letters"):
        prices.read().cost({"ses.letters": 1})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('read_at = "https://example.com/"', r"\[ses\] does not tell where its prices are read"),
        (
            'read_at = "https://aws.amazon.com/ses/"\nmails = {usd = 0, per = 1}',
            "ses.mails has .* that cannot be",
        ),
        (
            'read_at = "https://aws.amazon.com/ses/"\nmails = {usd = 2, per = 1, above = [[9, 1], [3, 1]]}',
            "ses.mails has .* that cannot be",
        ),
    ],
)
def test_a_wrong_price_is_told_by_its_name(tmp_path: Path, wrong: str, told: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(f'as_of = 2026-11-22\nregion = "eu-central-1"\n[ses]\nname = "SES"\n{wrong}\n')
    with pytest.raises(ValueError, match=told):
        prices.read(file)


def test_a_habit_of_calling_what_is_no_route_is_told(tmp_path: Path) -> None:
    file = tmp_path / "scale.toml"
    file.write_text(price_scale.FILE.read_text("utf-8").replace("GET /api/tickets/{id}", "GET /api/letters"))
    with pytest.raises(ValueError, match="'reads a ticket' calls GET /api/letters, which is no route"):
        price_scale.read(file)


def test_every_route_has_its_units() -> None:
    assert set(UNITS) == set(CALLS) == {named(each) for each in ENDPOINTS}


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    assert item_bytes({"pk": {"S": "čaplja"}}) == 2 + 7
    assert item_bytes({"n": {"N": "-1234"}, "b": {"B": b"123"}, "t": {"BOOL": True}}) == 1 + 3 + 1 + 3 + 1 + 1
    assert item_bytes({"l": {"L": [{"S": "ab"}, {"N": "1"}]}}) == 1 + 3 + (1 + 2) + (1 + 2)
    assert item_bytes({"m": {"M": {"key": {"S": "v"}}}}) == 1 + 3 + (1 + 3 + 1)
    assert kept_bytes({"pk": {"S": "12345678"}}) == 110
    assert kept_bytes({"gsi1pk": {"S": "1234"}}) == 2 * 110


def test_a_read_costs_by_blocks_of_4_kb() -> None:
    def item(size: int) -> dict[str, dict[str, str]]:
        return {"pk": {"S": "x" * (size - 2)}}

    consistent = {"ConsistentRead": True}
    assert read_units("GetItem", consistent, {"Item": item(4096)}) == 1
    assert read_units("GetItem", consistent, {"Item": item(4097)}) == 2
    assert read_units("GetItem", consistent, {}) == 1
    assert read_units("Query", consistent, {"Items": [item(2000)] * 4}) == 2
    assert read_units("Query", {}, {"Items": [item(2000)] * 4}) == 1
    batch = {"RequestItems": {"table": {"Keys": [{}, {}, {}], "ConsistentRead": True}}}
    assert read_units("BatchGetItem", batch, {"Responses": {"table": [item(100), item(5000)]}}) == 4


def test_what_a_transaction_only_looks_at_is_no_item_written() -> None:
    steps = [{"Put": {"Item": {}}}, {"ConditionCheck": {}}, {"Update": {"Key": {}}}]
    assert len(written("TransactWriteItems", {"TransactItems": steps})) == 2
    assert written("PutItem", {"Item": {}}) == [{"Item": {}}]


@pytest.mark.xdist_group("ministack")
def test_the_price_is_computed_from_what_is_counted(meter: Meter) -> None:
    for endpoint in ENDPOINTS:
        route, counted = named(endpoint), action(endpoint, meter)
        units, cost = UNITS[route], counted.cost
        assert (cost.write_units, cost.read_units, cost.records, cost.hashes, len(counted.mails)) == (
            WRITE_UNITS.get(route, 0),
            *units[:4],
        ), route
        assert 0 <= units.kept - counted.kept < 100, route
        assert 0 <= units.passing - counted.passing < 100, route
        assert units.answered >= counted.answered, route
        assert 200 < counted.logged <= LOGGED, route
        for mail in counted.mails:
            assert len(mail.cost.calls) <= MAIL.calls and mail.cost.write_units <= MAIL.write_units, route
            assert mail.cost.read_units <= MAIL.read_units and 2_000 < mail.size <= MAIL.bytes, route


@pytest.mark.xdist_group("ministack")
def test_an_action_that_uses_more_than_it_may_fails_the_bench(
    meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = action(endpoints()["POST", "/api/tickets"], meter)
    assert price.row(OPEN_TICKET, counted).verdict is Verdict.OK
    for name in ("read_units", "records", "mails", "kept", "answered"):
        with monkeypatch.context() as patch:
            units = UNITS[OPEN_TICKET]
            patch.setitem(UNITS, OPEN_TICKET, units._replace(**{name: getattr(units, name) / 2}))
            row = price.row(OPEN_TICKET, counted)
        assert (row.verdict, exit_status([row])) == (Verdict.OVER, 1), name


def test_an_action_uses_what_its_mail_does_too(scale: Scale) -> None:
    opened = price_actions.request(OPEN_TICKET, scale)
    assert opened["ses.mails"] == 1
    assert opened["lambda.invocations"] == 2
    assert opened["dynamodb.write_units"] == WRITE_UNITS[OPEN_TICKET] + MAIL.write_units
    assert opened["kms.calls"] == 0
    assert price_actions.request("POST /api/password-resets", scale)["kms.calls"] == 2
    assert "ses.mails" not in {unit for unit, n in price_actions.request("GET /api/me", scale).items() if n}


def test_a_password_takes_longer_than_a_list_and_with_less_memory_still_longer(
    scale: Scale, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in = price_actions.request_seconds("POST /api/session", scale)
    assert 0.05 < sign_in < 0.2
    assert price_actions.request_seconds("GET /api/contacts", scale) < sign_in / 1.5
    monkeypatch.setattr("infra.bench.price_actions.megabytes", lambda _function: 512)
    assert price_actions.request_seconds("POST /api/session", scale) > sign_in


def test_a_month_is_as_much_as_its_customers_do(tickets_alone: Scale) -> None:
    month = Month(1_000_000, tickets_alone, prices.read())
    assert month.requests == month.mails == 1_000_000
    assert month.usage["apigateway.requests"] == 1_000_000
    assert month.bill["API Gateway"] == pytest.approx(3.70)
    assert month.bill["SES"] == pytest.approx(1_000 * 0.10 + 1_000_000 * MAIL.bytes / 1e9 * 0.12)
    assert month.stored_gb == pytest.approx(1_000_000 * 12 * UNITS[OPEN_TICKET].kept / 1e9)
    assert month.page_views == 1_000_000 * (2.0 * 3.0 + 0.5)
    assert mean(month).requests * DAYS * 24 * 3600 == pytest.approx(1_000_000)
    assert peak(month).mails == pytest.approx(10 * mean(month).mails)
    assert bad_hour(month).calls[OPEN_TICKET] == pytest.approx(mean(month).mails + 1_000_000 * 0.005 / 3600)


def test_what_stands_costs_the_same_for_few_and_many(scale: Scale) -> None:
    few, many = (Month(customers, scale, prices.read()) for customers in (0, 1_000_000))
    assert sum(few.bill.values()) == pytest.approx(
        prices.read().cost(scale.standing) + prices.read().cost(price_actions.sweeps(scale)), rel=0.01
    )
    assert many.usage["kms.keys"] == few.usage["kms.keys"]


def test_a_limit_breaks_where_the_model_says(scale: Scale) -> None:
    month = Month(10_000_000, scale, prices.read())
    for limit in limits(month):
        (there,) = [
            one
            for one in limits(Month(round(breaks_at(limit, month)), scale, prices.read()))
            if (one.what, one.mended_by) == (limit.what, limit.mended_by)
        ]
        assert there.share == pytest.approx(1, rel=0.001), limit.what
    shares = [limit.share for limit in limits(month)]
    assert shares == sorted(shares, reverse=True)


def test_the_stack_s_parameters_are_those_that_the_model_takes(scale: Scale) -> None:
    told = (ROOT / "infra" / "functions.yaml").read_text("utf-8")
    for name, value in scale.stack.items():
        assert f"\n  {name}:\n    Type: Number\n    Default: {value}\n" in told, name


def test_what_is_watched_is_paid_for(scale: Scale) -> None:
    resources = [each for each in package.template()["Resources"].values() if "Type" in each]
    alarms = [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]
    # An alarm is paid for by the series that it looks at.
    series = [
        sum("MetricStat" in each for each in alarm.get("Metrics", [{"MetricStat": {}}])) for alarm in alarms
    ]
    counted = {DONE: len(WRITE_UNITS), REFUSED: len(PROBLEMS)}
    metrics = sum(counted.get(metric, 1) for metric in METRICS)
    assert scale.standing["cloudwatch.alarms"] == sum(series)
    assert scale.standing["kms.keys"] == sum(each["Type"] == "AWS::KMS::Key" for each in resources)
    assert 0 <= scale.standing["cloudwatch.metrics"] - metrics < 10


def test_no_key_is_too_hot_at_ten_million_customers(scale: Scale) -> None:
    assert hottest_key(Month(10_000_000, scale, prices.read())).writes < scale.quotas["key_writes"] / 100


def test_the_hottest_key_is_the_one_that_is_written_most(scale: Scale) -> None:
    searching = replace(scale, habits=(*scale.habits, Habit("searches", 50.0, ("POST /api/search-misses",))))
    second = peak(Month(10_000_000, searching, prices.read()))
    hottest, *_others = hot_keys(second, searching)
    assert hottest.what == "SEARCH_MISSES#day"
    assert hottest.writes == pytest.approx(second.calls["POST /api/search-misses"])


def test_an_office_meets_the_limit_of_its_address_however_few_the_customers(scale: Scale) -> None:
    office, *_others = of_few(scale)
    assert (office.load, office.most, office.unit) == (500, 50, "in 15 minutes")


def test_the_guide_says_what_the_model_prints() -> None:
    guide = GUIDE.read_text("utf-8")
    _before, _mark, rest = guide.partition(BEGINS)
    told, _mark, _after = rest.partition(ENDS)
    assert told == price_report.report(price_scale.read(), prices.read()), "run `make price` and put it there"
