from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinic.limits import Limit
from intake import fhir
from intake.messages import MESSAGES
from intake.models import Draft, Submission
from intake.screening import Screening, age
from tests.visitor import ITEM_9, PHQ9


def test_the_start_page_says_what_it_is_before_the_first_question(visitor):
    page = visitor.client.get("/screening/").content.decode()

    assert "It takes about 15 minutes" in page
    assert "Staff do not read forms around the clock" in page
    assert "The form is not for emergencies" in page
    assert "988" in page
    assert Draft.objects.count() == 0


def test_starting_makes_a_draft_and_leads_to_the_first_step(visitor):
    response = visitor.start()

    assert response.headers["Location"] == "/screening/1/"
    assert visitor.draft.answers == {}


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor):
    cookie = visitor.start().cookies["screening"]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", "/", "")


def test_a_step_is_saved_at_once_and_leads_to_the_next(visitor):
    visitor.start()

    response = visitor.about()

    assert response.headers["Location"] == "/screening/2/"
    assert visitor.walk.identity["name"] == "Marta Quill"


def test_an_error_keeps_what_was_typed_and_names_the_field(visitor):
    visitor.start()

    response = visitor.about(email="marta at example", name="Ms <b>Quill</b>")

    page = response.content.decode()
    assert response.status_code == 422
    assert "Enter an e-mail address in the form name@example.org." in page
    assert 'value="marta at example"' in page
    assert 'value="Ms &lt;b&gt;Quill&lt;/b&gt;"' in page


def test_a_missing_required_answer_brings_the_page_back_with_a_summary(visitor):
    visitor.start()

    response = visitor.about(name="")

    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in " ".join(page.split())
    assert visitor.draft.reached == 1


def test_back_saves_without_checking(visitor):
    visitor.start()
    visitor.about()
    step = visitor.step("phq-9")

    response = visitor.answer(step, {PHQ9[0]: 2}, back="1")

    assert response.headers["Location"] == "/screening/1/"
    assert visitor.walk.answers(step.questionnaire)[PHQ9[0]][0].code == "LA6570-1"


def test_two_tabs_on_different_steps_do_not_undo_each_other(visitor):
    visitor.start()
    visitor.about()
    first, second = visitor.step("phq-9"), visitor.step("gad-7")

    visitor.answer(first, {PHQ9[0]: 1})
    visitor.answer(second, {"/69725-0": 3})
    visitor.answer(first, {PHQ9[0]: 2})

    walk = visitor.walk
    assert walk.answers(first.questionnaire)[PHQ9[0]][0].code == "LA6570-1"
    assert walk.answers(second.questionnaire)["/69725-0"][0].code == "LA6571-9"


def test_two_tabs_that_save_at_once_do_not_undo_each_other(visitor):
    visitor.start()
    about, first, second = visitor.step("about-you"), visitor.step("phq-9"), visitor.step("gad-7")
    tabs = [visitor.draft, visitor.draft]  # both have read it before either saves

    for tab, step in zip(tabs, (first, second), strict=True):
        tab.keep(step.number, step.questionnaire.pk, step.field_names, {step.field_names[0]: ["2"]})
    tabs[0].keep(about.number, about.questionnaire.pk, about.field_names, {})

    kept = {step.form.url.rsplit("/", 1)[1]: visitor.draft.raw(step.questionnaire.pk) for step in (first, second)}
    assert kept == {"phq-9": {first.field_names[0]: ["2"]}, "gad-7": {second.field_names[0]: ["2"]}}
    assert visitor.draft.reached == second.number


def test_saving_a_step_counts_it_once_also_when_another_tab_was_faster(visitor, django_assert_num_queries):
    visitor.start()
    first, second = visitor.step("phq-9"), visitor.step("gad-7")
    once = Limit("saving", tries=1, window=timedelta(minutes=10))
    tabs, waits = [visitor.draft, visitor.draft], []

    for tab, step, queries in zip(tabs, (first, second), (1, 3), strict=True):
        with django_assert_num_queries(queries):
            given = (step.number, step.questionnaire.pk, step.field_names, {step.field_names[0]: ["2"]})
            waits.append(tab.keep(*given, counted=[(once, "somebody")]))

    assert waits[0] == timedelta() < waits[1] <= once.window
    assert once.take("somebody").number == 3


def test_answers_are_read_again_only_in_another_language(visitor):
    """A comma in a number means one thing in Spanish and another in English."""
    visitor.start()
    step = visitor.step("phq-9")
    visitor.answer(step, {PHQ9[0]: 1})
    before, same, other = visitor.walk, visitor.draft, visitor.draft
    other.language = "es"
    known = before.part(step.questionnaire)

    read = [Screening(draft, before=before).part(step.questionnaire) for draft in (same, other)]

    assert [part is known for part in read] == [True, False]


def test_what_another_tab_has_sent_is_not_filled_in_any_more(visitor):
    visitor.finish()
    late, step = visitor.draft, visitor.step("phq-9")
    visitor.send()

    late.keep(step.number, step.questionnaire.pk, step.field_names, {step.field_names[0]: ["2"]})

    assert visitor.draft.answers == {}
    assert late.submission == Submission.objects.get()


def test_an_answer_can_be_taken_back(visitor):
    visitor.start()
    step = visitor.step("phq-9")
    visitor.answer(step, {PHQ9[0]: 1})

    visitor.answer(step, {})

    assert visitor.walk.answers(step.questionnaire) == {}


@pytest.mark.parametrize("points", [1, 2, 3])
def test_a_risky_answer_opens_the_next_page_with_help(visitor, points):
    visitor.start()

    response = visitor.answer(visitor.step("phq-9"), {ITEM_9: points})

    page = visitor.client.get(response.headers["Location"]).content.decode()
    assert 'class="help-panel' in page
    assert "You can keep going or stop here" in page


