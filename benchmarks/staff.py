"""A clinician at the review desk, over HTTP, with password and second factor."""

from http.client import HTTPConnection

from benchmarks.speed.load import Refused
from benchmarks.speed.visitors import Visitor

EMAIL = "clinician@example.org"
DESK = "/admin/intake/submission/"


class Clinician(Visitor):
    """Who may read and export everything. Makes the account, in the database that Django is set up with."""

    def __init__(self) -> None:
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
        from django.contrib.auth.models import Group

        from clinic.roles import CLINICIAN
        from tests.signing import make_person

        super().__init__()
        user = make_person(EMAIL)
        user.groups.add(Group.objects.get(name=CLINICIAN))
        self.secret = generate_totp_secret()
        TOTP.activate(user, self.secret)

    def sign_in(self, line: HTTPConnection) -> None:
        from tests.signing import CODE, LOGIN, PASSWORD, app_code

        self.get(line, LOGIN)
        if self.post(line, LOGIN, {"login": EMAIL, "password": PASSWORD}) != CODE:
            raise Refused("The password was not taken.")
        self.get(line, CODE)
        if self.post(line, CODE, {"code": app_code(self.secret)}) != "/admin/":
            raise Refused("The code was not taken.")
