"""What an operator's stage goes through, on the real template, the real package and the real site.

ministack stands for AWS. What it cannot prove is listed in OPERATING.md.
"""

import json
import re
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest

from infra import package
from infra.deploy import deploying
from tests.infra import made_up_site
from tests.infra.deployer import BESIDE_ANOTHER, Deployer
from tests.infra.packaged import Package
from tests.infra.processes import PATIENCE, Answer

pytestmark = pytest.mark.xdist_group("cloud")
STAGE = "story"
PASSWORD = "zelena čaplja preko reke"
EMAIL = "vera@example.com"


@pytest.fixture(scope="module")
def first_said(deployer: Deployer) -> str:
    """What was said when a stage beside the story's was deployed for the first time."""
    return deployer.succeeds("deploy", "steady", **BESIDE_ANOTHER)


@pytest.fixture(scope="module")
def steady(first_said: str) -> str:
    """That stage."""
    return "steady"


@dataclass
class Reader:
    """A customer at the site's address."""

    deployer: Deployer
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        """Open a page, or ask the API."""
        return self.deployer.cloud.ask(f"{self.address}{path}", Cookie=self._cookies())

    def _cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a form, as our pages do."""
        answer = self.deployer.cloud.ask(
            f"{self.address}{path}",
            "POST",
            body=json.dumps({} if body is None else body).encode(),
            Accept_Language="sr",
            Content_Type="application/json",
            Cookie=self._cookies(),
            Origin=self.address,
            Sec_Fetch_Site="same-origin",
            **headers,
        )
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _is, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def signs_in(self) -> Answer:
        return self.post("/api/session", {"email": EMAIL, "password": PASSWORD})

    def token(self) -> str:
        """What the latest mail's link carries, once it has come."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            mails = json.loads(self.deployer.cloud.ask("http://localhost/_ministack/ses/messages").body)
            found = re.findall(
                r"#token=3?D?([\w-]+)", json.dumps(mails).replace("=\\n", "").replace("=\\r\\n", "")
            )
            if found:
                return str(found[-1])
            time.sleep(0.1)
        raise AssertionError(mails)


def test_a_stage_from_its_first_day_to_its_second_life(deployer: Deployer) -> None:
    said = deployer.succeeds("deploy", STAGE)
    assert re.search(r"^1\._domainkey\.\S+ CNAME \S+$", said, re.MULTILINE)
    first = deployer.parameter(STAGE, "Release")
    reader = Reader(deployer, deployer.output(STAGE, "Address"))

    # A person opens an account by the mail that SendMails hands to SES, turns two-factor on, and opens a ticket.
    new = {"name": "Vera", "email": EMAIL, "language": "sr"}
    assert reader.post("/api/registrations", new).status == 202
    confirmed = reader.post("/api/registrations/confirm", {"token": reader.token(), "password": PASSWORD})
    assert confirmed.status == 201, confirmed.text
    secret = reader.post("/api/two-factor").json["secret"]
    answer = reader.post("/api/two-factor/confirm", {"code": pyotp.TOTP(secret).now()})
    assert answer.status == 201, answer.text
    ticket = {"department": "technical", "subject": "Sajt ne radi", "description": "Od jutros."}
    opened = reader.post("/api/tickets", ticket, Idempotency_Key="3f0c2d1e")
    assert opened.status == 201, opened.text
    assert reader.get("/no-such-page/").status == 404

    # Who has a page of the first release open finds what it needs, and the next page is the second release's.
    shown, asset = reader.get("/").body, f"/{made_up_site.STYLES[deployer.looks]}"
    deployer.succeeds("deploy", STAGE)
    second = deployer.parameter(STAGE, "Release")
    assert second > first
    assert reader.get("/").body != shown
    assert reader.get(asset).status == 200
    assert reader.get(f"/api/tickets/{opened.json['id']}").json["subject"] == "Sajt ne radi"

    deployer.succeeds("rollback", STAGE)
    assert deployer.parameter(STAGE, "Release") == first
    assert reader.get("/").body == shown

    said = deployer.succeeds("destroy", STAGE)
    assert f"table kalauz-{STAGE}" in said
    assert f"alias/kalauz-{STAGE}: 1.00 dollars a month" in said

    said = deployer.succeeds("deploy", STAGE)
    assert "Import  Table" in said
    reader = Reader(deployer, deployer.output(STAGE, "Address"))
    assert reader.signs_in().status == 202
    code = pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30))
    assert reader.post("/api/session/second-factor", {"code": code}).status == 201
    assert reader.get(f"/api/tickets/{opened.json['id']}").json["subject"] == "Sajt ne radi"


