"""The app on somebody's phone, and short ways to where its codes count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyotp

from chalicelib import keys, sealing, table
from chalicelib.accounts import repository as accounts
from chalicelib.cookies import begin_sign_in
from chalicelib.sign_in import repository as sign_ins
from chalicelib.timestamps import rfc3339
from chalicelib.tokens import digest, new_id, new_token
from chalicelib.two_factor import repository
from chalicelib.two_factor.actions import STEP_SECONDS
from chalicelib.two_factor.repository import Enrolment
from tests.client import Answer, Client
from tests.conftest import PASSWORD, Clock, Person

# What is no code, neither the app's nor a recovery code; the digits of other scripts are digits to Python.
NO_CODES: list[tuple[object, str]] = [
    *(
        (text, "not_a_code")
        for text in (
            "",
            " ",
            "12345",
            "1234567",
            " 123456",
            "123456 ",
            "123 456",
            "123-456",
            "123456\n",
            "123456\x00",
            "+12345",
            "-12345",
            "0x1234",
            "1e0005",
            "12345O",
            "１２３４５６",  # fullwidth
            "12345６",
            "¹²³⁴⁵⁶",
            "①②③④⑤⑥",
            "١٢٣٤٥٦",  # Arabic-Indic
            "१२३४५६",  # Devanagari
            "𝟏𝟐𝟑𝟒𝟓𝟔",  # mathematical bold
            "null",
            "ABCD-2345-6789-WXY",
            "ABCD-2345-6789-WXYZ-ABCD",
            "ABCD--2345-6789-WXYZ",
            "-ABCD-2345-6789-WXYZ",
            "ABCD 2345 6789 WXYZ",
            "ABCD_2345_6789_WXYZ",
            "АBCD-2345-6789-WXYZ",  # a Cyrillic A
            "ＡBCD-2345-6789-WXYZ",  # a fullwidth A
            "ABCD-2345-6789-WXYZ\n",
            "x" * 10_000,
        )
    ),
    *(
        (value, "wrong_type")
        for value in (123456, 123456.0, -1, True, ["123456"], ["1", "2", "3", "4", "5", "6"], {}, {"N": "1"})
    ),
]

RECOVERY_CODES = [f"{letter * 4}-2345-6789-WXYZ" for letter in "ABCDEFGHJK"]


@dataclass(frozen=True)
class Authenticator:
    """An app that has somebody's secret."""

    secret: str

    def code(self, now: datetime | None = None, *, steps: int = 0) -> str:
        """What it shows now, or so many steps of 30 seconds later."""
        return pyotp.TOTP(self.secret).at(now or datetime.now(UTC), counter_offset=steps)

    def wrong_code(self, now: datetime | None = None) -> str:
        """Six digits that it shows neither now nor a few minutes around."""
        shown = {self.code(now, steps=step) for step in range(-10, 11)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in shown)


# The one that tests hold which are not about enrolling.
APP = Authenticator("KALAUZKALAUZKALAUZKALAUZKALAUZ23")


def begun(person: Person, client: Client) -> Authenticator:
    """Two-factor begun in a session, such as `POST /api/two-factor` begins it, with a secret that is known."""
    sealed = sealing.seal(APP.secret, owner=f"USER#{person.id}")
    session = digest(client.cookies["session"])
    table.write(repository.begin(person.id, sealed, session, datetime.now(UTC)))
    return APP


def switched_on(person: Person, recovery_codes: Sequence[str] = RECOVERY_CODES) -> Authenticator:
    """Two-factor on, with these recovery codes, no code of the app used for long, and no try counted."""
    now = datetime.now(UTC)
    sealed = sealing.seal(APP.secret, owner=f"USER#{person.id}")
    enrolment = Enrolment(sealed, "", 0)
    table.write(repository.begin(person.id, sealed, "", now))
    hashes = [digest(code.replace("-", "")) for code in recovery_codes]
    long_ago = int(now.timestamp()) // STEP_SECONDS - 1000
    table.commit(
        [
            *repository.confirm(person.id, enrolment, long_ago, new_id(now), hashes, now),
            table.update(keys.user(person.id), sets={"two_factor_since": rfc3339(now)}),
            table.update(keys.email_address(person.email), sets={"two_factor": True}),
        ]
    )
    return APP


def awaited(person: Person, now: datetime | None = None) -> Client:
    """Their browser after the password was right, without the cost of one: the code is awaited."""
    known, token = accounts.sign_in_address(person.email), new_token()
    assert known
    table.write(sign_ins.await_second_factor(token, known, now or datetime.now(UTC)))
    client = person.client()
    client.take_cookies(begin_sign_in(token, 300))
    return client


def awaiting(person: Person) -> Client:
    """Their browser after they sent the right password: the code is awaited."""
    client = person.client()
    answer = client.post("/api/session", {"email": person.email, "password": PASSWORD})
    assert answer.status == 202, answer.text
    return client


def enrolled(client: Client, clock: Clock) -> tuple[Authenticator, dict[str, Any]]:
    """Switch two-factor on as a reader does; returns their app, and what the API answered."""
    answer = client.post("/api/two-factor")
    assert answer.status == 201, answer.text
    app = Authenticator(answer.body["secret"])
    confirmed = client.post("/api/two-factor/confirm", {"code": app.code(clock.now())})
    assert confirmed.status == 201, confirmed.text
    return app, confirmed.body


def mid_step(clock: Clock) -> datetime:
    """Put the clock to the middle of a step, so that none begins while a test counts them."""
    return clock.forward(seconds=(STEP_SECONDS / 2 - clock.now().timestamp()) % STEP_SECONDS)


def finish(client: Client, code: object) -> Answer:
    """Send the code that a sign-in awaits."""
    return client.post("/api/session/second-factor", {"code": code})


def elevate(client: Client, code: object = None) -> Answer:
    """Prove once more who it is, by password, and code if there is one."""
    body = {"password": PASSWORD} if code is None else {"password": PASSWORD, "code": code}
    return client.post("/api/session/elevation", body)


def credential(person: Person) -> dict[str, Any] | None:
    """The item of the secret that counts."""
    return table.get(keys.totp_credential(person.id))
