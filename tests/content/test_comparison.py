"""What a comparison of two texts shows."""

from types import SimpleNamespace

from content.comparison import Difference, Line, Piece, compare, lines


def shown(old: str, new: str) -> list[str]:
    """The lines as text: [-gone-], {+new+}, and …3 for three lines left out."""
    marks = {"same": "{}", "old": "[-{}-]", "new": "{{+{}+}}"}

    def text(line: Line) -> str:
        return f"…{line.skipped}" if line.skipped else "".join(marks[p.kind].format(p.text) for p in line.pieces)

    return [text(line) for line in lines(old, new)]


def test_equal_texts_show_nothing_changed():
    assert shown("One.\n\nTwo.", "One.\n\nTwo.") == ["…2"]


def test_a_changed_word_is_shown_in_its_line():
    assert shown("About 1 in 10 people felt sick.", "About 2 in 10 people felt sick.") == [
        "About [-1-] {+2+} in 10 people felt sick."
    ]


def test_another_sentence_is_one_gone_and_one_new():
    assert shown("Ketamine is a medicine.", "Nobody knows how long it lasts.") == [
        "[-Ketamine is a medicine.-]",
        "{+Nobody knows how long it lasts.+}",
    ]


def test_lines_that_came_and_went_stand_where_they_were():
    assert shown("One.\n\nTwo.\n\nThree.", "One.\n\nThree.\n\nFour.") == ["One.", "[-Two.-]", "Three.", "{+Four.+}"]


def test_lines_far_from_a_change_are_counted_and_left_out():
    old = "\n".join(f"Line {number} stays." for number in range(9))

    assert shown(old, old.replace("Line 4 stays.", "Line 4 goes.")) == [
        "…3",
        "Line 3 stays.",
        "Line 4 [-stays.-] {+goes.+}",
        "Line 5 stays.",
        "…3",
    ]


def test_only_the_fields_that_differ_are_named():
    old, new = SimpleNamespace(title="Types", order=None, body="A."), SimpleNamespace(title="Types", order=3, body="A.")

    assert compare(old, new, ("title", "order", "body"), {"title": "title", "order": "place", "body": "body"}) == [
        Difference("place", (Line((Piece("new", "3"),)),))
    ]


def test_a_very_long_line_is_compared_as_a_whole():
    old, new = "word " * 4_000, "word " * 3_999 + "end"

    assert [line.pieces[0].kind for line in lines(old, new)] == ["old", "new"]
