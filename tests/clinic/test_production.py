"""What the site says in production, and what it refuses: asked as its proxy asks, over real connections."""

import re
from functools import partial
from http.cookies import Morsel

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from clinic.signin import session
from intake.models import Submission
from tests.factories import make_submission, make_user
from tests.production import HOST, Answer, Site, running
from tests.signing import PASSWORD, make_person
from tests.stock import stock

pytestmark = pytest.mark.django_db(transaction=True)

POLICY = {
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Access-Control-Allow-Origin": None,
}
HSTS = "max-age=31536000; includeSubDomains"
COOKIES = {"__Host-csrf", "__Host-session", "__Host-screening", "__Host-reference", "__Host-device"}
ADMIN = {"desk closed", "desk", "list", "export"}
MAY_BE_KEPT = {"page", "page, unchanged", "page, head", "robots", "feed", "static", "static, unchanged"}


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    with running(tmp_path_factory.mktemp("production")) as site:
        yield site


@pytest.fixture
def site(server, transactional_db) -> Site:
    stock("load_pages", "load_questionnaires")
    return server


class Visitor:
    """A browser with a page of the site open: its cookies, and the token of its form."""

    def __init__(self, site: Site, path: str, **cookies: str) -> None:
        self.site = site
        self.path = path
        self.page = site.ask(path, Cookie=self._header(cookies))
        self.cookies = cookies | {name: morsel.value for name, morsel in self.page.cookies.items()}
        self.token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page.text)[1]

    def send(self, fields: str = "", path: str = "", **how) -> Answer:
        body = f"csrfmiddlewaretoken={self.token}&{fields}".encode()
        return self.send_bytes(body, path, **how)

    def send_bytes(self, body: bytes, path: str = "", **headers) -> Answer:
        headers = {"Origin": f"https://{HOST}", "Cookie": self._header(self.cookies)} | headers
        return self.site.ask(path or self.path, "POST", body, **headers, X_CSRFToken=self.token)

    @staticmethod
    def _header(cookies: dict[str, str]) -> str:
        return "; ".join(f"{name}={value}" for name, value in cookies.items())


def staff_cookie() -> dict[str, str]:
    client = Client()
    client.force_login(make_user(is_superuser=True))
    kept = client.session
    kept[session.COMPLETE] = True
    kept.save()
    return {"__Host-session": kept.session_key}


def test_every_answer_carries_every_header_and_says_whether_it_may_be_kept(site):
    answers = public(site) | forms(site) | desk(site) | refusals(site)
    faults = {name: list(faults_of(name, answer)) for name, answer in answers.items()}

    assert {name: found for name, found in faults.items() if found} == {}
    assert {re.sub("(?<=-device)-.*", "", name) for answer in answers.values() for name in answer.cookies} == COOKIES
    assert {name: answer.status for name, answer in answers.items()} == {
        "page": 200, "page, unchanged": 304, "page, head": 200, "without the slash": 301, "over http": 301,
        "robots": 200, "sitemap": 200, "feed": 200, "icon": 404, "health": 200, "health over http": 200, "ready": 200,
        "static": 200, "static, unchanged": 304, "static, missing": 404, "static, not there in part": 416,
        "form": 200, "form with errors": 422, "form sent": 302, "reference": 200, "screening": 302, "step": 200,
        "under age": 200, "signed in": 302,
        "nothing here": 404, "sign-in": 200, "desk closed": 302, "desk": 200, "list": 200, "export": 200,
        "signed out": 302, "unknown host": 400, "unknown host over http": 301, "no host": 400, "nul": 400,
        "no token": 403, "missing": 404, "missing in Spanish": 404, "wrong method": 405, "static, wrong method": 405,
        "unknown method": 405, "no length": 411, "too large": 413, "too many fields": 413, "no form": 415,
        "broken": 500,
    }  # fmt: skip


def public(site: Site) -> dict[str, Answer]:
    page, style = site.ask("/"), re.search(r"/static/css/main\.\w+\.css", site.ask("/").text)[0]
    static = site.ask(style)
    return {
        "page": page,
        "page, unchanged": site.ask("/", If_None_Match=page.headers["ETag"]),
        "page, head": site.ask("/", "HEAD"),
        "without the slash": site.ask("/contact"),
        "over http": site.ask("/contact/", scheme=None),
        "robots": site.ask("/robots.txt"),
        "sitemap": site.ask("/sitemap.xml"),
        "feed": site.ask("/feed.xml"),
        "icon": site.ask("/favicon.ico"),
        "health": site.ask("/healthz"),
        "health over http": site.ask("/healthz", scheme="http"),
        "ready": site.ask("/readyz"),
        "static": static,
        "static, unchanged": site.ask(style, If_None_Match=static.headers["ETag"]),
        "static, missing": site.ask("/static/css/none.css"),
        "static, not there in part": site.ask(style, Range="bytes=9999999-"),
    }


