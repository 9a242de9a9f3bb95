"""What an operator's stage goes through, on the real template, the real package and the real site.

ministack stands for AWS. What it cannot prove is listed in OPERATING.md.
"""

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from tests.infra import made_up_site
from tests.infra.deployer import Deployer
from tests.infra.processes import PATIENCE, Answer

pytestmark = pytest.mark.xdist_group("cloud")
STAGE = "story"
PASSWORD = "zelena čaplja preko reke"
EMAIL = "vera@example.com"


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
    deployer.succeeds("deploy", STAGE)
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
