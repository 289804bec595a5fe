import re
from html import unescape
from uuid import uuid4

import pytest
from django.test.utils import override_settings

from intake.admin.page import MOVES
from intake.models import InvalidTransition, Note, Questionnaire, Response, Score, Submission
from tests.factories import CAN_WORK, make_screening, make_submission, make_user
from tests.visitor import ITEM_9

LOST_KEY = (b"l" * 32,)

pytestmark = pytest.mark.usefixtures("packet")


@pytest.fixture
def clinician(client):
    user = make_user(
        *CAN_WORK,
        first_name="Nora",
        last_name="Field",
    )
    client.force_login(user)
    return user


@pytest.fixture
def front_desk(client):
    user = make_user("intake.view_submission", "intake.change_submission", email="front@example.org")
    client.force_login(user)
    return user


def look(client, submission):
    return client.get(submission.get_absolute_url())


def words(response):
    """What the page says, without its markup."""
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def headings(response):
    return [
        " ".join(found.split()) for found in re.findall(r"<h2[^>]*>(.*?)</h2>", response.content.decode(), re.DOTALL)
    ]


def move(client, submission, name):
    return client.post(submission.get_absolute_url().replace("/change/", "/status/"), {"move": name}, follow=True)


def note(client, submission, text):
    sent = {"text": text, "key": uuid4()}
    return client.post(submission.get_absolute_url().replace("/change/", "/note/"), sent, follow=True)


def test_the_page_opens_with_who_it_is_about_and_the_alerts(client, clinician):
    submission = make_screening(phq9=[0] * 8 + [1])

    response = look(client, submission)

    assert headings(response)[:2] == ["Safety alerts", "Who and how to reach"]
    assert "Urgent: Suicidal thoughts open, raised" in words(response)
    assert "Thoughts that you would be better off dead, or of hurting yourself in some way Several days" in words(
        response
    )


def test_the_preferred_way_to_reach_somebody_comes_first_and_can_be_used(client, clinician):
    details = {"email": "marta@example.org", "phone": "(718) 555-0142", "best_time": "after 5 pm"}
    by_phone, by_mail = (make_submission(contact_method=way, **details) for way in ("phone", "email"))

    page = look(client, by_phone).content.decode()

    assert page.index('<a href="tel:+17185550142">(718) 555-0142</a>') < page.index("mailto:marta@example.org")
    assert "Phone (718) 555-0142 preferred E-mail marta@example.org Best time after 5 pm" in words(
        look(client, by_phone)
    )
    assert "E-mail marta@example.org preferred Phone (718) 555-0142" in words(look(client, by_mail))


def test_an_age_is_told_beside_the_date_of_birth(client, clinician):
    submission = make_screening(person={"birth_date": (1980, 2, 29)})

    assert re.search(r"Date of birth Feb\. 29, 1980 \(age \d\d\)", words(look(client, submission)))


def test_an_instrument_is_a_table_with_points_total_band_and_limits(client, clinician):
    submission = make_screening(phq9=[2, 2, 2, 2, 2, 3, 0, 0, 0])

    said = words(look(client, submission))

    assert "13 Moderate (10 to 14)" in said
    assert "possible 0 to 27" in said
    assert "Little interest or pleasure in doing things More than half the days 2" in said
    assert "Feeling bad about yourself" in said
    assert "Nearly every day 3" in said


def test_a_total_is_not_made_up_and_the_page_names_what_is_missing(client, clinician):
    submission = make_screening(phq9=[None, *[3] * 7, None])

    said = words(look(client, submission))

    assert "Not complete: no total, no band" in said
    missing = said.split("Not answered:")[1]
    assert missing.strip().startswith("Little interest or pleasure in doing things Thoughts that you would be better")
    assert "Routine: Item 9 unanswered open, raised" in said


def test_the_total_is_the_one_that_was_stored_when_the_screening_came_in(client, clinician):
    submission = make_screening(phq9=[1] * 5 + [0] * 4)
    Score.objects.filter(response__submission=submission, code="44261-6").update(total=6)

    assert "6 Mild (5 to 9)" in words(look(client, submission))


def test_what_somebody_wrote_is_shown_as_text(client, clinician):
    submission = make_submission(name="<script>alert(1)</script>", message="One\n<img src=x onerror=alert(2)>")

    page = look(client, submission).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "One\n&lt;img src=x onerror=alert(2)&gt;" in page


def test_the_consent_that_was_given_is_there_with_its_text(client, clinician):
    submission = make_submission()

    said = words(look(client, submission))

    assert f"to version {submission.consent.version} (en)." in said
    assert submission.consent.text.split(".")[0] in said


