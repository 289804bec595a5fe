"""Every address of the staff site, tried by every role."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from clinic.models import AuditEvent, Message
from clinic.roles import ADDRESSES, CLINICIAN, FRONT_DESK, MANAGER, ROLES, make_groups
from content.models import Page, Source, Term
from intake.models import CannedReply, ConsentText, Packet, Questionnaire, Tag
from tests.content.factories import make_term
from tests.factories import make_screening, make_user
from tests.stock import stock

OPEN_TO = {name: roles for _what, roles, names in ADDRESSES for name in names.split()}
STEPS = {
    *("history", "delete", "change", "preview", "invite", "reset", "signout"),
    *("proposal", "submit", "sign", "publish", "withdraw", "compare"),
}
EVERY_STAFF_PAGE = set(ADDRESSES[0][2].split())
DOCS = Path(__file__).resolve().parents[2] / "docs" / "desk.md"


def addresses():
    return {pattern.name for pattern in _walk(admin.site.urls[0]) if pattern.name}


def _walk(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns)
        else:
            yield pattern


@pytest.fixture
def arguments(packet, user_of):
    """What to put into the address of each kind of page."""
    submission = make_screening(phq9=[0] * 8 + [1])
    alert = submission.alerts.get()
    stock("load_pages")
    page, source = Page.objects.first(), Source.objects.first()
    message = Message.objects.create(template="safety_alert")
    questionnaire = Questionnaire.objects.first()
    rows = {
        "clinic_user": user_of(FRONT_DESK, "another@example.org"),
        "clinic_clinicprofile": 1,
        "content_page": page,
        "content_source": source,
        "content_term": Term.objects.first() or make_term(start_digest="as it came"),
        "intake_questionnaire": questionnaire,
        "intake_packet": Packet.objects.current(),
        "intake_consenttext": ConsentText.objects.first(),
        "clinic_message": message,
        "intake_cannedreply": CannedReply.objects.first(),
        "intake_tag": Tag.objects.create(name="interpreter"),
        "clinic_auditevent": AuditEvent.objects.first(),
    }

    def of(name):
        if name in {"intake_submission_acknowledge", "intake_submission_resolve"}:
            return [submission.pk, alert.pk]
        if name == "intake_submission_link":
            return [submission.pk, submission.pk]
        if name == "intake_questionnaire_preview":
            return [questionnaire.pk, "en", 1]
        if name == "intake_submission_forget_view":
            return [1]
        if name == "intake_submission_keep_view":
            return []
        if name.startswith("intake_submission_") and not name.endswith("list"):
            return [submission.pk]
        if name == "content_page_cancel":
            return [page.pk, page.editions.get().pk]
        if name == "content_page_restore":
            return [page.pk, page.last_version.pk]
        if name == "app_list":
            return ["clinic"]
        if name == "view_on_site":
            return [1, 1]
        kind, _, step = name.rpartition("_")
        if step in STEPS and kind in rows:
            return [getattr(rows[kind], "pk", rows[kind])]
        return []

    return of


@pytest.fixture
def user_of(db):
    def make(role, email=""):
        user = make_user(email=email or f"{role.replace(' ', '-').lower()}@example.org")
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


def test_the_table_names_every_address_of_the_staff_site():
    assert addresses() == set(OPEN_TO)


def test_the_docs_tell_the_same():
    marks = [" | ".join("yes" if role in roles else "–" for role in ROLES) for _what, roles, _names in ADDRESSES]
    table = [f"| {what} | {mark} |" for (what, _roles, _names), mark in zip(ADDRESSES, marks, strict=True)]

    assert "\n".join(table) in DOCS.read_text(), "\n".join(table)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_opens_what_the_table_says_and_nothing_else(client, user_of, arguments, role):
    client.force_login(user_of(role))
    found = {}

    for name in sorted(set(OPEN_TO) - EVERY_STAFF_PAGE):
        status = client.get(reverse(f"admin:{name}", args=arguments(name))).status_code
        found[name] = status != 403
        assert status in {200, 302, 403, 404, 405}, name

    assert found == {name: role in OPEN_TO[name] for name in found}


def test_nobody_without_a_session_opens_anything(client, arguments):
    for name in sorted(set(OPEN_TO) - {"login", "logout", "jsi18n"}):
        response = client.get(reverse(f"admin:{name}", args=arguments(name)))
        assert (response.status_code, "/login/" in response.headers.get("Location", "")) == (302, True), name


def test_the_groups_have_the_permissions_of_the_table_and_no_others(db):
    for role, names in ROLES.items():
        permissions = Group.objects.get(name=role).permissions.select_related("content_type")
        assert {f"{one.content_type.app_label}.{one.codename}" for one in permissions} == names


# The table once more, from what each role is for: a letter stands for add, view, change and delete.
MANAGED = {
    "clinic.clinicprofile": "vc",
    "clinic.crisisline": "avcd",
    "clinic.message": "v",
    "clinic.auditevent": "v",
    "clinic.user": "avcd",
    "content.page": "avcd",
    "content.source": "avcd",
    "content.term": "avcd",
    "intake.questionnaire": "avc",
    "intake.packet": "avc",
    "intake.packetitem": "avcd",
    "intake.consenttext": "av",
    "intake.cannedreply": "avc",
    "intake.tag": "avcd",
}
VERBS = {"a": "add", "v": "view", "c": "change", "d": "delete"}


def test_a_manager_manages_and_can_do_nothing_with_what_patients_sent_but_end_it():
    expected = {
        f"{app}.{VERBS[letter]}_{model}"
        for (app, model), letters in ((name.split("."), letters) for name, letters in MANAGED.items())
        for letter in letters
    }

    assert ROLES[MANAGER] == expected | {"intake.erase_submission"}
    assert not [name for name in expected if re.search("submission|answer|note|alert|response|draft", name)]


def test_the_front_desk_sees_and_works_submissions_without_their_answers():
    assert ROLES[FRONT_DESK] == {f"intake.{verb}_submission" for verb in ("view", "change", "export")}


def test_a_clinician_can_do_all_that_the_front_desk_can_and_what_answers_need():
    assert ROLES[CLINICIAN] - ROLES[FRONT_DESK] == {
        "intake.read_answers",
        "intake.add_note",
        "intake.change_safetyalert",
        "intake.resolve_safetyalert",
        "intake.erase_submission",
        "content.view_page",
        "content.review_page",
        "content.view_source",
        "content.view_term",
    }
    assert ROLES[FRONT_DESK] < ROLES[CLINICIAN]


def test_the_table_has_these_roles_only_and_migrate_takes_away_what_it_does_not_name(db):
    group = Group.objects.get(name=FRONT_DESK)
    group.permissions.add(Permission.objects.get(codename="read_answers"))
    group.permissions.remove(Permission.objects.get(codename="view_submission"))
    Group.objects.get(name=MANAGER).delete()

    make_groups()

    assert sorted(ROLES) == sorted(Group.objects.values_list("name", flat=True)) == [CLINICIAN, FRONT_DESK, MANAGER]
    assert set(group.permissions.values_list("codename", flat=True)) == {
        name.split(".")[1] for name in ROLES[FRONT_DESK]
    }


def test_a_manager_gives_a_role_but_not_to_themself_and_changes_no_superuser(client, user_of):
    manager, colleague = user_of(MANAGER), user_of(FRONT_DESK, "jo@example.org")
    root = make_user(email="root@example.org", is_superuser=True)
    client.force_login(manager)
    clinician = Group.objects.get(name=CLINICIAN)

    for user in (colleague, manager):
        sent = {"email": user.email, "is_active": "on", "groups": clinician.pk}
        client.post(reverse("admin:clinic_user_change", args=[user.pk]), sent)
    refused = client.post(reverse("admin:clinic_user_change", args=[root.pk]), {"email": root.email})

    assert [group.name for group in colleague.groups.all()] == [CLINICIAN]
    assert [group.name for group in manager.groups.all()] == [MANAGER]
    assert refused.status_code == 403
