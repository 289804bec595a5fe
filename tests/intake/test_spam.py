"""What looks automatic lies in a pile of its own, with the reasons, until staff release it; nothing is lost."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.models import AuditEvent, Message, Tally
from clinic.roles import CLINICIAN, FRONT_DESK
from intake import figures, spam
from intake.admin.page import MOVES
from intake.models import InvalidTransition, Submission
from tests.allowances import let_time_pass
from tests.factories import make_screening, make_submission, make_user
from tests.intake.test_contact import JO, a_form_opened

LIST = "/admin/intake/submission/"
START = "/admin/"
LONG = "Good morning, my sister told me of you. I would like to hear how such a treatment goes, and how long it takes."
SPAM = "Buy now https://example.com and http://example.net"

ANY_TEXT = st.text(max_size=40)
QUICK = settings(max_examples=50)


def send(token: str | None = None, **changes: str) -> Submission:
    sent = JO | {"token": a_form_opened(60) if token is None else token} | changes
    assert Client().post("/contact/", sent)["Location"] == "/contact/sent/"
    return Submission.objects.order_by("-created_at")[0]


@pytest.fixture
def front_desk(client):
    user = make_user(email="front@example.org", first_name="Nora", last_name="Field")
    user.groups.add(Group.objects.get(name=FRONT_DESK))
    client.force_login(user)
    return user


def listed(client, **query):
    return set(client.get(LIST, query).context["cl"].result_list)


def words(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("I sleep badly.Come on, 12.5 mg did nothing, e.g. last year", 0),
        ("Write to jo.fenn@example.com or jo@mail.example.com.", 0),
        ("See https://www.example.com/a?b=c, my therapist's page", 1),
        ("See www.example.com", 1),
        ("See example.com", 1),
        ("HTTP://EXAMPLE.COM and ｗｗｗ．example．net", 2),
        ("www.exam\u200bple.com w\u200bww.example.net", 2),
        ("[url=https://example.com]here[/url]", 2),
        ('<a href="https://example.com">here</a>', 2),
    ],
)
def test_links_are_counted_and_addresses_are_none(text, number):
    assert spam.links(text) == number


@QUICK
@given(ANY_TEXT, ANY_TEXT)
def test_a_link_counts_wherever_it_stands(before, after):
    assert spam.links(f"{before} https://example.com {after}") >= spam.links(before) + 1 + spam.links(after)


@QUICK
@given(st.text(alphabet=st.characters(categories=["L", "Z"]), max_size=200))
def test_letters_and_spaces_are_never_a_link(text):
    assert spam.links(text) == 0


@QUICK
@given(ANY_TEXT)
def test_a_text_is_the_same_in_other_case_and_spacing(text):
    assert spam.gist(f" {text.upper()}!\n") == spam.gist(text.upper()) == spam.gist(f"{text.upper()} ...".lower())


def test_what_many_people_write_has_no_gist():
    assert spam.gist("Please call me back in the morning. Thank you!") == ""
    assert spam.gist(LONG) != ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "signs"),
    [
        ({"message": "My doctor: www.example.com"}, []),
        ({"token": a_form_opened(60 * 60 * 30)}, []),
        ({"website": "x"}, ["trap"]),
        ({"token": "forged"}, ["form"]),
        ({"message": SPAM}, ["links"]),
        ({"name": "Jo example.com"}, ["name"]),
        ({"best_time": "www.example.com"}, ["name"]),
        ({"preferred_language": "http://example.com"}, ["name"]),
        ({"token": "", "website": "x", "message": SPAM}, ["trap", "form", "links"]),
    ],
)
def test_what_looks_automatic_is_kept_with_the_rules_that_said_so(changes, signs):
    submission = send(**changes)

    assert (submission.is_suspect, submission.suspect_signs) == (bool(signs), signs)


@pytest.mark.django_db
def test_a_form_filled_in_at_once_is_suspect_and_one_opened_before_the_clock_went_back_is_not():
    assert send(token=a_form_opened(0)).suspect_signs == ["fast"]
    assert send(token=a_form_opened(-3600), name="Ada").suspect_signs == []


@pytest.mark.django_db
def test_the_same_text_again_within_a_day_is_suspect_from_anywhere_and_by_any_name():
    first, second = send(message=LONG), send(message=f"{LONG.upper()} !", name="Ada", token=a_form_opened(61))
    let_time_pass(hours=25)
    third = send(message=LONG, name="Bob")

    assert [one.suspect_signs for one in (first, second, third)] == [[], ["repeated"], []]
    assert "sister" not in str(list(Tally.objects.values()))


@pytest.mark.django_db
def test_a_double_click_and_what_many_people_write_repeat_nothing():
    token = a_form_opened(60)

    assert not send(message=LONG, token=token).is_suspect
    assert not send(message=LONG, token=token).is_suspect
    assert not send(message="Please call me.").is_suspect
    assert not send(message="Please call me.", name="Ada").is_suspect
    assert Submission.objects.count() == 3


@pytest.mark.django_db
def test_one_form_sent_with_many_texts_is_no_spam():
    token = a_form_opened(60)

    assert [send(message=f"{LONG} {word}", token=token).is_suspect for word in ("One", "Two", "Three")] == [False] * 3


def test_a_screening_and_what_raised_an_alert_are_never_suspect(packet):
    calm, risky = make_screening(), make_screening(phq9=[0] * 8 + [1])

    for submission in (calm, risky):
        with pytest.raises(IntegrityError, match="submission_suspect_is_no_screening"), transaction.atomic():
            Submission.objects.filter(pk=submission.pk).update(is_suspect=True)


@pytest.mark.django_db
def test_no_stranger_gets_an_email_until_a_person_at_the_desk_has_released_it(client, front_desk):
    submission = send(message=SPAM, email="jo@example.org")
    assert Message.objects.count() == 0

    response = client.post(f"{LIST}{submission.pk}/status/", {"move": "release"}, follow=True)

    submission.refresh_from_db()
    event = AuditEvent.objects.get(action="status")
    assert "It is no longer among what may be spam." in words(response)
    assert "Status changed: May be spam → New" in words(response)
    assert (submission.is_suspect, submission.status, submission.suspect_signs) == (False, "new", ["links"])
    assert (event.actor, event.reference, event.detail) == (front_desk, submission.reference, "suspect -> new")
    assert [message.template for message in Message.objects.all()] == ["contact_receipt"]


@pytest.mark.django_db
def test_it_is_released_once_and_only_by_those_who_may_work_it(client, front_desk):
    submission = send(message=SPAM, email="jo@example.org")
    looker = Client()
    looker.force_login(make_user("intake.view_submission", email="looker@example.org"))

    assert looker.post(f"{LIST}{submission.pk}/status/", {"move": "release"}).status_code == 403
    for _ in range(2):
        last = client.post(f"{LIST}{submission.pk}/status/", {"move": "release"}, follow=True)
    assert "Nothing was changed" in words(last)
    assert (AuditEvent.objects.filter(action="status").count(), Message.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_the_pile_is_apart_from_what_waits_and_always_in_sight(client, front_desk):
    waiting, suspect = make_submission(), send(message=SPAM)
    closed = make_submission(is_suspect=True, status="closed")

    assert listed(client) == listed(client, show="new") == listed(client, who="nobody") == {waiting}
    assert listed(client, show="suspect") == listed(client, is_suspect__exact="1") == {suspect}
    assert listed(client, show="all") == {waiting, suspect, closed}
    assert listed(client, show="closed") == {closed}
    assert "1 message may be spam and waits apart." in words(client.get(LIST))
    assert "1 may be spam" in words(client.get(START))
    found = client.post(LIST, {"text": suspect.reference})
    assert found["Location"] == suspect.get_absolute_url()


@pytest.mark.django_db
def test_the_figures_leave_it_out_and_count_a_released_one_as_received_when_it_was(front_desk):
    make_submission(is_suspect=True)
    suspect = make_submission(is_suspect=True)
    inbox = figures.inbox(front_desk)
    assert (inbox.count, inbox.unassigned, inbox.suspect, figures.weeks()[-1].total) == (0, 0, 2, 0)
    received = suspect.created_at

    suspect.release(by=front_desk)

    inbox = figures.inbox(front_desk)
    assert (inbox.count, inbox.unassigned, inbox.suspect, figures.weeks()[-1].total) == (1, 1, 1, 1)
    assert (figures.paces()[False].received, Submission.objects.open().get().created_at) == (1, received)


@pytest.mark.django_db
def test_its_page_says_why_and_offers_to_release_or_close_it(client, front_desk):
    submission = send(message=SPAM, website="x")

    page = client.get(submission.get_absolute_url())

    assert "This may be spam." in words(page)
    for sign in (spam.Sign.LINKS, spam.Sign.TRAP):
        assert sign.label in words(page)
    assert re.findall(r'name="move" value="([\w-]+)"', page.text) == ["release", "close"]
    calm = client.get(make_submission().get_absolute_url())
    assert "may be spam" not in words(calm).lower()
    assert 'value="release"' not in calm.text


@pytest.mark.django_db
def test_until_it_is_released_it_can_only_be_closed(front_desk):
    for name, move in MOVES.items():
        for status in sorted(move.offered):
            submission = make_submission(is_suspect=True, status=status)
            try:
                move.act(submission, by=front_desk)
                taken = True
            except InvalidTransition:
                taken = False
            assert taken == (name in {"release", "close"}), (name, status)


@pytest.mark.django_db
def test_an_export_of_the_pile_says_that_it_may_be_spam(client):
    user = make_user(email="clinician@example.org")
    user.groups.add(Group.objects.get(name=CLINICIAN))
    client.force_login(user)
    make_submission()
    submission = send(message=SPAM)

    sent = {"reason": "treatment", "format": "csv"}
    response = client.post(f"{LIST}export/?show=suspect", sent)

    text = b"".join(response.streaming_content).decode()
    assert text.count("\n") == 2
    assert f'"{submission.reference}"' in text
    assert '"Contact request (may be spam)"' in text
