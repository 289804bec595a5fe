"""What readers see of a page, and who has reviewed it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import User
from content import figures
from content.figures import words
from content.models import Edition, Page, Review
from content.models.publishing import _months_after
from tests.content.factories import make_page, make_source, make_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician() -> User:
    return User.objects.create_user("doctor@example.org", first_name="Ada", last_name="Brook")


@pytest.fixture
def manager() -> User:
    return User.objects.create_user("manager@example.org", first_name="Mia", last_name="Stone")


def edit(page: Page, **fields: object) -> None:
    for name, value in fields.items():
        setattr(page, name, value)
    page.save()


def shown() -> list[str]:
    return [edition.body for edition in Edition.objects.live()]


def test_readers_see_what_was_published_and_not_what_staff_are_working_on():
    page = make_page(body="One.")
    make_page("notes", published=False)

    edit(page, body="Two.")
    assert shown() == ["One."]

    page.publish()
    assert shown() == ["Two."]
    assert [edition.body for edition in page.editions.all()] == ["Two.", "One."]


def test_a_scheduled_edition_waits_for_its_time():
    page = make_page(body="One.")
    page.editions.update(live_at=timezone.now() - timedelta(days=1))
    edit(page, body="Two.")
    coming = page.publish(at=timezone.now() + timedelta(days=1))
    assert (shown(), list(Edition.objects.scheduled())) == (["One."], [coming])

    Edition.objects.filter(pk=coming.pk).update(live_at=timezone.now() - timedelta(seconds=1))

    assert (shown(), list(Edition.objects.scheduled())) == (["Two."], [])


def test_a_withdrawn_page_is_gone_with_what_was_to_follow():
    page = make_page(body="One.")
    page.publish(at=timezone.now() + timedelta(days=1))

    page.withdraw()

    assert (shown(), list(Edition.objects.scheduled()), page.status) == ([], [], "draft")

    page.publish()
    assert shown() == ["One."]


def test_the_menu_holds_the_pages_that_have_a_place_in_order():
    second, first = make_page("types", order=2), make_page("home", order=1)
    make_page("privacy")
    make_page("notes", order=3, published=False)

    assert [edition.page for edition in Edition.objects.live().in_menu()] == [first, second]


def test_a_source_stays_while_an_edition_cites_it():
    fava, short = make_source("FAVA"), make_source("SHORT")
    page = make_page(body="Text [@FAVA].")

    edit(page, body="Text [@SHORT].")

    assert set(page.sources.all()) == {fava, short}
    listed = Edition.objects.live().with_sources().get().rendered.sources
    assert [source.reference.key for source in listed] == ["FAVA"]


def test_rendering_takes_one_query_with_its_sources_words_and_reviewer(django_assert_num_queries, clinician):
    for key in ("FAVA", "SHORT"):
        make_source(key)
    make_term("placebo")
    make_page(body="A [[placebo]] [@FAVA]. Another [@SHORT].").mark_reviewed(by=clinician)

    with django_assert_num_queries(1):
        edition = Edition.objects.live().with_sources().get()
        assert [source.reference.title for source in edition.rendered.sources] == ["Title of FAVA", "Title of SHORT"]
        assert [term.definition.name for term in edition.rendered.terms] == ["placebo"]
        assert edition.review.reviewed_by == clinician
        assert edition.get_absolute_url() == "/types/"


def test_an_edited_source_shows_at_once():
    source = make_source("FAVA")
    make_page(body="A claim [@FAVA].")

    def title() -> str:
        return Edition.objects.live().with_sources().get().rendered.sources[0].reference.title

    assert title() == "Title of FAVA"
    source.title = "Corrected"
    source.save()
    assert title() == "Corrected"


def test_a_page_is_not_reviewed_until_someone_signs_it(clinician):
    page = make_page()
    assert not page.is_reviewed

    page.mark_reviewed(by=clinician)

    review = Page.objects.get().review
    assert Page.objects.get().is_reviewed
    assert (review.reviewed_by, review.reviewed_on) == (clinician, timezone.localdate())
    assert review.next_review_on == _months_after(timezone.localdate(), 12)


@pytest.mark.parametrize("change", [{"title": "New"}, {"summary": "New"}, {"body": "New"}])
def test_an_edit_of_the_text_undoes_the_review_of_the_page_and_not_that_of_its_edition(clinician, change):
    page = make_page()
    page.mark_reviewed(by=clinician)

    edit(page, **change)

    assert not Page.objects.get().is_reviewed
    assert Edition.objects.live().get().is_reviewed


def test_a_review_of_the_next_text_leaves_the_text_on_the_site_as_it_was(clinician):
    page = make_page()
    edit(page, body="Two.")

    page.mark_reviewed(by=clinician)
    assert not Edition.objects.live().get().is_reviewed

    page.publish()
    assert Edition.objects.live().get().is_reviewed


def test_other_data_of_a_figure_undo_the_review(clinician, tmp_path, monkeypatch):
    for key in figures.cited_keys("day"):
        make_source(key)
    page = make_page(body="[figure: day]")
    page.mark_reviewed(by=clinician)
    assert Edition.objects.live().get().is_reviewed

    (tmp_path / "day.yaml").write_bytes((words.FOLDER / "day.yaml").read_bytes() + b"# changed\n")
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    words.digest.cache_clear()

    assert not Edition.objects.live().get().is_reviewed
    words.digest.cache_clear()


def test_another_place_in_the_menu_does_not_undo_the_review(clinician):
    page = make_page()
    page.mark_reviewed(by=clinician)

    edit(page, order=9)

    assert Page.objects.get().is_reviewed


def test_nobody_signs_without_a_name():
    page, nameless = make_page(), User.objects.create_user("nobody@example.org")

    with pytest.raises(ValidationError, match="Enter your first and last name"):
        page.mark_reviewed(by=nameless)

    assert not Review.objects.exists()


def test_overdue_are_the_pages_whose_next_review_is_past(clinician):
    late, due_today = make_page("types"), make_page("notes")
    for page, days in ((late, 1), (due_today, 0)):
        page.mark_reviewed(by=clinician)
        today = timezone.localdate()
        page.reviews.update(reviewed_on=today - timedelta(days=365), next_review_on=today - timedelta(days=days))

    assert [edition.page for edition in Edition.objects.live().overdue()] == [late]
    assert list(Page.objects.overdue()) == [late]


def test_publishing_without_sources_or_review_takes_a_reason(manager, clinician):
    page = make_page(published=False)

    with pytest.raises(ValidationError) as refused:
        page.publish(by=manager)

    assert refused.value.messages == [
        "The text cites no source.",
        "No clinician has signed the review of this text.",
        "Give a reason to publish it all the same.",
    ]
    assert shown() == []

    edition = page.publish(by=manager, reason="The telephone number was wrong.")
    assert (edition.published_by, edition.reason) == (manager, "The telephone number was wrong.")


def test_a_reviewed_page_with_sources_is_published_without_a_reason(manager, clinician):
    make_source("FAVA")
    page = make_page(published=False, body="A claim [@FAVA].")
    page.mark_reviewed(by=clinician)

    assert page.publish(by=manager).review == page.review
