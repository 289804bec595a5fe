"""Password and second factor in front of the review desk, outside local mode unless a test says otherwise."""

import base64
import re
import time
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import NoReverseMatch, reverse

from clinic import crypto
from clinic.models import AuditEvent, User
from clinic.signin.urls import urlpatterns
from tests.clinic.test_roles import staff_addresses
from tests.factories import make_submission
from tests.signing import (
    APP,
    CODE,
    LOGIN,
    PASSWORD,
    another_process,
    app_code,
    bare,
    give_code,
    give_password,
    make_person,
    opens,
    recorded,
    set_up_app,
    sign_in,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("outside_local_mode"),
]

WRONG = "nine loud herons at noon"


def test_a_password_and_a_code_open_the_review_desk(client, ada):
    _, secret = ada

    first = give_password(client)
    between = client.get("/admin/")
    second = give_code(client, app_code(secret))

    assert (first.status_code, first["Location"]) == (302, CODE)
    assert (between.status_code, between["Location"]) == (302, f"{LOGIN}?next=/admin/")
    assert (second.status_code, second["Location"]) == (302, "/admin/")
    assert opens(client)


def test_what_was_asked_for_opens_after_the_second_factor(client, ada):
    _, secret = ada
    client.post(f"{LOGIN}?next=/admin/clinic/user/", {"login": "ada@example.org", "password": PASSWORD})

    assert give_code(client, app_code(secret))["Location"] == "/admin/clinic/user/"


def test_nobody_is_sent_to_another_site_after_signing_in(client, ada):
    _, secret = ada
    client.post(f"{LOGIN}?next=https://evil.example/", {"login": "ada@example.org", "password": PASSWORD})

    assert give_code(client, app_code(secret))["Location"] == "/admin/"


def test_a_code_works_once_also_in_another_process_and_with_a_space_in_it(ada):
    _, secret = ada
    code = app_code(secret)
    first, second, third = Client(), Client(), Client()
    for client in (first, second, third):
        give_password(client)
    assert give_code(first, code).status_code == 302
    another_process()

    refused = [give_code(second, code), give_code(third, f"{code[:3]} {code[3:]}")]

    assert [response.status_code for response in refused] == [200, 200]
    assert all("used before" in response.text for response in refused)
    assert not opens(second)


def test_the_code_that_set_an_app_up_does_not_sign_in(client):
    make_person(is_superuser=True)
    give_password(client)
    secret = re.search(r'id="secret">(\w+)<', client.get(APP).text)[1]
    code = app_code(secret)
    assert client.post(APP, {"code": code}).status_code == 302
    another_process()

    again = Client()
    give_password(again)
    assert give_code(again, code).status_code == 200
    assert not opens(again)


def test_a_recovery_code_signs_in_once(client, ada):
    user, _ = ada
    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().generate_codes()[0]
    give_password(client)
    assert give_code(client, code).status_code == 302
    assert opens(client)
    assert ("signed-in", "password, recovery codes") in recorded()

    again = Client()
    give_password(again)
    assert give_code(again, code).status_code == 200
    assert not opens(again)


def test_the_secrets_of_an_app_and_of_recovery_codes_are_stored_encrypted(client):
    user = make_person()
    give_password(client)
    secret = re.search(r'id="secret">(\w+)<', client.get(APP).text)[1]
    pending = Session.objects.get(pk=client.cookies["session"].value).get_decoded()
    client.post(APP, {"code": app_code(secret)})
    stored = {factor.type: factor for factor in Authenticator.objects.filter(user=user)}

    assert secret not in str(pending)
    assert secret not in str(stored["totp"].data)
    assert crypto.decrypt(base64.b64decode(stored["totp"].data["secret"]), "mfa") == secret
    assert len(crypto.decrypt(base64.b64decode(stored["recovery_codes"].data["seed"]), "mfa")) == 80
    assert len(stored["recovery_codes"].wrap().get_unused_codes()) == 10


def test_recovery_codes_are_shown_once(client):
    make_person()
    give_password(client)
    set_up_app(client)

    first, second = client.get("/admin/security/codes/"), client.get("/admin/security/codes/")

    assert len(re.findall(r"<code>\d{8}</code>", first.text)) == 10
    assert "<code>" not in second.text


