"""How passwords are typed, changed and refused in front of the review desk."""

import re

import pytest
from django.test import Client

from clinic.models import Invitation, User
from tests.clinic.test_sign_in import WRONG
from tests.signing import CODE, LOGIN, PASSWORD, give_password, sign_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("outside_local_mode"),
]


@pytest.mark.parametrize("password", ["a" * 14, "1q2w3e4r5t6y7u8i9o0p", "ada@example.org-ada", "ketamine clinic 2026"])
def test_a_weak_new_password_is_refused_with_what_to_do(client, ada, password):
    _, secret = ada
    sign_in(client, secret)
    response = client.post(
        "/admin/password_change/", {"oldpassword": PASSWORD, "password1": password, "password2": password}
    )

    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["password1"]
    assert User.objects.get().check_password(PASSWORD)


def test_every_field_for_a_password_hides_it_and_lets_a_password_manager_and_a_paste_in(client, ada):
    user, secret = ada
    fields = re.findall(r"<input[^>]*password[^>]*>", client.get(LOGIN).text)
    fields += re.findall(r"<input[^>]*password[^>]*>", client.get(Invitation.objects.issue(user, by=None)).text)
    sign_in(client, secret)
    fields += re.findall(r'<input[^>]*name="(?:old)?password[^>]*>', client.get("/admin/password_change/").text)

    assert len(fields) == 1 + 2 + 3
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "maxlength" not in field
        assert "onpaste" not in field


def test_a_password_counts_as_it_was_typed_to_the_last_space(client, ada):
    _, secret = ada
    sign_in(client, secret)
    typed = f" {WRONG} "
    client.post("/admin/password_change/", {"oldpassword": PASSWORD, "password1": typed, "password2": typed})

    assert give_password(Client(), password=typed)["Location"] == CODE
    assert give_password(Client(), password=WRONG).status_code == 200
