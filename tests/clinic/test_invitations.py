"""How people come, change their role, lose what they sign in with, and go."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic import outbox
from clinic.models import AuditEvent, Invitation, User
from clinic.roles import CLINICIAN, FRONT_DESK, MANAGER
from tests.factories import make_submission, make_user
from tests.signing import PASSWORD, app_code, give_code, give_password, made_person_with_app, sign_in

pytestmark = pytest.mark.django_db

CHOSEN = {
    "first_name": "Ada",
    "last_name": "Quill",
    "new_password1": PASSWORD,
    "new_password2": PASSWORD,
}


CHANGED = "twelve loud herons at noon"


def group(name: str) -> Group:
    return Group.objects.get(name=name)


@pytest.fixture
def manager():
    user = make_user(email="manager@example.org")
    user.groups.add(group(MANAGER))
    return user


@pytest.fixture
def desk(manager):
    """The manager's browser."""
    client = Client()
    client.force_login(manager)
    return client


def invite(desk: Client, email: str = "ada@example.org", role: str = CLINICIAN):
    return desk.post(reverse("admin:clinic_user_add"), {"email": email, "groups": group(role).pk})


def link() -> str:
    """The path of the link in the newest e-mail."""
    outbox.deliver_due()
    return re.search(r"http://127\.0\.0\.1:8000(/admin/invitation/\S+)", mail.outbox[-1].body)[1]


def do(desk: Client, step: str, user: User, **sent: object):
    return desk.post(reverse(f"admin:clinic_user_{step}", args=[user.pk]), sent)


def recorded(action: str) -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.filter(action=action).order_by("pk")
    return [(str(row.actor), row.reference, row.detail) for row in rows]


def test_a_manager_invites_by_e_mail_and_the_link_sets_name_and_password(desk, client):
    invite(desk)
    user = User.objects.get(email="ada@example.org")
    assert (user.has_usable_password(), user.is_staff, user.is_superuser) == (False, True, False)

    path = link()
    assert client.get(path).status_code == 200
    response = client.post(path, CHOSEN)

    assert (response.status_code, response["Location"]) == (302, "/admin/")
    user.refresh_from_db()
    assert (str(user), user.role_names, user.check_password(PASSWORD)) == ("Ada Quill", [CLINICIAN], True)
    assert client.get("/admin/").status_code == 200
    assert recorded("invited") == [("manager@example.org", "ada@example.org", "link made")]
    assert recorded("role") == [("manager@example.org", "ada@example.org", f"none -> {CLINICIAN}")]
    assert recorded("password") == [("Ada Quill", "Ada Quill", "by a link")]


def test_the_e_mail_names_neither_the_clinic_nor_what_it_treats(desk):
    invite(desk)
    link()
    sent = mail.outbox[-1]
    said = re.sub(r"http\S+", "", f"{sent.subject} {sent.body} {sent.from_email}").lower()

    assert sent.to == ["ada@example.org"]
    for word in ("ketamine", "clinic", "park slope", "salvage", "patient", "depression", "treatment"):
        assert word not in said


def test_outside_local_mode_who_was_invited_sets_up_a_factor_first(desk, client, settings):
    invite(desk)
    settings.LOCAL = False
    client.post(link(), CHOSEN)

    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/")["Location"] == "/admin/security/"


def test_a_scanner_that_opens_the_link_does_not_use_it_up(desk, client):
    invite(desk)
    path = link()
    for method in (client.get, client.head, client.get):
        assert method(path).status_code == 200

    assert client.post(path, CHOSEN).status_code == 302


def test_a_link_works_once(desk):
    invite(desk)
    path = link()
    Client().post(path, CHOSEN)

    for again in (Client().get(path), Client().post(path, {**CHOSEN, "first_name": "Eve"})):
        assert again.status_code == 410
        assert "Ask a manager to send you a new one" in again.text
    assert User.objects.get(email="ada@example.org").first_name == "Ada"


def test_a_refused_password_does_not_use_the_link_up(desk, client):
    invite(desk)
    path = link()
    weak = client.post(path, {**CHOSEN, "new_password1": "ketamine clinic", "new_password2": "ketamine clinic"})

    assert (weak.status_code, list(weak.context["form"].errors)) == (200, ["new_password2"])
    assert client.post(path, CHOSEN).status_code == 302


