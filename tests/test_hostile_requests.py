"""Hostile requests to every address and form of the site; `make scan` sends more of them, through the proxy."""

import json
import time
from urllib.parse import unquote_to_bytes

import pytest
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import reverse

from intake import cookie
from intake.forms import ConsentForm
from tests.factories import make_screening
from tests.hostile.honest import kept
from tests.hostile.judge import Answer, Judge
from tests.hostile.requests import Pairs, Request, Target, hostile, posting
from tests.hostile.targets import addresses, targets
from tests.hostile.values import MARK
from tests.stock import stock
from tests.visitor import Visitor

SEED = 20
COUNT = 350
SITE = "http://testserver"
FORMS = {"/contact/", "/screening/", "/screening/save/", "/admin/login/", *(f"/screening/{n}/" for n in range(1, 9))}


def send(request: Request) -> Answer:
    """Hand the request to the site as a server would, each from a network of its own."""
    path, _, query = request.path.partition(b"?")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    wire = RequestFactory().generic(
        request.method,
        "/",
        request.body,
        headers.pop("HTTP_CONTENT_TYPE", ""),
        **headers,
        QUERY_STRING=query.decode("latin-1"),
        REMOTE_ADDR=f"198.{18 + request.number % 2}.{request.number // 2 % 256}.1",
    )
    began = time.thread_time()  # of this thread alone: the computer may be busy with other tests
    environ = {**wire.environ, "PATH_INFO": unquote_to_bytes(path).decode("latin-1")}
    response = ClientHandler(enforce_csrf_checks=True)(environ)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    return Answer(response.status_code, [*response.items(), *cookies], body, time.thread_time() - began)


@pytest.fixture
def judge() -> Judge:
    return Judge(SITE, send)


@pytest.fixture
def asked(packet, visitor) -> list[Target]:
    """Every address, and every form as somebody finds it who is in the middle of a screening of their own."""
    stock("load_pages")
    visitor.finish()
    mine, others = _cookies(visitor), _of_somebody_else()
    steps = [reverse("intake:step", args=[step.number]) for step in visitor.walk.all_steps]
    forms = [*steps, reverse("intake:save"), reverse("intake:check")]
    return [*targets(send, addresses(), others=others), *targets(send, forms, mine, others)]


def _of_somebody_else() -> Pairs:
    """The cookie of a screening that was begun, and the token that would send it."""
    other = Visitor(Client())
    other.start()
    return (*_cookies(other), ("token", ConsentForm.token_of(other.draft)))


def _cookies(visitor: Visitor) -> Pairs:
    return ((cookie.NAME, visitor.client.cookies[cookie.NAME].value),)


def test_hostile_requests_do_no_harm(asked, judge, log_lines, caplog):
    honest = Visitor(Client())
    honest.finish(phq9=[1] * 9)
    sent = make_screening(phq9=[2] * 9)
    before = kept(honest, sent)
    statuses = {target.path: send(posting(target)).status for target in asked if target.fields and _stays(target)}

    for number in range(COUNT):
        judge.ask(hostile(SEED, number, asked))

    assert judge.faults == [], f"seed {SEED}"
    assert {path for path in statuses if "/es/" not in path} == FORMS
    assert set(statuses.values()) <= {200, 302, 422}, "the forms themselves are honest"
    assert kept(honest, sent) == before
    assert honest.about(name="Marta Quilla").status_code == 302
    assert kept(honest, sent) != before
    assert honest.send().status_code == 302
    assert honest.client.get(reverse("intake:done")).status_code == 200
    assert _contact(Client()).status_code == 302
    lines = log_lines()
    assert [line for line in lines if MARK in line.lower()] == []
    assert MARK in caplog.text, "an ordinary log would have told"
    assert [line for line in lines if json.loads(line).get("status", 0) >= 500] == []
    assert sum(judge.counts.values()) == COUNT > len(asked)


def _stays(target: Target) -> bool:
    """Whether the draft is still one after the form was sent."""
    return not target.path.endswith("/check/")


def _contact(client: Client) -> object:
    wanted = {"name": "Marta Quill", "contact_method": "email", "email": "marta@example.org", "agreed": "on"}
    return client.post(reverse("intake:contact"), wanted)


def test_the_same_seed_and_number_give_the_same_request():
    form = Target("/contact/", (("csrfmiddlewaretoken", "t"), ("name", "Jo"), ("token", "a:b:c")), (("csrf", "c"),))
    made = [[hostile(seed, number, [form, Target("/")]) for number in range(300)] for seed in (1, 1, 2)]

    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        ({"status": 500}, "answered with 500"),
        ({"status": 200}, "answered with 200"),
        ({"body": b"no"}, "refused with 400 and without a word"),
        ({"body": b"You wrote: \"'><X-probe>, which is wrong"}, "gave back markup"),
        ({"body": b'<input value=""\'&gt;&lt;x-probe&gt;"> is wrong'}, "gave back markup"),
        ({"headers": [("X-Probe", "1")]}, "gave back a header"),
        ({"headers": [("Location", "//evil.example/")]}, "leads to another site"),
        ({"headers": [("Location", "http://testserver.evil.example/")]}, "leads to another site"),
        ({"seconds": 1.1}, "took 1.1 s"),
        ({"headers": []}, "has no X-Content-Type-Options"),
    ],
)
def test_the_judge_finds_each_fault(spoilt, fault):
    good = {"status": 400, "headers": [], "body": b"You wrote: &quot;&#x27;&gt;&lt;x-probe&gt;", "seconds": 0.1}
    request = Request("POST", b"/", {}, kind="odd values", number=7, refused=True)
    judge = Judge(SITE, lambda request: Answer(**(good | spoilt)))
    judge.required = {"X-Content-Type-Options": "nosniff"} if spoilt == {"headers": []} else {}

    judge.ask(request)

    assert judge.faults == [f"request 7 (odd values): {fault}"]
