"""The whole origin as the browser tests need it: pages, API, mails, and four tools that production has not.

    python -m tests.browser.origin FOLDER     prints its address, and ends when its stdin is closed

A process of its own, since other tests of the same run put AWS into memory.

    POST /_local/settle {name, language, permissions, other_accounts, minutes_ago, two_factor}
                                        makes a person with a session that began so long ago
    GET  /_local/table?entity=Contact   every item of an entity
    POST /_local/table {key, sets}      changes one of them
    POST /_local/forget                 lets everybody try anew, as an hour without attempts does
"""

import itertools
import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pyotp

from chalicelib import hashing, keys, settings, table
from chalicelib.accounts import repository as accounts
from chalicelib.keys import Key
from chalicelib.sessions import actions as sessions
from chalicelib.two_factor import actions as two_factor
from chalicelib.two_factor.forms import ConfirmEnrolment
from chalicelib.users import repository as users
from infra.local import building, stack
from infra.local.server import serve
from theme.hooks.headers import HEADERS

Start = Callable[[str, list[tuple[str, str]]], object]

PASSWORD = "zelena čaplja preko reke"
_numbers = itertools.count(1)
_attempts = keys.attempts
_tried: list[Key] = []  # under which keys attempts are counted


@cache
def password_hash() -> str:
    """The hash of everybody's PASSWORD, made once, since making one is the dearest part of a person."""
    return hashing.hashed(PASSWORD)


def settle(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """Write somebody who owns an account, or is a user of a stranger's, and begin a session."""
    asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    now, number = datetime.now(UTC), next(_numbers)
    user_id, account_id, email = f"user-{number}", f"account-{number}", f"person-{number}@example.com"
    owns = asked["permissions"] is None
    begun = sessions.begin(user_id, account_id, now - timedelta(minutes=asked["minutes_ago"]))
    table.commit(
        [
            accounts.claim_address(email, user_id, account_id, password_hash()),
            accounts.new_user(user_id, asked["name"], email, asked["language"], now),
            accounts.new_account(account_id, f"Studio {number}", now),
            users.new_membership(
                account_id, user_id, now, is_owner=owns, permissions=asked["permissions"] or ()
            ),
            *begun.writes,
        ]
    )
    for other in asked["other_accounts"]:
        table.commit(
            [
                accounts.new_account(f"{account_id}-{other}", other, now),
                users.new_membership(f"{account_id}-{other}", user_id, now, is_owner=True),
            ]
        )
    person = {"id": user_id, "email": email, "account": f"Studio {number}", "cookies": begun.cookies}
    if asked["two_factor"]:
        person |= enrol(begun, now)
    return _json(start_response, {**asked, **person})


def enrol(begun: sessions.NewSession, now: datetime) -> dict[str, Any]:
    """Switch two-factor on, with a code of an earlier step: the app's present one still counts."""
    token = SimpleCookie(begun.cookies[0])["session"].value
    earlier = now - timedelta(minutes=1)
    by = sessions.authorise(token, earlier)
    secret = two_factor.begin(by, earlier).secret
    form = ConfirmEnrolment(code=pyotp.TOTP(secret).at(earlier))
    enrolled = two_factor.confirm(by, form, "192.0.2.1", earlier)
    return {
        "secret": secret,
        "recovery_codes": enrolled.recovery_codes,
        "cookies": enrolled.session.cookies,
    }


def items(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """Every item of an entity, as the tests compare it, or a change of one."""
    if environ["REQUEST_METHOD"] == "POST":
        asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        table.write(table.update(asked["key"], sets=asked["sets"]))
        return _json(start_response, {})
    (entity,) = parse_qs(environ["QUERY_STRING"])["entity"]
    return _json(start_response, {"items": _scanned(entity)})


def noted(what: str, subject: str) -> Key:
    """The key of attempts, kept for `forget`: a scan for them reads what all tests before wrote."""
    _tried.append(_attempts(what, subject))
    return _tried[-1]


def forget(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """Take away what counts attempts, so that tests that use the same address do not stand in each other's way."""
    while _tried:
        table.write(table.delete(_tried.pop(), when=None))
    return _json(start_response, {})


def _scanned(entity: str) -> list[dict[str, Any]]:
    """What the tests of a whole run wrote is read by the emulator alone."""
    pages = (
        table.dynamodb()
        .get_paginator("scan")
        .paginate(
            TableName=settings.table_name(),
            FilterExpression="entity = :entity",
            ExpressionAttributeValues={":entity": {"S": entity}},
        )
    )
    return [table._from_dynamodb(item) for page in pages for item in page["Items"]]


def _json(start_response: Start, body: object) -> list[bytes]:
    raw = json.dumps(body, default=str).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(raw)))])
    return [raw]


def main() -> None:
    """Serve until stdin ends, which it does with the tests' process, however that ends."""
    folder = Path(sys.argv[1])
    keys.attempts = noted
    wrong = building.build(folder / "site", "http://localhost")
    if wrong:
        raise SystemExit(wrong)
    with stack.running(folder / "ministack") as ministack, stack.of_its_own(ministack, "browser"):
        tools = {"/_local/settle": settle, "/_local/table": items, "/_local/forget": forget}
        server = serve(folder / "site", mails=folder / "mails", headers=HEADERS, tools=tools)
        print(server.address, flush=True)
        sys.stdin.read()
        server.stop()


if __name__ == "__main__":
    main()
