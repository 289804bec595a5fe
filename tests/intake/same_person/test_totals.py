"""The totals of one person over time: in a table and a chart, of what was confirmed and nothing else."""

from datetime import timedelta

import pytest

from intake.admin.course_chart import GAD7_LEVELS, PHQ9_LEVELS
from intake.models import PersonLink, Questionnaire, Submission
from tests.factories import make_screening, make_submission
from tests.intake.same_person.people import START, again, look, points, references, screenings, words

pytestmark = pytest.mark.usefixtures("packet")


def test_only_totals_that_are_confirmed_stand_together(client, nora):
    first, second, third = screenings(20, 14, 9)
    PersonLink.objects.decide(first, second, is_same=True, by=nora)

    totals = again(client, second).totals

    assert [row.submission for row in totals.rows] == [first, second]
    assert third.reference in references(again(client, second).suggested)
    assert again(client, third).totals is None


def test_the_table_tells_totals_bands_changes_and_what_was_reached(client, nora):
    *_, last = screenings(20, 16, None, 10, 4, by=nora)

    rows = again(client, last).totals.rows

    assert [(row.phq9.number, row.phq9.band, row.change, row.step.is_marked) for row in rows] == [
        ("20", "Severe", "", False),
        ("16", "Moderately severe", "4 lower", False),
        ("", "", "", False),
        ("10", "Moderate", "6 lower", True),
        ("4", "None to minimal", "6 lower", True),
    ]
    assert [(row.step.is_response, row.step.is_remission) for row in rows[2:]] == [
        (False, False),
        (True, False),
        (True, True),
    ]
    told = words(look(client, last))
    assert "4 None to minimal ▼ 6 lower response, remission 0 Minimal this one" in told
    assert "at most half of the first complete PHQ-9 total, when that was 10 or more" in told


def test_gad7_has_totals_and_bands_and_no_marks(client, nora):
    first = make_screening(gad7=[3] * 7, created_at=START)
    second = make_screening(gad7=[0] * 7, created_at=START + timedelta(days=14))
    PersonLink.objects.decide(first, second, is_same=True, by=nora)

    chart = again(client, second).totals.charts[1]

    assert (chart.code, [dot.label for dot in chart.dots], [dot.reached for dot in chart.dots]) == (
        "gad7",
        ["21", "0"],
        ["", ""],
    )


def test_the_chart_breaks_at_a_gap_and_says_what_each_total_is_the_first_to_reach(client, nora):
    *_, last = screenings(20, None, 10, 12, 4, by=nora)

    chart = again(client, last).totals.charts[0]

    assert [dot.label for dot in chart.dots] == ["20", "10 ▼", "12", "4 ▼"]
    assert [dot.reached for dot in chart.dots] == ["", "response", "", "response, remission"]
    assert (len(chart.gaps), [len(points.split()) for points in chart.lines]) == (1, [3])
    assert chart.told.count("not complete") == 1


def test_totals_of_one_day_do_not_write_their_labels_over_each_other(client, nora):
    first, second = make_screening(phq9=points(9)), make_screening(phq9=points(12))
    PersonLink.objects.decide(first, second, is_same=True, by=nora)
    Submission.objects.update(created_at=START)
    Submission.objects.filter(pk=second.pk).update(created_at=START + timedelta(minutes=1))

    chart = again(client, second).totals.charts[0]

    assert [dot.label for dot in chart.dots] == ["", "12"]
    assert len({dot.x for dot in chart.dots}) == len(chart.days) == 1


def test_a_contact_request_of_the_person_has_no_place_in_the_table(client, nora):
    request, screening = make_submission(), make_screening()
    PersonLink.objects.decide(request, screening, is_same=True, by=nora)

    assert [row.submission for row in again(client, request).totals.rows] == [screening]


def test_the_levels_of_the_charts_are_those_of_the_forms():
    def levels(name):
        (score,) = Questionnaire.objects.get(url__endswith=name).compiled.scores
        return [*(band.low for band in score.bands), score.bands[-1].high]

    assert (levels("/phq-9"), levels("/gad-7")) == (list(PHQ9_LEVELS), list(GAD7_LEVELS))


def test_a_dot_lies_at_the_height_of_its_total_and_the_place_of_its_time(client, nora):
    made = [make_screening(phq9=points(27), created_at=START)]
    for total, days in ((9, 10), (0, 40)):
        made.append(make_screening(phq9=points(total), created_at=START + timedelta(days=days)))
        PersonLink.objects.decide(made[0], made[-1], is_same=True, by=nora)

    chart = again(client, made[0]).totals.charts[0]

    top, bottom = dict(chart.levels)[27], dict(chart.levels)[0]
    first, second, third = chart.dots
    assert [dot.y for dot in chart.dots] == [top, bottom - round((bottom - top) / 3), bottom]
    assert second.x - first.x == (third.x - first.x) // 4
    assert chart.lines == [" ".join(f"{dot.x},{dot.y}" for dot in chart.dots)]
