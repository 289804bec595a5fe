"""Submissions that share an e-mail address or a phone number: suggested, confirmed, refused."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from intake.models import Contradiction, PersonLink, Submission
from tests.factories import make_screening, make_submission, make_user
from tests.intake.same_person.people import LOST_KEY, again, decide, look, points, references, said, screenings, words

pytestmark = pytest.mark.usefixtures("packet")


def test_the_same_e_mail_or_phone_suggests_the_same_person_the_newest_first(client, nora):
    submission = make_submission(email="marta@example.org", phone="718 555 0142")
    by_mail = make_submission(email=" Marta@Example.org", phone="")
    by_phone = make_submission(email="", phone="+1 (718) 555-0142", contact_method="phone")
    both = make_submission(email="marta@example.org", phone="7185550142")
    make_submission(email="other@example.org", phone="718 555 0199")

    found = again(client, submission)

    assert [(other.submission, other.shares) for other in found.suggested] == [
        (both, "same e-mail and phone"),
        (by_phone, "same phone"),
        (by_mail, "same e-mail"),
    ]
    assert (found.more, found.confirmed, found.refused, found.totals) == (0, [], [], None)


def test_a_missing_address_or_number_is_shared_with_nobody(client, nora):
    submission = make_submission(email="", phone="")
    make_submission(email="", phone="")

    assert not again(client, submission).is_anything
    assert "The same person again" not in look(client, submission).content.decode()


def test_an_index_that_an_older_key_made_is_found_both_ways(client, nora):
    with override_settings(FIELD_KEYS=settings.FIELD_KEYS[1:]):
        older = make_submission()
    newer = make_submission()
    assert older.email_index != newer.email_index

    assert references(again(client, newer).suggested) == [older.reference]
    assert references(again(client, older).suggested) == [newer.reference]


def test_what_cannot_be_decrypted_is_compared_as_it_is_stored(client, nora):
    with override_settings(FIELD_KEYS=LOST_KEY):
        lost, too = make_submission(), make_submission()
    make_submission()

    assert references(again(client, lost).suggested) == [too.reference]
    assert "cannot be decrypted" in words(look(client, lost))


def test_staff_confirm_and_both_submissions_have_it_on_record(client, nora):
    submission, other = make_submission(), make_submission()

    response = decide(client, submission, other, "yes")

    assert said(response) == [f"{other} is of the same person: this is on record."]
    assert references(response.context["again"].confirmed) == [other.reference]
    assert references(again(client, other).confirmed) == [submission.reference]
    for row, partner in ((submission, other), (other, submission)):
        events = row.events.filter(action="link")
        assert [(event.actor, event.detail) for event in events] == [(nora, f"same person as {partner}")]


def test_staff_refuse_and_change_their_mind(client, nora):
    submission, other = make_submission(), make_submission()

    refused = decide(client, submission, other, "no").context["again"]
    confirmed = decide(client, other, submission, "yes").context["again"]

    assert references(refused.refused) == [other.reference]
    assert (refused.suggested, refused.confirmed) == ([], [])
    assert references(confirmed.confirmed) == [submission.reference]
    assert [event.detail for event in submission.events.filter(action="link")] == [
        f"another person than {other}",
        f"same person as {other}",
    ]


def test_the_same_decision_sent_twice_is_on_record_once(client, nora):
    submission, other = make_submission(), make_submission()

    for _ in range(2):
        decide(client, submission, other, "yes")

    assert submission.events.filter(action="link").count() == 1


def test_the_page_says_who_decided_and_offers_the_other_decision_only(client, nora):
    submission, other = make_submission(), make_submission(name="Jo Fenn")
    suggested = words(look(client, submission))

    decide(client, submission, other, "yes")
    confirmed = words(look(client, submission))

    assert f"{other} Jo Fenn" in suggested
    assert f"Confirm that {other} is of the same person Refuse : {other} is of another person" in suggested
    assert "Confirmed by Nora Field" in confirmed
    assert f"Confirm that {other}" not in confirmed


def test_a_decision_is_refused_when_somebody_else_made_one_since_the_page_was_shown(client, nora, ben):
    submission, other = make_submission(), make_submission()
    seen = submission.last_change
    PersonLink.objects.decide(other, submission, is_same=False, by=ben)

    response = decide(client, submission, other, "yes", seen=seen)

    assert said(response) == [
        "Nothing was changed, because others were faster. "
        f"Ben Ito: Same person confirmed or refused: another person than {other}."
    ]
    assert not PersonLink.objects.get().is_same


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_from_both_pages_only_one_is_made(nora, ben):
    submission, other = make_submission(), make_submission()
    sent = [(nora, submission, other, "yes"), (ben, other, submission, "no")]

    def send(decision):
        user, *pair, answer = decision
        client = Client()
        client.force_login(user)
        try:
            address = reverse("admin:intake_submission_link", args=[row.pk for row in pair])
            return client.post(address, {"is_same": answer}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, sent)) == [302, 302]

    (link,) = PersonLink.objects.all()
    (event,) = submission.events.filter(action="link")
    assert (link.by, link.is_same) == (event.actor, event.actor == nora)


def test_only_what_shares_an_address_or_a_number_can_be_decided_about(client, nora):
    submission, stranger = make_submission(), make_submission(email="other@example.org")

    answers = [
        decide(client, submission, stranger, "yes").status_code,
        decide(client, submission, submission, "yes").status_code,
        decide(client, submission, Submission(pk=uuid4()), "yes").status_code,
    ]

    assert answers == [404, 404, 404]
    assert not PersonLink.objects.exists()


def test_a_decision_can_still_be_changed_when_the_address_cannot_be_compared_any_more(client, nora):
    submission, other = make_submission(), make_submission()
    PersonLink.objects.decide(submission, other, is_same=True, by=nora)
    Submission.objects.filter(pk=other.pk).update(email_index=None)

    decide(client, submission, other, "no")

    assert not PersonLink.objects.get().is_same


@pytest.mark.parametrize("answer", ["", "perhaps"])
def test_an_answer_that_is_neither_changes_nothing(client, nora, answer):
    submission, other = make_submission(), make_submission()

    assert decide(client, submission, other, answer).status_code == 422
    assert not PersonLink.objects.exists()


def test_deciding_needs_its_permission_and_a_post(client, nora):
    submission, other = make_submission(), make_submission()
    address = reverse("admin:intake_submission_link", args=[submission.pk, other.pk])
    assert client.get(address).status_code == 405

    client.force_login(make_user("intake.view_submission", "intake.read_answers"))

    assert decide(client, submission, other, "yes").status_code == 403
    assert "Confirm" not in words(look(client, submission))


def test_the_same_person_is_what_is_connected_through_confirmed_pairs(client, nora):
    first = make_submission(email="a@example.org", phone="718 555 0101")
    middle = make_submission(email="a@example.org", phone="718 555 0102")
    last = make_submission(email="b@example.org", phone="718 555 0102")
    for other in (first, last):
        PersonLink.objects.decide(middle, other, is_same=True, by=nora)

    assert references(again(client, first).confirmed) == [middle.reference, last.reference]
    assert "Linked through another submission" in words(look(client, first))
    assert PersonLink.objects.person(last) == {first.pk, middle.pk, last.pk}


def test_nobody_is_made_one_person_with_somebody_refused(client, nora):
    first, middle, last = make_submission(), make_submission(), make_submission()
    PersonLink.objects.decide(first, middle, is_same=True, by=nora)
    PersonLink.objects.decide(first, last, is_same=False, by=nora)

    response = decide(client, middle, last, "yes")

    named = " and ".join(map(str, sorted((first, last), key=lambda row: row.pk)))
    assert said(response) == [
        f"Nothing was changed: {named} would be of two people, and yet of one through other decisions. "
        "Change those first."
    ]
    assert PersonLink.objects.person(middle) == {first.pk, middle.pk}
    assert not last.events.filter(action="link", detail__contains=middle.reference).exists()


def test_a_refusal_needs_the_confirmed_way_around_it_taken_back_first(nora):
    first, middle, last = make_submission(), make_submission(), make_submission()
    for other in (first, last):
        PersonLink.objects.decide(middle, other, is_same=True, by=nora)

    with pytest.raises(Contradiction):
        PersonLink.objects.decide(first, last, is_same=False, by=nora)

    PersonLink.objects.decide(middle, last, is_same=False, by=nora)
    PersonLink.objects.decide(first, last, is_same=False, by=nora)
    assert PersonLink.objects.person(first) == {first.pk, middle.pk}


def test_the_database_keeps_one_row_a_pair_in_one_order(nora):
    low, high = sorted((make_submission(), make_submission()), key=lambda row: row.pk)
    PersonLink.objects.create(first=low, second=high, is_same=True, by=nora)

    for first, second in ((low, high), (high, low), (low, low)):
        with pytest.raises(IntegrityError), transaction.atomic():
            PersonLink.objects.create(first=first, second=second, is_same=False, by=nora)


def test_a_decision_goes_with_its_submission(nora):
    submission, other = make_submission(), make_submission()
    PersonLink.objects.decide(submission, other, is_same=True, by=nora)

    other.delete()

    assert not PersonLink.objects.exists()
    assert PersonLink.objects.person(submission) == {submission.pk}


def test_at_most_twenty_suggestions_are_shown_and_the_others_counted(client, nora):
    submission = make_submission(email="desk@example.org")
    for _ in range(23):
        make_submission(email="desk@example.org")

    found = again(client, submission)

    assert (len(found.suggested), found.more) == (20, 3)
    assert "3 more share them" in words(look(client, submission))


def test_the_front_desk_sees_the_other_submissions_and_none_of_their_totals(client, front_desk):
    first, second = screenings(20, 9, by=front_desk)

    response = look(client, second)

    assert response.context["again"].totals is None
    said = words(response)
    assert f"{first} Marta Quill" in said
    for private in ("PHQ-9", "Severe", "response"):
        assert private not in said


def test_the_record_names_the_submissions_whose_totals_were_read(client, nora):
    first, second = screenings(20, 9, by=nora)
    alone = make_submission(email="other@example.org")

    look(client, second)
    look(client, alone)

    assert second.events.get(action="viewed").detail == f"with {first}"
    assert alone.events.get(action="viewed").detail == ""


def test_the_page_costs_the_same_queries_for_one_other_of_each_kind_and_for_five(client, nora):
    def cost(email, number):
        submission = make_screening(phq9=points(12), person={"email": email})
        for is_same in (True, False, None):
            for other in (make_screening(phq9=points(9), person={"email": email}) for _ in range(number)):
                if is_same is not None:
                    PersonLink.objects.decide(submission, other, is_same=is_same, by=nora)
        with CaptureQueriesContext(connection) as queries:
            found = again(client, submission)
        return len(queries), [len(others) for others in (found.suggested, found.confirmed, found.refused)]

    cost("first@example.org", 1)  # so that the permissions' content types are known
    one, five = cost("one@example.org", 1), cost("five@example.org", 5)

    assert (one[1], five[1]) == ([1, 1, 1], [5, 5, 5])
    assert one[0] == five[0]