def test_no_address_title_or_message_names_the_patient(client, clinician):
    submission = make_submission(name="Marta Quill")

    response = move(client, submission, "start-review")

    title = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)[1]
    assert title.split("|")[0].strip() == submission.reference
    assert "Marta" not in response.request["PATH_INFO"] + "".join(map(str, response.context["messages"]))
    assert str(submission) == submission.reference


def test_every_look_is_recorded_and_the_history_tells_it(client, clinician):
    submission = make_submission()

    look(client, submission)
    response = look(client, submission)

    looks = submission.events.filter(action="viewed")
    assert [event.actor for event in looks] == [clinician, clinician]
    assert [(line.what, line.who, line.times) for line in response.context["history"]] == [
        ("E-mail, receipt to the person: waits to be sent", "the system", 1),
        ("Looked at", "Nora Field", 2),
        ("Received", "the visitor", 1),
    ]


def test_a_status_change_is_recorded_with_who_and_what(client, clinician):
    submission = make_submission()

    response = move(client, submission, "start-review")

    submission.refresh_from_db()
    assert submission.status == Submission.Status.IN_REVIEW
    assert [str(message) for message in response.context["messages"]] == ["The status is now “In review”."]
    event = submission.events.get(action="status")
    assert (event.actor, event.detail) == (clinician, "new -> in-review")
    assert "Status changed: New → In review by Nora Field" in words(response)


@pytest.mark.parametrize("status", [status for status in Submission.Status.values if status != "erased"])
@pytest.mark.parametrize("name", [name for name in MOVES if name != "release"])
def test_a_button_is_there_exactly_when_the_step_is_allowed(clinician, status, name):
    submission = make_submission(status=status)

    try:
        MOVES[name].act(submission, by=clinician)
        allowed = True
    except InvalidTransition:
        allowed = False

    assert allowed == (status in MOVES[name].offered)


def test_the_page_shows_the_buttons_of_the_present_status_and_no_other(client, clinician):
    submission = make_submission(status="scheduled")

    assert re.findall(r'name="move" value="([^"]+)"', look(client, submission).content.decode()) == ["close", "reopen"]


def test_the_slower_of_two_is_told_what_the_status_is_now(client, clinician):
    submission = make_submission()
    submission.close(by=clinician)

    response = move(client, submission, "start-review")

    assert [str(message) for message in response.context["messages"]] == [
        "This step does not follow “Closed”, which the status is now. Nothing was changed."
    ]
    submission.refresh_from_db()
    assert submission.status == Submission.Status.CLOSED


def test_a_step_that_does_not_exist_changes_nothing(client, clinician):
    submission = make_submission()

    response = move(client, submission, "delete")

    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    submission.refresh_from_db()
    assert submission.status == Submission.Status.NEW


def test_a_note_is_kept_with_author_and_time(client, clinician):
    submission = make_submission()

    response = note(client, submission, "Left a message.\nCalls back tomorrow.")

    kept = Note.objects.get(submission=submission)
    assert (kept.author, kept.text) == (clinician, "Left a message.\nCalls back tomorrow.")
    assert "Nora Field" in words(response).split("Notes")[1]
    assert "Left a message. Calls back tomorrow." in words(response)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("   ", "Write something first: an empty note is not kept."),
        ("n" * 10_001, "Ensure this value has at most 10000 characters (it has 10001)."),
    ],
)
def test_a_note_that_cannot_be_kept_is_refused_with_what_was_typed(client, clinician, typed, said):
    submission = make_submission()

    response = note(client, submission, typed)

    assert response.status_code == 422
    assert said in words(response)
    assert response.context["forms"]["note"]["text"].value() == typed
    assert not Note.objects.exists()


def test_the_front_desk_sees_contact_details_and_status_only(client, front_desk):
    submission = make_screening(phq9=[3] * 9)
    submission.add_note("Private remark", by=front_desk)

    response = look(client, submission)

    said = words(response)
    assert "Marta Quill" in said
    assert "marta@example.org" in said
    assert "Status: New" in said
    assert {"chart", "message", "notes", "note_form"}.isdisjoint(set(response.context.keys()))
    for private in ("better off dead", "Severe", "Suicidal thoughts", "Private remark", "Add a note"):
        assert private not in said


def test_the_front_desk_cannot_add_notes_but_changes_the_status(client, front_desk):
    submission = make_submission()

    assert note(client, submission, "Hello").status_code == 403
    assert "The status is now “Contacted”." in words(move(client, submission, "contacted"))


