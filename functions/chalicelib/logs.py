"""What an operator reads: one JSON object a line on stdout, which Lambda brings to CloudWatch. Nothing users typed.

Each line holds an event and facts that our own code names: codes, routes, references, counts. Of an exception it holds
the type and where it was raised, and of a library's record where it comes from. Neither's words: they can quote an
address, a token or a text. `make run` shows faults alone, readably and in full.
"""

import json
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any

from chalicelib import metrics, settings
from chalicelib.metrics import Counts

Fact = str | int | float | bool

MOST_CAUSES = 4

_logger = logging.getLogger("kalauz")
_HAS_BEGUN = Event()
_FUNCTIONS = f"{Path(__file__).absolute().parents[1]}{os.sep}"
_LIBRARIES = f"{os.sep}site-packages{os.sep}"


class Failed(Exception):
    """A function that Lambda woke has failed. Lambda writes down an exception's words: these are only its type."""


def set_up() -> None:
    """Let every logger of this process write as its stage asks."""
    shown = _Printing()
    if settings.is_local():
        shown.setFormatter(_ForTheTerminal("%(name)s - %(levelname)s - %(message)s"))
        _logger.handlers, _logger.propagate = [shown], False
        _logger.setLevel(logging.ERROR)
        return
    shown.setFormatter(_Line())
    # In the place of Lambda's own handler, which writes messages out.
    logging.getLogger().handlers = [shown]
    logging.getLogger().setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # It would print the record that could not be written.
    _logger.handlers, _logger.propagate = [], True
    _logger.setLevel(logging.INFO)


def note(
    event: str,
    *,
    level: int = logging.INFO,
    fault: BaseException | None = None,
    counts: Counts | None = None,
    **facts: Fact,
) -> None:
    """Write a line: what happened, the exception behind it, what it adds to metrics, and facts by their names.

    A fact is a code, a route, a reference or a number: never what a user typed, nor a key of an item.
    """
    if _logger.isEnabledFor(level):
        _logger.log(level, event, exc_info=fault, extra={"facts": facts, "counts": counts or {}})


def process(context: Any) -> dict[str, Fact]:
    """Of the process that answers: its release, and Lambda's own id of this run; once, that it has just begun.

    Takes the context that Lambda hands over.
    """
    told: dict[str, Fact] = {
        "release": settings.release(),
        "invocation": getattr(context, "aws_request_id", ""),
    }
    if not _HAS_BEGUN.is_set():
        _HAS_BEGUN.set()
        told["cold_start"] = True
    return told


def woken(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A function for Lambda to wake by an event, which writes down its own fault.

    It still raises `Failed` then, since Lambda brings the event again by that.
    """

    @wraps(handler)
    def run(*arguments: Any) -> Any:
        try:
            return handler(*arguments)
        except Exception as fault:
            note("function_failed", level=logging.ERROR, fault=fault, function=handler.__name__)
            raise Failed(_type(fault)) from None

    return run


def described(fault: BaseException) -> list[dict[str, Any]]:
    """An exception and what caused it, the last one first: types, places, and what AWS called it."""
    return [
        {"type": _type(each), "where": _places(each.__traceback__), **_of_aws(each)} for each in _chain(fault)
    ]


class _Printing(logging.Handler):
    """Prints to what is standard output at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), flush=True)


class _Line(logging.Formatter):
    """A record as JSON. `timestamp` and `level` are named as Lambda's own log level filter wants them."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "timestamp": moment.replace("+00:00", "Z"),
            "level": record.levelname,
            **_told(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["fault"] = described(record.exc_info[1])
        return json.dumps(line, separators=(",", ":"), default=lambda value: type(value).__name__)


class _ForTheTerminal(logging.Formatter):
    """A record as a developer reads it, with the whole traceback: the data are their own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name.
        facts = getattr(record, "facts", {})
        return " ".join(
            [super().formatMessage(record), *(f"{name}={value}" for name, value in facts.items())]
        )


def _told(record: logging.LogRecord) -> dict[str, Any]:
    facts = getattr(record, "facts", None)
    if facts is None:
        place = f"{_short(record.pathname)}:{record.lineno}:{record.funcName}"
        return {"event": "told_by_library", "logger": record.name, "where": place}
    counts: Counts = getattr(record, "counts", {})
    counted = metrics.embedded(counts, int(record.created * 1000)) if counts else {}
    return {"event": record.msg, **facts, **counted}


def _chain(fault: BaseException) -> Iterator[BaseException]:
    this: BaseException | None = fault
    for _cause in range(MOST_CAUSES):
        if this is None:
            return
        yield this
        this = this.__cause__ or (None if this.__suppress_context__ else this.__context__)


def _type(fault: BaseException) -> str:
    return f"{type(fault).__module__}.{type(fault).__qualname__}".removeprefix("builtins.")


def _places(traceback: TracebackType | None) -> list[str]:
    """The frames of our own code, outermost first, and the one that raised it, whosever that is."""
    places = []
    while traceback:
        code = traceback.tb_frame.f_code
        if code.co_filename.startswith(_FUNCTIONS) or traceback.tb_next is None:
            places.append(f"{_short(code.co_filename)}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return places


def _short(path: str) -> str:
    return path.removeprefix(_FUNCTIONS).rpartition(_LIBRARIES)[2]


def _of_aws(fault: BaseException) -> dict[str, Any]:
    """What AWS called a refusal, of which operation; why each step of a transaction failed."""
    answer = getattr(fault, "response", None)
    if not isinstance(answer, dict):
        return {}
    told: dict[str, Any] = {"aws": {"operation": getattr(fault, "operation_name", "")}}
    told["aws"]["code"] = answer.get("Error", {}).get("Code", "")
    if reasons := answer.get("CancellationReasons"):
        told["aws"]["reasons"] = [reason.get("Code", "") for reason in reasons]
    return told
