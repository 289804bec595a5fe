"""Every address of the staff site, tried by every role."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from clinic.roles import ADDRESSES, CLINICIAN, FRONT_DESK, MANAGER, ROLES, make_groups
from clinic.signin.urls import urlpatterns as sign_in
from tests.addresses import Address, Rows, admin_addresses
from tests.factories import make_user

OPEN_TO = {name: roles for _what, roles, names in ADDRESSES for name in names.split()}
EVERY_STAFF_PAGE = set(ADDRESSES[0][2].split())
DOCS = Path(__file__).resolve().parents[2] / "docs" / "desk.md"


@pytest.fixture
def user_of(db):
    def make(role, email=""):
        user = make_user(email=email or f"{role.replace(' ', '-').lower()}@example.org")
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


def staff_addresses() -> list[Address]:
    """Those of the staff site that have a name; the sign-in's have others."""
    names = {pattern.name for pattern in sign_in}
    return [address for address in admin_addresses() if address.name and address.name not in names]


def test_the_table_names_every_address_of_the_staff_site():
    assert {address.name for address in staff_addresses()} == set(OPEN_TO)


def test_the_docs_tell_the_same():
    marks = [" | ".join("yes" if role in roles else "–" for role in ROLES) for _what, roles, _names in ADDRESSES]
    table = [f"| {what} | {mark} |" for (what, _roles, _names), mark in zip(ADDRESSES, marks, strict=True)]

    assert "\n".join(table) in DOCS.read_text(), "\n".join(table)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_opens_what_the_table_says_and_nothing_else(client, user_of, role):
    """tests/clinic/test_doors.py tries without a session, by POST, and with ids that nothing has."""
    client.force_login(user_of(role))
    rows, found = Rows(), {}

    for address in staff_addresses():
        if address.name not in EVERY_STAFF_PAGE:
            status = client.get(rows.of(address)).status_code
            found[address.name] = status != 403
            assert status in {200, 302, 403, 404, 405}, address

    assert found == {name: role in OPEN_TO[name] for name in found}


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
