import logging
from io import StringIO

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase

from clinic.logs import JsonFormatter
from tests.flushing import quick_flush
from tests.stock import put_start_values, stock
from tests.visitor import Visitor

APPEND_ONLY = ("clinic_auditevent", "clinic_seal")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A test that commits is followed by a TRUNCATE of every table, which the audit record refuses."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER never_empty")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", quick_flush)
        yield


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickScrypt"]


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def log_lines(caplog):
    """Every line that the project's own logging would write, at every level, as text."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    caplog.set_level("DEBUG")
    root.addHandler(handler)
    yield lambda: stream.getvalue().splitlines()
    root.removeHandler(handler)


@pytest.fixture
def packet(db):
    """The questionnaires that come with the portal, and the packet that asks them."""
    stock("load_questionnaires")


@pytest.fixture
def visitor(packet) -> Visitor:
    return Visitor(Client())


@pytest.fixture
def start_values(transactional_db):
    """What the data migrations put in, for a test that commits: the one before it emptied the tables."""
    put_start_values()
