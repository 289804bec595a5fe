"""The start page of the review desk: who needs somebody first, then how the desk stands."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_screening, make_submission, make_user

START = "/admin/"
pytestmark = pytest.mark.usefixtures("packet")
ITEM_9 = [0] * 8 + [1]

@pytest.fixture
def clinician(client):
    user = make_user("intake.view_submission", "intake.read_answers", "content.view_page", "clinic.view_message")
    client.force_login(user)
    return user

def test_x(client, clinician):
    make_screening(phq9=ITEM_9)
    client.get(START)
    with CaptureQueriesContext(connection) as q:
        r = client.get(START)
    for x in q: print(x["sql"][:1500]); print()
    print(len(q))
    open("/tmp/x.html","wb").write(r.content)
    assert 0
