"""Every address of the admin, out of the URL conf: closed, and silent about what lies behind it."""

import re
from collections.abc import Iterable

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from clinic.models import User
from clinic.roles import ADDRESSES, ROLES
from content.models import Page
from tests.addresses import NO_NUMBER, NOBODY, Address, Rows, admin_addresses, every_address
from tests.factories import make_screening

DESK, PASSKEY = "/admin/intake/submission/", "/admin/security/passkey/"
OTHER = {"name": "Ada Park", "email": "ada@example.org"}
OPEN_TO = {name: roles for _what, roles, names in ADDRESSES for name in names.split()}
OF_THE_MOMENT = {"Content-Length", "Expires"}
# Open to who has no session: the sign-in, and the invitation, whose token nobody can guess.
PUBLIC = {"account_login", "login", "account_logout", "logout", "mfa_authenticate", "invitation"}


@pytest.fixture
def rows(db) -> Rows:
    return Rows()


def signed_in(*roles: str, **fields: object) -> Client:
    user = User.objects.create_user("walker@example.org", **{"is_staff": True, **fields})
    user.groups.set(Group.objects.filter(name__in=roles))
    client = Client()
    client.force_login(user)
    return client


def told(response: HttpResponse, path: str) -> tuple[int, dict[str, str], str]:
    """All that an answer says, without the request's own id, tokens and address."""
    text, request_id = response.content.decode(), response["X-Request-ID"]
    headers = {name: value.replace(path, "…") for name, value in response.items() if name not in OF_THE_MOMENT}
    assert headers.pop("X-Request-ID") == request_id
    text = text.replace(request_id, "…").replace(path, "…")
    return response.status_code, headers, re.sub(r'(name="csrfmiddlewaretoken" value=")\w+', r"\1", text)


def answer(client: Client, method: str, path: str) -> tuple[int, dict[str, str], str]:
    return told(getattr(client, method)(path), path)


def faults(
    client: Client, rows: Rows, addresses: Iterable[Address], status: int, methods: Iterable[str] = ("get", "post")
) -> list[str]:
    """Where the answer is another one than that, or tells what is there from what is not."""
    found = []
    for address in addresses:
        for method in methods:
            there = answer(client, method, rows.of(address))
            if there[0] != status:
                found.append(f"{method} {address.route} {address.name}: {there[0]}")
            found += [
                f"{method} {path}: {there[0]}, but {other[0]} for what is not there"
                for path in rows.missing(address)
                if (other := answer(client, method, path)) != there
            ]
    return found


def test_without_a_session_every_address_leads_to_the_sign_in_whether_something_is_there_or_not(rows):
    stranger, gone = Client(), signed_in(is_superuser=True)
    User.objects.filter(email="walker@example.org").update(is_active=False)
    closed = [address for address in admin_addresses() if address.name not in PUBLIC]

    assert faults(stranger, rows, closed, 302) == []
    assert faults(gone, rows, [address for address in closed if address.ids], 302) == []
    for address in closed:
        assert stranger.get(rows.of(address))["Location"].startswith("/admin/login/?next="), address


def test_who_has_no_role_opens_nothing_and_learns_nothing_of_what_is_there(rows):
    closed = [address for address in admin_addresses() if is_closed(address, "")]

    assert faults(signed_in(), rows, closed, 403) == []
    assert len(closed) > 80


@pytest.mark.parametrize("role", sorted(ROLES))
def test_what_is_closed_to_a_role_takes_nothing_from_it_and_does_not_say_what_is_there(rows, role):
    """tests/clinic/test_roles.py asks for the same with GET."""
    closed = [address for address in admin_addresses() if address.ids and is_closed(address, role)]

    assert faults(signed_in(role), rows, closed, 403, ["post"]) == []
    assert len(closed) > 10


def is_closed(address: Address, role: str) -> bool:
    """Whether the table says so, also of the page of the row that it is about: who sees that knows that it is there."""
    shown = OPEN_TO.get(f"{address.kind}_change", frozenset())
    return bool(address.kind and address.name) and role not in OPEN_TO[address.name] | shown


def test_an_address_without_a_page_of_its_own_tells_nobody_what_is_there(rows):
    client = signed_in()
    others = [address for address in admin_addresses() if address.ids and not (address.kind and address.name)]

    told = {address.route: [answer(client, "get", path)[0] for path in rows.missing(address)] for address in others}

    assert {"admin/content/page/<path:object_id>/", "admin/security/passkey/<int:pk>/remove/"} < set(told)
    for address in others:
        assert {answer(client, "get", rows.of(address))[0], *told[address.route]} <= {302, 404}, address


