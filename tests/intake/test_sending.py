from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import AuditEvent, ClinicProfile, Message
from intake import cookie
from intake.models import ConsentText, Draft, Response, SafetyAlert, Score, Submission
from intake.models.reference import REFERENCE_ALPHABET, new_reference
from intake.screening import Unfinished
from tests.visitor import GAD7, ITEM_9, PHQ9, Visitor, hidden


def test_a_sent_screening_is_stored_scored_and_acknowledged(visitor):
    visitor.finish(phq9=[2] * 4 + [1] * 4 + [0], gad7=[1] * 7)

    response = visitor.send()

    submission = Submission.objects.get()
    assert response.headers["Location"] == "/screening/done/"
    assert (submission.kind, submission.status, submission.name) == ("screening", "new", "Marta Quill")
    assert (submission.email, submission.birth_date) == ("marta@example.org", "1980-02-29")
    assert submission.consent.kind == "screening"
    scores = Score.objects.filter(code__in=["44261-6", "70274-6"]).values_list("code", "total", "band")
    assert list(scores) == [("44261-6", Decimal(12), "moderate"), ("70274-6", Decimal(7), "mild")]
    assert submission.risk == Submission.Risk.NONE_RAISED


def test_every_response_is_kept_with_its_questionnaire(visitor):
    visitor.finish()
    visitor.send()

    names = [response.questionnaire.url.rsplit("/", 1)[1] for response in Response.objects.order_by("position")]
    assert names == ["about-you", "phq-9", "gad-7", "alcohol-drugs", "treatment-history", "safety"]


def test_item_9_above_zero_raises_an_urgent_alert_with_the_submission(visitor):
    visitor.finish(phq9=[0] * 8 + [1])

    visitor.send()

    submission = Submission.objects.get()
    assert list(submission.alerts.values_list("code", "severity")) == [("suicidal-thoughts", "urgent")]
    assert submission.risk == Submission.Risk.URGENT


def test_item_9_skipped_raises_a_routine_alert_and_gives_no_total(visitor):
    visitor.finish(phq9=[3] * 8 + [None])

    visitor.send()

    assert list(SafetyAlert.objects.values_list("code", "severity")) == [("item-9-unanswered", "routine")]
    score = Score.objects.get(code="44261-6")
    assert (score.total, score.band, score.band_display) == (None, "", "")


def test_staff_are_told_of_an_alert_without_any_patient_data(visitor):
    ClinicProfile.objects.update(alert_emails="oncall@example.org\nsecond@example.org")
    visitor.finish(phq9=[0] * 8 + [2])

    visitor.send()

    alerts = Message.objects.filter(template="safety_alert")
    assert sorted(message.recipient for message in alerts) == ["oncall@example.org", "second@example.org"]
    for message in alerts:
        assert str(Submission.objects.get().pk) in message.body
        assert not {"Marta", "Quill", "marta@example.org", "suicid"} & set(message.body.split())


def test_the_visitor_gets_a_receipt_with_the_reference(visitor):
    visitor.finish()
    visitor.send()

    receipt = Message.objects.get(template="screening_receipt")
    assert receipt.recipient == "marta@example.org"
    assert Submission.objects.get().reference in receipt.body


def test_the_last_page_shows_the_reference_the_copy_and_the_plain_sentence_once(visitor):
    visitor.finish(phq9=[1] * 5 + [0] * 4)
    visitor.send()

    page = visitor.client.get("/screening/done/").content.decode()

    assert Submission.objects.get().reference in page
    assert "Your answers suggest mild symptoms over the last two weeks. This is not a diagnosis." in page
    assert "Marta Quill" in page
    for path in ("/screening/done/", "/screening/check/", "/screening/1/"):
        assert "Marta" not in visitor.client.get(path).content.decode(), path


def test_an_incomplete_instrument_gets_no_sentence(visitor):
    visitor.finish(phq9=[3] * 8 + [None], gad7=[None] + [3] * 6)
    visitor.send()

    assert "Your answers suggest" not in visitor.client.get("/screening/done/").content.decode()


def test_the_last_page_opens_with_help_after_a_risky_answer(visitor):
    visitor.finish(phq9=[0] * 8 + [3])
    visitor.send()

    assert 'class="help-panel' in visitor.client.get("/screening/done/").content.decode()


def test_a_lost_answer_can_be_asked_for_again(visitor):
    visitor.finish()
    visitor.send()  # the browser never saw where this led

    again = visitor.client.post(reverse("intake:check"), {"agreed": "on"})

    assert again.headers["Location"] == "/screening/done/"
    assert Submission.objects.count() == 1


def test_a_second_tab_is_told_the_same_reference_and_nothing_else(visitor):
    visitor.finish()
    token = hidden(visitor.client.get("/screening/check/"), "token")
    visitor.send()
    visitor.client.get("/screening/done/")

    second = visitor.client.post("/screening/check/", {"agreed": "on", "token": token})

    page = second.content.decode()
    assert Submission.objects.get().reference in page
    assert "Marta" not in page


def test_a_token_alone_opens_no_draft(visitor):
    visitor.finish()
    token = hidden(visitor.client.get("/screening/check/"), "token")

    stranger = Client().post("/screening/check/", {"agreed": "on", "token": token})

    assert stranger.status_code == 404
    assert Submission.objects.count() == 0


def test_a_token_beside_a_cookie_that_is_no_longer_the_draft_s_opens_no_draft(visitor):
    visitor.finish()
    token = hidden(visitor.client.get("/screening/check/"), "token")
    visitor.draft.new_token()  # as a saved link does that was opened elsewhere

    response = visitor.client.post("/screening/check/", {"agreed": "on", "token": token})

    assert response.status_code == 404
    assert "Marta" not in response.text
    assert not Submission.objects.exists()


