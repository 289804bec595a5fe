import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.figures.plot import Scale, around_zero, wilson

numbers = st.floats(-1e6, 1e6)


@given(st.tuples(numbers, numbers, st.floats(0, 1)).filter(lambda given: given[1] - given[0] > 1e-3))
def test_a_scale_takes_its_ends_to_the_ends_and_what_lies_between_in_proportion(given_):
    low, high, part = given_
    scale = Scale(low, high)

    assert (scale.share(low), scale.share(high)) == (0, 1)
    value = min(high, max(low, low + part * (high - low)))
    assert scale.share(value) == pytest.approx(part, abs=1e-4)


@given(numbers, numbers, numbers)
def test_a_scale_refuses_what_it_cannot_show(low, high, value):
    if low >= high:
        with pytest.raises(ValueError, match="no length"):
            Scale(low, high)
    elif not low <= value <= high:
        with pytest.raises(ValueError, match="outside the scale"):
            Scale(low, high).place(value)


@given(st.lists(numbers, min_size=1, max_size=5))
def test_a_scale_around_zero_holds_all_values_with_zero_in_the_middle_and_room_at_the_ends(values):
    scale = around_zero(*values)

    assert scale.middle == 0
    assert scale.high % 5 == 0
    assert max(abs(value) for value in values) <= 0.8 * scale.high + 1e-6


@pytest.mark.parametrize(
    ("found", "people", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17:857-872, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    [
        (81, 263, 25.53, 36.62),
        (15, 148, 6.24, 16.05),
        (0, 20, 0, 16.11),
        (1, 29, 0.61, 17.18),
    ],
)
def test_the_wilson_interval_is_that_of_published_examples(found, people, low, high):
    assert wilson(found, people) == (pytest.approx(low, abs=0.006), pytest.approx(high, abs=0.006))


@given(st.integers(1, 100_000).flatmap(lambda people: st.tuples(st.integers(0, people), st.just(people))))
def test_the_wilson_interval_holds_the_share_and_stays_between_none_and_all(counts):
    found, people = counts

    low, high = wilson(found, people)
    assert -1e-9 <= low <= 100 * found / people + 1e-9
    assert 100 * found / people - 1e-9 <= high <= 100 + 1e-9
