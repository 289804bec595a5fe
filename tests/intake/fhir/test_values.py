"""Dates with and without month and day; how values compare is in test_conditions."""

import pytest

from intake import fhir


@pytest.mark.parametrize(
    ("text", "parts"), [("0987", (987,)), ("2026-02", (2026, 2)), ("2024-02-29", (2024, 2, 29)), ("9999", (9999,))]
)
def test_a_date_is_written_as_it_was_read(text, parts):
    date = fhir.PartialDate.parse(text)

    assert (date.parts, str(date)) == (parts, text)


@pytest.mark.parametrize("text", ["", "26", "2026-2", "2026-02-3", "2026-02-03T10:00", " 2026", "2026-", "٢٠٢٦"])
def test_what_is_not_written_as_a_date_is_refused(text):
    with pytest.raises(ValueError, match=r"^not a date$"):
        fhir.PartialDate.parse(text)


@pytest.mark.parametrize("text", ["0000", "2026-00", "2026-13", "2026-02-29", "2026-01-00", "2026-01-32"])
def test_what_is_not_in_the_calendar_is_refused(text):
    with pytest.raises(ValueError, match=r"must be in|out of range"):
        fhir.PartialDate.parse(text)


def test_a_day_needs_a_month():
    with pytest.raises(ValueError, match=r"^a day needs a month$"):
        fhir.PartialDate(2026, None, 3)