@pytest.fixture
def colleagues_rows(rows) -> dict[str, tuple[str, str]]:
    """Addresses that join what is mine and what is not, each with the one that nothing has in its place."""
    mine, theirs = make_screening(phq9=[0] * 8 + [1], person=OTHER), rows.submission
    page = Page.objects.exclude(pk=rows.page.pk).first()
    alert, version, edition = rows.alert.pk, rows.page.last_version.pk, rows.page.editions.get().pk
    passkey = Authenticator.objects.create(user=rows.view.owner, type="webauthn", data={})
    desk, pages = f"{DESK}{mine.pk}/", f"/admin/content/page/{page.pk}/"
    return {
        "the view of another": (f"{DESK}views/{rows.view.pk}/forget/", f"{DESK}views/{NO_NUMBER}/forget/"),
        "the passkey of another": (f"{PASSKEY}{passkey.pk}/remove/", f"{PASSKEY}{NO_NUMBER}/remove/"),
        "acknowledging another's alert": (f"{desk}alert/{alert}/acknowledge/", f"{desk}alert/{NOBODY}/acknowledge/"),
        "resolving another's alert": (f"{desk}alert/{alert}/resolve/", f"{desk}alert/{NOBODY}/resolve/"),
        "another person": (f"{desk}link/{theirs.pk}/", f"{desk}link/{NOBODY}/"),
        "another page's version": (f"{pages}restore/{version}/", f"{pages}restore/{NO_NUMBER}/"),
        "another page's edition": (f"{pages}cancel/{edition}/", f"{pages}cancel/{NO_NUMBER}/"),
        "comparing another page": (f"{pages}compare/?old={version}", f"{pages}compare/?old={NO_NUMBER}"),
    }


def test_what_belongs_to_another_is_refused_like_what_is_not_there(colleagues_rows):
    client = signed_in(is_superuser=True)
    sent = {"outcome": "reached", "is_same": "yes", "text": "What was done"}
    before = kept()

    for name, (there, missing) in colleagues_rows.items():
        for method in ("get", "post"):
            answers = [told(getattr(client, method)(path, sent), path) for path in (there, missing)]
            assert answers[0] == answers[1], name
            assert answers[0][0] in ({404} if method == "post" else {404, 405}), (name, answers[0][0])
    assert kept() == before


def kept() -> dict[str, str]:
    """Everything in the database but the sessions, a digest for each table."""
    digest = "SELECT '{0}', md5(string_agg(one::text, '' ORDER BY one::text)) FROM {0} one"
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {"django_session"}
        cursor.execute(" UNION ALL ".join(digest.format(name) for name in tables))
        return dict(cursor.fetchall())


def is_csrf_page(response: HttpResponse) -> bool:
    return "403_csrf.html" in {template.name for template in response.templates}


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_post_without_the_token_of_a_form_of_ours_changes_nothing_at_any_address(rows, language):
    with translation.override(language):
        addresses = [address for address in every_address() if language == "en" or address.route.startswith("es/")]
    client = signed_in(is_superuser=True)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    form = {"name": "Jo", "contact_method": "email", "email": "jo@example.org", "agreed": "on", "text": "x"}
    before = kept()

    answers = {path: strict.post(path, form) for path in map(rows.of, addresses)}

    taking = {path: found for path, found in answers.items() if found.status_code != 405}  # the others take no form
    assert [path for path, found in taking.items() if found.status_code != 403 or not is_csrf_page(found)] == []
    assert taking
    assert kept() == before
    assert client.post(f"/{'es/' * (language == 'es')}contact/", form).status_code == 302
    assert kept() != before


@pytest.mark.parametrize(
    "path",
    [
        "/admin/login/?next=/admin/{}",
        "/admin/{}",
        "/admin/intake/submission/?{}=1&e={}",
        "/{}/",
        "/es/{}/",
        "/contact/sent/?{}",
        "/types{}",
    ],
)
def test_no_line_break_in_an_address_begins_a_header(rows, path):
    hostile = path.replace("{}", "%0d%0aInjected:%201%0d%0a%0d%0a")
    clients = [Client(), signed_in(is_superuser=True)]

    for response in [one.get(hostile) for one in clients]:
        assert response.status_code < 500
        assert "Injected" not in response.headers
        assert not [value for _, value in response.items() if "\r" in value or "\n" in value]
