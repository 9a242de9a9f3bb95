"""`make bench`: what is counted comes out, and what its verdicts mean."""

from collections.abc import Iterator

import pytest

from infra.bench import actions, articles, lighthouse_scores
from infra.bench.__main__ import MEASUREMENTS, main, measured
from infra.bench.budget import CALLS, WRITE_UNITS
from infra.bench.metering import Meter, metering
from infra.bench.rows import Counted, Row, Verdict, compared, drawn, exit_status
from infra.bench.setting import Setting
from infra.bench.walking import cost_of
from tests.client import endpoints

ADD_CONTACT = endpoints()["POST", "/api/contacts"]
SIGN_IN = endpoints()["POST", "/api/session"]


@pytest.fixture
def meter(emulated: None) -> Iterator[Meter]:
    with metering() as meter:
        yield meter


def test_an_action_is_counted_against_its_budget(meter: Meter) -> None:
    row = actions.row(ADD_CONTACT, meter)
    assert row == Counted(
        "POST /api/contacts", "3 round trips, 8 write units", budget="≤ 3 round trips, 8 write units"
    )
    assert exit_status([row]) == 0


@pytest.mark.parametrize(("table", "budget"), [(CALLS, ["GetItem"]), (WRITE_UNITS, 7)])
def test_one_that_costs_more_is_over_and_fails(
    meter: Meter, monkeypatch: pytest.MonkeyPatch, table: dict[str, object], budget: object
) -> None:
    monkeypatch.setitem(table, "POST /api/contacts", budget)
    row = actions.row(ADD_CONTACT, meter)
    assert row.verdict is Verdict.OVER
    assert exit_status([row]) == 1


def test_our_own_time_is_that_beside_aws_and_argon2(meter: Meter) -> None:
    cost = cost_of(SIGN_IN, meter)
    assert cost.aws > 0 and cost.argon2 > 0
    assert 0 < cost.own < cost.handler - cost.aws < cost.handler


def test_every_route_that_writes_has_a_budget_of_units() -> None:
    writing = {"UpdateItem", "TransactWriteItems"}
    assert set(WRITE_UNITS) == {route for route, calls in CALLS.items() if writing & set(calls)}


def test_what_cannot_be_measured_is_a_row_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_setting: Setting) -> Iterator[Row]:
        yield Row("the first", "1")
        raise RuntimeError("no browser\nat all")

    monkeypatch.setitem(MEASUREMENTS, "pages", broken)
    rows = measured(["pages"])
    assert rows == [Row("the first", "1"), Row("pages", "no browser", verdict=Verdict.FAILED)]
    assert exit_status(rows) == 1


def test_a_time_over_its_budget_informs() -> None:
    row = compared("site build", 3.0, "without our hooks", 2.0, 1.2)
    assert row == Row(
        "site build", "3.00 s", "2.00 s without our hooks", "1.50 ×", "≤ 1.20 ×", verdict=Verdict.OVER
    )
    assert exit_status([row]) == 0


def test_the_columns_stand_under_their_headings() -> None:
    heading, first, second = drawn([Row("a", "1", budget="2"), Row("longer", "10", "5")]).split("\n")
    assert heading.split() == ["what", "figure", "against", "ratio", "budget"]
    assert first.index("1") == second.index("10") == heading.index("figure")
    assert first.index("2") == heading.index("budget")


def test_a_name_that_nothing_has_is_answered_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BENCH", "pages,speed")
    assert main() == 1
    assert capsys.readouterr().err.startswith("There is no speed to measure; there are: actions, own_time,")


def test_made_up_articles_are_the_same_each_time_and_no_two_alike() -> None:
    made, again = articles.Language("hu"), articles.Language("hu")
    assert made.article(4) == again.article(4)
    assert len({made.article(number) for number in range(20)}) == 20
    assert "/// form | " in made.article(4)
    assert "/// form | " not in made.article(5)


def test_made_up_articles_have_new_words_as_long_as_they_go_on() -> None:
    made = articles.Language("es")
    words = [set(made.article(number).lower().split()) for number in range(60)]
    early, late = set().union(*words[:30]), set().union(*words[30:])
    assert 300 < len(late - early) < len(early)


def test_without_npm_lighthouse_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _program: None)
    with Setting() as setting:
        rows = [*lighthouse_scores.rows(setting)]
    assert rows == [Row("Lighthouse", "skipped: there is no npm", verdict=Verdict.SKIPPED)]
    assert exit_status(rows) == 0


@pytest.mark.parametrize(
    ("performance", "told", "looks"), [([100, 100], 100, 2), ([97, 100, 99], 99, 3), ([90, 100, 100], 100, 3)]
)
def test_a_score_is_the_median_of_three(performance: list[int], told: int, looks: int) -> None:
    waiting = [lighthouse_scores.Scores(one, [100, 100, 100], []) for one in performance]
    assert lighthouse_scores.combined(lambda: waiting.pop(0)).performance == told
    assert len(performance) - len(waiting) == looks


def test_a_slow_page_informs_and_one_that_is_wrong_fails() -> None:
    slow = lighthouse_scores.row("/", "mobile", lighthouse_scores.Scores(98, [100, 100, 100], ["tbt"]))
    wrong = lighthouse_scores.row("/", "mobile", lighthouse_scores.Scores(100, [100, 96, 100], ["a"]))
    assert (slow.verdict, exit_status([slow])) == (Verdict.OVER, 0)
    assert (wrong.verdict, exit_status([wrong])) == (Verdict.OVER, 1)
