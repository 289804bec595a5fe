"""Each saved text of a page is kept, with who and why, and can be the working copy again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from threading import Barrier

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinic.models import User
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


def test_the_migration_makes_the_text_of_each_page_its_first_version():
    make_page(body="One.")
    make_page("notes", body="Two.")
    Page.history.all().delete()

    import_module("content.migrations.0007_first_versions").fill(apps, None)

    versions = Page.history.order_by("history_id")
    assert [(version.slug, version.body, version.history_user) for version in versions] == [
        ("types", "One.", None),
        ("notes", "Two.", None),
    ]
    assert {version.history_date for version in versions} == {page.updated_at for page in Page.objects.all()}
    assert not Page.objects.first()._is_new_version(None)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_told():
    page = make_page(body="One.")
    clients = []
    for email in ("a@example.org", "b@example.org"):
        clients.append(Client())
        clients[-1].force_login(User.objects.create_superuser(email))
    sent = {"title": page.title, "summary": page.summary, "slug": page.slug, "language": "en"}
    sent["seen"] = page.last_version.pk

    def save(client: Client) -> int:
        try:
            data = {**sent, "body": f"By {client.session['_auth_user_id']}."}
            return client.post(f"/admin/content/page/{page.pk}/change/", data).status_code
        finally:
            connection.close()

    together = Barrier(2)
    with ThreadPoolExecutor(2) as people:
        answers = list(people.map(lambda client: (together.wait(), save(client))[1], clients))

    assert sorted(answers) == [200, 302]
    assert page.history.count() == 2
