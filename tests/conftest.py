from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from clinic.models import ClinicProfile
from tests.visitor import Visitor


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def packet(db):
    """The questionnaires that come with the portal, and the packet that asks them."""
    call_command("load_questionnaires", verbosity=0, stdout=StringIO())


@pytest.fixture
def visitor(packet) -> Visitor:
    return Visitor(Client())


@pytest.fixture
def start_values(transactional_db):
    """What the data migrations put in, for a test that commits: the one before it emptied the tables."""
    if ClinicProfile.objects.exists():
        return
    for migration in ("clinic.migrations.0002_start_values", "intake.migrations.0002_consent_texts"):
        import_module(migration).create(apps, None)
