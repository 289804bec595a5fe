import pytest

from clinic.roles import CLINICIAN
from tests.intake.start_page.shown import sign_in


@pytest.fixture
def clinician(client):
    return sign_in(client, CLINICIAN, first_name="Nora", last_name="Field")