def test_a_link_expires_and_is_purged(desk, client):
    invite(desk)
    path = link()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get(path).status_code == 410
    assert Invitation.objects.expired().count() == 1


@pytest.mark.parametrize("path", ["/admin/invitation/x/", "/admin/invitation/" + "A" * 43 + "/"])
def test_a_made_up_link_says_the_same_as_an_old_one(client, path):
    assert client.get(path).status_code == 410


def test_the_database_does_not_hold_the_link(desk):
    invite(desk)

    assert link().split("/")[3] not in str(list(Invitation.objects.values()))


def test_a_new_link_ends_the_older_one(desk, client):
    invite(desk)
    old = link()
    do(desk, "invite", User.objects.get(email="ada@example.org"))
    new = link()

    assert (client.get(old).status_code, client.get(new).status_code) == (410, 200)


@pytest.mark.django_db(transaction=True)
def test_a_new_password_by_a_link_still_needs_the_second_factor(desk, client):
    user, secret = made_person_with_app()
    elsewhere = sign_in(Client(), secret)
    do(desk, "invite", user)
    response = client.post(link(), {**CHOSEN, "new_password1": CHANGED, "new_password2": CHANGED})

    assert response["Location"] == "/admin/login/code/"
    assert client.get("/admin/security/").status_code == 302
    assert elsewhere.get("/admin/security/").status_code == 302
    assert give_code(client, app_code(secret, 1)).status_code == 302
    assert client.get("/admin/security/").status_code == 200


def test_whoever_used_the_browser_before_is_signed_out_by_a_link(desk):
    invite(desk)
    desk.post(link(), CHOSEN)

    assert "Ada Quill" in desk.get("/admin/security/").text


@pytest.mark.django_db(transaction=True)
def test_a_manager_lets_a_colleague_begin_anew_who_lost_the_second_factor(desk):
    user, secret = made_person_with_app()
    elsewhere = sign_in(Client(), secret)
    do(desk, "reset", user)

    assert not Authenticator.objects.filter(user=user).exists()
    assert elsewhere.get("/admin/security/").status_code == 302
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert Invitation.objects.filter(user=user).exists()
    assert recorded("factor")[-1] == ("manager@example.org", "ada@example.org", "all taken away, and the password")


def test_a_manager_signs_a_colleague_out_everywhere_who_can_sign_in_again(transactional_db, desk):
    user, secret = made_person_with_app()
    elsewhere = sign_in(Client(), secret)
    assert elsewhere.get("/admin/").status_code == 200

    do(desk, "signout", user)

    assert elsewhere.get("/admin/").status_code == 302
    assert sign_in(Client(), secret, steps=1).get("/admin/").status_code == 200
    assert recorded("signed-out")[-1] == ("manager@example.org", "ada@example.org", "everywhere")


def change(desk: Client, user: User, **sent: object):
    return do(desk, "change", user, **({"first_name": "", "last_name": "", "is_active": "on"} | sent))


def test_a_new_role_holds_at_once_and_signs_the_person_out(desk):
    user = make_user(email="ada@example.org")
    user.groups.add(group(FRONT_DESK))
    elsewhere = Client()
    elsewhere.force_login(user)
    change(desk, user, groups=group(CLINICIAN).pk)

    assert user.role_names == [CLINICIAN]
    assert elsewhere.get("/admin/")["Location"].startswith("/admin/login/")
    assert recorded("role") == [("manager@example.org", "ada@example.org", f"{FRONT_DESK} -> {CLINICIAN}")]


def test_a_change_of_the_name_signs_nobody_out(desk):
    user = make_user(email="ada@example.org")
    user.groups.add(group(FRONT_DESK))
    elsewhere = Client()
    elsewhere.force_login(user)
    change(desk, user, first_name="Ada", groups=group(FRONT_DESK).pk)

    assert elsewhere.get("/admin/").status_code == 200
    assert recorded("role") == []


def test_who_is_deactivated_is_signed_out_and_cannot_use_a_link(desk, client):
    invite(desk)
    user, path = User.objects.get(email="ada@example.org"), link()
    elsewhere = Client()
    elsewhere.force_login(user)
    change(desk, user, is_active="", groups=group(CLINICIAN).pk)

    assert elsewhere.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get(path).status_code == 410
    change(desk, user, groups=group(CLINICIAN).pk)
    assert client.get(path).status_code == 410
    assert [detail for _, _, detail in recorded("account")] == ["deactivated", "activated"]


