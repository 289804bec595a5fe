"""Whether a connection still lives is seen without asking; and no index is there that nothing needs."""

import time
from contextlib import suppress
from importlib import import_module

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

pytestmark = pytest.mark.django_db(transaction=True)


def end(pid: int) -> None:
    """Let the server end a connection, as it does when it stops."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()
    time.sleep(0.3)


def pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_living_connection_is_used_again_without_a_query(django_assert_num_queries):
    first = pid()

    with django_assert_num_queries(1):
        assert connection.is_usable()
        assert pid() == first


def test_a_connection_that_the_server_has_ended_is_replaced_before_it_is_used():
    first = pid()
    end(first)

    usable = connection.is_usable()
    connection.health_check_done = False  # as at the beginning of a request
    second = pid()

    assert not usable
    assert second != first


def test_a_transaction_that_has_failed_takes_no_statement():
    usable = []
    with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        with suppress(DatabaseError):
            cursor.execute("SELECT 1 / 0")
        usable.append(connection.is_usable())
        cursor.execute("SELECT 1")
    usable.append(connection.is_usable())

    assert usable == [False, True]


def test_without_such_a_look_it_would_fail():
    end(pid())

    with pytest.raises(OperationalError):
        pid()
    connection.close()


def for_beginnings() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexdef ~ '_pattern_ops'")
        return [name for (name,) in cursor.fetchall()]


def test_no_text_has_an_index_for_how_it_begins():
    assert for_beginnings() == []


def test_an_update_drops_those_that_there_are():
    update = import_module("clinic.migrations.0012_fewer_indexes")
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX clinic_tally_key_6c860b44_like ON clinic_tally (key varchar_pattern_ops)")
        before = for_beginnings()
        cursor.execute(update.DROP)

    assert (before, for_beginnings()) == (["clinic_tally_key_6c860b44_like"], [])
