"""Where the bars of a chart lie."""

from intake.admin import bars


def test_parts_stand_on_top_of_one_another_and_the_longest_bar_is_as_tall_as_there_is_room():
    drawn = bars.columns([(6, 4), (5, 0)], top=10, tall=100, below=20)

    (first, second), (half, none) = drawn.bars
    assert (first.y, first.height, second.y, second.height) == (50, 60, 10, 40)
    assert (half.y, half.height, none.height) == (60, 50, 0)
    assert drawn.height == 130


def test_rows_leave_room_for_the_label_and_the_number():
    drawn = bars.rows([10, 5], label=100, number=60)

    assert [(box.x, box.width) for (box,) in drawn.bars] == [(100, 200), (100, 100)]


def test_one_of_a_thousand_can_still_be_seen():
    (small,), _large = bars.rows([1, 1_000]).bars

    assert small.width == 1


def test_where_nothing_came_in_no_bar_has_a_length():
    assert {box.height for bar in bars.columns([(0, 0)] * 12).bars for box in bar} == {0}
