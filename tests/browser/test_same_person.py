"""Staff who decide whether submissions are of the same person, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from intake.models import PersonLink
from tests.browser.conftest import PASSWORD, sign_in
from tests.factories import make_screening, make_submission, make_user

pytestmark = pytest.mark.django_db(transaction=True)

SEVERE, MILD = [3, 3, 3, 3, 3, 3, 2, 0, 0], [2, 2, 2, 2, 1, 0, 0, 0, 0]


@pytest.fixture
def nora(site):
    rights = ("intake.view_submission", "intake.change_submission", "intake.read_answers")
    user = make_user(*rights, email="nora@example.org", first_name="Nora", last_name="Field")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def earlier(site):
    return make_screening(phq9=SEVERE, gad7=[2] * 7, created_at=timezone.now() - timedelta(days=30))


@pytest.fixture
def now(earlier):
    return make_screening(phq9=MILD, gad7=[1] * 7)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_staff_confirm_the_same_person_see_the_course_and_refuse_another(staff_visit, nora, earlier, now, scheme):
    partner = make_submission(name="Jo Quill")
    page = sign_in(staff_visit, nora.email)
    page.emulate_media(color_scheme=scheme)
    staff_visit.open(now.get_absolute_url())
    section = page.get_by_role("region", name="The same person again")
    expect(section).to_contain_text("Perhaps the same person")
    expect(section.get_by_role("img")).to_have_count(0)
    undecided = staff_visit.axe()

    section.get_by_role("button", name=f"Confirm that {earlier} is of the same person").click()
    expect(section.get_by_role("img", name="PHQ-9 totals over time")).to_be_visible()
    expect(section.get_by_role("row", name="this one")).to_contain_text("9 Mild ▼ 11 lower response 7 Mild this one")
    section.get_by_role("button", name=f"Refuse : {partner} is of another person").click()
    section.get_by_text("Refused: another person (1)").click()
    expect(section).to_contain_text("Jo Quill")

    assert [undecided, staff_visit.axe()] == [[], []]
    assert sorted(PersonLink.objects.values_list("is_same", flat=True)) == [False, True]


def test_the_course_fits_a_phone(staff_visit, nora, earlier, now):
    PersonLink.objects.decide(now, earlier, is_same=True, by=nora)
    page = sign_in(staff_visit, nora.email)
    page.set_viewport_size({"width": 360, "height": 740})

    staff_visit.open(now.get_absolute_url())

    expect(page.get_by_role("img", name="GAD-7 totals over time")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert staff_visit.axe() == []
