from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.checks import crisis_lines_are_verified
from clinic.models import ClinicProfile, CrisisLine, User


def test_the_site_starts_with_the_name_the_physician_and_nothing_invented(db):
    profile = ClinicProfile.load()

    assert (profile.name, profile.physician) == ("Park Slope Ketamine", "David Salvage, M.D., FAPM")
    assert [profile.address, profile.phone, profile.email, profile.hours, profile.reading_times] == [""] * 5


def test_there_is_one_clinic_profile(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        ClinicProfile.objects.create(pk=2)


def test_the_crisis_lines_are_those_that_were_verified(db):
    lines = ClinicProfile.load().crisis_lines.values_list("call", "call_note", "text_word", "text_to", "in_help_panel")

    assert list(lines) == [
        ("911", "or go to the nearest emergency room", "", "", True),
        ("988", "free, day and night", "", "988", True),
        ("988", "press 2 (oprima el 2)", "AYUDA", "988", True),
        ("988", "press 1", "", "838255", True),
        ("711", "then 988, or your own relay service", "", "", False),
        ("1-866-488-7386", "", "", "678-678", False),
        ("", "", "HOME", "741741", False),
        ("1-800-662-4357", "English and Spanish", "", "", False),
    ]


def test_no_crisis_line_offers_what_988_has_ended(db):
    text = repr(list(CrisisLine.objects.values())).lower()

    assert [words for words in ("press 3", "oprima el 3", "pride") if words in text] == []


def test_every_crisis_line_has_its_spanish_words(db):
    assert not CrisisLine.objects.filter(label_es="").exists()
    assert not CrisisLine.objects.filter(call_note_es="").exclude(call_note="").exists()


def test_the_crisis_lines_that_the_project_ships_were_verified_within_180_days(db):
    assert crisis_lines_are_verified(databases=["default"]) == []


def test_a_crisis_line_that_nobody_verified_for_180_days_is_warned_of(db):
    today = timezone.localdate()
    CrisisLine.objects.update(verified_on=today - timedelta(days=180))
    assert crisis_lines_are_verified(databases=["default"]) == []
    CrisisLine.objects.filter(call="711").update(verified_on=date(2026, 1, 2))

    [warning] = crisis_lines_are_verified(databases=["default"])
    assert (warning.id, warning.msg) == (
        "clinic.W001",
        "Nobody has checked the crisis line “Deaf or hard of hearing” since 2026-01-02.",
    )


def test_the_check_of_the_crisis_lines_does_not_run_without_a_database():
    assert crisis_lines_are_verified(databases=None) == []


def test_a_crisis_line_that_cannot_be_reached_is_refused(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        CrisisLine.objects.create(label="Nowhere", verified_on=timezone.localdate())


def test_alert_recipients_are_one_a_line():
    assert ClinicProfile(alert_emails=" a@x.org\n\nb@x.org ").alert_recipients == ["a@x.org", "b@x.org"]


def test_staff_sign_in_with_their_address_in_any_case(db):
    user = User.objects.create_user(" Staff@Example.ORG", "a long enough password", is_staff=True)

    assert user.email == "staff@example.org"
    assert authenticate(email="STAFF@example.org", password="a long enough password") == user
    assert authenticate(email="staff@example.org", password="another password") is None
    assert authenticate(email="nobody@example.org", password="a long enough password") is None


def test_an_address_belongs_to_one_account_in_any_case(db):
    User.objects.create_user("staff@example.org")

    with pytest.raises(ValidationError, match="Somebody has an account with this address already"):
        User(email="Staff@Example.org", password="!").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="Staff@Example.org")])


def test_the_start_values_can_be_taken_back_and_put_in_again(db):
    migration = import_module("clinic.migrations.0002_start_values")

    migration.remove(apps, None)
    assert (ClinicProfile.objects.count(), CrisisLine.objects.count()) == (0, 0)

    migration.create(apps, None)
    assert (ClinicProfile.objects.count(), CrisisLine.objects.count()) == (1, len(migration.CRISIS_LINES))


@pytest.mark.parametrize("url", ["javascript:ran()", "JaVaScRiPt:ran()", "data:text/html,x", "java\nscript:x", "//x.y"])
def test_a_crisis_line_leads_to_a_web_address_and_to_nothing_else(url):
    with pytest.raises(ValidationError):
        CrisisLine._meta.get_field("chat_url").clean(url, None)
