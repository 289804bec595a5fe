"""Each saved text of a page is kept, with who and why, and can be the working copy again."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from content.models import Edition, Page
from tests.content.factories import make_page, make_source

pytestmark = pytest.mark.django_db


def edit(page: Page, **fields: object) -> None:
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_edit()


def versions(page: Page) -> list[tuple[str, str | None]]:
    found = page.history.order_by("history_id")
    return [(version.body, version.history_change_reason) for version in found]


def test_each_saved_text_is_a_version():
    page = make_page(body="One.")

    edit(page, body="Two.")
    edit(page, order=4)

    assert [body for body, _why in versions(page)] == ["One.", "Two.", "Two."]


def test_a_save_that_changes_nothing_and_a_step_of_the_work_are_no_version():
    page = make_page(body="One.")

    page.save()
    page.submit_for_review()
    page.withdraw()
    page.publish()

    assert len(versions(page)) == 1


def test_a_step_does_not_keep_what_was_typed_and_not_saved():
    page = make_page(body="One.")
    page.body = "Typed."

    page.submit_for_review()

    assert [body for body, _why in versions(page)] == ["One."]


def test_an_edited_text_is_a_draft_while_readers_go_on_seeing_the_old_one():
    page = make_page(body="One.")

    edit(page, body="Two.")

    assert Page.objects.get().status == "draft"
    assert [edition.body for edition in Edition.objects.live()] == ["One."]


def test_an_edit_during_the_review_ends_it_and_another_address_does_not():
    page = make_page()
    page.submit_for_review()

    edit(page, slug="kinds")
    assert Page.objects.get().status == "review"

    edit(page, body="Two.")
    assert Page.objects.get().status == "draft"


def test_a_restored_version_is_the_working_copy_and_not_what_readers_see():
    page = make_page(body="One.")
    first = page.last_version
    edit(page, body="Two.")
    page.publish()

    page.restore(first)

    assert (Page.objects.get().body, Page.objects.get().status) == ("One.", "draft")
    assert [edition.body for edition in Edition.objects.live()] == ["Two."]
    assert versions(page)[-1] == ("One.", f"restored from version {first.history_id}")


def test_a_version_that_cites_a_deleted_source_is_not_restored():
    source = make_source("FAVA")
    page = make_page(body="Text [@FAVA].", published=False)
    first = page.last_version
    edit(page, body="Text.")
    source.delete()

    with pytest.raises(ValidationError, match="No source has the key FAVA"):
        page.restore(first)

    assert Page.objects.get().body == "Text."


def test_a_scheduled_edition_can_be_called_off_and_a_live_one_cannot():
    page = make_page(body="One.")
    edit(page, body="Two.")
    coming = page.publish(at=timezone.now() + timedelta(days=1))

    page.cancel(coming)

    assert (list(Edition.objects.scheduled()), Page.objects.get().status) == ([], "draft")
    with pytest.raises(Edition.DoesNotExist):
        page.cancel(Edition.objects.live().get())


def test_calling_off_the_second_of_two_leaves_the_page_published():
    page = make_page(body="One.")
    coming = page.publish(at=timezone.now() + timedelta(days=1))

    page.cancel(coming)

    assert Page.objects.get().status == "published"