def forms(site: Site) -> dict[str, Answer]:
    contact = Visitor(site, "/contact/")
    sent = contact.send("name=Jo&contact_method=email&email=jo@example.org&agreed=on")
    start = Visitor(site, "/screening/").send()
    draft = {name: morsel.value for name, morsel in start.cookies.items()}
    first = Visitor(site, start.headers["Location"], **draft)
    born = re.search(r'name="([^"]+)-year"', first.page.text)[1]
    return {
        "form": contact.page,
        "form with errors": contact.send("name=Jo"),
        "form sent": sent,
        "reference": site.ask(sent.headers["Location"], Cookie=sent.headers["Set-Cookie"].partition(";")[0]),
        "screening": start,
        "step": first.page,
        "under age": first.send(f"{born}-year=2020&{born}-month=2&{born}-day=2"),
        "nothing here": site.ask("/screening/check/"),
    }


def desk(site: Site) -> dict[str, Answer]:
    make_submission()
    make_person()
    sign_in = Visitor(site, "/admin/login/")
    address = reverse("admin:intake_submission_changelist")
    visit = Visitor(site, address, **staff_cookie())
    export = partial(visit.send, path=reverse("admin:intake_submission_export_list"))
    return {
        "sign-in": sign_in.page,
        "signed in": sign_in.send(f"login=ada@example.org&password={PASSWORD.replace(' ', '+')}"),
        "desk closed": site.ask("/admin/"),
        "desk": site.ask("/admin/", Cookie=visit._header(visit.cookies)),
        "list": visit.page,
        "export": export("format=csv&reason=person"),
        "signed out": visit.send(path="/admin/logout/"),
    }


def refusals(site: Site) -> dict[str, Answer]:
    contact = Visitor(site, "/contact/")
    answers = {
        "unknown host": site.ask("/", host="evil.example"),
        "unknown host over http": site.ask("/", host="evil.example", scheme=None),
        "no host": site.ask("/", host=None),
        "nul": site.ask("/?q=%00"),
        "no token": site.ask("/contact/", "POST"),
        "missing": site.ask("/missing/"),
        "missing in Spanish": site.ask("/es/missing/"),
        "wrong method": site.ask("/", "POST"),
        "static, wrong method": site.ask("/static/css/main.css", "DELETE"),
        "unknown method": site.ask("/contact/", "BREW"),
        "no length": contact.send_bytes(b"5\r\na=b&c\r\n0\r\n\r\n", Content_Length=None, Transfer_Encoding="chunked"),
        "too large": site.ask("/contact/", "POST", Content_Length="1000001"),
        "too many fields": contact.send("&".join(f"a{number}=1" for number in range(2001))),
        "no form": contact.send_bytes(b'{"name": "Jo"}', Content_Type="application/json"),
    }
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE intake_draft RENAME TO away")
        try:
            return answers | {"broken": site.ask("/screening/", Cookie="__Host-screening=token")}
        finally:
            cursor.execute("ALTER TABLE away RENAME TO intake_draft")


def faults_of(name: str, answer: Answer):
    for header, value in HEADERS.items():
        if answer.headers.get_all(header) != (value and [value]):
            yield f"{header}: {answer.headers.get_all(header)}"
    trusted = set() if name in ADMIN else {"require-trusted-types-for 'script'"}
    if set((answer.headers["Content-Security-Policy"] or "").split("; ")) != POLICY | trusted:
        yield f"policy: {answer.headers['Content-Security-Policy']}"
    if answer.headers["Strict-Transport-Security"] != (None if name.endswith("over http") else HSTS):
        yield f"transport: {answer.headers['Strict-Transport-Security']}"
    if not re.fullmatch("" if name in MAY_BE_KEPT else "[0-9a-f]{32}", answer.headers["X-Request-ID"] or ""):
        yield f"request id: {answer.headers['X-Request-ID']}"
    if "geolocation=()" not in (answer.headers["Permissions-Policy"] or ""):
        yield "permissions"
    if ("no-store" in answer.headers["Cache-Control"]) == (name in MAY_BE_KEPT):
        yield f"kept: {answer.headers['Cache-Control']}"
    if ("immutable" in answer.headers["Cache-Control"]) != name.startswith("static") and name in MAY_BE_KEPT:
        yield f"kept for ever: {answer.headers['Cache-Control']}"
    if name in MAY_BE_KEPT and answer.cookies:
        yield "a cookie on what may be kept"
    yield from (fault for cookie in answer.cookies.values() for fault in cookie_faults(cookie))


