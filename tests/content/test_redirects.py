"""An address that readers know goes on leading to its page."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from content.models import Page, Redirect
from tests.content.factories import make_page

pytestmark = pytest.mark.django_db


def move(page: Page, slug: str) -> None:
    page.slug = slug
    page.save()


def leads_to(client: Client, path: str) -> str | None:
    response = client.get(path)
    return response["Location"] if response.status_code == 301 else None


def test_an_old_address_leads_to_the_new_one_without_its_query(client):
    move(make_page("types"), "kinds")

    response = client.get("/types/?from=mail")

    assert (response.status_code, response["Location"]) == (301, "/kinds/")
    assert response["Cache-Control"] == "public, max-age=300"
    assert client.get("/kinds/").status_code == 200


def test_every_old_address_leads_straight_to_the_page(client):
    page = make_page("one")
    for slug in ("two", "three"):
        move(page, slug)

    assert [leads_to(client, path) for path in ("/one/", "/two/")] == ["/three/", "/three/"]


def test_a_page_that_takes_an_old_address_comes_before_it(client):
    move(make_page("types"), "kinds")
    new = make_page("types", published=False, title="Another page")
    assert leads_to(client, "/types/") == "/kinds/"

    new.publish()
    assert "Another page" in client.get("/types/").text

    move(new, "sorts")
    assert leads_to(client, "/types/") == "/sorts/"


def test_going_back_and_forth_makes_no_loop(client):
    page = make_page("one")
    move(page, "two")
    move(page, "one")

    assert client.get("/one/").status_code == 200
    assert leads_to(client, "/two/") == "/one/"
    assert [str(old) for old in Redirect.objects.all()] == ["two (en)"]


def test_two_pages_can_change_places(client):
    first, second = make_page("one", title="First"), make_page("two", title="Second")
    move(first, "three")
    move(second, "one")
    move(first, "two")

    assert "Second" in client.get("/one/").text
    assert "First" in client.get("/two/").text
    assert leads_to(client, "/three/") == "/two/"


def test_a_page_that_readers_never_saw_leaves_no_address():
    draft, scheduled, stopped = (make_page(slug, published=False) for slug in ("one", "two", "three"))
    scheduled.publish(at=timezone.now() + timedelta(days=1))
    stopped.publish(at=timezone.now() + timedelta(days=1))
    stopped.withdraw()

    for page in (draft, scheduled, stopped):
        move(page, f"new-{page.slug}")

    assert not Redirect.objects.exists()


def test_the_old_address_of_a_withdrawn_page_is_not_found(client):
    page = make_page("types")
    page.withdraw()
    move(page, "kinds")
    assert client.get("/types/").status_code == 404

    page.publish()
    assert leads_to(client, "/types/") == "/kinds/"


def test_an_old_address_belongs_to_one_language(client, settings):
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]
    move(make_page("types", language="es"), "tipos")

    assert leads_to(client, "/es/types/") == "/es/tipos/"
    assert client.get("/types/").status_code == 404


def test_saving_other_fields_leaves_no_address():
    page = make_page("types")
    page.title = "Other"
    page.save()
    page.publish()

    assert not Redirect.objects.exists()


def test_staff_see_the_old_addresses_of_a_page(client):
    page = make_page("types")
    move(page, "kinds")
    user = User.objects.create_user("editor@example.org", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_page"))
    client.force_login(user)

    assert "types (en)" in client.get(reverse("admin:content_page_change", args=[page.pk])).text


@pytest.mark.parametrize("slug", ["search", "handout"])
def test_a_page_may_not_take_the_address_of_the_search_or_the_handout(slug):
    page = make_page(slug, published=False)

    assert not page._has_own_address()
