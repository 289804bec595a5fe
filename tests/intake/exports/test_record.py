"""Why something leaves, and what is on record of it."""

import pytest

from clinic.models import AuditEvent
from intake.export import Reason
from intake.models import Submission
from tests.factories import make_screening, make_submission, make_user
from tests.intake.exports.leaving import LIST, REASON, leave, leave_list, on_record, table, words

pytestmark = pytest.mark.usefixtures("packet")


def test_an_export_of_many_is_on_record_for_each_and_as_a_whole(client, clinician):
    first, second = make_submission(), make_submission()

    leave_list(client, "csv", "?kind__exact=contact&show=all")

    assert on_record() == [
        (clinician.pk, first.reference, "CSV, columns all", "treatment"),
        (clinician.pk, second.reference, "CSV, columns all", "treatment"),
        (clinician.pk, "", "CSV, columns all: 2 in all, filters: kind__exact, show", "treatment"),
    ]
    assert set(AuditEvent.objects.filter(action="exported").values_list("address", flat=True)) == {"127.0.0.1"}
    assert first.events.filter(action="exported").count() == 1


def test_it_is_on_record_before_the_first_byte_leaves(client, clinician):
    make_submission()

    response = leave_list(client, "transaction")

    assert response.streaming
    assert len(on_record()) == 2


def test_exactly_what_is_on_record_leaves_whatever_happens_meanwhile(client, clinician):
    kept, gone = make_submission(), make_submission()

    response = leave_list(client, "csv")
    kept.close(by=clinician)
    Submission.objects.filter(pk=gone.pk).delete()
    make_submission()

    assert [row["Reference"] for row in table(response)] == [kept.reference]


@pytest.mark.parametrize("reason", ["", "because Marta Quill asked"])
@pytest.mark.parametrize("how", ["print", "export"])
def test_nothing_leaves_without_a_reason_of_the_list(client, clinician, how, reason):
    submission = make_submission()

    response = leave(client, submission, how, {"reason": reason, "format": "transaction"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reason"]
    assert "marta@example.org" not in response.content.decode()
    assert on_record() == on_record("printed") == []


def test_another_form_that_is_refused_does_not_ask_for_a_reason(client, clinician):
    response = leave(client, make_submission(), "note", {"text": ""})

    assert response.status_code == 422
    assert not response.context["forms"]["export"].is_bound


def test_no_list_leaves_without_a_reason(client, clinician):
    make_submission()

    response = leave_list(client, "csv", reason="")

    assert response.status_code == 422
    assert "Choose a reason: it is kept on record with what leaves." in words(response)
    assert on_record() == []


def test_a_format_that_does_not_exist_is_refused(client, clinician):
    submission = make_submission()

    assert leave(client, submission, "export", REASON | {"format": "pdf"}).status_code == 400
    assert leave_list(client, "pdf").status_code == 400
    assert on_record() == []


def test_an_empty_list_has_nothing_to_export(client, clinician):
    response = leave_list(client, "csv")

    assert "there is nothing to export" in words(response)
    assert on_record() == []


def test_the_history_tells_what_left_and_why(client, clinician):
    submission = make_submission()

    leave(client, submission, "export", REASON | {"format": "collection"})
    leave(client, submission, "print")

    page = words(client.get(submission.get_absolute_url()))
    assert "Exported: FHIR collection (For another clinician who treats the person) by Nora Field" in page
    assert "Printed: answers (For another clinician who treats the person) by Nora Field" in page


def test_every_reason_fits_into_the_record():
    assert all(len(code) <= AuditEvent._meta.get_field("reason").max_length for code in Reason.values)


@pytest.mark.parametrize("query", ["?email_index__matches=ada@example.org", "?consent__text=x"])
def test_the_address_of_an_export_cannot_ask_for_other_fields(client, clinician, query):
    assert leave_list(client, "csv", query).status_code == 400


def test_the_front_desk_cannot_choose_an_export_by_its_scores(client, front_desk):
    make_screening(phq9=[3] * 9)

    assert leave_list(client, "csv", "?phq9=severe").headers["Location"] == f"{LIST}?e=1"
    assert on_record() == []


def test_looking_is_not_exporting(client):
    client.force_login(make_user("intake.view_submission", "intake.read_answers"))
    submission = make_submission()

    assert leave(client, submission, "print").status_code == 403
    assert leave(client, submission, "export").status_code == 403
    assert leave_list(client, "csv").status_code == 403
    assert "Print or export" not in client.get(submission.get_absolute_url()).content.decode()
    assert "Export this list" not in client.get(LIST).content.decode()
    assert client.get(submission.get_absolute_url().replace("/change/", "/print/")).status_code == 403
