"""A page of the desk asks the database as often for 10,000 submissions as for 10; docs/desk.md says how often."""

import re
import uuid
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import Message
from intake.models import ConsentText, Submission
from tests.factories import make_screening, make_submission, make_user

DOCS = Path(__file__).resolve().parents[2] / "docs" / "desk.md"
MOST = 20
LIST = "/admin/intake/submission/"

PAGES = {
    "start page": "/admin/",
    "submissions": LIST,
    "submissions, all": f"{LIST}?show=all",
    "submissions with an unresolved alert": f"{LIST}?alert=unresolved",
    "submissions, mine": f"{LIST}?who=me",
    "submissions, contact due": f"{LIST}?due=now",
    "submissions, PHQ-9 severe": f"{LIST}?phq9=severe",
    "e-mails": "/admin/clinic/message/",
    "audit record": "/admin/clinic/auditevent/",
}


def fill(number):
    consent = ConsentText.current("contact", "en")
    Submission.objects.bulk_create(
        (
            Submission(
                origin=uuid.uuid4(),
                kind="contact",
                language="en",
                consent=consent,
                name=f"Person {at}",
                email=f"person.{at}@example.org",
                contact_method="email",
            )
            for at in range(number)
        ),
        batch_size=1000,
    )
    Message.objects.bulk_create(Message(template="contact_receipt", about=uuid.uuid4()) for _ in range(number))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clinic_auditevent (action, kind, record, reference, detail, reason)"
            " SELECT 'received', 'submission', '', '', '', '' FROM generate_series(1, %s)",
            [number],
        )
        cursor.execute("ANALYZE")


def counts(client, pages):
    found = {}
    for name, address in pages.items():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, address
        found[name] = len(queries)
    return found


def test_a_page_asks_as_often_for_10000_submissions_as_for_10_and_the_docs_say_how_often(client, packet):
    client.force_login(make_user(is_superuser=True))
    risky = make_screening(phq9=[0] * 8 + [1])
    for _ in range(9):
        make_submission()
    pages = PAGES | {"one submission": f"{LIST}{risky.pk}/change/"}
    for address in pages.values():
        client.get(address)
    few = counts(client, pages)

    fill(10_000)

    assert counts(client, pages) == few
    assert {name for name, number in few.items() if number > MOST} <= {"one submission"}
    told = {name: int(number) for name, number in re.findall(r"^\| ([^|]+) \| (\d+) \|$", DOCS.read_text(), re.M)}
    assert told == few
