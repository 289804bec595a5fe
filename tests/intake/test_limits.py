"""A visitor who is limited keeps what they typed, and is told when to try again; help is never limited."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.allowances import (
    CONTACT,
    CONTACT_TRIED,
    SCREENING_SENT,
    SCREENING_STARTED,
    SEARCH,
    STEP,
)
from clinic.models import ClinicProfile, Message, Tally
from intake.models import Draft, SafetyAlert, Submission
from tests.allowances import ALL, let_time_pass, use_up
from tests.intake.test_contact import a_form_opened
from tests.visitor import ITEM_9, Visitor

pytestmark = pytest.mark.django_db

JO = {"name": "Jo Fenn", "contact_method": "phone", "phone": "718 555 0100", "message": "Keep me", "agreed": "on"}
HERE, THERE = {"REMOTE_ADDR": "203.0.113.9"}, {"REMOTE_ADDR": "198.51.100.1"}


def contact(client: Client | None = None, **changes):
    where = {name: changes.pop(name) for name in list(changes) if name.isupper()}
    return (client or Client()).post("/contact/", JO | changes, **where)


def values(page: str) -> dict[str, str]:
    """What the text fields of a page hold."""
    tags = re.findall(r"<input[^>]*>", page)
    found = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
    return {name[1]: value[1] for name, value in found if name and value}


def test_a_limited_message_comes_back_as_it_was_typed_with_when_to_try_again(client):
    ClinicProfile.objects.update(phone="718 555 0199")
    use_up(CONTACT)

    response = contact(client, name="Ada Quill", best_time="mornings")

    page = response.text
    assert response.status_code == 429
    assert 3500 < int(response["Retry-After"]) <= 3600
    assert "Please try again in 60 minutes. You can also call us: 718 555 0199." in page
    assert values(page).items() >= {"name": "Ada Quill", "phone": "718 555 0100", "best_time": "mornings"}.items()
    assert "Keep me</textarea>" in page
    assert re.search(r'<input[^>]*name="agreed"[^>]*checked', page)
    assert 'href="tel:988"' in page
    assert Submission.objects.count() == 0


def test_without_a_phone_number_of_the_clinic_none_is_told_and_spanish_readers_are_told_in_spanish(client):
    use_up(CONTACT)

    assert "You can also call us" not in contact(client).text
    assert "Por favor, inténtelo de nuevo en 60 minutos." in client.post("/es/contact/", JO).text


def test_the_page_that_came_back_is_sent_with_one_press_when_the_time_is_over(client):
    token = values(client.get("/contact/").text)["token"]
    use_up(CONTACT)
    again = values(contact(client, token=token).text)
    let_time_pass(hours=24)

    response = contact(client, token=again["token"])

    assert (again["token"], response["Location"]) == (token, "/contact/sent/")


def test_thirty_messages_an_hour_pass_from_one_network_and_the_next_network_is_not_disturbed():
    waits = [CONTACT.take("203.0.113.9") for _ in range(29)]

    assert not any(waits)
    assert [contact(message=text, **HERE).status_code for text in ("30", "31")] == [302, 429]
    assert contact(**THERE).status_code == 302


def test_mistakes_use_up_no_message_and_are_limited_generously():
    use_up(CONTACT)

    assert [contact(phone="12").status_code for _ in range(3)] == [422] * 3
    let_time_pass(hours=24)
    assert contact().status_code == 302
    use_up(CONTACT_TRIED)

    response = contact(phone="12")

    assert (response.status_code, values(response.text)["phone"]) == (429, "12")


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_CLIENT_IP"])
def test_a_made_up_header_dodges_no_limit(header):
    use_up(CONTACT, who="203.0.113.9")

    assert contact(**HERE).status_code == 429
    assert contact(**HERE, **{header: "198.51.100.1"}).status_code == 429


def test_a_trusted_proxy_s_visitors_are_counted_one_by_one(settings):
    settings.TRUSTED_PROXIES = ("192.0.2.0/24",)
    proxy = {"REMOTE_ADDR": "192.0.2.7"}
    use_up(CONTACT, who="203.0.113.9")

    assert contact(**proxy, HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.9").status_code == 429
    assert contact(**proxy, HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_limit_holds_across_processes():
    use_up(CONTACT)
    Tally.objects.update(count=F("count") - 2)

    def send(number: int) -> int:
        try:
            return contact(message=f"Number {number}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        statuses = sorted(threads.map(send, range(6)))

    assert statuses == [302, 302, 429, 429, 429, 429]


def test_sixty_screenings_an_hour_can_be_started_in_one_place(packet):
    waits = [SCREENING_STARTED.take("203.0.113.9") for _ in range(59)]

    assert not any(waits)
    assert [Client().post("/screening/", **HERE).status_code for _ in range(2)] == [302, 429]
    assert Draft.objects.count() == 1
    assert Client().post("/screening/", **THERE).status_code == 302


def test_a_screening_that_was_begun_can_be_gone_on_with_while_another_has_to_wait(visitor):
    visitor.start()
    use_up(SCREENING_STARTED)

    page = visitor.start()

    assert page.status_code == 429
    assert 'href="/screening/check/"' in page.text


def test_a_limited_step_is_saved_and_a_risky_answer_brings_help_in_that_very_page(visitor):
    visitor.start()
    visitor.about()
    use_up(STEP)
    phq9 = visitor.step("phq-9")

    calm, risky = visitor.answer(phq9, {ITEM_9: 0}), visitor.answer(phq9, {ITEM_9: 2})

    assert (calm.status_code, risky.status_code) == (429, 429)
    assert ["help-panel" in page.text for page in (calm, risky)] == [False, True]
    assert risky.text.index("help-panel") < risky.text.index("Please wait a little")
    assert len(re.findall(r"<input[^>]* checked", visitor.get(phq9).text)) == 1
    assert visitor.draft.reached == phq9.number


def test_a_limited_screening_waits_with_all_its_answers_and_is_sent_with_one_press_later(visitor):
    visitor.finish()
    use_up(SCREENING_SENT)

    limited = visitor.send()
    let_time_pass(hours=24)

    assert (limited.status_code, Submission.objects.count()) == (429, 0)
    assert re.search(r'<input[^>]*name="agreed"[^>]*checked', limited.text)
    assert visitor.send()["Location"] == "/screening/done/"


def test_a_screening_with_a_risky_answer_is_sent_however_much_came_before(visitor):
    visitor.finish(phq9=[0] * 8 + [1])
    use_up(*ALL)

    assert visitor.send()["Location"] == "/screening/done/"
    assert SafetyAlert.objects.unresolved().count() == 1


def test_an_agreement_that_was_forgotten_uses_up_no_sending(visitor):
    visitor.finish()
    use_up(SCREENING_SENT)

    assert visitor.client.post("/screening/check/").status_code == 422


def test_nobody_is_written_to_more_than_five_times_an_hour_whoever_asks(packet):
    statuses = []
    for number in range(6):
        visitor = Visitor(Client(REMOTE_ADDR=f"203.0.113.{number}"))
        visitor.start()
        address = "home@example.org" if number % 2 else " Home@Example.org"
        statuses.append(visitor.client.post("/screening/save/", {"email": address}))

    assert [response.status_code for response in statuses] == [200] * 5 + [429]
    assert Message.objects.filter(template="resume_link").count() == 5
    assert values(statuses[-1].text)["email"] == "home@example.org"
    assert "already sent several e-mails to this address" in statuses[-1].text
    assert visitor.client.post("/screening/save/", {"email": "other@example.org"}).status_code == 200


def test_the_sixth_receipt_of_an_hour_to_one_address_is_left_out_and_the_message_is_kept():
    for number in range(6):
        contact(email="jo@example.org", message=f"{number}", token=a_form_opened(60), REMOTE_ADDR=f"203.0.113.{number}")

    assert (Submission.objects.open().count(), Message.objects.count()) == (6, 5)


def test_the_sixth_receipt_to_one_address_is_left_out_of_urgent_screenings_as_well(packet):
    for number in range(6):
        visitor = Visitor(Client(REMOTE_ADDR=f"203.0.113.{number}"))
        visitor.finish(phq9=[3] * 9)
        visitor.send()

    assert Message.objects.filter(template="screening_receipt").count() == 5
    assert Submission.objects.filter(open_risk=Submission.Risk.URGENT).count() == 6


def test_all_limits_of_a_contact_request_are_counted_by_one_statement():
    with CaptureQueriesContext(connection) as asked:
        contact(email="jo@example.org", message="A" * 60, token=a_form_opened(60), **HERE)

    assert Message.objects.filter(template="contact_receipt").count() == 1
    assert [query["sql"].count("clinic_take") for query in asked.captured_queries].count(1) == 1


def test_a_limited_search_for_a_way_to_die_still_shows_help_first(client):
    use_up(SEARCH)

    calm, call = client.get("/search/", {"q": "hope"}), client.get("/search/", {"q": "want to die"})

    assert (calm.status_code, call.status_code) == (429, 429)
    assert call.text.index("help-now") < call.text.index("Please wait a little") < call.text.index("<h1")
    assert 'value="hope"' in calm.text


def test_pages_that_are_read_are_never_limited(visitor):
    visitor.finish()
    use_up(*ALL)

    for address in (
        "/contact/",
        "/screening/",
        "/screening/1/",
        "/screening/save/",
        "/screening/check/",
        "/search/",
    ):
        assert visitor.client.get(address).status_code == 200, address


def test_counts_hold_no_address_and_are_purged_when_they_are_over(client):
    contact(email="jo@example.org", token="", **HERE)
    stored = str(list(Tally.objects.values()))
    let_time_pass(hours=25)

    assert not re.search(r"203\.0|jo|example", stored)
    assert Tally.objects.expired().count() == Tally.objects.count() > 2
