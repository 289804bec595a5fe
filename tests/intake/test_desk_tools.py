"""What makes the desk quick: ready-made replies, tags, planned contacts, notes in Markdown, saved views."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from clinic import outbox
from clinic.models import ClinicProfile, Message
from intake.models import CannedReply, SavedView, SentReply, Tag
from tests.factories import CAN_WORK, make_screening, make_submission, make_user

LIST = "/admin/intake/submission/"


@pytest.fixture
def nora(client, db):
    user = make_user(*CAN_WORK, email="nora@example.org", first_name="Nora", last_name="Field")
    client.force_login(user)
    return user


@pytest.fixture
def phone(db):
    ClinicProfile.objects.update(phone="718-555-0199")


def post(client, submission, step, **data):
    return client.post(reverse(f"admin:intake_submission_{step}", args=[submission.pk]), data, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def words(client, submission):
    return client.get(submission.get_absolute_url()).content.decode()


def make_reply(**fields):
    return CannedReply.objects.create(
        **{"title": "Call us", "subject": "About {reference}", "body": "Call {phone}.\n\n{staff}", **fields}
    )


def test_a_reply_is_shown_as_it_will_be_sent_then_sent_once_and_kept(client, nora, phone, mailoutbox):
    submission, key = make_submission(email="marta@example.org"), uuid4()
    chosen = {"reply": make_reply().pk, "key": key}
    outbox.deliver_due()
    mailoutbox.clear()

    shown = post(client, submission, "reply", **chosen).content.decode()
    assert "marta@example.org" in shown
    assert "Call 718-555-0199." in shown
    assert not SentReply.objects.exists()

    for _ in range(2):
        assert said(post(client, submission, "reply", send="1", **chosen)) == ["The reply goes out by e-mail."]
    outbox.deliver_due()

    assert [(mail.to, mail.subject, mail.body) for mail in mailoutbox] == [
        (["marta@example.org"], f"About {submission.reference}", "Call 718-555-0199.\n\nNora Field\n")
    ]
    kept = SentReply.objects.get()
    assert (kept.by, kept.title, kept.body) == (nora, "Call us", "Call 718-555-0199.\n\nNora Field")
    page = words(client, submission)
    assert "Reply chosen: Call us" in page
    assert "E-mail, reply to the person: sent" in page


def test_a_reply_that_needs_what_the_profile_lacks_is_not_sent_and_says_so(client, nora):
    submission = make_submission(email="marta@example.org")

    response = post(client, submission, "reply", reply=make_reply().pk, key=uuid4())

    assert response.status_code == 422
    assert "needs the clinic&#x27;s phone number, which the clinic profile lacks" in response.content.decode()


def test_a_reply_is_not_sent_when_the_profile_lost_what_it_needs_after_it_was_looked_at(client, nora, phone):
    submission, chosen = make_submission(email="marta@example.org"), {"reply": make_reply().pk, "key": uuid4()}
    post(client, submission, "reply", **chosen)
    ClinicProfile.objects.update(phone="")

    response = post(client, submission, "reply", send="1", **chosen)

    assert response.status_code == 422
    assert not SentReply.objects.exists()


@pytest.mark.parametrize("sending", [{}, {"send": "1"}])
def test_a_reply_that_can_reach_nobody_is_refused_in_words(client, nora, phone, settings, sending):
    nobody = make_submission(email="", contact_method="phone", phone="718 555 0100")
    lost = make_submission(email="marta@example.org")
    chosen = {"reply": make_reply().pk, "key": uuid4()} | sending

    assert "There is no e-mail address to send it to." in post(client, nobody, "reply", **chosen).content.decode()
    settings.FIELD_KEYS = (b"a key of somebody else, 32 bytes",)
    response = post(client, lost, "reply", **chosen)

    assert response.status_code == 422
    assert "is not in FIELD_KEYS" in response.content.decode()
    assert not SentReply.objects.exists()


def test_there_is_no_reply_to_somebody_without_an_address(client, nora):
    assert "Send a reply" not in words(client, make_submission(email="", contact_method="phone", phone="718 555 0100"))
    assert "Send a reply" in words(client, make_submission(email="marta@example.org"))


def test_a_reply_that_is_not_offered_any_more_is_refused(client, nora, phone):
    submission = make_submission(email="marta@example.org")

    response = post(client, submission, "reply", reply=make_reply(is_active=False).pk, key=uuid4(), send="1")

    assert response.status_code == 422
    assert "This reply is not offered. Choose another." in response.content.decode()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("Dear {name},", "There is no placeholder {name}. Use one of those named below the text."),
        ("Your Ketamine visit", "Leave “ketamine” out: the e-mail may be seen by others in the household."),
        ("Greetings, Park Slope Ketamine", "Leave “Park Slope Ketamine” out"),
        ("About your DEPRESSION", "Leave “depress” out"),
    ],
)
def test_a_reply_holds_no_unknown_placeholder_and_tells_nothing_to_the_household(db, body, fault):
    with pytest.raises(ValidationError) as refused:
        CannedReply(title="x", subject="Hello", body=body).full_clean()

    assert any(message.startswith(fault) for message in refused.value.messages)


def test_the_first_replies_keep_their_own_rules(db):
    for reply in CannedReply.objects.all():
        reply.full_clean()

    assert CannedReply.objects.count() == 3


def test_an_e_mail_that_was_given_up_is_on_the_timeline_and_one_that_waits_too(client, nora):
    submission = make_submission(email="marta@example.org")
    assert "E-mail, receipt to the person: waits to be sent" in words(client, submission)

    message = Message.objects.get(about=submission.pk)
    message.recipient = "no address"
    message.save()
    outbox.deliver_due()

    assert "E-mail, receipt to the person: given up: ValidationError" in words(client, submission)


def test_a_contact_is_planned_and_unplanned(client, nora):
    submission, day = make_submission(), timezone.localdate() + timedelta(days=2)

    assert said(post(client, submission, "due", on=day)) == ["The next contact is planned."]
    submission.refresh_from_db()
    assert submission.next_contact_on == day

    assert said(post(client, submission, "due", on="")) == ["No contact is due."]
    submission.refresh_from_db()
    assert submission.next_contact_on is None
    assert list(submission.events.filter(action="due").values_list("detail", flat=True)) == [str(day), "none"]


def test_a_day_that_is_none_is_refused_and_kept_in_its_field(client, nora):
    response = post(client, make_submission(), "due", on="2026-02-30")

    assert response.status_code == 422
    assert 'value="2026-02-30"' in response.content.decode()


def test_tags_are_set_and_taken_away_and_the_list_can_be_narrowed_to_one(client, nora):
    submission, other = make_submission(), make_submission()
    interpreter, later = Tag.objects.create(name="interpreter"), Tag.objects.create(name="later")

    post(client, submission, "tag", tags=[interpreter.pk, later.pk])
    post(client, submission, "tag", tags=[later.pk])

    assert [str(tag) for tag in submission.tags.all()] == ["later"]
    details = submission.events.filter(action="tag").values_list("detail", flat=True)
    assert list(details) == ["+interpreter", "+later", "-interpreter"]
    listed = client.get(LIST, {"tag": later.pk}).context["cl"].result_list
    assert list(listed) == [submission]
    assert other not in listed


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Called **twice**.\n\n- left a message", "<strong>twice</strong>"),
        ("one\ntwo", "one<br>\ntwo"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('<img src=x onerror="alert(1)">', "&lt;img src=x onerror="),
        ("[look](javascript:alert(1))", "[look](javascript:alert(1))"),
        ("![](https://elsewhere.example/x.png)", "![](https://elsewhere.example/x.png)"),
        ("<https://elsewhere.example>", "&lt;https://elsewhere.example&gt;"),
    ],
)
def test_a_note_is_markdown_and_nothing_in_it_runs_or_leads_away(client, nora, typed, shown):
    submission = make_submission()
    post(client, submission, "note", key=uuid4(), text=typed)

    page = words(client, submission)

    note = page.split('<div class="desk-markdown">')[1].split("</div>")[0]
    assert shown in note
    assert "<script" not in note
    assert "<img" not in note
    assert "<a" not in note


def test_front_desk_learns_from_the_timeline_that_an_alert_was_handled_and_not_what_raised_it(client, packet):
    clinician = make_user(*CAN_WORK, "intake.resolve_safetyalert", email="clinician@example.org")
    submission = make_screening(phq9=[0] * 8 + [1])
    submission.alerts.get().resolve(by=clinician, outcome="emergency-care", text="Called.")

    client.force_login(make_user("intake.view_submission", "intake.change_submission", email="front@example.org"))
    page = words(client, submission)

    assert "Safety alert: resolved" in page
    assert "suicidal" not in page.lower()
    assert "emergency care" not in page


def test_a_filter_is_kept_under_a_name_and_shared_with_colleagues(client, nora):
    keep = reverse("admin:intake_submission_keep_view")
    response = client.post(keep, {"name": " Mine, urgent ", "query": "who=me&risk__exact=2", "is_shared": "on"})
    assert (
        response["Location"] == f"{LIST}?risk__exact=2&who=me" or response["Location"] == f"{LIST}?who=me&risk__exact=2"
    )

    client.post(keep, {"name": "Only I", "query": "due=now"})
    assert [view.name for view in client.get(LIST).context["views"]] == ["Mine, urgent", "Only I"]

    client.force_login(make_user(*CAN_WORK, email="ben@example.org"))
    page = client.get(LIST)
    assert [view.name for view in page.context["views"]] == ["Mine, urgent"]
    assert "by Nora Field" in page.content.decode()


def test_the_same_name_again_replaces_the_filter(client, nora):
    for query in ("due=now", "who=nobody"):
        client.post(reverse("admin:intake_submission_keep_view"), {"name": "Mine", "query": query})

    assert [view.query for view in SavedView.objects.all()] == ["who=nobody"]


def test_a_view_keeps_nothing_that_was_searched_for(client, nora):
    query = f"show=all&id__in={uuid4()}&q=marta%40example.org&email=marta&alert=%00"

    client.post(reverse("admin:intake_submission_keep_view"), {"name": "Mine", "query": query})

    assert SavedView.objects.get().query == "show=all"


def test_a_view_without_a_name_is_refused(client, nora):
    response = client.post(reverse("admin:intake_submission_keep_view"), {"name": " ", "query": ""}, follow=True)

    assert said(response) == ["Give the view a name."]
    assert not SavedView.objects.exists()


def test_a_view_is_forgotten_by_its_owner_alone(client, nora):
    view = SavedView.objects.create(owner=nora, name="Mine", is_shared=True)
    forget = reverse("admin:intake_submission_forget_view", args=[view.pk])

    client.force_login(make_user(*CAN_WORK, email="ben@example.org"))
    assert client.post(forget).status_code == 404
    client.force_login(nora)
    assert client.post(forget).status_code == 302
    assert not SavedView.objects.exists()
