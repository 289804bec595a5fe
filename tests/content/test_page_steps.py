"""From draft by way of the review to readers, and off the site."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from content.models import Edition, Page
from tests.content.factories import make_page, make_source
from tests.content.staff import CLINICIAN, EDITOR, address, form, on_record, save, staff, step, words

pytestmark = pytest.mark.django_db


def test_a_clinician_signs_the_text_that_they_saw():
    page = make_page()

    response = step(staff(*CLINICIAN, first_name="Ada", last_name="Brook"), "sign")

    page.refresh_from_db()
    assert page.is_reviewed
    assert page.review.reviewed_by.email == "editor@example.org"
    assert on_record() == [entry.change_message for entry in LogEntry.objects.all()] == ["Signed the clinical review."]
    assert "Signed by Ada Brook on" in words(response)


def test_a_text_that_was_saved_after_the_clinician_had_opened_the_page_is_not_signed():
    page = make_page()
    seen = page.digest
    page.body = "Another text."
    page.save_edit()

    response = step(staff(*CLINICIAN, first_name="Ada", last_name="Brook"), "sign", text=seen)

    page.refresh_from_db()
    assert not page.is_reviewed
    assert "Somebody saved another text since you opened this page. Nothing was done" in words(response)
    assert on_record() == []


def test_a_reviewer_without_a_name_is_told_what_to_do():
    page = make_page()

    response = step(staff(*CLINICIAN), "sign")

    page.refresh_from_db()
    assert not page.is_reviewed
    assert "Enter your first and last name in your account first." in response.text


def test_an_editor_who_is_no_clinician_cannot_sign_and_a_clinician_cannot_publish():
    page = make_page(published=False)
    clinician = staff(*CLINICIAN, email="doctor@example.org")

    assert step(staff(*EDITOR, first_name="Ada", last_name="Brook"), "sign").status_code == 403
    for name in ("submit", "publish", "withdraw"):
        assert step(clinician, name, reason="Because.").status_code == 403
    assert clinician.post(address("preview"), form()).status_code == 403
    assert clinician.post(address("restore", page.pk, page.last_version.pk)).status_code == 403

    page.refresh_from_db()
    assert not page.is_reviewed
    assert not page.editions.exists()


def test_a_step_is_no_link():
    make_page()
    client = staff(*EDITOR, *CLINICIAN)

    assert {client.get(address(name)).status_code for name in ("submit", "sign", "withdraw")} == {405}


def test_a_text_goes_from_draft_through_the_review_to_its_readers():
    make_source("FAVA")
    make_page(published=False, body="A claim [@FAVA].")
    editor = staff(*EDITOR, first_name="Mia", last_name="Stone")
    clinician = staff(*CLINICIAN, email="doctor@example.org", first_name="Ada", last_name="Brook")

    assert "In clinical review" in words(step(editor, "submit"))
    waiting = clinician.get(reverse("admin:content_page_changelist") + "?review=waiting")
    step(clinician, "sign")
    asked = words(editor.get(address("publish")))
    published = step(editor, "publish", when="now")

    edition = Edition.objects.live().get()
    assert "Types of ketamine" in words(waiting)
    assert "Signed by Ada Brook on" in asked
    assert "Why publish it all the same?" not in asked
    assert "this text , since" in words(published)
    assert (edition.is_reviewed, edition.published_by.email, edition.reason) == (True, "editor@example.org", "")
    assert on_record() == [
        "Sent to clinical review.",
        "Signed the clinical review.",
        f"Published as edition {edition.pk}.",
    ]


def test_publishing_against_what_stands_against_it_takes_a_reason_that_stays_with_the_edition():
    make_page(published=False)
    client = staff(*EDITOR)

    asked = client.get(address("publish"))
    refused = client.post(address("publish"), {"text": Page.objects.get().digest, "when": "now", "reason": " "})
    assert "The text cites no source. No clinician has signed the review of this text." in words(asked)
    assert "Give a reason: it is kept with what is published." in words(refused)
    assert (refused.status_code, Edition.objects.count()) == (422, 0)

    step(client, "publish", when="now", reason="The telephone number was wrong.")

    edition = Edition.objects.get()
    assert edition.reason == "The telephone number was wrong."
    assert on_record() == [
        f"Published as edition {edition.pk}, for a reason kept with it, although: The text cites no source. "
        "No clinician has signed the review of this text."
    ]
    assert "“The telephone number was wrong.”" in words(client.get(address("history")))


def test_a_text_is_scheduled_in_the_time_zone_of_the_clinic_and_called_off():
    make_page(body="One.")
    client = staff(*EDITOR)
    save(client, body="Two.")
    day = timezone.localtime() + timedelta(days=2)

    response = step(client, "publish", when="later", reason="New hours.", at=day.strftime("%Y-%m-%dT09:30"))

    coming = Edition.objects.scheduled().get()
    at = timezone.localtime(coming.live_at)
    assert (at.date(), at.hour, at.minute, at.tzinfo.key) == (day.date(), 9, 30, "America/New_York")
    assert f"edition {coming.pk}, scheduled by" in words(response)
    assert Edition.objects.live().get().body == "One."

    client.post(address("cancel", coming.page_id, coming.pk))
    assert not Edition.objects.scheduled().exists()
    late = client.post(address("cancel", coming.page_id, Edition.objects.live().get().pk), follow=True)
    assert "Readers see this edition already" in words(late)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("", "Enter the day and time from which readers are to see the text."),
        ("2020-01-01T09:00", "This time is past. Enter a later one, or publish now."),
        ("soon", "Enter a valid date/time."),
    ],
)
def test_a_time_that_cannot_be_kept_is_refused_with_what_to_do(at, message):
    make_page(published=False)

    response = step(staff(*EDITOR), "publish", when="later", reason="Because.", at=at)

    assert message in words(response)
    assert not Edition.objects.exists()


def test_a_text_that_was_saved_meanwhile_is_not_published():
    page = make_page(published=False)
    seen = page.digest
    page.body = "Another text."
    page.save_edit()

    step(staff(*EDITOR), "publish", when="now", reason="Because.", text=seen)

    assert not Edition.objects.exists()


def test_a_page_is_taken_off_the_site():
    make_page()

    response = step(staff(*EDITOR), "withdraw")

    assert not Edition.objects.live().exists()
    assert "nothing : the page is not on the site." in words(response)
