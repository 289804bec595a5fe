from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError

from clinic.models import User
from content.models import Citation, Page, Review, Source
from content.models.publishing import _months_after
from tests.content.factories import make_page, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician() -> User:
    return User.objects.create_user("doctor@example.org", first_name="Ada", last_name="Brook")


def test_a_page_cannot_be_stored_twice_in_a_language():
    make_page("types")

    with pytest.raises(IntegrityError):
        make_page("types")


def test_the_home_page_is_at_the_root_and_others_below_it():
    assert [make_page(slug).get_absolute_url() for slug in ("home", "types")] == ["/", "/types/"]


def test_a_page_may_not_take_an_address_of_another_part_of_the_site():
    with pytest.raises(ValidationError) as refused:
        make_page("contact").full_clean()

    assert refused.value.message_dict == {"slug": ["This address belongs to another part of the site."]}


def test_a_page_of_another_language_has_an_address_of_its_own_below_that_language():
    page = make_page(language="es")

    page.full_clean()

    assert page.get_absolute_url() == "/es/types/"


def test_saving_keeps_the_record_of_what_a_page_cites():
    fava, short = make_source("FAVA"), make_source("SHORT")
    page = make_page(published=False, summary="Short [@FAVA].", body="Text [@FAVA].")

    page.body = "Text [@SHORT]."
    page.save()
    assert set(page.sources.all()) == {fava, short}

    page.summary = "Short."
    page.save()
    assert list(page.sources.all()) == [short]


def test_a_page_that_cites_an_unknown_key_is_not_saved_and_both_are_named():
    with pytest.raises(ValueError, match=r"The page types \(en\) cites NOBODY, which no source has as its key\."):
        make_page(body="A claim [@NOBODY].")

    assert not Page.objects.exists()


def test_a_source_that_a_page_cites_cannot_be_deleted():
    source = make_source("FAVA")
    make_page(body="A claim [@FAVA].")

    with pytest.raises(ProtectedError):
        source.delete()


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (Page, {"status": "public"}, "page_status_is_known"),
        (Source, {"mark": "K"}, "source_mark_is_known"),
        (Review, {"digest": ""}, "review_is_whole"),
        (Review, {"next_review_on": date(2020, 1, 1)}, "review_is_whole"),
    ],
)
def test_the_database_refuses_values_that_mean_nothing(model, change, constraint, clinician):
    make_source("FAVA")
    make_page().mark_reviewed(by=clinician)

    with pytest.raises(IntegrityError, match=constraint):
        model.objects.update(**change)


def test_a_citation_is_stored_once():
    source, page = make_source("FAVA"), make_page(body="One [@FAVA]. Two [@FAVA].")

    with pytest.raises(IntegrityError, match="citation_once"):
        Citation.objects.create(page=page, source=source)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 24), 12, date(2027, 11, 24)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
    ],
)
def test_months_after_keeps_the_day_where_the_month_has_it(day, months, later):
    assert _months_after(day, months) == later
