"""Whether a connection still lives is seen without asking."""

import time
from contextlib import suppress

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