@pytest.mark.parametrize("answers", [{}, {ITEM_9: 0}])
def test_without_a_risky_answer_the_help_panel_stays_away(visitor, answers):
    visitor.start()

    response = visitor.answer(visitor.step("phq-9"), answers)

    assert 'class="help-panel' not in visitor.client.get(response.headers["Location"]).content.decode()


def test_help_comes_also_when_the_page_itself_has_an_error_or_is_left_for_later(visitor):
    visitor.start()

    later = visitor.answer(visitor.step("phq-9"), {ITEM_9: 1}, later="1")

    assert 'class="help-panel' in visitor.client.get(later.headers["Location"]).content.decode()


@pytest.mark.parametrize(
    ("today", "years"), [(date(2026, 11, 23), 17), (date(2026, 11, 24), 18), (date(2026, 11, 25), 18)]
)
def test_age_counts_completed_years(today, years):
    assert age(date(2008, 11, 24), today) == years


def test_someone_born_on_a_leap_day_comes_of_age_on_the_first_of_march():
    assert (age(date(2008, 2, 29), date(2026, 2, 28)), age(date(2008, 2, 29), date(2026, 3, 1))) == (17, 18)


def test_a_minor_is_turned_away_kindly_and_nothing_stays(visitor):
    visitor.start()
    young = timezone.localdate() - timedelta(days=17 * 365)

    response = visitor.about(birth_date=(young.year, young.month, young.day))

    page = response.content.decode()
    assert "We have kept nothing of what you entered" in page
    assert "988" in page
    assert Draft.objects.count() == 0
    assert response.cookies["screening"]["max-age"] == 0


def test_an_adult_is_not_turned_away(visitor):
    visitor.start()
    adult = timezone.localdate() - timedelta(days=18 * 365 + 5)

    assert visitor.about(birth_date=(adult.year, adult.month, adult.day)).status_code == 302


def test_a_draft_is_found_by_its_own_cookie_only(visitor):
    visitor.start()
    visitor.about()

    stranger = Client().get("/screening/1/")

    assert stranger.status_code == 404
    assert "Marta" not in stranger.content.decode()


def test_a_draft_expires(visitor):
    visitor.start()
    Draft.objects.update(updated_at=timezone.now() - timedelta(days=7, seconds=1))

    assert visitor.client.get("/screening/1/").status_code == 404


@pytest.mark.parametrize("number", [0, 99])
def test_a_step_that_does_not_exist_is_not_found(visitor, number):
    visitor.start()

    assert visitor.client.get(f"/screening/{number}/").status_code == 404


def test_the_check_page_shows_every_answer_with_a_way_to_change_it(visitor):
    visitor.finish(phq9=[1] * 8 + [0])

    page = visitor.client.get("/screening/check/").content.decode()

    assert "Marta Quill" in page
    assert page.count("Several days") == 8
    assert "/screening/1/?return=check#" in page


def test_changing_an_answer_returns_to_the_check_page(visitor):
    visitor.finish()

    response = visitor.answer(visitor.step("phq-9"), {PHQ9[0]: 3}, **{"return": "check"})

    assert response.headers["Location"] == "/screening/check/"


def test_the_check_page_leads_to_a_step_that_was_never_opened(visitor):
    visitor.start()
    visitor.about()

    assert visitor.client.get("/screening/check/").headers["Location"] == "/screening/2/"


def test_intake_pages_are_never_cached(visitor):
    visitor.start()

    for path in ("/screening/", "/screening/1/", "/contact/"):
        assert "no-store" in visitor.client.get(path).headers["Cache-Control"], path


def test_a_step_costs_few_queries(visitor, django_assert_max_num_queries):
    visitor.start()
    step = visitor.step("phq-9")

    with django_assert_max_num_queries(6):
        visitor.get(step)


def test_a_definition_cannot_smuggle_a_template_into_the_page(packet, visitor):
    from intake.models import Packet, PacketItem, Questionnaire

    form = """{"resourceType": "Questionnaire", "url": "https://clinic.example/fhir/Questionnaire/evil", "version": "1",
        "name": "Evil", "title": "{{ clinic.name }}<script>1</script>", "status": "active", "language": "en",
        "item": [{"linkId": "g", "type": "group", "text": "{% now 'Y' %}", "item": [
            {"linkId": "d", "type": "display", "text": "{{ 7|add:7 }}"},
            {"linkId": "s", "type": "string", "text": "{{ 8|add:8 }}<img src=x onerror=1>"}]}]}"""
    stored = Questionnaire.objects.store(form)
    stored.activate()
    Packet.objects.update(is_current=False)
    PacketItem.objects.create(packet=Packet.objects.create(name="Evil", is_current=True), questionnaire=stored)

    visitor.start()

    page = visitor.client.get("/screening/1/").content.decode()
    assert "{% now &#x27;Y&#x27; %}" in page
    assert "{{ 7|add:7 }}" in page
    assert "{{ 8|add:8 }}&lt;img src=x onerror=1&gt;" in page
    assert Submission.objects.count() == 0


def test_every_rule_of_the_engine_has_words_for_the_visitor():
    assert set(fhir.MESSAGES) <= set(MESSAGES)


def test_answers_stay_in_the_drafts_row_and_are_not_compressed(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attstorage, reloptions FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
            "WHERE attrelid = 'intake_draft'::regclass AND attname = 'answers'"
        )
        storage, options = cursor.fetchone()

    assert storage == "e"  # external: as it is, and elsewhere only where a row has no room
    assert set(options) == {"fillfactor=50", "toast_tuple_target=8160"}