@pytest.mark.django_db(transaction=True)
def test_deleting_an_account_keeps_every_record_that_names_it(desk, manager):
    user, secret = made_person_with_app(is_superuser=False)
    User.objects.filter(pk=user.pk).update(first_name="Ada", last_name="Quill")
    user.refresh_from_db()
    user.groups.add(group(CLINICIAN))
    submission = make_submission()
    submission.assign(user, by=user)
    note = submission.add_note("Called.", by=user)
    elsewhere = sign_in(Client(), secret)
    Invitation.objects.issue(user, by=manager)

    page = desk.get(reverse("admin:clinic_user_delete", args=[user.pk]))
    response = do(desk, "delete", user, post="yes")

    assert (page.status_code, response.status_code) == (200, 302)
    assert elsewhere.get("/admin/")["Location"].startswith("/admin/login/")
    assert give_password(Client()).status_code == 200
    assert (Authenticator.objects.filter(user=user).count(), Invitation.objects.count()) == (0, 0)
    assert "ada@example.org" not in desk.get(reverse("admin:clinic_user_changelist")).text
    assert do(desk, "change", user).status_code == 302
    note.refresh_from_db()
    submission.refresh_from_db()
    assert (str(note.author), str(submission.assignee)) == ("Ada Quill", "Ada Quill")
    assert recorded("account") == [("manager@example.org", "Ada Quill", "deleted")]
    assert recorded("signed-in")[0][0] == "Ada Quill"


def test_the_address_of_a_deleted_account_can_be_invited_again_as_another_account(desk, manager):
    first = make_user(email="ada@example.org")
    first.delete_account(by=manager)
    invite(desk)

    assert User.objects.present().get(email="ada@example.org").pk != first.pk
    assert invite(desk).context["adminform"].form.errors == {
        "email": ["Somebody has an account with this address already."]
    }


def test_nobody_deletes_resets_or_invites_themself_or_a_superuser(desk, manager):
    root = make_user(email="root@example.org", is_superuser=True)

    for user in (manager, root):
        for step in ("delete", "reset", "invite", "signout"):
            assert do(desk, step, user, post="yes").status_code == 403, (user, step)


def test_a_manager_does_not_move_an_account_to_another_address(desk):
    user = make_user(email="ada@example.org")
    change(desk, user, email="manager@evil.example")

    user.refresh_from_db()
    assert user.email == "ada@example.org"


def test_the_list_of_people_costs_the_same_queries_for_1_and_4(desk):
    counts = []
    for number in range(4):
        make_user(email=f"p{number}@example.org").groups.add(group(FRONT_DESK))
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse("admin:clinic_user_changelist"))
        counts.append(len(queries))

    assert counts[0] == counts[-1]


def test_the_first_manager_is_made_on_the_command_line(client, capsys):
    call_command("create_manager", " Boss@Example.org")
    url = capsys.readouterr().out.strip()
    user = User.objects.get()

    assert url.startswith("http://127.0.0.1:8000/admin/invitation/")
    assert (user.email, user.role_names, user.is_superuser) == ("boss@example.org", [MANAGER], False)
    assert client.post(url.removeprefix("http://127.0.0.1:8000"), CHOSEN)["Location"] == "/admin/"
    assert client.get(reverse("admin:clinic_user_changelist")).status_code == 200
    assert not mail.outbox


def test_making_a_manager_again_prints_a_new_link_and_makes_no_second_account(client, capsys):
    for _ in range(2):
        call_command("create_manager", "boss@example.org")
    old, new = (url.removeprefix("http://127.0.0.1:8000") for url in capsys.readouterr().out.split())

    assert User.objects.count() == 1
    assert (client.get(old).status_code, client.get(new).status_code) == (410, 200)


def test_making_a_manager_brings_back_who_was_deactivated(capsys):
    make_user(email="boss@example.org", is_active=False)
    call_command("create_manager", "boss@example.org")

    assert User.objects.get().is_active


def test_making_a_manager_of_something_else_is_refused(capsys):
    with pytest.raises(CommandError, match="not an e-mail address"):
        call_command("create_manager", "boss")
