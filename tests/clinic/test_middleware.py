import ast
import re
from datetime import timedelta

import pytest
from django.db import OperationalError, close_old_connections, connection
from django.test import Client

from clinic import unnamed

pytestmark = pytest.mark.urls("tests.clinic.failing_urls")

FORWARDED = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
    "x-forwarded-port": "1",
    "forwarded": "for=203.0.113.9",
}


def echo(client: Client, **request) -> dict:
    return ast.literal_eval(client.get("/echo/", **request).text)


def test_every_answer_has_an_id_of_its_own(client):
    seen = [client.get("/echo/", headers={"x-request-id": "mine"}) for _ in range(2)]
    ids = [response["X-Request-ID"] for response in seen]

    assert len(set(ids)) == 2
    assert [ast.literal_eval(response.text)["id"] for response in seen] == ids
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in ids)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/echo/", 200),
        ("/echo/", 413),
        ("/healthz", 200),
        ("/admin/login/", 200),
        ("/missing/", 404),
        ("/forbidden/", 403),
        ("/suspicious/x", 400),
        ("/broken/x", 500),
        ("/database-away/?error=operational", 503),
    ],
)
def test_every_answer_carries_the_headers(db, path, status):
    length = "1000001" if status == 413 else ""
    response = Client(raise_request_exception=False).get(path, CONTENT_LENGTH=length)

    assert response.status_code == status
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_a_view_may_say_that_its_page_may_be_kept(client):
    assert client.get("/cached/")["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.7", "", "unix:", "2001:db8::1"])
def test_nobody_is_believed_about_the_origin_unless_trusted(db, settings, peer):
    settings.TRUSTED_PROXIES = ("192.0.2.0/24",)

    seen = echo(Client(), headers=FORWARDED, REMOTE_ADDR=peer)
    assert (seen["address"], seen["secure"], seen["forwarded"]) == (peer, False, [])


@pytest.mark.parametrize(
    ("forwarded_for", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the visitor wrote the first one
        ("203.0.113.9, 192.0.2.8", "203.0.113.9"),  # a second trusted proxy
        ("203.0.113.9,192.0.2.8 , 192.0.2.9", "203.0.113.9"),
        ("2001:db8::9", "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("192.0.2.8", "192.0.2.7"),
        ("", "192.0.2.7"),
        ("<script>", "192.0.2.7"),
        ("203.0.113.9, unknown", "192.0.2.7"),
    ],
)
def test_a_trusted_proxy_says_who_the_visitor_is(settings, forwarded_for, address):
    settings.TRUSTED_PROXIES = ("192.0.2.0/24",)

    seen = echo(Client(), headers=FORWARDED | {"x-forwarded-for": forwarded_for}, REMOTE_ADDR="192.0.2.7")
    assert (seen["address"], seen["secure"], seen["forwarded"]) == (address, True, ["HTTP_X_FORWARDED_PROTO"])


def test_a_trusted_proxy_is_known_by_its_ipv4_address_in_ipv6_too(settings):
    settings.TRUSTED_PROXIES = ("192.0.2.0/24",)

    assert echo(Client(), headers=FORWARDED, REMOTE_ADDR="::ffff:192.0.2.7")["address"] == "203.0.113.9"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded_for", "seen"),
    [
        ((), "10.0.0.5", "203.0.113.9", ["10.0.0.5"]),
        ((), "::ffff:10.0.0.5", "203.0.113.9", ["10.0.0.5"]),
        ((), "fd12:3456:789a:bcde:f012:3456:789a:bcde", "203.0.113.9", ["fd12:3456:789a:bc00::/56"]),
        (("127.0.0.1",), "127.0.0.1", "203.0.113.9, 10.0.0.5", ["10.0.0.5"]),
        ((), "10.0.0.5", "", []),
        ((), "203.0.113.7", "203.0.113.9", []),  # anybody on the internet can write the header
        (("127.0.0.1",), "127.0.0.1", "203.0.113.9", []),
        (("127.0.0.1",), "127.0.0.1", "10.0.0.5, 203.0.113.9", []),  # the visitor wrote the first one
        (("127.0.0.1",), "127.0.0.1", "10.0.0.5", []),  # somebody in the clinic's own network
    ],
)
def test_a_proxy_of_a_private_network_that_is_not_trusted_is_remembered(
    db, settings, monkeypatch, trusted, peer, forwarded_for, seen
):
    monkeypatch.setattr(unnamed, "_told", {})
    settings.TRUSTED_PROXIES = trusted

    for _ in range(2):
        echo(Client(), headers={"x-forwarded-for": forwarded_for}, REMOTE_ADDR=peer)

    assert unnamed.seen(within=timedelta(minutes=1)) == seen


