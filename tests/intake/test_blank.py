"""A step that nobody has answered is rendered once, and is still each visitor's own."""

import re

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from clinic.kept import pages
from intake import cookie, fhir
from intake.forms import ContactForm
from intake.models import Submission
from intake.spam import Sign
from tests.intake.test_contact import JO
from tests.visitor import ITEM_9, PHQ9, Visitor


def secret(html: str) -> str:
    """The token of the form, unmasked by its length alone: it must not be the mark that stands for it."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)
    assert found
    return found[1]


def without_secrets(html: str) -> str:
    return re.sub(r'(name="(?:csrfmiddlewaretoken|token)" value=)"[\w:-]+"', r"\1", html)


@pytest.fixture
def other(packet) -> Visitor:
    return Visitor(Client())


def page(visitor: Visitor, name: str, prefix: str = "") -> str:
    return visitor.client.get(prefix + reverse("intake:step", args=[visitor.step(name).number])).text


def test_a_kept_step_is_the_page_that_would_be_made(visitor, other, watched):
    for one in (visitor, other):
        one.start()
        one.about()
    kept = [page(one, "phq-9") for one in (visitor, other)]
    pages.forget()
    made = page(other, "phq-9")

    assert [without_secrets(html) for html in kept] == [without_secrets(made)] * 2
    assert len({secret(html) for html in kept}) == 2
    assert all(len(secret(html)) == 64 for html in kept)


def test_a_step_costs_one_query_and_its_page_posts(visitor, watched, django_assert_num_queries):
    strict = Visitor(Client(enforce_csrf_checks=True))
    token = secret(strict.client.get(reverse("intake:screening")).text)
    strict.client.post(reverse("intake:screening"), {"csrfmiddlewaretoken": token})
    page(strict, "about-you")

    with django_assert_num_queries(1):
        html = strict.client.get(reverse("intake:step", args=[1])).text

    answer = strict.client.post(reverse("intake:step", args=[1]), {"csrfmiddlewaretoken": secret(html), "back": "1"})
    assert answer.status_code == 302


def test_a_kept_contact_form_is_the_page_that_would_be_made_with_a_token_of_its_own(watched, client):
    client.get("/contact/")
    kept = [client.get("/contact/").text for _ in range(2)]
    pages.forget()
    made = client.get("/contact/").text

    assert [without_secrets(html) for html in kept] == [without_secrets(made)] * 2
    tokens = [re.search(r'name="token" value="([^"]+)"', html)[1] for html in (*kept, made)]
    assert len({str(signing.loads(token, salt=ContactForm.SALT)) for token in tokens}) == 3


def test_a_contact_form_costs_no_query_and_what_it_sends_is_taken(watched, django_assert_num_queries):
    client = Client(enforce_csrf_checks=True)
    for path in ("/contact/", "/es/contact/"):
        client.get(path)

    with django_assert_num_queries(0):
        english, spanish = client.get("/contact/").text, client.get("/es/contact/").text

    for path, html in (("/contact/", english), ("/es/contact/", spanish)):
        tokens = dict(re.findall(r'name="(csrfmiddlewaretoken|token)" value="([^"]+)"', html))
        answer = client.post(path, JO | tokens)
        assert (answer.status_code, answer["Location"]) == (302, f"{path}sent/")
    assert [(one.language, one.suspect_signs) for one in Submission.objects.order_by("created_at")] == [
        ("en", [Sign.FAST]),  # and not that its token is none of ours
        ("es", [Sign.FAST]),
    ]


def test_the_page_after_a_contact_form_is_kept_without_a_reference_and_shows_each_visitor_their_own(watched):
    references = ["2345B-C6789", "9876D-F5432", ""]
    clients = [Client() for _ in references]
    for client, reference in zip(clients, references, strict=True):
        client.cookies[cookie.REFERENCE] = reference

    shown = [client.get("/contact/sent/").text for client in clients]

    assert [re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", html) for html in shown] == [references[:1], references[1:2], []]
    assert "/contact/sent/" in repr(pages._values)
    assert not [reference for reference in references[:2] if reference in repr(pages._values)]
    assert all("csrf" not in client.cookies for client in clients)


def test_what_was_typed_into_a_contact_form_is_kept_nowhere(watched, client):
    client.get("/contact/")
    before = repr(pages._values)

    answer = client.post("/contact/", JO | {"phone": "12"})

    assert "Jo Fenn" in answer.text
    assert repr(pages._values) == before
    assert "Jo Fenn" not in client.get("/contact/").text


def test_what_one_visitor_answered_is_shown_to_them_alone(visitor, other, watched):
    for one in (visitor, other):
        one.start()
        one.about()
    page(other, "phq-9")
    visitor.answer(visitor.step("phq-9"), dict.fromkeys(PHQ9, 1))

    assert [len(re.findall(r"<input[^>]* checked", page(one, "phq-9"))) for one in (visitor, other)] == [9, 0]
    assert pages._values
    assert "Marta" not in repr(pages._values)


def test_help_comes_on_blank_steps_too_and_only_for_whom_it_is_due(visitor, other, watched):
    for one in (visitor, other):
        one.start()
        one.about()
    page(other, "gad-7")
    visitor.answer(visitor.step("phq-9"), {ITEM_9: 3})

    assert "help-panel" in page(visitor, "gad-7")
    assert "help-panel" not in page(other, "gad-7")


def test_a_step_is_kept_in_each_language(visitor, watched):
    visitor.start()
    visitor.about()

    english, spanish = page(visitor, "phq-9"), visitor.client.get("/es" + step_path(visitor)).text

    assert 'lang="en"' in english
    assert 'lang="es"' in spanish
    assert without_secrets(english) != without_secrets(spanish)


def step_path(visitor: Visitor) -> str:
    return reverse("intake:step", args=[visitor.step("phq-9").number])


def test_a_page_whose_address_has_a_query_is_made_anew(visitor, watched):
    visitor.start()
    visitor.about()
    before = set(pages._values)

    html = visitor.client.get(step_path(visitor) + "?return=check&x=1").text

    assert 'name="return" value="check"' in html
    assert not [key for key in set(pages._values) - before if "intake/step.html" in str(key)]


def all_steps(visitor: Visitor) -> list[str]:
    paths = [reverse("intake:step", args=[step.number]) for step in visitor.walk.steps]
    return [without_secrets(visitor.client.get(path).text) for path in paths]


def test_conditions_of_earlier_answers_change_what_is_kept(visitor, other, watched):
    """A question that an answer on an earlier page brings up is not on the page of who answered otherwise."""
    for one in (visitor, other):
        one.start()
        one.about()
    seen = {}
    for one, value in ((visitor, True), (other, False)):
        for step in one.walk.steps:
            booleans = [item for item in step.items if item.type == "boolean" and fhir.field_names(item)]
            one.answer(step, {item.link_id: value for item in booleans})
        seen[value] = all_steps(one)
    pages.forget()

    made = all_steps(other)

    assert seen[False] == made


def test_of_answers_to_check_only_the_questions_are_kept(visitor, other, watched):
    names = ("Ada <b>Quill", "Bo Fenn")
    for one, name in zip((visitor, other), names, strict=True):
        one.finish()
        one.about(name=name)

    shown = [one.client.get(reverse("intake:check")).text for one in (visitor, other)]

    assert [[name in html for name in ("Ada &lt;b&gt;Quill", "Bo Fenn")] for html in shown] == [
        [True, False],
        [False, True],
    ]
    assert "summary-list__row" in repr(pages._values)
    assert not [name for name in ("Ada", "Bo Fenn") if name in repr(pages._values)]
