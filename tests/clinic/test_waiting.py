"""A database process that is stopped with SIGSTOP: it holds its connection and answers nothing."""

import os
import signal
import threading
import time
from contextlib import contextmanager

import psycopg2
import pytest
from django.db import connection
from psycopg2 import extensions

from clinic import waiting
from clinic.kept import serving


@pytest.fixture
def _counted(db):
    waiting.install()
    yield
    extensions.set_wait_callback(None)


@contextmanager
def line(*, hangs: bool = False):
    """A connection of its own, whose process hangs."""
    own = psycopg2.connect(**connection.get_connection_params())
    pid = own.info.backend_pid
    if hangs:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield own
    finally:
        os.kill(pid, signal.SIGCONT)
        own.close()


def ask(own, sql: str = "SELECT 1") -> float:
    """How long it took until the answer, or until nobody waited any more."""
    begin = time.monotonic()
    try:
        own.cursor().execute(sql)
    except waiting.Hanging:
        assert own.closed
    return time.monotonic() - begin


@pytest.mark.usefixtures("_counted")
def test_when_the_test_finds_that_the_database_hangs_nobody_waits_on_until_it_answers():
    spans = []
    with line(hangs=True) as first, line(hangs=True) as second, line() as third:
        visitor = threading.Thread(target=lambda: spans.append(ask(first)))
        visitor.start()
        with waiting.as_a_test(1.0):
            spans.append(ask(second))
        visitor.join(5)
        while_it_hangs = sorted(spans)
        answered = ask(third), ask(third, "SELECT pg_sleep(1)")
        assert not third.closed

    assert len(while_it_hangs) == 2
    assert 1.0 < while_it_hangs[0] <= while_it_hangs[1] < 3.0
    assert answered[1] > 1.0


@pytest.mark.usefixtures("_counted")
def test_a_statement_has_an_end_without_any_test(monkeypatch):
    monkeypatch.setattr(waiting, "LONGEST", 0.5)
    with line(hangs=True) as own:
        assert 0.5 < ask(own) < 2.0
        assert own.closed


@pytest.mark.usefixtures("_counted", "transactional_db")
def test_the_watch_of_the_kept_pages_is_such_a_test_and_does_not_hang_itself(monkeypatch):
    monkeypatch.setattr(serving, "ANSWER_SECONDS", 0.3)
    watch, begin = serving.Watch(serving.Application()), time.monotonic()
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    try:
        watch.look()
        found, took = waiting._hangs.is_set(), time.monotonic() - begin
    finally:
        os.kill(pid, signal.SIGCONT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert (found, waiting._hangs.is_set()) == (True, False)
    assert took < 3.0
