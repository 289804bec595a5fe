from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.utils import timezone

from clinic.models import User
from content.models import Citation, Page, Source, _months_after
from tests.content.factories import make_page, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician() -> User:
    return User.objects.create_user("doctor@example.org", first_name="Ada", last_name="Brook")


def test_published_leaves_drafts_out():
    shown = make_page("types")
    make_page("notes", status=Page.Status.DRAFT)

    assert list(Page.objects.published()) == [shown]


def test_the_menu_holds_the_pages_that_have_a_place_in_order():
    second, first = make_page("types", order=2), make_page("home", order=1)
    make_page("privacy")

    assert list(Page.objects.in_menu()) == [first, second]


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


def test_saving_keeps_the_record_of_what_a_page_cites():
    fava, short = make_source("FAVA"), make_source("SHORT")
    page = make_page(summary="Short [@FAVA].", body="Text [@FAVA].")

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


def test_rendering_takes_one_query_with_its_sources_and_reviewer(django_assert_num_queries, clinician):
    for key in ("FAVA", "SHORT"):
        make_source(key)
    make_page(body="A claim [@FAVA]. Another [@SHORT].").mark_reviewed(by=clinician)

    with django_assert_num_queries(1):
        page = Page.objects.with_sources().get()
        assert [source.reference.title for source in page.rendered.sources] == ["Title of FAVA", "Title of SHORT"]
        assert page.reviewed_by == clinician


def test_an_edited_source_shows_at_once():
    source = make_source("FAVA")
    make_page(body="A claim [@FAVA].")
    assert Page.objects.with_sources().get().rendered.sources[0].reference.title == "Title of FAVA"

    source.title = "Corrected"
    source.save()

    assert Page.objects.with_sources().get().rendered.sources[0].reference.title == "Corrected"


def test_a_page_is_not_reviewed_until_someone_signs_it(clinician):
    page = make_page()
    assert not page.is_reviewed

    page.mark_reviewed(by=clinician)

    page = Page.objects.get()
    assert page.is_reviewed
    assert (page.reviewed_by, page.reviewed_on) == (clinician, timezone.localdate())
    assert page.next_review_on == _months_after(timezone.localdate(), 12)


@pytest.mark.parametrize("change", [{"title": "New"}, {"summary": "New"}, {"body": "New"}])
def test_an_edit_of_the_text_undoes_the_review(clinician, change):
    page = make_page()
    page.mark_reviewed(by=clinician)

    Page.objects.update(**change)

    assert not Page.objects.get().is_reviewed


def test_another_place_in_the_menu_does_not_undo_the_review(clinician):
    page = make_page()
    page.mark_reviewed(by=clinician)

    page.order = 9
    page.save()

    assert Page.objects.get().is_reviewed


def test_nobody_signs_without_a_name():
    page, nameless = make_page(), User.objects.create_user("nobody@example.org")

    with pytest.raises(ValidationError, match="Enter your first and last name"):
        page.mark_reviewed(by=nameless)

    assert Page.objects.get().reviewed_on is None


def test_overdue_are_the_pages_whose_next_review_is_past(clinician):
    late, due_today = make_page("types"), make_page("notes")
    for page, days in ((late, 1), (due_today, 0)):
        page.mark_reviewed(by=clinician)
        today = timezone.localdate()
        Page.objects.filter(pk=page.pk).update(
            reviewed_on=today - timedelta(days=365), next_review_on=today - timedelta(days=days)
        )

    assert list(Page.objects.overdue()) == [late]


@pytest.mark.parametrize("field", ["reviewed_by", "reviewed_on", "next_review_on"])
def test_the_database_refuses_half_a_review(clinician, field):
    make_page().mark_reviewed(by=clinician)

    with pytest.raises(IntegrityError, match="page_review_is_whole"):
        Page.objects.update(**{field: None})


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (Page, {"status": "public"}, "page_status_is_known"),
        (Source, {"mark": "K"}, "source_mark_is_known"),
    ],
)
def test_the_database_refuses_values_that_mean_nothing(model, change, constraint):
    make_source("FAVA")
    make_page()

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