BEFORE = {"invitation", "account_login", "account_logout", "mfa_authenticate"}
SETTING_UP = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
}
AFTER = {
    "account_change_password",
    "mfa_deactivate_totp",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "end_sessions",
}


def test_every_address_of_the_sign_in_opens_before_while_or_after_setting_up_a_factor():
    make_person()
    stranger, beginner = Client(), Client()
    give_password(beginner)

    assert {pattern.name for pattern in urlpatterns} == BEFORE | SETTING_UP | AFTER
    for name in SETTING_UP | AFTER:
        response = stranger.get(_some_address(name))
        assert (response.status_code, response["Location"].split("?")[0]) == (302, LOGIN), name
    for name in AFTER:
        assert beginner.get(_some_address(name))["Location"] == "/admin/security/", name
        assert beginner.post(_some_address(name))["Location"] == "/admin/security/", name


def test_without_a_second_factor_nothing_but_setting_one_up_opens(client):
    make_person(is_superuser=True)
    assert give_password(client)["Location"] == "/admin/"
    found = {}

    for name in sorted({address.name for address in staff_addresses()} - {"login", "logout"}):
        path = _some_address(f"admin:{name}")
        response = client.get(path)
        found[path] = (response.status_code, response.headers.get("Location", "").split("?")[0])

    assert found.pop("/admin/password_change/") == (302, "/admin/security/")
    assert set(found.values()) == {(302, LOGIN)}, found
    assert client.get(LOGIN)["Location"] == "/admin/security/"
    assert [opens(client, path) for path in ("/admin/security/", APP, "/admin/security/passkey/")] == [True] * 3


def _some_address(name: str) -> str:
    row = UUID(int=0)
    for arguments in ([], [1], [1, 1], ["clinic"], [1, "en", 1], [row], [row, 1], [row, row]):
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    raise AssertionError(f"{name} takes other arguments")


def test_setting_up_the_first_factor_opens_the_review_desk(client):
    make_person(is_superuser=True)
    give_password(client)
    set_up_app(client)

    assert opens(client)


def test_removing_the_last_factor_closes_it_again(client, ada):
    user, secret = ada
    sign_in(client, secret)
    client.post("/admin/security/app/remove/")

    assert (user.has_second_factor, Authenticator.objects.count()) == (False, 0)
    assert client.get("/admin/")["Location"] == f"{LOGIN}?next=/admin/"
    assert client.get(LOGIN)["Location"] == "/admin/security/"


