"""Many that are spam are closed at once, by whoever has read them; what others work on stays."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.html import escape

from clinic.models import AuditEvent
from clinic.roles import CLINICIAN, FRONT_DESK, MANAGER
from intake.models import InvalidTransition, Submission
from tests.factories import make_submission, make_user
from tests.intake.test_spam import LIST, words

PILE = f"{LIST}?show=suspect"

pytestmark = pytest.mark.django_db


def member(role: str, email: str):
    user = make_user(email=email)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def clinician(client):
    user = member(CLINICIAN, "clinician@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def colleague():
    return member(CLINICIAN, "colleague@example.org")


def suspects(number: int) -> list[Submission]:
    return [make_submission(is_suspect=True, suspect_signs=["links"]) for _ in range(number)]


def close(client, *chosen: object, to: str = PILE, **more: str):
    sent = {"index": "0", "action": "close_as_spam", "_selected_action": [getattr(one, "pk", one) for one in chosen]}
    return client.post(to, sent | more, follow=True)


def open_ones() -> set[Submission]:
    return set(Submission.objects.exclude(status="closed"))


def test_those_that_were_chosen_are_closed_each_on_record(client, clinician):
    first, second, kept = suspects(3)

    response = close(client, first, second)

    assert "Closed as spam: 2." in words(response)
    assert "Left as they are" not in words(response)
    assert open_ones() == {kept}
    events = AuditEvent.objects.filter(action="status")
    assert {(event.actor, event.reference, event.detail) for event in events} == {
        (clinician, one.reference, "new -> closed") for one in (first, second)
    }
    assert set(Submission.objects.filter(ended_at__isnull=False)) == {first, second}  # retention counts from here


def test_the_list_shows_what_is_judged_and_says_on_record_that_it_did(client, clinician):
    message = f"Buy <b>now</b> {'again ' * 300}Help me."
    make_submission(is_suspect=True, suspect_signs=["links", "trap"], message=message)

    page = client.get(PILE)

    assert "The message has several links, or one as programs write them. A field was filled in" in words(page)
    assert escape(message) in page.text
    assert re.findall(r'name="action" value="(\w+)"', page.text) == ["close_as_spam"]
    assert AuditEvent.objects.get(action="listed").detail == "show, with messages"


@pytest.mark.parametrize("query", ["", "?show=all", "?is_suspect__exact=1"])
def test_nothing_is_closed_from_another_list(client, clinician, query):
    [suspect] = suspects(1)

    assert 'name="action"' not in client.get(LIST + query).text
    assert close(client, suspect, to=LIST + query).status_code == 403
    assert open_ones() == {suspect}


@pytest.mark.parametrize("role", [FRONT_DESK, MANAGER])
def test_who_may_not_read_the_messages_sees_none_and_closes_one_by_one(role):
    client, suspect = Client(), make_submission(is_suspect=True, message="planted")
    client.force_login(member(role, "other@example.org"))

    page = client.get(PILE)

    assert (page.status_code == 200, "planted" in page.text, 'name="action"' in page.text) == (
        role == FRONT_DESK,
        False,
        False,
    )
    assert close(client, suspect).status_code == 403
    assert open_ones() == {suspect}


def test_what_others_have_a_hand_in_is_left_and_told(client, clinician, colleague):
    assigned, noted, open_elsewhere, contacted, mine, released, closed = suspects(7)
    assigned.assign(colleague, by=clinician)
    noted.add_note("Rang back.", by=colleague)
    open_elsewhere.look(by=colleague)
    contacted.plan_contact(contacted.created_at.date(), by=colleague)
    mine.assign(clinician, by=clinician)
    mine.add_note("No person.", by=clinician)
    mine.look(by=clinician)
    released.release(by=colleague)
    closed.close(by=colleague)
    left = {assigned, noted, open_elsewhere, contacted, released, make_submission()}

    response = close(client, *left, mine, closed, uuid4())

    assert "Closed as spam: 1." in words(response)
    assert "Left as they are: 8." in words(response)
    assert open_ones() == left
    assert AuditEvent.objects.filter(action="status", detail="new -> closed", actor=clinician).count() == 1


def test_one_that_is_released_between_the_list_and_its_turn_is_not_closed(clinician, colleague):
    [stale] = suspects(1)
    Submission.objects.get(pk=stale.pk).release(by=clinician)

    with pytest.raises(InvalidTransition):
        stale.close_as_spam(by=clinician)

    assert open_ones() == {stale}


def test_only_what_the_page_showed_is_closed_whatever_is_asked_for(client, clinician):
    first, second = suspects(2)

    close(client, first, select_across="1")

    assert open_ones() == {second}
    assert close(client, "<script>").status_code == 400
    assert "No items have been changed" in words(close(client))
    assert open_ones() == {second}


def test_a_page_of_fifty_costs_the_same_queries_as_one_of_three(client, clinician, django_assert_max_num_queries):
    counts = []
    for number in (3, 10):
        suspects(number)
        with django_assert_max_num_queries(25) as counted:
            client.get(PILE)
        counts.append(len(counted))

    assert counts[0] == counts[1]
