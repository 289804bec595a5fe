from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from clinic.models import Message
from intake.models import Draft, ResumeLink
from tests.visitor import Visitor


@pytest.fixture
def saved(visitor) -> str:
    """The path of the link that a visitor with one finished step asked for."""
    visitor.start()
    visitor.about()
    visitor.client.post("/screening/save/", {"email": "home@example.org"})
    body = Message.objects.get(template="resume_link").body
    return urlsplit(next(word for word in body.split() if "/screening/resume/" in word)).path


def test_the_link_opens_the_draft_on_another_device_where_it_was_left(saved):
    phone = Client()

    response = phone.post(saved)

    assert response.headers["Location"] == "/screening/2/"
    assert Visitor(phone).walk.identity["name"] == "Marta Quill"


def test_opening_the_address_alone_does_not_use_the_link_up(saved):
    Client().get(saved)

    assert Client().post(saved).status_code == 302


def test_a_used_link_says_so_and_helps(saved):
    Client().post(saved)

    for request in (Client().get, Client().post):
        response = request(saved)
        assert response.status_code == 410
        assert "This link no longer works" in response.content.decode()
        assert "/screening/" in response.content.decode()


def test_an_expired_link_says_so(saved):
    ResumeLink.objects.update(created_at=timezone.now() - timedelta(days=7, seconds=1))

    assert Client().post(saved).status_code == 410


def test_an_unknown_link_looks_like_a_used_one(packet):
    assert Client().get("/screening/resume/nothing/").status_code == 410


def test_using_the_link_ends_the_session_of_the_browser_that_saved(visitor, saved):
    Client().post(saved)

    assert visitor.client.get("/screening/1/").status_code == 404


def test_the_email_names_neither_the_speciality_nor_an_answer(saved):
    message = Message.objects.get(template="resume_link")

    text = f"{message.subject} {message.body}".lower()
    assert message.recipient == "home@example.org"
    for word in ("ketamine", "depress", "screening for", "symptom", "marta", "quill", "phq", "mental"):
        assert word not in text, word


def test_the_token_is_stored_nowhere(saved):
    token = saved.rstrip("/").rsplit("/", 1)[1]

    assert token not in str(ResumeLink.objects.values_list("token_hash", flat=True))


def test_a_wrong_address_is_named_and_kept(visitor):
    visitor.start()

    response = visitor.client.post("/screening/save/", {"email": "home at example"})

    assert response.status_code == 422
    assert "home at example" in response.content.decode()
    assert "Enter an e-mail address in the form name@example.org." in response.content.decode()


def test_a_draft_gives_a_limited_number_of_links(visitor):
    visitor.start()
    for _ in range(7):
        visitor.client.post("/screening/save/", {"email": "home@example.org"})

    assert Message.objects.filter(template="resume_link").count() == ResumeLink.LIMIT_PER_DRAFT


def test_purge_deletes_drafts_that_nobody_touched(visitor):
    visitor.start()
    long_ago = timezone.now() - timedelta(days=8)
    Draft.objects.update(created_at=long_ago, updated_at=long_ago)
    Visitor(Client()).start()

    call_command("purge", dry_run=True, verbosity=0)
    assert Draft.objects.count() == 2
    call_command("purge", verbosity=0)

    assert Draft.objects.count() == 1
