import logging
from io import StringIO

import pytest
from django.core.cache import cache
from django.test import Client, TransactionTestCase
from whitenoise.middleware import WhiteNoiseMiddleware

from clinic.kept import pages
from clinic.logs import JsonFormatter
from tests import flushing
from tests.stock import stock
from tests.visitor import Visitor


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        flushing.remember()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flushing.quick_flush)
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_found_once():
    """Each client of a test starts the middleware anew, which reads every static file: 20 ms, thousands of times."""
    find, known = WhiteNoiseMiddleware.add_files_from_finders, {}

    def quick_find(middleware):
        if not known:
            find(middleware)
            known.update(middleware.files)
        middleware.files = middleware.files | known

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", quick_find)
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
def watched(db):
    """Pages and blank forms are kept, as in a process of the site; afterwards nothing is."""
    pages.forget()
    pages.check()
    yield pages
    pages.forget()
