"""Public pages as the server keeps them: the same answers, without Django and without the database."""

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import brotli
import psycopg2
import pytest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.kept import pages
from clinic.kept.bodies import best
from clinic.kept.serving import Application, Watch
from clinic.metrics.serving import kept_pages
from clinic.models import ClinicProfile, CrisisLine, User
from content.models import Citation, Edition, Page, Redirect, Source, Term
from tests.content.factories import make_page, make_source, make_term

pytestmark = pytest.mark.django_db


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    queries: list[str]

    @property
    def text(self) -> str:
        return self.body.decode()


class Server:
    """The application as a web server calls it."""

    def __init__(self) -> None:
        self.application = Application()
        self.watch = Watch(self.application)

    def get(self, path: str, **environ: Any) -> Answer:
        said: list[Any] = []
        with CaptureQueriesContext(connection) as queries:
            body = b"".join(self.application(request(path) | environ, lambda *parts: said.extend(parts)))
        return Answer(int(said[0][:3]), dict(said[1]), body, [query["sql"] for query in queries])


def request(path: str) -> dict[str, Any]:
    path, _, query = path.partition("?")
    asked = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query}
    server = {"HTTP_HOST": pages.host, "SERVER_NAME": "server", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1"}
    return asked | server | {"REMOTE_ADDR": "203.0.113.7", "wsgi.url_scheme": "http", "wsgi.input": BytesIO()}


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """A request would close it, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def server(_one_connection) -> Iterator[Server]:
    make_source("FAVA")
    make_term("placebo")
    make_page("home", body="Fava asked [@FAVA] with a [[placebo]].")
    make_page("types")
    pages.forget()
    server = Server()
    server.watch.look()
    yield server
    pages.forget()


def test_a_page_is_there_before_anybody_asks_and_costs_no_query(server):
    answers = [server.get(path) for path in ("/", "/types/", "/handout/")]

    assert [(answer.status, answer.queries) for answer in answers] == [(200, [])] * 3


def test_a_page_that_nobody_made_yet_costs_one_query(server):
    pages._kept.clear()

    assert len(server.get("/types/").queries) == 1
    assert server.get("/types/").queries == []


def test_where_nobody_watches_a_page_is_made_each_time(server):
    pages.forget()

    assert [len(server.get("/types/").queries) for _ in range(2)] == [4, 4]


def test_what_is_kept_is_what_django_answers(server, client):
    kept, made = server.get("/types/"), client.get("/types/")

    assert kept.body == made.content
    assert kept.headers == dict(made.items())
    assert "X-Request-ID" not in kept.headers  # a cache would hand it on to others


def test_each_reader_gets_the_best_encoding_that_they_can_read(server):
    plain = server.get("/types/")
    small = server.get("/types/", HTTP_ACCEPT_ENCODING="gzip, deflate")
    smallest = server.get("/types/", HTTP_ACCEPT_ENCODING="gzip, deflate, br, zstd")

    assert [answer.headers.get("Content-Encoding") for answer in (plain, small, smallest)] == [None, "gzip", "br"]
    assert plain.body == gzip.decompress(small.body) == brotli.decompress(smallest.body)
    assert len({answer.headers["ETag"] for answer in (plain, small, smallest)}) == 3
    assert all(answer.headers["Content-Length"] == str(len(answer.body)) for answer in (plain, small, smallest))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("GZIP;Q=1.0", "gzip"),
        ("br;q=0.000,gzip; q=0", ""),
        ("identity", ""),
        ("brotli, x", ""),
        (";;,,q=", ""),
    ],
)
def test_weights_of_encodings_count(accepted, encoding):
    assert best(accepted) == encoding


def test_a_reader_who_has_the_page_is_told_so(server):
    for accepted in ("", "br"):
        known = server.get("/types/", HTTP_ACCEPT_ENCODING=accepted).headers["ETag"]
        answer = server.get("/types/", HTTP_ACCEPT_ENCODING=accepted, HTTP_IF_NONE_MATCH=f'"x", W/{known}')

        assert (answer.status, answer.body, answer.queries) == (304, b"", [])
        assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (known, "public, max-age=300")
        assert "Content-Type" not in answer.headers
        assert "Content-Length" not in answer.headers


def test_head_answers_without_a_body(server):
    answer = server.get("/types/", REQUEST_METHOD="HEAD")

    assert (answer.status, answer.body, answer.queries) == (200, b"", [])
    assert answer.headers["Content-Length"] == server.get("/types/").headers["Content-Length"]


def test_a_visitor_with_cookies_gets_the_kept_page(server):
    plain = server.get("/types/")

    assert server.get("/types/", HTTP_COOKIE="session=abc; csrf=def").body == plain.body


@pytest.mark.parametrize(
    ("path", "environ", "status"),
    [
        ("/types/?page=2", {}, 200),
        ("/types/", {"HTTP_HOST": "evil.example"}, 400),
        ("/types/", {"REQUEST_METHOD": "POST"}, 405),
        ("/types/", {"REQUEST_METHOD": "TRACE"}, 405),
        ("/other/", {}, 404),
    ],
)
def test_django_answers_everything_else(server, path, environ, status):
    answer = server.get(path, **environ)

    assert answer.status == status
    assert path.partition("?")[0] not in pages._kept or path.startswith("/types/")


def test_an_insecure_request_is_sent_to_https(server, settings, monkeypatch):
    settings.SECURE_SSL_REDIRECT = True
    monkeypatch.setattr(pages, "is_https_only", True)
    server = Server()

    assert server.get("/types/").status == 301
    for secure in ({"HTTP_X_FORWARDED_PROTO": "https"}, {"wsgi.url_scheme": "https"}):
        answer = server.get("/types/", **secure)
        assert (answer.status, answer.queries) == (200, [])


def test_neither_a_form_nor_an_answer_to_somebody_is_kept(server):
    for path in ("/contact/", "/screening/", "/search/?q=dose", "/search/", "/admin/login/", "/robots.txt"):
        server.get(path)

    assert sorted(pages._kept) == ["/", "/handout/", "/types/"]


def publish(title: str) -> None:
    page = Page.objects.get(slug="types")
    page.title = title
    page.save()
    page.publish()


def review() -> None:
    user = User.objects.create_user("ada@example.org", first_name="Ada", last_name="Quill")
    page = Page.objects.get(slug="types")
    page.mark_reviewed(by=user)
    page.publish()


CHANGES: dict[str, tuple[Callable[[], object], str]] = {
    "a new edition": (lambda: publish("Kinds"), "<h1>Kinds</h1>"),
    "a crisis line": (lambda: CrisisLine.objects.filter(call="911").update(label="In danger"), "In danger"),
    "the profile": (lambda: ClinicProfile.objects.update(phone="+1 718 555 0100"), "+1 718 555 0100"),
    "a source": (lambda: Source.objects.update(title="Another title"), "Another title"),
    "a word": (lambda: Term.objects.update(definition="Nothing in it."), "Nothing in it."),
    "another page in the menu": (lambda: make_page("notes", title="Notes", order=3), ">Notes</a>"),
    "a review": (review, "Ada Quill"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_readers_see_a_change_of(server, change):
    do, seen = CHANGES[change]
    do()

    server.watch.look()

    assert any(seen in server.get(path).text for path in ("/", "/types/"))
    assert server.get("/").queries == []


def test_a_reviewer_with_a_new_name_is_shown_with_it(server):
    review()
    server.watch.look()
    User.objects.update(last_name="Moss")

    server.watch.look()

    assert "Ada Moss" in server.get("/types/").text


def test_an_edition_whose_time_comes_is_shown_then(server):
    page = Page.objects.get(slug="types")
    page.title = "Kinds"
    page.save()
    edition = page.publish(at=timezone.now() + timedelta(hours=1))
    server.watch.look()
    assert "Kinds" not in server.get("/types/").text

    Edition.objects.filter(pk=edition.pk).update(live_at=timezone.now())
    server.watch.look()

    assert "<h1>Kinds</h1>" in server.get("/types/").text


def test_a_withdrawn_page_is_gone(server):
    Page.objects.get(slug="types").withdraw()

    server.watch.look()

    assert server.get("/types/").status == 404


def test_without_a_change_nothing_is_made_anew(server):
    kept = dict(pages._kept)

    server.watch.look()

    assert pages._kept == kept


def test_a_page_that_was_begun_before_a_change_is_not_kept(server):
    before, asked = pages.state, WSGIRequest(request("/types/"))
    response = WSGIHandler().get_response(asked)
    publish("Kinds")
    pages.check()

    pages.keep(asked, response, before)

    assert "<h1>Kinds</h1>" in server.get("/types/").text


def test_the_state_is_made_of_every_table_that_a_page_reads(server):
    review()
    make_page("glossary", title="Words")
    Redirect.objects.create(page=Page.objects.get(slug="types"), slug="kinds", language="en")
    with CaptureQueriesContext(connection) as asked:
        pages.check()
    known = {table for query in asked for table in re.findall(r"FROM (\w+)", query["sql"])}
    pages.forget()

    read = {
        table
        for path in ("/", "/types/", "/glossary/", "/handout/", "/kinds/")
        for sql in server.get(path).queries
        for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', sql)
    }

    assert read - known == set()
    assert Citation._meta.db_table in read


@pytest.mark.parametrize("error", [psycopg2.OperationalError, psycopg2.DatabaseError])
def test_while_the_database_is_away_what_is_kept_goes_on_being_served(server, error):
    def refuse(*args):
        with connection.wrap_database_errors:
            raise error("away")

    with connection.execute_wrapper(refuse):
        server.watch.look()
        answer = server.get("/types/")

    assert (answer.status, answer.queries) == (200, [])


def test_what_is_kept_is_not_served_when_nobody_has_asked_the_database_for_long(server):
    pages._checked_at -= 11

    assert len(server.get("/types/").queries) == 4


def test_a_page_that_is_sent_as_it_was_kept_is_counted(server):
    before, found = counted(), []
    for paths in (["/types/", "/nothing/", "/"], [], ["/types/"]):
        for path in paths:
            server.get(path)
        server.application.tell()
        found.append(counted() - before)

    assert found == [2, 2, 3]


def counted() -> float:
    [counter] = kept_pages.collect()
    return counter.samples[0].value
