"""How many tickets a second `make run`'s server opens, over HTTP, by one client and by eight at once."""

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from uuid import uuid4

from infra.bench.rows import Row, times, verdict
from infra.bench.setting import Setting
from tests.infra.processes import Running
from tests.tickets.conversations import NO_MAIL

# Tickets a second of another help desk's server on a machine of two cores, by clients at once.
PEER = {1: 14.6, 8: 26.3}
LASTS = 5.0  # seconds
MAILS_COME_WITHIN = 30.0

PASSWORD = "plava čaplja preko reke"  # noqa: S105 - of people who live as long as this run.


def rows(setting: Setting) -> Iterator[Row]:
    """A row for each number of clients."""
    clients = _newcomers(setting.site, max(PEER))
    for number, peers in PEER.items():
        with ThreadPoolExecutor(number) as threads:
            start = time.monotonic()
            opened = sum(threads.map(_opened, clients[:number]))
            rate = opened / (time.monotonic() - start)
        yield Row(
            f"tickets a second, {number} at once" if number > 1 else "tickets a second, one client",
            f"{rate:.1f}",
            f"{peers} a peer",
            times(rate / peers),
            f"≥ {times(1)}",
            verdict(rate >= peers),
        )


def _opened(client: Running) -> int:
    """How many tickets a client opens, one after the other on one connection, until the time is over."""
    connection = HTTPConnection(client.address.removeprefix("http://"), timeout=30)
    headers = {"Cookie": client.cookies, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    body, opened, end = json.dumps(NO_MAIL), 0, time.monotonic() + LASTS
    while time.monotonic() < end:
        connection.request("POST", "/api/tickets", body, {**headers, "Idempotency-Key": str(uuid4())})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"a ticket was answered with {answer.status}: {said.decode()[:200]}")
        opened += 1
    connection.close()
    return opened


def _newcomers(site: Running, number: int) -> list[Running]:
    """So many people who registered through the site, each signed in, with an account of their own."""
    emails = [f"newcomer-{place}@example.com" for place in range(number)]
    for email in emails:
        site.ask("POST", "/api/registrations", {"name": "Dana", "email": email, "language": "sr"})
    tokens = _tokens(site, emails)
    clients = []
    for email in emails:
        confirmed = site.ask(
            "POST", "/api/registrations/confirm", {"token": tokens[email], "password": PASSWORD}
        )
        if confirmed.status != 201:
            raise RuntimeError(f"a registration was answered with {confirmed.status}: {confirmed.text[:200]}")
        cookies = confirmed.headers.get_all("Set-Cookie") or []
        clients.append(replace(site, cookies="; ".join(line.partition(";")[0] for line in cookies)))
    return clients


def _tokens(site: Running, emails: list[str]) -> dict[str, str]:
    """The token in the mail to each address, once all have come."""
    deadline = time.monotonic() + MAILS_COME_WITHIN
    while time.monotonic() < deadline:
        mails = site.ask("GET", "/_local/mail", Accept="application/json").json["items"]
        found = {mail["to"]: re.findall(r"#token=([\w-]+)", mail["text"]) for mail in mails}
        if all(found.get(email) for email in emails):
            return {email: found[email][0] for email in emails}
        time.sleep(0.1)
    raise RuntimeError("the mails with the links did not come")
