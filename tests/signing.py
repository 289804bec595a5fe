"""What tests of the sign-in do again and again, as a person with a telephone would."""

import base64
import hmac
import re
import struct
import time

from django.core.cache import cache
from django.test import Client

from clinic.models import AuditEvent, User
from tests.factories import make_user

PASSWORD = "eleven quiet otters at dawn"
LOGIN, CODE, APP = "/admin/login/", "/admin/login/code/", "/admin/security/app/"


def make_person(email: str = "ada@example.org", **fields: object) -> User:
    return make_user(email=email, password=PASSWORD, **fields)


def app_code(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows, now or so many half minutes later: RFC 6238."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def give_password(client: Client, email: str = "ada@example.org", password: str = PASSWORD, **request: object):
    return client.post(LOGIN, {"login": email, "password": password}, **request)


def give_code(client: Client, code: str, **request: object):
    return client.post(CODE, {"code": code}, **request)


def set_up_app(client: Client) -> str:
    """Set up an app in a session that has given the password; return the app's secret.

    Takes the code of the step before, so that those of this one and the next are left to sign in with.
    """
    secret = re.search(r'id="secret">(\w+)<', client.get(APP).text)[1]
    if (left := 30 - time.time() % 30) < 1:
        time.sleep(left)  # else it may run out on the way
    response = client.post(APP, {"code": app_code(secret, -1)})
    assert (response.status_code, response["Location"]) == (302, "/admin/security/codes/"), response.text
    return secret


def made_person_with_app(email: str = "ada@example.org", **fields: object) -> tuple[User, str]:
    """Somebody who may sign in with a password and an app, and the app's secret."""
    user, client = make_person(email, **fields), Client()
    give_password(client, email)
    return user, set_up_app(client)


def sign_in(client: Client, secret: str, email: str = "ada@example.org", steps: int = 0) -> Client:
    give_password(client, email)
    response = give_code(client, app_code(secret, steps))
    assert (response.status_code, response["Location"]) == (302, "/admin/"), response.text
    return client


def another_process() -> None:
    """Forget what only this process remembers."""
    cache.clear()


def bare(response) -> str:
    """The page without what differs from one answer to the next."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.text)


def opens(client: Client, path: str = "/admin/") -> bool:
    return client.get(path).status_code == 200


def recorded() -> list[tuple[str, str]]:
    """Action and detail of every event on record, the oldest first."""
    return list(AuditEvent.objects.order_by("pk").values_list("action", "detail"))
