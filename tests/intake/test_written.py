"""A statement that is written once gives the rows that Django's own query gives."""

import uuid
from datetime import timedelta

import pytest
from django.db.models import F
from django.forms.models import model_to_dict

from clinic.crypto import token_hash
from clinic.models import ClinicProfile
from intake.models import Draft, Packet, Response, Submission
from intake.models.written import Written
from tests.factories import make_screening

pytestmark = pytest.mark.usefixtures("packet")
RESPONSES = Written(lambda submission: Response.objects.filter(submission=submission))
BRIEFLY = Written(lambda pk: Submission.objects.filter(pk=pk).only("reference"))


def test_rows_are_those_of_the_query_in_its_order_with_what_is_encrypted():
    first, second = make_screening(phq9=[1] * 9), make_screening(phq9=[2] * 9)

    for submission in (first, second):
        found, expected = RESPONSES.rows(submission.pk), list(submission.responses.all())
        assert found == expected
        assert list(map(model_to_dict, found)) == list(map(model_to_dict, expected))
        assert len({response.document for response in found}) == len(expected) > 1
    assert RESPONSES.first(uuid.uuid4()) is None


def test_a_row_is_saved_as_any_other():
    Draft.objects.start(Packet.objects.current(), "en", "token")
    draft = Draft.objects.with_token("token")
    draft.answers = {"1": {"q1": ["yes"]}}
    draft.save()

    again = Draft.objects.get(token_hash=token_hash("token"))

    assert (again.answers, again.questionnaire_ids) == (draft.answers, draft.questionnaire_ids)


def test_columns_that_were_left_out_are_fetched_when_they_are_read(django_assert_num_queries):
    submission = make_screening(person={"name": "Marta Quill"})
    found = BRIEFLY.first(submission.pk)

    with django_assert_num_queries(1):
        assert (found.reference, found.name) == (submission.reference, "Marta Quill")


@pytest.mark.parametrize("token", ["", "another", "%s"])
def test_a_value_is_only_compared(token):
    Draft.objects.start(Packet.objects.current(), "en", "token")

    assert Draft.objects.with_token(token) is None


def test_the_database_finds_the_drafts_that_live():
    ClinicProfile.objects.update(draft_days=3)
    draft = Draft.objects.start(Packet.objects.current(), "en", "token")

    for moved in (timedelta(days=2), timedelta(hours=23), timedelta(hours=2)):
        found = Draft.objects.with_token("token")
        assert list(Draft.objects.living()) == ([found] if found else [])
        assert found is None or model_to_dict(found) == model_to_dict(Draft.objects.get())
        Draft.objects.update(updated_at=F("updated_at") - moved)
    assert Draft.objects.with_token("token") is None
    assert Draft.objects.filter(pk=draft.pk).exists()
