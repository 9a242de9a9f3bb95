"""`make votes` and `make misses`: what readers told, for writers, while `make run` runs, after it, and without it."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from chalicelib import table
from infra.columns import aligned
from infra.local import readers
from infra.local.reaching import reaching_the_table
from infra.local.trouble import CannotRun
from tests.articles.visitors import NO, miss, vote
from tests.aws_calls import Calls
from tests.client import Client
from tests.conftest import Clock
from tests.infra import rights
from tests.infra.processes import ROOT, running

TODAY = datetime.now(UTC).date()


def told(what: str, folder: Path, **environment: str) -> tuple[int, str]:
    """What the command prints, and how it ends."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KALAUZ_"))}
    done = subprocess.run(
        [sys.executable, "-m", "infra.local.readers", what],
        cwd=ROOT,
        env={**clean, "KALAUZ_LOCAL_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


# --- What they tell ---


def test_misses_are_told_by_language_the_most_frequent_first(aws: None, clock: Clock) -> None:
    clock.forward(days=-3)
    miss(Client(), "Prenos domena")
    clock.forward(days=3)
    for _time in range(2):
        miss(Client(), "prenos domena")
    miss(Client(), "prenos domena", "hu")
    first_day = (TODAY - timedelta(days=3)).isoformat()
    assert aligned(readers.misses(30, TODAY)).splitlines() == [
        "times  language  query          first       last",
        f"3      sr        prenos domena  {first_day}  {TODAY}",
        f"1      hu        prenos domena  {TODAY}  {TODAY}",
    ]
    assert list(readers.misses(1, TODAY))[1] == (2, "sr", "prenos domena", str(TODAY), str(TODAY))


def test_votes_are_told_by_article_with_the_newest_reasons_first(aws: None, clock: Clock) -> None:
    vote(Client())
    vote(Client(), NO, reason="Nema slike.\nI predugo je.")
    clock.forward(days=1)
    vote(Client("hu"), NO, language="hu", reason="Hiányzik egy kép.")
    vote(Client(), article="support/open-ticket")
    assert list(readers.votes()) == [
        ("yes", "no", "article", "by language"),
        (1, 2, "people/add-contact", "hu 0:1, sr 1:1"),
        (1, 0, "support/open-ticket", "sr 1:0"),
    ]
    tomorrow = TODAY + timedelta(days=1)
    assert "\n".join(readers.reasons()).splitlines() == [
        "",
        "people/add-contact",
        f"  {tomorrow} hu  Hiányzik egy kép.",
        f"  {TODAY} sr  Nema slike.",
        " " * 16 + "I predugo je.",
    ]


def test_a_reader_of_the_table_sees_every_page_of_it(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert table.query.__kwdefaults__
    monkeypatch.setitem(table.query.__kwdefaults__, "limit", 5)
    for place in range(12):
        vote(Client(), NO, reason=f"{place} " + "x" * 990)
        miss(Client(), f"upit {'abcdefghijkl'[place]}")
    assert len(list(readers.reasons())) == 13
    assert len(list(readers.misses(1, TODAY))) == 13


# --- Where they hear it ---


def test_it_is_told_while_the_site_runs_and_after(tmp_path: Path) -> None:
    with running(tmp_path) as site:
        site.ask("POST", "/api/search-misses", {"query": "prenos domena", "language": "sr"})
        status, words = told("misses", tmp_path)
        assert (status, "prenos domena" in words) == (0, True), words
    for _time in range(2):
        status, words = told("misses", tmp_path)
        assert (status, "prenos domena" in words) == (0, True), words
    status, words = told("votes", tmp_path)
    assert (status, words.split()) == (0, ["yes", "no", "article", "by", "language"]), words


def test_before_the_site_ever_ran_it_is_told_so(tmp_path: Path) -> None:
    status, words = told("votes", tmp_path / "none")
    assert status == 1 and "keeps nothing yet" in words and "Traceback" not in words


@pytest.mark.parametrize("days", ["a week", "-3", "１"])
def test_days_that_are_no_number_are_told(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("DAYS", days)
    with pytest.raises(CannotRun, match="DAYS=30"):
        readers.told("misses")


def test_a_stage_in_aws_is_looked_for_in_the_region_that_it_was_deployed_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = {"STAGE": "production", "AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-central-1"}
    for name, value in {**said, "KALAUZ_TABLE": "", "KALAUZ_KEY": ""}.items():
        monkeypatch.setenv(name, value)
    with reaching_the_table():
        assert boto3.client("dynamodb").meta.region_name == "eu-north-1"
        assert os.environ["KALAUZ_TABLE"] == "kalauz-production"


def test_a_writers_rights_are_what_it_takes_and_no_more(aws: None, calls: Calls) -> None:
    (policy,) = json.loads((ROOT / "infra/writing/policy.json").read_text("utf-8"))["Statement"]
    vote(Client(), NO, reason="Nema slike.")
    miss(Client(), "prenos domena")
    calls.taken()
    assert "Nema slike." in readers.told("votes") and "prenos domena" in readers.told("misses")
    # The table of any stage stands for the stack's own, of which `rights` speaks.
    here = {**policy, "Resource": json.loads(rights.TABLE)}
    asks = list(rights.asks(calls))
    assert [ask for ask in asks if not rights.permits(here, ask)] == []
    assert {ask.action for ask in asks} == set(policy["Action"])
    of_a_customer = rights.Ask("dynamodb:Query", rights.TABLE, {"dynamodb:LeadingKeys": ["ACCOUNT#1"]})
    assert not rights.permits(here, of_a_customer)


def test_without_credentials_it_is_told_in_a_line(tmp_path: Path) -> None:
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    status, words = told(
        "votes",
        tmp_path,
        **nothing,
        STAGE="production",
        AWS_REGION="eu-central-1",
        AWS_EC2_METADATA_DISABLED="true",
    )
    assert (status, words) == (
        1,
        "There are no credentials for AWS here: run `aws configure`, or set AWS_PROFILE.\n",
    )