def away(execute, *statement):
    raise OperationalError


def test_a_proxy_is_written_down_once_an_hour_and_a_database_that_is_away_changes_no_answer(
    db, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(unnamed, "_told", {})
    headers = {"x-forwarded-for": "203.0.113.9"}
    with connection.execute_wrapper(away):
        assert echo(Client(), headers=headers, REMOTE_ADDR="10.0.0.5")["address"] == "10.0.0.5"
    assert unnamed.seen(within=timedelta(minutes=1)) == []

    echo(Client(), headers=headers, REMOTE_ADDR="10.0.0.5")
    with django_assert_num_queries(0):
        echo(Client(), headers=headers, REMOTE_ADDR="10.0.0.5")

    assert unnamed.seen(within=timedelta(minutes=1)) == ["10.0.0.5"]


@pytest.mark.parametrize("error", ["operational", "interface", "in the middle of an answer"])
def test_a_database_that_is_away_gives_a_page_that_says_so(db, client, error):
    response = client.get(f"/database-away/?error={error}")

    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert response["X-Request-ID"] in response.text
    assert "no-store" in response["Cache-Control"]
    assert "planted" not in response.text


@pytest.fixture
def lost_database(transactional_db):
    """A database whose connection a test may lose."""
    yield
    connection.close()


def test_a_connection_that_is_lost_gives_the_page_and_the_next_request_works(lost_database, client):
    assert client.get("/lost-connection/").status_code == 503
    close_old_connections()  # as the server does before each request, and the test client does not
    assert client.get("/readyz").status_code == 200


def test_a_primary_that_has_become_a_copy_gives_the_page_and_is_asked_no_more(lost_database, client):
    assert client.get("/became-a-copy/").status_code == 503

    close_old_connections()
    assert connection.connection is None


def test_a_database_that_is_lost_outside_a_view_gives_the_same_page(db, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.clinic.test_middleware.LosesDatabase"]
    response = Client(raise_request_exception=False).get("/echo/")

    assert (response.status_code, response["Retry-After"]) == (503, "30")


class LosesDatabase:
    def __init__(self, get_response):
        pass

    def __call__(self, request):
        raise OperationalError("planted")


def test_an_unreachable_database_gives_the_page_without_asking_it_for_the_crisis_lines(django_db_blocker, client):
    with django_db_blocker.unblock():
        connection.close()
        working = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = "no_such_database"
        try:
            responses = [client.get(path) for path in ("/lost-connection/", "/readyz", "/healthz")]
        finally:
            connection.close()
            connection.settings_dict["NAME"] = working

    assert [response.status_code for response in responses] == [503, 503, 200]
    assert responses[1].json() == {
        "ready": False,
        "database": False,
        "migrations": False,
        "oldest_undelivered_message_seconds": None,
        "last_backup_seconds": None,
    }


@pytest.mark.parametrize("length", ["1000001", "99999999999999999999", "9" * 5000])
def test_a_body_that_says_it_is_over_1_mb_is_refused_before_it_is_read(db, client, length):
    response = client.generic("POST", "/echo/", b"a=1", "application/x-www-form-urlencoded", CONTENT_LENGTH=length)

    assert response.status_code == 413
    assert "X-Request-ID" in response


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_over_1_mb_is_refused_with_413(db, client, content_type):
    assert client.generic("POST", "/echo/", b"a" * 1_000_001, content_type).status_code == 413


def test_fields_over_1_mb_in_a_body_whose_length_is_hidden_are_refused_with_413(db, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "RequestMiddleware" not in name]

    assert Client().post("/echo/", {"a": "x" * 1_000_001}).status_code == 413


def test_a_body_of_nearly_1_mb_is_taken(client):
    response = client.post("/echo/", "a=" + "x" * 900_000, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 200


@pytest.mark.parametrize(("length", "status"), [("", 200), ("-1", 400), ("abc", 400), ("١٢", 400)])
def test_a_length_that_is_no_number_is_refused(db, client, length, status):
    response = client.generic("POST", "/echo/", b"", "application/x-www-form-urlencoded", CONTENT_LENGTH=length)

    assert response.status_code == status


def test_an_address_that_holds_a_nul_is_refused(db, client):
    response = client.get("/contact/", {"next": "a\x00b"})

    assert response.status_code == 400
    assert client.get("/contact/", {"next": "a%00b"}).status_code == 200  # the three characters, which harm nobody
