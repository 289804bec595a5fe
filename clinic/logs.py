"""Log lines made from a list of allowed keys, so that nothing a person sent or wrote can be among them.

A message is printed as its template, never with its arguments; an exception as its class and the places it passed,
never with its message. Give an id with extra={"record": str(row.pk)}.
"""

import json
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
OWN_LOGGERS = {"clinic", "content", "intake"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
TRACE_LENGTH = 12

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


@contextmanager
def during_request(request_id: str) -> Iterator[None]:
    """Let every line that is logged meanwhile carry the request's id."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


class JsonFormatter(logging.Formatter):
    """`trusted` are packages, beside our own, whose whole messages may be printed."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        super().__init__()
        self.trusted = OWN_LOGGERS | set(trusted)

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._template(record),
            **_request(record),
            **_exception(record),
            "record": getattr(record, "record", None),
        }
        return json.dumps({key: value for key, value in line.items() if value is not None})

    def _template(self, record: logging.LogRecord) -> str | None:
        """Return the message before its arguments went in; nothing where the caller may have put them in itself.

        Django's own templates come with arguments: one without may be the text of an exception.
        """
        package = record.name.partition(".")[0]
        trusted = package in self.trusted or (package == "django" and bool(record.args))
        return record.msg if trusted and isinstance(record.msg, str) else None


def take_over() -> None:
    """Let what Python itself would print in full come out as lines of the log: what ends a process, and warnings."""
    sys.excepthook = lambda _kind, error, _trace: _say("critical", "The process ended with an exception.", error)
    threading.excepthook = lambda args: _say("error", "A thread ended with an exception.", args.exc_value)
    sys.unraisablehook = lambda args: _say("error", "An exception could not be raised.", args.exc_value)
    warnings.showwarning = _show_warning
    logging.raiseExceptions = False  # else a line that cannot be made is printed with its arguments


def _say(level: str, message: str, error: BaseException | None, **extra: object) -> None:
    """Write a line to stderr, whether the logging is set up or not."""
    number = logging.getLevelNamesMapping()[level.upper()]
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.getLogger("clinic.logs").makeRecord(
        "clinic.logs", number, __file__, 0, message, (), exc_info, extra=extra
    )
    print(JsonFormatter().format(record), file=sys.stderr, flush=True)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    warning = message if isinstance(message, Warning) else category()
    _say("warning", "A warning was given.", warning, place=(filename, lineno))


def _request(record: logging.LogRecord) -> dict[str, object]:
    request = getattr(record, "request", None)
    method = getattr(request, "method", None)
    status = getattr(record, "status_code", None)
    return {
        "request_id": getattr(request, "request_id", None) or _request_id.get(),
        "method": method if method in METHODS else None,
        "status": status if isinstance(status, int) else None,
    }


def _exception(record: logging.LogRecord) -> dict[str, object]:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {}
    cause = error.__cause__ or error.__context__
    return {
        "exception": _class_name(error),
        "cause": _class_name(cause) if cause else None,
        "trace": _places(error.__traceback__) or _place(record),
    }


def _class_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _places(trace: TracebackType | None) -> list[str]:
    """Return "file:line function" for the last calls, the innermost last."""
    places = [(Path(frame.f_code.co_filename), line, frame.f_code.co_name) for frame, line in traceback.walk_tb(trace)]
    return [f"{_short(path)}:{line} {name}" for path, line, name in places[-TRACE_LENGTH:]]


def _place(record: logging.LogRecord) -> list[str]:
    """Where a warning was given."""
    file, line = getattr(record, "place", ("", 0))
    return [f"{_short(Path(file))}:{line}"] if file else []


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-3:])
