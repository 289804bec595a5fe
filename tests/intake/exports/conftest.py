import pytest
from django.contrib.auth.models import Group

from clinic.roles import CLINICIAN, FRONT_DESK
from tests.factories import make_user


@pytest.fixture
def clinician(client):
    user = make_user(first_name="Nora", last_name="Field")
    user.groups.add(Group.objects.get(name=CLINICIAN))
    client.force_login(user)
    return user


@pytest.fixture
def front_desk(client):
    user = make_user(email="front@example.org")
    user.groups.add(Group.objects.get(name=FRONT_DESK))
    client.force_login(user)
    return user