def test_looking_is_not_changing(client):
    client.force_login(make_user("intake.view_submission"))
    submission = make_submission()

    assert move(client, submission, "close").status_code == 403
    assert "Change the status" not in look(client, submission).content.decode()
    submission.refresh_from_db()
    assert submission.status == Submission.Status.NEW


def test_without_the_permission_an_existing_and_a_missing_submission_look_alike(client):
    client.force_login(make_user())
    submission = make_submission()
    missing = Submission(id="00000000-0000-4000-8000-000000000000")

    assert look(client, submission).status_code == look(client, missing).status_code == 403


def test_nothing_that_was_sent_can_be_posted_back(client, clinician):
    submission = make_submission(name="Marta Quill")

    response = client.post(submission.get_absolute_url(), {"name": "Somebody Else"})

    submission.refresh_from_db()
    assert (response.status_code, submission.name) == (405, "Marta Quill")


def test_the_small_forms_take_posts_only(client, clinician):
    address = make_submission().get_absolute_url()

    assert client.get(address.replace("/change/", "/status/")).status_code == 405
    assert client.get(address.replace("/change/", "/note/")).status_code == 405


def test_a_value_whose_key_is_lost_is_told_in_its_own_place_only(client, clinician):
    submission = make_submission(name="Marta Quill", phone="718 555 0142", contact_method="phone")
    with override_settings(FIELD_KEYS=LOST_KEY):
        submission.name = "Marta Quill"
        submission.save(update_fields=["name"])
        submission.add_note("Lost note", by=clinician)
    submission.add_note("Known note", by=clinician)

    said = words(look(client, submission))

    assert "Name cannot be decrypted" in said
    assert "Phone 718 555 0142" in said
    assert "cannot be decrypted" in said.split("Notes")[1].split("Known note")[0]


def test_answers_whose_key_is_lost_leave_the_total_and_the_other_forms(client, clinician):
    submission = make_screening(phq9=[3] * 9, gad7=[1] * 7)
    response = submission.responses.get(questionnaire__url__endswith="/phq-9")
    document = response.document
    with override_settings(FIELD_KEYS=LOST_KEY):
        response.document = document
        response.save(update_fields=["document"])

    said = words(look(client, submission))

    assert "27 Severe (20 to 27)" in said
    assert "The answers cannot be decrypted: the key that it needs is missing." in said
    assert "Feeling nervous, anxious or on edge Several days 1" in said
    assert Response.objects.count() == 6


def test_answers_given_in_spanish_are_read_in_english(client, clinician):
    submission = make_screening(phq9=[1] * 9, language="es")

    said = words(look(client, submission))

    assert "Little interest or pleasure in doing things Several days 1" in said
    assert "Language of the form Spanish" in said


def test_safety_answers_that_need_review_come_before_the_other_answers(client, clinician):
    item = next(item for item in safety_form().order if item.code and item.code[0].code.startswith("review-if"))
    submission = make_screening(answers={item.link_id: True if item.type == "boolean" else "not-sure"})

    found = look(client, submission).context["chart"]

    assert [review.row.item.link_id for review in found.review] == [item.link_id]
    assert item.link_id not in [row.item.link_id for section in found.sections for row in section.rows]


def safety_form():
    return Questionnaire.objects.get(url__endswith="/safety").compiled


def test_the_item_9_answer_stays_in_its_table_too(client, clinician):
    submission = make_screening(phq9=[0] * 8 + [2])

    instrument = look(client, submission).context["chart"].instruments[0]

    assert [line.points for line in instrument.lines if line.row.item.link_id == ITEM_9] == ["2"]


@pytest.mark.parametrize(
    ("stored", "shown"), [("es", "Spanish"), ("mul", "another language"), ("Tagalog, please", "Tagalog, please")]
)
def test_a_preferred_language_is_told_by_name(client, clinician, stored, shown):
    submission = make_submission(preferred_language=stored)

    assert f"Preferred language {shown}" in words(look(client, submission))


def test_the_summary_line_counts_what_needs_review_and_what_was_not_answered(client, clinician):
    submission = make_screening(phq9=[1] * 9, gad7=[None] * 7, answers={"stroke": "yes", "stroke-detail": "In 2019"})

    said = words(look(client, submission))

    assert "PHQ-9 total 9 Mild" in said
    assert "GAD-7 total not complete" in said
    assert "To review 1 safety answer," in said
    assert "Please say a little more (optional) In 2019" in said.split("Safety answers that need review")[1]
