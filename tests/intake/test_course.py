from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.course import Point, Step, course

START = date(2026, 1, 5)

totals = st.one_of(st.none(), st.integers(0, 27))
waits = st.integers(0, 60)  # days; several totals may come on one day


def weekly(*found):
    """A total a week; None is a form that is not complete."""
    return [
        Point(START + timedelta(weeks=week), None if total is None else Decimal(total))
        for week, total in enumerate(found)
    ]


def last(*found):
    return course(weekly(*found))[-1]


@pytest.mark.parametrize(
    ("before", "after", "response", "remission"),
    [
        (10, 5, True, False),
        (10, 6, False, False),
        (10, 4, True, True),
        (11, 5, True, False),
        (11, 6, False, False),
        (20, 10, True, False),
        (20, 11, False, False),
        (27, 0, True, True),
        (9, 4, False, True),
        (9, 5, False, False),
        (5, 4, False, True),
        (4, 3, False, False),
        (0, 0, False, False),
        (10, 10, False, False),
    ],
)
def test_response_is_half_from_10_or_more_and_remission_is_below_5_from_5_or_more(before, after, response, remission):
    step = last(before, after)

    assert (step.is_response, step.is_remission) == (response, remission)


@pytest.mark.parametrize(
    ("before", "after", "change", "marked"),
    [(14, 9, -5, True), (14, 10, -4, False), (9, 14, 5, True), (9, 13, 4, False), (9, 9, 0, False), (27, 0, -27, True)],
)
def test_a_change_is_marked_from_5_points_up_or_down(before, after, change, marked):
    step = last(before, after)

    assert (step.change, step.is_marked) == (change, marked)


def test_a_change_is_against_the_total_before_and_a_response_against_the_first():
    assert [(step.change, step.is_marked, step.is_response) for step in course(weekly(20, 16, 12, 10))] == [
        (None, False, False),
        (-4, False, False),
        (-4, False, False),
        (-2, False, True),
    ]


def test_a_first_total_has_nothing_to_be_compared_with():
    assert course(weekly(3)) == [Step(Point(START, Decimal(3)))]
    assert course([]) == []


def test_a_form_that_is_not_complete_is_a_gap_and_never_0():
    gap, low, again, high = course(weekly(None, 12, None, 17))

    assert (gap.change, gap.is_response, gap.is_remission) == (None, False, False)
    assert low.change is None
    assert (again.change, again.is_marked, again.is_response, again.is_remission) == (None, False, False, False)
    assert (high.change, high.is_marked) == (5, True)


def test_the_first_complete_total_is_the_baseline():
    assert last(None, 20, 9).is_response
    assert not last(8, 20, 4).is_response


def test_remission_can_be_lost_and_reached_again():
    assert [step.is_remission for step in course(weekly(3, 12, 4, 7, 2))] == [False, False, True, False, True]


def test_two_totals_of_one_day_count_in_the_order_given():
    steps = course([Point(START, Decimal(12)), Point(START, Decimal(6))])

    assert (steps[1].change, steps[1].is_response) == (-6, True)


def test_points_that_go_back_in_time_are_refused():
    with pytest.raises(ValueError, match="not in the order of their dates"):
        course(list(reversed(weekly(3, 4))))


def naive(found, index):
    """The rules once more, each as one sentence over the whole list."""
    known = [total for total in found[:index] if total is not None]
    total = found[index]
    if total is None or known == []:
        return (None, False, False, False)
    change = total - known[-1]
    response = known[0] in range(10, 28) and total in [low for low in range(28) if low + low <= known[0]]
    remission = total in (0, 1, 2, 3, 4) and any(value not in (0, 1, 2, 3, 4) for value in known)
    return (change, change <= -5 or change >= 5, response, remission)


@given(st.lists(st.tuples(totals, waits), max_size=12))
def test_any_course_follows_the_rules(found):
    days, points = START, []
    for total, wait in found:
        days += timedelta(days=wait)
        points.append(Point(days, None if total is None else Decimal(total)))

    steps = course(points)

    numbers = [total for total, _wait in found]
    assert [step.point for step in steps] == points
    assert [(step.change, step.is_marked, step.is_response, step.is_remission) for step in steps] == [
        naive(numbers, index) for index in range(len(numbers))
    ]


@given(st.lists(totals, max_size=8), st.lists(totals, min_size=1, max_size=8))
def test_what_comes_later_changes_nothing_before_it(earlier, later):
    assert course(weekly(*earlier, *later))[: len(earlier)] == course(weekly(*earlier))


@given(st.lists(totals, max_size=8), st.integers(0, 8))
def test_a_gap_changes_no_other_step(found, place):
    place = min(place, len(found))

    steps = course(weekly(*found[:place], None, *found[place:]))
    del steps[place]

    def said(step):
        return (step.point.total, step.change, step.is_marked, step.is_response, step.is_remission)

    assert list(map(said, steps)) == list(map(said, course(weekly(*found))))
