"""A member of staff who signs in and works what came in, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from intake.models import Submission
from tests.browser.conftest import sign_in
from tests.factories import make_screening, make_submission

pytestmark = pytest.mark.django_db(transaction=True)


def test_staff_find_the_riskiest_first_and_record_what_they_did(staff_visit, staff):
    make_submission(name="Jo Fenn")
    calm = make_screening(phq9=[3] * 8 + [0], person={"name": "Nora Calm"})
    risky = make_screening(phq9=[0] * 8 + [1], person={"name": "Marta Quill"})

    page = sign_in(staff_visit)
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Urgent")
    expect(rows.first).to_contain_text("Marta Quill")
    expect(page.locator("#result_list")).to_contain_text("24 Severe")
    page.get_by_role("link", name=risky.reference).click()

    expect(page.get_by_role("heading", level=2).first).to_have_text("Safety alerts")
    expect(page.get_by_text("Suicidal thoughts", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_label("How it ended").select_option("Reached, and safe for now")
    page.get_by_role("button", name="Resolve the alert").click()
    expect(page.get_by_text("Say in a few words what was done")).to_be_visible()
    page.get_by_label("What was done").fill("Called at once. Safe for the night.")
    page.get_by_role("button", name="Resolve the alert").click()
    expect(page.get_by_text("Urgent, resolved")).to_be_visible()
    page.get_by_role("button", name="Assign to me").click()
    page.get_by_role("button", name="Start review").click()
    page.get_by_role("textbox", name=re.compile("note", re.I)).fill("Called, will call again.")
    page.get_by_role("button", name=re.compile("Add", re.I)).click()
    page.get_by_role("button", name="Mark as contacted").click()

    expect(page.get_by_text("Called, will call again.")).to_be_visible()
    risky.refresh_from_db()
    assert (risky.status, [note.text for note in risky.notes.all()]) == (
        "contacted",
        ["Called at once. Safe for the night.", "Called, will call again."],
    )
    done = risky.events.filter(actor=staff).exclude(action="viewed")
    assert [(event.action, event.detail) for event in done] == [
        ("alert", "acknowledged"),
        ("note", ""),
        ("alert", "resolved"),
        ("assigned", "to staff@example.org"),
        ("status", "new -> in-review"),
        ("note", ""),
        ("status", "in-review -> contacted"),
    ]
    assert Submission.objects.get(pk=calm.pk).status == "new"


def test_staff_search_by_exact_address_and_it_stays_out_of_the_address_bar(staff_visit, staff):
    wanted = make_submission(email="jo@example.org")
    make_submission(email="other@example.org")

    page = sign_in(staff_visit)
    page.get_by_label("Reference, or exact e-mail or phone").fill(" JO@example.org")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_text(wanted.reference).first).to_be_visible()
    assert "example.org" not in page.url


def test_axe_finds_nothing_on_the_pages_of_the_desk(staff_visit, staff):
    risky = make_screening(phq9=[0] * 8 + [1], gad7=[None] + [1] * 6)
    contact = make_submission(message="Please call.")
    make_submission(is_suspect=True, suspect_signs=["links"], message="Buy now.")
    found = {}

    page = staff_visit.open("/admin/login/")
    found["sign-in"] = staff_visit.axe()
    sign_in(staff_visit)
    for path in (
        "/admin/",
        "/admin/intake/submission/",
        "/admin/intake/submission/?show=suspect",
        risky.get_absolute_url(),
        contact.get_absolute_url(),
        "/admin/intake/questionnaire/",
        "/admin/intake/packet/",
        "/admin/intake/consenttext/",
        "/admin/clinic/clinicprofile/1/change/",
        "/admin/clinic/user/",
        "/admin/clinic/user/add/",
        "/admin/content/page/",
    ):
        staff_visit.open(path)
        found[path] = staff_visit.axe()
    staff_visit.open(risky.get_absolute_url())
    page.get_by_role("button", name=re.compile("Add", re.I)).click()
    found["a note without text"] = staff_visit.axe()
    page.get_by_text("Resolve", exact=True).click()
    page.get_by_role("button", name="Resolve the alert").click()
    found["an alert without an outcome"] = staff_visit.axe()

    assert {path: faults for path, faults in found.items() if faults} == {}
