import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from tests.visitor import Visitor


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def packet(db):
    """The questionnaires that come with the portal, and the packet that asks them."""
    call_command("load_questionnaires", verbosity=0, stdout=open("/dev/null", "w"))


@pytest.fixture
def visitor(packet) -> Visitor:
    return Visitor(Client())