def cookie_faults(cookie: Morsel):
    if not cookie.key.startswith("__Host-"):
        yield f"cookie {cookie.key}"
    if not (cookie["secure"] and cookie["path"] == "/" and cookie["samesite"] == "Lax" and not cookie["domain"]):
        yield f"cookie {cookie.OutputString()}"
    if cookie.value and not cookie["httponly"]:
        yield f"cookie that scripts read: {cookie.key}"
    if cookie.value and (cookie["expires"] or cookie["max-age"]) and not cookie.key.startswith("__Host-device-"):
        yield f"cookie that stays: {cookie.key}"


FIELDS = "name=Marta&message=hello&contact_method=email&email=jo@example.org&agreed=on"


def test_a_body_that_is_cut_off_or_has_no_length_is_not_taken_for_a_short_form(site):
    contact = Visitor(site, "/contact/")
    body = FIELDS.encode()
    whole = contact.send_bytes(body)
    cut = contact.send_bytes(body, Content_Length="500", ends=True)
    chunks = f"{len(body):x}\r\n{FIELDS}\r\n0\r\n\r\n".encode()
    chunked = contact.send_bytes(chunks, Content_Length=None, Transfer_Encoding="chunked")
    both = contact.send_bytes(chunks, Content_Length="3", Transfer_Encoding="chunked")

    assert [answer.status for answer in (whole, cut, chunked, both)] == [302, 400, 411, 411]
    assert Submission.objects.count() == 1


def test_a_body_over_1_mb_is_refused_while_nothing_of_it_was_sent(site):
    visitor = Visitor(site, "/contact/")
    paths = ("/contact/", "/", "/es/missing/", "/static/css/main.css", "/admin/login/")

    assert {visitor.send_bytes(b"", path, Content_Length="1000001").status for path in paths} == {413}
    assert site.ask("/contact/", "PUT", Content_Length="1000001").status == 413
    assert visitor.send_bytes(b"", Content_Length="1000001", Expect="100-continue").status == 413


def test_the_server_refuses_by_itself_what_is_no_http(site):
    head = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n"
    asked = {
        "BREW\r\n\r\n": 400,
        "GET / HTTP/3.0\r\n\r\n": 400,
        f"{head}Bad Name: x\r\n\r\n": 400,
        f"{head}X: a\0b\r\n\r\n": 400,
        f"{head}X: a\r\n b\r\n\r\n": 400,
        f"{head}Content-Length: -1\r\n\r\n": 400,
        f"{head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n": 400,
        f"{head}Transfer-Encoding: gzip\r\n\r\n": 400,
        head + "X: a\r\n" * 150 + "\r\n": 431,
        f"GET /{'a' * 70_000} HTTP/1.1\r\nHost: {HOST}\r\n\r\n": 414,
    }
    answers = {said: site.say(said.encode("latin-1")) for said in asked}

    assert {said[:60]: answer.status for said, answer in answers.items()} == {
        said[:60]: status for said, status in asked.items()
    }
    assert {answer.body for answer in answers.values()} == {b""}
    assert {tuple(sorted(name.lower() for name in answer.headers)) for answer in answers.values()} == {
        ("connection", "content-length", "date")
    }


def test_no_header_makes_the_site_lead_to_another_host(site):
    evil = {"X_Forwarded_Host": "evil.example", "Forwarded": "host=evil.example", "X_Forwarded_Port": "1"}

    assert site.ask("/contact", **evil).headers["Location"] == "/contact/"
    assert site.ask("http://evil.example/contact").headers["Location"] == "/contact/"
    assert site.ask("/contact", host=f"{HOST}:8443").headers["Location"] == "/contact/"
    for path, scheme, host in [("/contact/?a=1", "http", HOST), ("/contact/?a=1", None, "evil.example")]:
        assert site.ask(path, scheme=scheme, host=host, **evil).headers["Location"] == f"https://{HOST}/contact/?a=1"
    assert site.ask("//evil.example/", scheme=None).headers["Location"] == f"https://{HOST}//evil.example/"


def test_a_host_that_is_not_the_site_s_is_refused(site):
    hosts = [
        "evil.example",
        f"{HOST}.evil.example",
        f"{HOST}@evil.example",
        f"{HOST}:80x",
        f"evil.{HOST}",
        "",
        "a b",
        None,
    ]
    twice = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nHost: evil.example\r\nX-Forwarded-Proto: https\r\n\r\n"

    assert {host: site.ask("/", host=host).status for host in hosts} == dict.fromkeys(hosts, 400)
    assert site.say(twice.encode()).status == 400
    assert site.ask(f"https://{HOST}/", host="evil.example").status == 400
