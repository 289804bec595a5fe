"""After a test that commits, the database as the migrations left it, so that the tests may run in any order.

Django's own flush takes the start values too, then makes all permissions anew, and needs ten times as long.
"""

from django.db import connection, transaction
from django.test import TransactionTestCase

from tests.stock import Rows, copy, rows

_left: Rows = {}


def remember() -> None:
    """Keep what the migrations put in."""
    _left.update({table: rows(table) for table in filled()})


def quick_flush(test: TransactionTestCase) -> None:
    """Stands in for `TransactionTestCase._fixture_teardown`."""
    with transaction.atomic(), connection.cursor() as cursor:
        # As TRUNCATE does, wait for whoever still writes.
        cursor.execute(f"LOCK TABLE {', '.join(_tables())} IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET LOCAL session_replication_role = replica")  # no foreign key and no guard has a say
        for table in filled():
            cursor.execute(f"DELETE FROM {table}")
        copy(_left)


def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def filled() -> list[str]:
    with connection.cursor() as cursor:
        asked = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in _tables())
        cursor.execute(" UNION ALL ".join(asked))
        return [table for (table,) in cursor.fetchall()]
