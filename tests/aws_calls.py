"""What goes between the API and AWS: listened to, or disturbed, through botocore's events."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.hooks import HierarchicalEmitter
from moto.core.models import botocore_stubber

from chalicelib import sealing, table
from chalicelib.mail import actions as mail


def clients() -> list[Any]:
    """Every AWS client of the functions."""
    return [table.dynamodb(), sealing._kms(), mail._ses()]


@dataclass
class Calls:
    """The calls of AWS, in their order: `GetItem`, `TransactWriteItems`, ... with what was asked."""

    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def listening(cls) -> Iterator["Calls"]:
        """Hear every call until the end of the block."""
        calls = cls()

        def heard(model: Any, params: dict[str, Any], **_others: object) -> None:
            body = params.get("body") or {}
            calls.made.append((model.name, body if isinstance(body, dict) else json.loads(body)))

        heard_from = clients()
        for client in heard_from:
            client.meta.events.register("before-call.*.*", heard)
        try:
            yield calls
        finally:
            for client in heard_from:
                client.meta.events.unregister("before-call.*.*", heard)

    @property
    def names(self) -> list[str]:
        """The names of the operations, in order."""
        return [name for name, _asked in self.made]

    def taken(self) -> list[str]:
        """The names so far; what follows is counted anew."""
        names = self.names
        self.made.clear()
        return names


_JSON = "application/x-amz-json-1.0"

Answering = Callable[[AWSPreparedRequest], AWSResponse | None]


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Faults:
    """Faults to be met by attempts of an operation, one a time, or always.

    Each is asked for with `meets(operation, fault, ...)`; `attempts` counts what was really tried.
    """

    emitters: list[HierarchicalEmitter]
    planned: dict[str, list[Answering | None]] = field(default_factory=dict)
    ever: dict[str, Answering] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)

    @classmethod
    @contextmanager
    def ready(cls) -> Iterator["Faults"]:
        """Stand between the API and AWS until the end of the block."""
        faults = cls([client.meta.events for client in clients()])
        for events in faults.emitters:
            events.register_first("before-send.*.*", faults._sent)
        in_memory = botocore_stubber.process_request
        # botocore asks every handler, also those behind one that has answered: moto would still do what was refused.
        botocore_stubber.process_request = lambda request: (
            None if getattr(request, "is_answered", False) else in_memory(request)
        )
        try:
            yield faults
        finally:
            botocore_stubber.process_request = in_memory
            for events in faults.emitters:
                events.unregister("before-send.*.*", faults._sent)

    def meets(self, operation: str, *faults: Answering | None) -> None:
        """Let the next attempts of an operation meet these faults in turn; None is an attempt without one."""
        self.planned.setdefault(operation, []).extend(faults)

    def always_meets(self, operation: str, fault: Answering) -> None:
        """Let every attempt of an operation meet a fault; `*` stands for all operations."""
        self.ever[operation] = fault

    def are_over(self) -> None:
        """Let everything pass from now on."""
        self.planned.clear()
        self.ever.clear()

    def _sent(self, event_name: str, request: AWSPreparedRequest, **_others: object) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        self.attempts[operation] += 1
        if self.planned.get(operation):
            fault = self.planned[operation].pop(0)
        else:
            fault = self.ever.get(operation) or self.ever.get("*")
        answer = fault(request) if fault else None
        request.is_answered = answer is not None
        return answer


def refuses(code: str, *, status: int = 400, **details: object) -> Answering:
    """AWS answers with an error."""

    def fault(request: AWSPreparedRequest) -> AWSResponse:
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **details}
        return answered(request, status, body)

    return fault


def throttles(request: AWSPreparedRequest) -> AWSResponse:
    """AWS has more to do than it takes on."""
    return refuses("ThrottlingException")(request)


def fails(request: AWSPreparedRequest) -> AWSResponse:
    """AWS has a fault of its own."""
    return refuses("InternalServerError", status=500)(request)


def conflicts(request: AWSPreparedRequest) -> AWSResponse:
    """Another transaction holds the first item of this one."""
    wanted = json.loads(request.body or b"{}")["TransactItems"]
    reasons = [{"Code": "TransactionConflict"}, *({"Code": "None"} for _item in wanted[1:])]
    return refuses("TransactionCanceledException", CancellationReasons=reasons)(request)


def never_answers(request: AWSPreparedRequest) -> AWSResponse:
    """The request is lost before AWS sees it."""
    raise ReadTimeoutError(endpoint_url=request.url, error="the request was lost")


def is_killed(_request: AWSPreparedRequest) -> AWSResponse:
    """The process ends before it sends."""
    raise Killed


def loses_the_answer(request: AWSPreparedRequest) -> AWSResponse:
    """AWS does what it is asked, and nobody hears of it."""
    if botocore_stubber("before-send", request) is None:
        table.dynamodb()._endpoint._send(request)
    raise ReadTimeoutError(endpoint_url=request.url, error="the answer was lost")


def answered(request: AWSPreparedRequest, status: int, body: dict[str, Any] | str) -> AWSResponse:
    """An answer in AWS's place: JSON, or, as SES answers, XML that is a text already."""
    kind, text = ("text/xml", body) if isinstance(body, str) else (_JSON, json.dumps(body))
    return AWSResponse(request.url, status, {"Content-Type": kind}, _Raw(text.encode()))


class _Raw:
    """The body of an answer, as urllib3 gives it to botocore."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_arguments: object, **_named: object) -> Iterator[bytes]:
        yield self._body
