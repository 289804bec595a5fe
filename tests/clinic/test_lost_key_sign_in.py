"""The sign-in over second factors whose key is not in FIELD_KEYS any more."""

from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.signin.forms import UNREADABLE as UNREADABLE_FACTOR
from clinic.signin.guesses import device_of, remember_device
from tests.clinic.test_lost_key import KEPT, LOST, words
from tests.clinic.test_roles import EVERY_STAFF_PAGE, staff_addresses, user_of  # noqa: F401
from tests.factories import make_user
from tests.signing import CODE, app_code, give_code, give_password, made_person_with_app


def test_a_second_factor_that_cannot_be_decrypted_is_told_in_words(db, settings):
    settings.LOCAL = False
    settings.FIELD_KEYS = LOST
    _user, secret = made_person_with_app()
    settings.FIELD_KEYS = KEPT
    client = Client()
    give_password(client)

    response = give_code(client, app_code(secret))

    assert (response.status_code, UNREADABLE_FACTOR in words(response)) == (200, True)
    assert client.get(CODE).status_code == 200
    assert client.get("/admin/").status_code == 302


def test_recovery_codes_that_cannot_be_decrypted_are_told_in_words(db, settings):
    settings.FIELD_KEYS = LOST
    user, _secret = made_person_with_app(is_superuser=True)
    settings.FIELD_KEYS = KEPT
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": timezone.now().timestamp()}]
    session.save()

    for name in ("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_index"):
        page = client.get(reverse(name), follow=True)
        assert page.status_code == 200, name
    assert "They cannot be used. The key that this value was encrypted with is not in FIELD_KEYS." in words(page)
    assert Authenticator.objects.filter(user=user).count() == 2


def test_an_app_that_was_being_set_up_gets_another_secret(db, settings):
    settings.FIELD_KEYS = LOST
    client = Client()
    make_user(email="ada@example.org", password="eleven quiet otters at dawn")
    give_password(client)
    before = words(client.get("/admin/security/app/"))
    settings.FIELD_KEYS = KEPT

    after = client.get("/admin/security/app/")

    assert after.status_code == 200
    assert before != words(after)


def test_a_browser_that_is_known_stays_so_while_its_key_is_among_the_older_ones(rf, settings):
    settings.FIELD_KEYS = LOST
    request, response = rf.get("/"), HttpResponse()
    remember_device(request, response, "ada@example.org")
    request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    device = device_of(request, "ada@example.org")
    settings.FIELD_KEYS = KEPT + LOST

    assert device is not None
    assert device_of(request, "ada@example.org") == device
    assert device_of(request, "bo@example.org") is None
    remember_device(request, response, "ada@example.org")
    request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    settings.FIELD_KEYS = KEPT
    assert device_of(request, "ada@example.org") not in {None, device}
