"""What an operator reads: one JSON object a line on stdout, which Lambda brings to CloudWatch. Nothing users typed.

Each line holds an event and facts that our own code names: codes, routes, references, counts. Of an exception it holds
the type and where it was raised, and of a library's record where it comes from. Neither's words: they can quote an
address, a token or a text. `make run` shows faults alone, readably and in full.
"""

import json
import logging
import os
import sys
import time
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
_WRITES_LINES = Event()
_JSON = json.JSONEncoder(separators=(",", ":"), default=lambda value: type(value).__name__)
# By the name that this was compiled under, as frames have theirs: in the zip there is bytecode made elsewhere.
_FUNCTIONS = f"{Path(sys._getframe().f_code.co_filename).absolute().parents[1]}{os.sep}"
_LIBRARIES = f"{os.sep}site-packages{os.sep}"


class Failed(Exception):
    """A function that Lambda woke has failed. Lambda writes down an exception's words: these are only its type."""


def set_up() -> None:
    """Let every logger of this process write as its stage asks."""
    shown = _Printing()
    if settings.is_local():
        _WRITES_LINES.clear()
        shown.setFormatter(_ForTheTerminal("%(name)s - %(levelname)s - %(message)s"))
        _logger.handlers, _logger.propagate = [shown], False
        _logger.setLevel(logging.ERROR)
        return
    _WRITES_LINES.set()
    shown.setFormatter(_Foreign())
    # In the place of Lambda's own handler, which writes messages out.
    logging.getLogger().handlers = [shown]
    logging.getLogger().setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # It would print the record that could not be written.
    _logger.handlers, _logger.propagate = [], True


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
    if _WRITES_LINES.is_set():
        # Past `logging`, which would look up who called, which thread it is, and more that nobody reads.
        now = time.time()
        counted = metrics.embedded(counts, int(now * 1000)) if counts else {}
        _print(_line(now, logging.getLevelName(level), {"event": event, **facts, **counted}, fault))
    elif _logger.isEnabledFor(level):
        _logger.log(level, event, exc_info=fault, extra={"facts": facts})


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
        _print(self.format(record))


class _Foreign(logging.Formatter):
    """What a library, or Python itself, has to say: that it did, and where."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "event": "told_by_library",
            "logger": record.name,
            "where": f"{_short(record.pathname)}:{record.lineno}:{record.funcName}",
        }
        return _line(record.created, record.levelname, told, record.exc_info[1] if record.exc_info else None)


class _ForTheTerminal(logging.Formatter):
    """A record as a developer reads it, with the whole traceback: the data are their own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name.
        facts = getattr(record, "facts", {})
        return " ".join(
            [super().formatMessage(record), *(f"{name}={value}" for name, value in facts.items())]
        )


def _line(seconds: float, level: str, told: dict[str, Any], fault: BaseException | None) -> str:
    """A line, with its moment in seconds since 1970. Lambda's log level filter knows `timestamp` and `level`."""
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    line = {"timestamp": f"{moment[:-6]}Z", "level": level, **told}
    if fault:
        line["fault"] = described(fault)
    return _JSON.encode(line)


def _print(line: str) -> None:
    # In one piece, or the lines of two threads would mix.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


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