def test_without_agreement_nothing_is_sent(visitor):
    visitor.finish()

    response = visitor.send(agreed="")

    assert response.status_code == 422
    assert "Tick the box to agree" in response.content.decode()
    assert Submission.objects.count() == 0


def test_with_a_required_answer_missing_nothing_is_sent(visitor):
    visitor.finish()
    visitor.about(name="")

    response = visitor.send()

    assert response.status_code == 422
    assert "Some answers are still needed" in response.content.decode()
    assert Submission.objects.count() == 0


def test_what_was_sent_is_emptied_out_of_the_draft(visitor):
    visitor.finish()
    visitor.send()

    assert Draft.objects.get().answers == {}


def test_receiving_is_recorded(visitor):
    visitor.finish()
    visitor.send()

    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.reference) == ("received", None, Submission.objects.get().reference)


@pytest.mark.parametrize("item_9", [0, 1], ids=["without an alert", "with an urgent one"])
def test_sending_costs_few_queries(visitor, watched, item_9):
    ClinicProfile.objects.update(alert_emails="on.call@example.org")
    visitor.finish(phq9=[1] * 8 + [item_9])
    token = hidden(visitor.client.get("/screening/check/"), "token")

    with CaptureQueriesContext(connection) as queries:
        visitor.client.post("/screening/check/", {"agreed": "on", "token": token})

    assert SafetyAlert.objects.count() == item_9
    assert Message.objects.count() == 1 + item_9
    assert len(asked(queries)) <= 15, asked(queries)


def test_a_step_costs_few_queries(visitor, watched):
    visitor.start()
    visitor.about()
    first, second = visitor.step("phq-9"), visitor.step("gad-7")
    visitor.answer(first, {ITEM_9: 1})

    with CaptureQueriesContext(connection) as queries:
        visitor.answer(second, {GAD7[0]: 1})

    assert len(asked(queries)) <= 6, asked(queries)


def asked(queries: CaptureQueriesContext) -> list[str]:
    """The statements, without those that only begin or end a transaction."""
    return [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))]


def test_answers_of_questions_that_went_off_are_not_stored(visitor):
    """The safety page's follow-up question is answered, then its condition is taken back."""
    visitor.finish()
    step = visitor.step("safety")
    follow_up = next(item for item in step.items if item.enable_when and item.type == "string")
    trigger = step.form.by_id[follow_up.enable_when[0].question]
    visitor.answer(step, {trigger.link_id: follow_up.enable_when[0].answer.code, follow_up.link_id: "STALE"})
    other = next(
        option.value.code for option in trigger.options if option.value.code != follow_up.enable_when[0].answer.code
    )
    data = {trigger.link_id: other, follow_up.link_id: "STALE"}
    visitor.answer(step, data)

    visitor.send()

    stored = next(response for response in Response.objects.all() if response.questionnaire.url.endswith("/safety"))
    assert trigger.link_id in stored.answers
    assert follow_up.link_id not in stored.answers
    assert "STALE" not in stored.document


@pytest.mark.django_db(transaction=True)
def test_twenty_simultaneous_sends_make_one_submission(packet):
    visitor = Visitor(Client())
    visitor.finish(phq9=[0] * 8 + [1])
    token = hidden(visitor.client.get("/screening/check/"), "token")
    draft_cookie = visitor.client.cookies[cookie.NAME].value

    def send(_: int) -> str:
        client = Client()
        client.cookies[cookie.NAME] = draft_cookie
        try:
            return client.post("/screening/check/", {"agreed": "on", "token": token}).headers["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        led_to = list(pool.map(send, range(20)))

    assert led_to == ["/screening/done/"] * 20
    assert (Submission.objects.count(), SafetyAlert.objects.count(), Response.objects.count()) == (1, 1, 6)
    assert Message.objects.filter(template="screening_receipt").count() == 1


def test_what_another_tab_saves_while_it_is_sent_is_sent_as_well(visitor):
    visitor.finish()
    read_before = visitor.walk
    visitor.answer(visitor.step("phq-9"), {ITEM_9: 1})

    submission = read_before.send(ConsentText.current("screening", "en"), with_receipt=True)

    assert [alert.code for alert in submission.alerts.all()] == ["suicidal-thoughts"]
    assert (visitor.draft.submission, visitor.draft.answers) == (submission, {})


def test_what_another_tab_takes_back_while_it_is_sent_keeps_it_from_being_sent(visitor):
    visitor.finish()
    read_before = visitor.walk
    visitor.answer(visitor.step("about-you"), {})

    with pytest.raises(Unfinished):
        read_before.send(ConsentText.current("screening", "en"), with_receipt=True)

    assert not Submission.objects.exists()
    assert read_before.unfinished == []
    assert visitor.draft.submission is None


def test_references_are_easy_to_read_out_and_hard_to_guess():
    references = {new_reference() for _ in range(1000)}

    assert len(references) == 1000
    assert {len(reference) for reference in references} == {11}
    assert set("".join(references)) - {"-"} == set(REFERENCE_ALPHABET)
    assert not set(REFERENCE_ALPHABET) & set("01AEIOUYL")


@pytest.mark.parametrize("link_ids", [PHQ9, GAD7])
def test_the_packet_asks_the_whole_instrument(visitor, link_ids):
    visitor.start()

    asked = [item.link_id for step in visitor.walk.all_steps for item in step.items]
    assert [link_id for link_id in asked if link_id in link_ids] == link_ids
    assert ITEM_9 in asked
