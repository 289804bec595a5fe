import pytest

from tests.factories import make_user
from tests.intake.same_person.people import FRONT_DESK


@pytest.fixture
def nora(client):
    user = make_user(*FRONT_DESK, "intake.read_answers", email="nora@example.org", first_name="Nora", last_name="Field")
    client.force_login(user)
    return user


@pytest.fixture
def ben(db):
    return make_user(*FRONT_DESK, email="ben@example.org", first_name="Ben", last_name="Ito")


@pytest.fixture
def front_desk(client):
    user = make_user(*FRONT_DESK, email="front@example.org")
    client.force_login(user)
    return user
