import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from clinic.models import User
from content.models import Page
from tests.content.factories import make_page, make_source
from tests.content.markup import Markup

pytestmark = pytest.mark.django_db


def staff(*codenames: str, **names: str) -> Client:
    user = User.objects.create_user("editor@example.org", is_staff=True, **names)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def action(client: Client, page: Page):
    data = {"action": "mark_reviewed", "_selected_action": [page.pk]}
    return client.post(reverse("admin:content_page_changelist"), data, follow=True)


def form(**changes) -> dict[str, object]:
    page = Page.objects.get()
    names = ("title", "summary", "body", "slug", "language", "menu_title", "order", "sources_checked")
    fields = {name: getattr(page, name) for name in names}
    # What a browser sends: its own line ends, and nothing for what is empty.
    fields = {name: str(value).replace("\n", "\r\n") for name, value in fields.items() if value not in (None, "")}
    return {**fields, **changes}


def save(client: Client, **changes):
    return client.post(reverse("admin:content_page_change", args=[Page.objects.get().pk]), form(**changes))


def test_a_clinician_signs_the_review_of_a_page():
    page = make_page()

    response = action(staff("view_page", "review_page", first_name="Ada", last_name="Brook"), page)

    page.refresh_from_db()
    assert page.is_reviewed
    assert page.review.reviewed_by.email == "editor@example.org"
    assert [entry.change_message for entry in LogEntry.objects.all()] == ["Signed the clinical review."]
    assert "Marked as reviewed: types (en)." in response.text


def test_a_reviewer_without_a_name_is_told_what_to_do():
    page = make_page()

    response = action(staff("view_page", "review_page"), page)

    page.refresh_from_db()
    assert not page.is_reviewed
    assert "Enter your first and last name in your account first." in response.text


def test_an_editor_who_is_no_clinician_cannot_sign():
    page = make_page()

    action(staff("view_page", "change_page", first_name="Ada", last_name="Brook"), page)

    page.refresh_from_db()
    assert not page.is_reviewed


def test_saving_without_an_edit_leaves_the_page_unedited():
    make_page().take_start({"body": "One.\n\nTwo.", "menu_title": "Types", "order": 3})

    response = save(staff("view_page", "change_page"))

    assert response.status_code == 302
    assert not Page.objects.get().is_edited


def test_an_edit_makes_the_page_edited():
    make_page().take_start({"body": "One."})

    save(staff("view_page", "change_page"), body="Two.")

    assert Page.objects.get().is_edited


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"body": "A claim [@NOBODY]."}, "No source has the key NOBODY."),
        ({"body": "[a](https://example.org/)"}, "leaves the site. Cite it as a source instead."),
        ({"summary": "# Loud"}, "The heading “Loud” is of level 1"),
        ({"slug": "screening"}, "This address belongs to another part of the site."),
    ],
)
def test_what_readers_would_see_broken_is_refused_with_what_to_do(changes, message):
    make_page()

    response = save(staff("view_page", "change_page"), **changes)

    assert response.status_code == 200
    assert message in response.text
    assert Page.objects.get().body == "## Racemic\n\nA mix."


def test_the_preview_shows_a_draft_to_staff_and_is_kept_by_nobody():
    make_source("FAVA")
    page = make_page(body="A claim [@FAVA].", published=False)

    response = staff("view_page").get(reverse("admin:content_page_preview", args=[page.pk]))

    assert [heading.text for heading in Markup(response.text).all("h1")] == ["Types of ketamine"]
    assert "no-store" in response["Cache-Control"]


def test_the_preview_is_closed_to_others():
    page = make_page(published=False)
    address = reverse("admin:content_page_preview", args=[page.pk])

    assert Client().get(address).status_code == 302
    assert staff().get(address).status_code == 403


def test_a_page_that_comes_with_the_portal_is_not_deleted_there():
    page = make_page()
    page.take_start({"body": "One."})
    client = staff("view_page", "delete_page")

    assert client.get(reverse("admin:content_page_delete", args=[page.pk])).status_code == 403

    other = make_page("notes")
    assert client.get(reverse("admin:content_page_delete", args=[other.pk])).status_code == 200


def test_the_list_says_which_pages_wait_for_a_review():
    page = make_page()
    make_page("notes").mark_reviewed(by=User.objects.create_user("d@example.org", first_name="Ada", last_name="Brook"))
    client = staff("view_page")

    everything = client.get(reverse("admin:content_page_changelist")).text
    waiting = client.get(reverse("admin:content_page_changelist"), {"review": "none"}).text

    assert everything.count("Awaiting clinical review") == 1
    assert str(page.slug) in waiting
    assert "Reviewed</td>" not in waiting


def test_the_lists_cost_the_same_queries_for_one_row_and_three(django_assert_max_num_queries):
    client = staff("view_page", "view_source")
    for number in range(3):
        make_source(f"S{number}")
        make_page(f"page-{number}", body=f"Text [@S{number}].")
        for model in ("page", "source"):
            with django_assert_max_num_queries(8):
                client.get(reverse(f"admin:content_{model}_changelist"))


def test_a_source_names_the_pages_that_cite_it_and_its_key_stays():
    source = make_source("FAVA")
    make_page(body="A claim [@FAVA].")

    response = staff("view_source", "change_source").get(reverse("admin:content_source_change", args=[source.pk]))

    assert "types (en)</a>" in response.text
    assert 'name="key"' not in response.text
    assert 'name="title"' in response.text