def test_the_tree_is_built_for_the_sites_address(
    deployer: Deployer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "ROOT", tmp_path)
    monkeypatch.setattr(package, "FOLDER", deployer.package.folder)
    monkeypatch.setattr(package, "package", lambda folder: None)
    made = deploying.make("https://help.example.org")
    assert '<link rel="canonical" href="https://help.example.org/hu/">' in (
        made.site / "hu/index.html"
    ).read_text("utf-8")
    assert not [*made.site.rglob("*.br")]
    assert made.template()["Resources"]["Table"]


def test_the_first_deployment_without_a_domain_goes_twice_and_the_next_once(
    deployer: Deployer, first_said: str, steady: str
) -> None:
    address = deployer.output(steady, "Address")
    assert f"has its address now, {address}: it is built and deployed once more" in first_said
    assert deployer.parameter(steady, "Origins") == address
    assert first_said.splitlines()[-1] == f"The site is at {address}"
    said = deployer.succeeds("deploy", steady, API_RATE="700")
    assert "once more" not in said
    kept = deployer.parameter(steady, "ManagesMailIdentity")
    assert (deployer.parameter(steady, "ApiRate"), kept) == ("700", "no")


def test_nobody_at_the_terminal_and_no_yes_changes_nothing(deployer: Deployer, steady: str) -> None:
    before = deployer.described(steady)
    assert "say YES=1 in a pipeline" in deployer.refusal("deploy", steady, YES="")
    assert deployer.described(steady) == before
    left = deployer.cloud.client("cloudformation").list_change_sets(StackName=f"kalauz-{steady}")["Summaries"]
    assert [each for each in left if each["ExecutionStatus"] == "AVAILABLE"] == []


def test_a_new_edge_secret_spreads_while_the_former_is_still_taken(deployer: Deployer, steady: str) -> None:
    former = secret(deployer, steady)
    deployer.succeeds("deploy", steady, ROTATE="1")
    accepted = environment(deployer, steady)
    assert secret(deployer, steady) == accepted["KALAUZ_EDGE_SECRET"] != former
    assert accepted["KALAUZ_EDGE_SECRET_BEFORE"] == former
    deployer.succeeds("deploy", steady)
    assert environment(deployer, steady)["KALAUZ_EDGE_SECRET"] == secret(deployer, steady)
    assert environment(deployer, steady)["KALAUZ_EDGE_SECRET_BEFORE"] == ""


def test_an_update_that_fails_leaves_the_former_release(
    deployer: Deployer, steady: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, reader = (
        deployer.parameter(steady, "Release"),
        Reader(deployer, deployer.output(steady, "Address")),
    )
    shown = reader.get("/").body
    wrong = json.loads(deployer.package.sam.read_text("utf-8"))
    wrong["Resources"]["SitePages"]["Properties"]["ImportSource"]["SourceArn"] = {
        "Fn::Sub": "${SiteBucket.Arn}/pages/nowhere.json"
    }
    shutil.copy(deployer.package.zip, tmp_path)
    (tmp_path / "sam.json").write_text(json.dumps(wrong), "utf-8")
    monkeypatch.setattr(deployer, "package", Package(tmp_path))
    said = deployer.refusal("deploy", steady)
    assert said.startswith(
        f"kalauz-{steady} ended as UPDATE_ROLLBACK_COMPLETE. First of all failed SitePages: "
    )
    assert deployer.parameter(steady, "Release") == release
    assert reader.get("/").body == shown
    assert reader.get("/api/openapi.json").status == 200


def test_a_setting_that_cloudformation_refuses_is_told_in_one_line(deployer: Deployer, steady: str) -> None:
    assert "ApiRate" in deployer.refusal("deploy", steady, API_RATE="0")


def secret(deployer: Deployer, stage: str) -> str:
    """What the stage's CloudFront sends to the API."""
    site = deployer.output(stage, "DistributionId")
    found = deployer.cloud.client("cloudfront").get_distribution(Id=site)["Distribution"][
        "DistributionConfig"
    ]
    (header,) = (
        header
        for origin in found["Origins"]["Items"]
        for header in origin.get("CustomHeaders", {}).get("Items", [])
    )
    return str(header["HeaderValue"])


def environment(deployer: Deployer, stage: str) -> dict[str, str]:
    """What the stage's API is told."""
    (name,) = (
        each["PhysicalResourceId"]
        for page in deployer.cloud.client("cloudformation")
        .get_paginator("list_stack_resources")
        .paginate(StackName=f"kalauz-{stage}")
        for each in page["StackResourceSummaries"]
        if each["LogicalResourceId"] == "APIHandler"
    )
    found = deployer.cloud.client("lambda").get_function_configuration(FunctionName=name)
    return dict(found["Environment"]["Variables"])
