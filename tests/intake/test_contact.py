import time

import pytest
from django.core import signing
from django.test import Client

from clinic.models import Message
from intake.forms import ContactForm
from intake.models import Submission

pytestmark = pytest.mark.django_db

JO = {"name": "Jo Fenn", "contact_method": "phone", "phone": "(718) 555-0100", "agreed": "on"}


def a_form_opened(seconds_ago: float) -> str:
    return signing.dumps(["5f0a2b52-9a5c-4c5e-8a43-0d8f5b1d7c11", time.time() - seconds_ago], salt=ContactForm.SALT)


def send(client: Client, **changes: str):
    return client.post("/contact/", JO | {"token": a_form_opened(60)} | changes)


def test_a_valid_request_is_kept_and_its_reference_shown(client):
    response = send(client, email="jo@example.org", message="Please call.")

    submission = Submission.objects.get()
    assert response.headers["Location"] == "/contact/sent/"
    assert submission.reference in client.get("/contact/sent/").content.decode()
    assert (submission.kind, submission.name, submission.message) == ("contact", "Jo Fenn", "Please call.")
    assert (submission.is_suspect, submission.consent.kind) == (False, "contact")


def test_the_receipt_has_the_reference_and_nothing_about_health(client):
    send(client, email="jo@example.org", message="I feel depressed.")

    receipt = Message.objects.get()
    text = f"{receipt.subject} {receipt.body}".lower()
    assert Submission.objects.get().reference.lower() in text
    for word in ("depress", "ketamine", "health", "treatment", "jo fenn"):
        assert word not in text, word


def test_without_an_email_address_there_is_no_receipt(client):
    send(client)

    assert (Submission.objects.count(), Message.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "Enter your name."),
        ({"contact_method": ""}, "Choose phone or e-mail."),
        ({"phone": ""}, "Enter a phone number, because you chose a phone call."),
        ({"phone": "12"}, "Enter a phone number with its area code, such as 718 555 0100."),
        ({"contact_method": "email"}, "Enter an e-mail address, because you chose e-mail."),
        ({"email": "jo at example"}, "Enter an e-mail address in the form name@example.org."),
        ({"agreed": ""}, "Tick the box to agree, then send."),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(client, changes, says):
    response = send(client, message="Keep me", **changes)

    page = response.content.decode()
    assert response.status_code == 422
    assert says in page
    assert "Keep me" in page
    assert Submission.objects.count() == 0


def test_the_same_form_sent_twice_is_one_request(client):
    send(client)
    first = client.get("/contact/sent/").content
    send(client)

    assert Submission.objects.count() == 1
    assert client.get("/contact/sent/").content == first


def test_a_changed_message_from_the_same_page_is_a_new_request(client):
    send(client, message="First")
    send(client, message="Second")

    assert sorted(submission.message for submission in Submission.objects.all()) == ["First", "Second"]


@pytest.mark.parametrize(
    "changes", [{"website": "https://example.org"}, {"token": "forged"}, {"token": ""}, {"token": "in a second"}]
)
def test_a_message_that_looks_automatic_is_kept_and_marked(client, changes):
    if changes.get("token") == "in a second":
        changes = {"token": a_form_opened(1)}

    response = send(client, **changes)

    assert response.headers["Location"] == "/contact/sent/"
    assert Submission.objects.get().is_suspect is True


@pytest.mark.parametrize("wanted", [" JO@Example.org ", "718-555-0100", "+1 718 555 0100"])
def test_staff_find_a_request_by_exact_email_or_phone(client, wanted):
    send(client, email="jo@example.org")

    assert Submission.objects.reached_at(wanted).count() == 1


def test_the_page_asks_not_to_write_medical_details_and_shows_where_to_turn(client):
    page = client.get("/contact/").content.decode()

    assert "Please do not write medical details here." in page
    assert "988" in page
