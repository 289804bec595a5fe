"""Waiting for the database with an end to it: one that hangs must not hold the threads that serve everybody else.

A server that is stopped or swapped out still takes connections and answers nothing. PostgreSQL's own limits are counted
by that very server, and the kernel's say nothing about it, so the client counts.
"""

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from psycopg2 import errors, extensions

LONGEST = 30.0  # seconds that one statement may take
WHILE_IT_HANGS = 0.5
LOOK = 250  # milliseconds between two looks at whether the database was found to hang
READY = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}

_own = threading.local()
_hangs = threading.Event()


class Hanging(psycopg2.OperationalError):  # type: ignore[misc]
    """The database did not answer in time."""


def is_away(error: BaseException | None) -> bool:
    """Whether it says that the database is lost: for one that ends in the middle of an answer psycopg2 has no class.

    A server that takes nothing any more was the primary, and is a copy of another one now.
    """
    lost = type(error) is DatabaseError and isinstance(error.__cause__, psycopg2.Error)
    copy = isinstance(error, InternalError) and isinstance(error.__cause__, errors.ReadOnlySqlTransaction)
    return lost or copy or isinstance(error, (OperationalError, InterfaceError))


def install() -> None:
    """Let every statement of this process wait by the rules of this module; COPY is then not to be had."""
    extensions.set_wait_callback(wait)


@contextmanager
def as_a_test(seconds: float) -> Iterator[None]:
    """In this thread, what takes longer shows that the database hangs: until it answers, no thread waits for long."""
    _own.patience = seconds
    try:
        yield
    finally:
        del _own.patience


def wait(connection: Any) -> None:
    """Wait for what psycopg2 waits for. It closes the connection when this raises."""
    begin = time.monotonic()
    while (state := connection.poll()) != extensions.POLL_OK:
        line = select.poll()  # not select(), which knows 1024 files and no more
        line.register(connection, READY[state])
        while not line.poll(LOOK):
            _give_up_after(time.monotonic() - begin)
    _hangs.clear()


def _give_up_after(seconds: float) -> None:
    patience = getattr(_own, "patience", None)
    if patience is not None and seconds > patience:
        _hangs.set()
    if seconds > (WHILE_IT_HANGS if _hangs.is_set() else LONGEST):
        raise Hanging
