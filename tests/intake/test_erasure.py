"""How a submission ends: erased by two people or kept by a hold; and what is left of it."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.roles import CLINICIAN, FRONT_DESK, MANAGER
from intake.models import (
    Erased,
    ErasureRefused,
    InvalidTransition,
    Submission,
)
from tests.factories import make_screening, make_submission, make_user
from tests.visitor import hidden

LIST = "/admin/intake/submission/"
PERSON = "erasure-by-person"
PROCEEDING = "hold-proceeding"

pytestmark = pytest.mark.usefixtures("packet")


def somebody(role, email, **fields):
    user = make_user(email=email, **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def nora(client):
    user = somebody(CLINICIAN, "nora@example.org", first_name="Nora", last_name="Field")
    client.force_login(user)
    return user


@pytest.fixture
def mo(db):
    return somebody(MANAGER, "mo@example.org", first_name="Mo", last_name="Lund")


def erased(submission, one, other):
    submission.ask_erasure(PERSON, by=one)
    submission.confirm_erasure(by=other)
    return Submission.objects.get(pk=submission.pk)


def step(client, submission, name, **data):
    return client.post(f"{LIST}{submission.pk}/erasure/", {"step": name, **data}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def words(response):
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def on_record(submission, *actions):
    events = submission.events.filter(action__in=actions)
    return list(events.values_list("actor", "action", "detail", "reason"))


# Two people


def test_one_asks_another_confirms_and_it_is_erased_at_once(nora, mo):
    submission = make_submission(message="Private words", phone="718 555 0142")

    submission.ask_erasure(PERSON, by=nora)
    submission.confirm_erasure(by=mo)

    left = Submission.objects.get(pk=submission.pk)
    personal = ("name", "email", "phone", "birth_date", "best_time", "preferred_language", "message", "contact_method")
    assert {getattr(left, field) for field in personal} == {""}
    assert (left.email_index, left.phone_index) == (None, None)
    assert (left.status, left.reference, left.kind) == ("erased", submission.reference, "contact")
    assert (left.erasure_asked_by, left.erased_by, left.created_at) == (nora, mo, submission.created_at)
    assert on_record(submission, "erasure") == [
        (nora.pk, "erasure", "asked for", PERSON),
        (mo.pk, "erasure", "confirmed", PERSON),
    ]


def test_nobody_confirms_what_they_asked_for_themself(nora):
    submission = make_submission()
    submission.ask_erasure(PERSON, by=nora)

    with pytest.raises(ErasureRefused, match="Another person"):
        submission.confirm_erasure(by=nora)

    assert Submission.objects.get(pk=submission.pk).name == "Marta Quill"


def test_the_database_refuses_one_person_as_both(nora):
    submission = make_submission()
    submission.ask_erasure(PERSON, by=nora)

    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(
            status="erased", erased_at=timezone.now(), erased_by=nora, email_index=None, phone_index=None
        )


def test_a_request_can_be_withdrawn_and_then_nothing_is_left_to_confirm(nora, mo):
    submission = make_submission()
    submission.ask_erasure(PERSON, by=nora)

    submission.withdraw_erasure(by=mo)

    with pytest.raises(ErasureRefused, match="Nobody has asked"):
        submission.confirm_erasure(by=mo)
    assert on_record(submission, "erasure")[-1] == (mo.pk, "erasure", "request withdrawn", "")


def test_nothing_is_erased_while_a_safety_alert_is_open(nora, mo):
    submission = make_screening(phq9=[0] * 8 + [1])

    with pytest.raises(ErasureRefused, match="safety alerts"):
        submission.ask_erasure(PERSON, by=nora)

    submission.alerts.get().resolve(by=nora, outcome="reached-safe", text="Called.")
    assert erased(submission, nora, mo).status == "erased"


def test_a_hold_prevents_the_erasure_until_it_is_lifted(nora, mo):
    submission = make_submission()
    submission.ask_erasure(PERSON, by=nora)
    submission.hold(PROCEEDING, by=nora)

    with pytest.raises(ErasureRefused, match="legal hold"):
        submission.confirm_erasure(by=mo)
    submission.lift_hold(by=mo)
    submission.confirm_erasure(by=mo)

    assert Submission.objects.get(pk=submission.pk).erased_at
    assert on_record(submission, "hold") == [(nora.pk, "hold", "set", PROCEEDING), (mo.pk, "hold", "lifted", "")]


def test_nothing_can_be_done_with_what_is_left(client, nora, mo):
    submission = make_submission()
    left = erased(submission, nora, mo)

    for again in (left.ask_erasure, left.hold):
        with pytest.raises(Erased):
            again(PERSON if again == left.ask_erasure else PROCEEDING, by=nora)
    for move in (left.start_review, left.close, left.reopen):
        with pytest.raises(InvalidTransition):
            move(by=nora)
    for address, data in (("note", {"text": "x", "key": uuid4()}), ("assign", {"assignee": nora.pk}), ("due", {})):
        response = client.post(f"{LIST}{left.pk}/{address}/", data, follow=True)
        assert said(response) == ["This submission was erased. Nothing was changed."], address
    left.refresh_from_db()
    assert (left.assignee, left.notes.count()) == (None, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_erases_it(packet):
    call_command("migrate", verbosity=0)  # the groups
    one, others = make_user(email="one@example.org"), [make_user(email=f"{n}@example.org") for n in range(4)]
    submission = make_submission()
    submission.ask_erasure(PERSON, by=one)

    def confirm(by):
        try:
            Submission.objects.get(pk=submission.pk).confirm_erasure(by=by)
        except Erased:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(confirm, others)) == 1


# On the desk


def test_a_clinician_asks_and_a_manager_confirms_on_pages_without_answers(client, nora, mo):
    submission = make_screening(phq9=[0] * 8 + [0], person={"name": "Marta Quill"})

    asked = step(client, submission, "ask", reason=PERSON)
    assert said(asked) == ["Your request is on record. Another person has to confirm it; until then nothing is erased."]
    assert "You asked for it, so somebody else has to confirm it." in words(asked)
    assert 'value="confirm"' not in asked.content.decode()
    client.force_login(mo)
    page = client.get(f"{LIST}{submission.pk}/erasure/")
    assert "Erasure asked for by Nora Field" in words(page)
    assert "The person asked for it" in words(page)
    for private in ("Marta", "marta@example.org", "PHQ"):
        assert private not in page.content.decode()

    done = step(client, submission, "confirm")

    assert said(done) == ["It is erased."]
    assert "Confirmed by Mo Lund" in words(done)


def test_a_request_shows_on_the_submission_in_the_list_and_on_the_start_page(client, nora):
    submission, other = make_submission(), make_submission()
    submission.ask_erasure(PERSON, by=nora)
    other.hold(PROCEEDING, by=nora)

    assert "Erasure asked for by Nora Field" in words(client.get(submission.get_absolute_url()))
    assert "On legal hold since" in words(client.get(other.get_absolute_url()))
    listed = words(client.get(LIST))
    assert ("Erasure asked for" in listed, "Legal hold" in listed) == (True, True)
    assert list(client.get(f"{LIST}?ending=asked").context["cl"].queryset) == [submission]
    assert list(client.get(f"{LIST}?ending=held").context["cl"].queryset) == [other]
    assert f"{submission.reference} erasure asked for by Nora Field" in words(client.get("/admin/"))


def test_the_front_desk_sees_a_hold_and_cannot_change_it(client, nora):
    submission = make_submission()
    submission.hold(PROCEEDING, by=nora)
    client.force_login(somebody(FRONT_DESK, "front@example.org"))

    page = client.get(submission.get_absolute_url())

    assert "On legal hold since" in words(page)
    assert "/erasure/" not in page.content.decode()
    assert step(client, submission, "lift").status_code == 403


def test_a_step_without_its_reason_is_refused_and_one_that_does_not_exist(client, nora):
    submission = make_submission()

    response = step(client, submission, "ask", reason="because Marta Quill asked")

    assert response.status_code == 422
    assert step(client, submission, "shred").status_code == 400
    assert on_record(submission, "erasure", "hold") == []


def test_what_is_refused_is_said(client, nora):
    submission = make_submission()
    submission.hold(PROCEEDING, by=nora)

    assert said(step(client, submission, "ask", reason=PERSON)) == [
        "Nothing was changed. It is on legal hold, which has to be lifted first."
    ]


def test_one_that_is_still_in_work_is_said_to_be(client, nora):
    submission = make_submission()
    submission.assign(nora, by=nora)

    page = words(client.get(f"{LIST}{submission.pk}/erasure/"))

    assert "It is still in work: new, assigned to Nora Field." in page


def test_a_manager_finds_a_submission_by_its_reference_and_by_nothing_else(client, mo):
    submission = make_submission()
    client.force_login(mo)
    address = reverse("admin:intake_submission_erasure_list")

    found = client.post(address, {"text": submission.reference.lower()})
    missed = client.post(address, {"text": "marta@example.org"})

    assert found.headers["Location"] == f"{LIST}{submission.pk}/erasure/"
    assert (missed.status_code, "No submission has this reference." in words(missed)) == (422, True)


def test_the_page_of_all_tells_what_waits_what_is_held_and_what_is_gone(client, nora, mo):
    asked, held, gone = make_submission(), make_submission(), make_submission()
    asked.ask_erasure(PERSON, by=nora)
    held.hold(PROCEEDING, by=nora)
    erased(gone, nora, mo)

    context = client.get(reverse("admin:intake_submission_erasure_list")).context

    assert (list(context["awaiting"]), list(context["held"]), list(context["erased"])) == ([asked], [held], [gone])


def test_the_pages_of_endings_cost_the_same_queries_for_one_and_for_three(client, nora, mo, django_assert_num_queries):
    def fill():
        asked, held, gone = make_submission(), make_submission(), make_submission()
        asked.ask_erasure(PERSON, by=nora)
        held.hold(PROCEEDING, by=nora)
        erased(gone, nora, mo)

    fill()
    pages = [reverse("admin:intake_submission_erasure_list"), "/admin/", f"{LIST}?show=all", f"{LIST}?show=erased"]
    for page in pages:
        client.get(page)
    counts = []
    for page in pages:
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        counts.append(len(queries))
    for _ in range(2):
        fill()

    for page, count in zip(pages, counts, strict=True):
        with django_assert_num_queries(count):
            client.get(page)


def test_the_list_shows_erased_ones_only_when_they_are_asked_for(client, nora, mo):
    submission = make_submission()
    erased(submission, nora, mo)

    def listed(query):
        return list(client.get(f"{LIST}{query}").context["cl"].queryset)

    assert (listed(""), listed("?show=all"), listed("?show=closed")) == ([], [], [])
    assert listed("?show=erased") == [submission]


def test_the_page_of_an_erased_one_tells_what_is_left_and_what_happened(client, nora, mo):
    submission = make_submission()
    submission.add_note("Private remark", by=nora)
    erased(submission, nora, mo)

    page = words(client.get(submission.get_absolute_url()))

    assert "This submission was erased." in page
    assert f"Reference {submission.reference} Kind Contact request Received" in page
    assert "Erasure: confirmed (The person asked for it) by Mo Lund" in page
    assert "Private remark" not in page


@pytest.mark.parametrize("how", ["print", "export", "everything"])
def test_an_erased_one_does_not_leave_and_the_page_says_why(client, nora, mo, how):
    submission = make_submission()
    erased(submission, nora, mo)

    response = client.post(f"{LIST}{submission.pk}/{how}/", {"reason": "person", "format": "collection"}, follow=True)

    assert said(response) == ["This submission was erased: nothing is left to print or export."]


def test_the_command_line_and_the_zip_say_that_it_was_erased(client, nora, mo):
    submission = make_submission()
    erased(submission, nora, mo)

    with pytest.raises(CommandError, match=f"{submission.reference} was erased on"):
        call_command("export_bundle", submission.reference, stdout=StringIO())
    zipped = client.post(f"{LIST}export/?show=erased", {"reason": "person", "format": "collection"})
    assert b"NOT-EXPORTED.txt" in zipped.getvalue()


# What the visitor sees


def test_the_visitor_who_sent_it_finds_no_answers_any_more(visitor, nora, mo):
    visitor.finish()
    token = hidden(visitor.client.get("/screening/check/"), "token")
    visitor.send()
    submission = Submission.objects.get()
    erased(submission, nora, mo)

    done = visitor.client.get("/screening/done/")
    again = visitor.client.post("/screening/check/", {"agreed": "on", "token": token})

    assert (done.status_code, again.status_code) == (404, 404)
    assert "Marta" not in done.content.decode() + again.content.decode()
    assert Submission.objects.count() == 1


def test_the_same_contact_form_sent_after_the_erasure_is_a_new_request_and_not_lost(client, nora, mo):
    form = Client().get("/contact/").context["form"]
    data = {"name": "Marta Quill", "contact_method": "email", "email": "marta@example.org", "agreed": "on"}
    data["token"] = form["token"].value()
    Client().post("/contact/", data)
    first = Submission.objects.get()
    erased(first, nora, mo)

    Client().post("/contact/", data)

    assert [found.reference for found in Submission.objects.kept()] != [first.reference]
    assert Submission.objects.kept().get().name == "Marta Quill"