def test_in_a_trial_the_second_factor_is_optional_but_asked_for_once_it_is_set_up(client, settings):
    settings.LOCAL = True
    make_person(is_superuser=True)
    assert give_password(client)["Location"] == "/admin/"
    assert opens(client)

    secret = set_up_app(client)
    other = Client()

    assert give_password(other)["Location"] == CODE
    assert not opens(other)
    assert opens(sign_in(Client(), secret))


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"password": "!"}], ids=str)
def test_an_account_that_may_not_sign_in_looks_like_one_that_is_not_there(client, change):
    make_person("known@example.org")
    User.objects.filter(email="known@example.org").update(**change)

    answers = [give_password(client, email) for email in ("known@example.org", "unknown@example.org")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert bare(answers[0]).replace("unknown@", "known@") == bare(answers[1]).replace("unknown@", "known@")


def test_a_known_and_an_unknown_address_get_the_same_answer_until_and_after_the_limit(client):
    make_person("known@example.org")
    answers = {email: [] for email in ("known@example.org", "other@example.org")}

    for email, got in answers.items():
        for _ in range(12):
            response = give_password(client, email, WRONG)
            got.append((response.status_code, bare(response).replace(email, "somebody")))

    assert answers["known@example.org"] == answers["other@example.org"]
    assert "Wait 15 minutes" in answers["known@example.org"][10][1]
    assert "Wait" not in answers["known@example.org"][9][1]


def test_a_known_and_an_unknown_address_take_the_same_time(client, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]  # with all its work
    make_person("known@example.org")
    make_person("invited@example.org")
    User.objects.filter(email="invited@example.org").update(password="!unusable")
    taken = {"known@example.org": [], "invited@example.org": [], "unknown@example.org": []}

    for _ in range(7):  # in turn, so that what else the computer does meanwhile slows all of them
        for email, times in taken.items():
            start = time.perf_counter()
            give_password(client, email, WRONG)
            times.append(time.perf_counter() - start)
    medians = [sorted(times)[3] for times in taken.values()]

    assert max(medians) < 2 * min(medians), taken


def test_an_address_is_the_same_in_any_case_and_with_spaces_around_it(client, ada):
    assert give_password(client, "  ADA@Example.ORG ")["Location"] == CODE


@pytest.mark.parametrize("name", ["signup", "email", "reset_password", "set_password", "inactive", "confirm_email"])
def test_there_is_no_address_to_sign_up_or_to_reset_a_password(name):
    with pytest.raises(NoReverseMatch):
        reverse(f"account_{name}")


@pytest.mark.parametrize(
    "path", ["/accounts/signup/", "/admin/signup/", "/accounts/login/", "/signup/", "/admin/email/"]
)
def test_a_guessed_address_of_a_sign_up_is_not_there(client, path):
    assert client.get(path).status_code in {302, 404}
    assert client.get(path, follow=True).redirect_chain in ([], [(f"{LOGIN}?next={path}", 302)])
    assert "ign up" not in client.get(path, follow=True).text


def test_public_pages_set_no_cookie_and_ask_the_database_for_no_session(client):
    client.get("/")
    response = client.get("/")

    assert dict(response.cookies) == {}
    assert Session.objects.count() == 0


def test_what_happens_at_the_sign_in_is_on_record(client, ada):
    user, secret = ada
    assert recorded() == [("signed-in", "password"), ("factor", "app added"), ("factor", "recovery codes added")]

    give_password(client, "nobody@example.org", WRONG)
    give_password(client, "ada@example.org", WRONG)
    give_password(client)
    give_code(client, "000000")
    give_code(client, app_code(secret))
    client.post("/admin/password_change/", {"oldpassword": PASSWORD, "password1": WRONG, "password2": WRONG})
    client.post("/admin/logout/")

    rows = AuditEvent.objects.order_by("pk")[3:]
    assert [(row.action, row.detail, row.actor, row.record, row.address) for row in rows] == [
        ("sign-in-failed", "password: wrong", None, "", "127.0.0.1"),
        ("sign-in-failed", "password: wrong", None, str(user.pk), "127.0.0.1"),
        ("sign-in-failed", "code: wrong", None, str(user.pk), "127.0.0.1"),
        ("signed-in", "password, app", user, str(user.pk), "127.0.0.1"),
        ("password", "", user, str(user.pk), "127.0.0.1"),
        ("signed-out", "", user, str(user.pk), "127.0.0.1"),
    ]
    assert "nobody" not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    "made_up", ["", "{}", "[]", "null", '"x"', "{not json", '{"id": 1}', '{"response": {"clientDataJSON": "AA"}}',
                '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", '
                '"attestationObject": "oA", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}}']
)  # fmt: skip
def test_a_made_up_passkey_is_refused_in_words(client, ada, made_up):
    _, secret = ada
    give_password(client)
    client.get(CODE)

    signing = client.post(CODE, {"credential": made_up})
    give_code(client, app_code(secret))
    client.get("/admin/security/passkey/")
    adding = client.post("/admin/security/passkey/", {"name": "x", "credential": made_up})

    for response in (signing, adding):
        assert response.status_code == 200
        assert 'role="alert"' in response.text
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_who_has_given_the_password_only_is_told_nothing_of_the_desk(client):
    make_person(is_superuser=True)
    make_submission()
    give_password(client)

    for path in ("/admin/security/", APP, "/admin/security/passkey/"):
        page = client.get(path).text
        assert "desk-strip" not in page, path
        assert "submission" not in page, path


@pytest.mark.parametrize(
    "forgotten",
    [
        {"MFA_SUPPORTED_TYPES": []},
        {"MFA_SUPPORTED_TYPES": ["recovery_codes"]},
        {"MFA_TRUST_ENABLED": True},
        {"MFA_ADAPTER": "allauth.mfa.adapter.DefaultMFAAdapter"},
        {"ACCOUNT_FORMS": {}, "MFA_FORMS": {}},
        {"DEBUG": True},
    ],
    ids=str,
)
def test_no_setting_but_local_opens_the_desk_without_a_second_factor(client, settings, forgotten):
    for name, value in forgotten.items():
        setattr(settings, name, value)
    make_person(is_superuser=True)
    give_password(client)

    assert client.get("/admin/")["Location"] == f"{LOGIN}?next=/admin/"
