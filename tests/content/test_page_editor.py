"""The editor of a page: saving, two people at once, preview, what can be inserted."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from content import figures
from content.models import Edition, Opening, Page
from tests.content.factories import make_page, make_source, make_term
from tests.content.markup import Markup
from tests.content.staff import CLINICIAN, EDITOR, address, form, on_record, save, staff, words

pytestmark = pytest.mark.django_db


def test_saving_without_an_edit_leaves_the_page_unedited():
    make_page().take_start({"body": "One.\n\nTwo.", "menu_title": "Types", "order": 3})

    save(staff(*EDITOR))

    page = Page.objects.get()
    assert not page.is_edited
    assert page.status == "published"


def test_an_edited_text_is_a_draft_and_the_page_says_what_readers_see():
    make_page(body="One.").take_start({"body": "One."})

    response = save(staff(*EDITOR), body="Two.", _continue="1")

    page = Page.objects.get()
    assert page.is_edited
    assert page.status == "draft"
    assert Edition.objects.live().get().body == "One."
    assert "The text is a draft: readers go on seeing what is published." in words(response)
    assert "an older text than the one below, since" in words(response)
    assert "[gone: One. ] [new: Two. ]" in words(response)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"body": "A claim [@NOBODY]."}, "No source has the key NOBODY."),
        ({"body": "[a](https://example.org/)"}, "leaves the site. Cite it as a source instead."),
        ({"summary": "# Loud"}, "The heading “Loud” is of level 1"),
        ({"slug": "screening"}, "This address belongs to another part of the site."),
        ({"slug": ""}, "This field is required."),
    ],
)
def test_what_readers_would_see_broken_is_refused_with_what_to_do(changes, message):
    make_page()

    response = save(staff(*EDITOR), **changes)

    assert response.status_code == 200
    assert message in response.text
    assert Page.objects.get().body == "## Racemic\n\nA mix."


def test_the_second_of_two_who_edit_is_warned():
    page = make_page()
    first, second = staff(*EDITOR, first_name="Mia", last_name="Stone"), staff(*EDITOR, email="jo@example.org")

    assert "had this page open" not in words(first.get(address("change")))
    assert "Mia Stone had this page open at" in words(second.get(address("change")))

    Opening.objects.update(at=timezone.now() - timedelta(minutes=6))
    assert "had this page open" not in words(second.get(address("change")))
    assert page.openings.count() == 2


def test_whoever_only_reads_a_page_warns_nobody():
    make_page()

    staff(*CLINICIAN).get(address("change"))

    assert not Opening.objects.exists()


def test_the_second_save_is_refused_with_what_changed_and_keeps_what_was_typed():
    page = make_page(body="About 1 in 10 felt sick.\n\nThe end.")
    first, second = staff(*EDITOR, first_name="Mia", last_name="Stone"), staff(*EDITOR, email="jo@example.org")
    opened = form()["seen"]
    save(first, body="About 2 in 10 felt sick.\n\nThe end.")

    response = save(second, seen=opened, body="About 1 in 10 felt sick.\n\nThe very end.")

    page.refresh_from_db()
    assert page.body == "About 2 in 10 felt sick.\n\nThe end."
    assert "Nothing was saved: Mia Stone saved this page on" in words(response)
    assert on_record() == ["Body"]
    assert "then save again. Body About [gone: 1 ] [new: 2 ] in 10 felt sick. The end." in words(response)
    assert "The [new: very ] end." in words(response)
    assert "About 1 in 10 felt sick.\n\nThe very end.</textarea>" in response.text.replace("\r", "")

    save(second, body="About 2 in 10 felt sick.\n\nThe very end.")
    page.refresh_from_db()
    assert page.body == "About 2 in 10 felt sick.\n\nThe very end."


def test_a_form_that_does_not_say_what_it_began_with_replaces_nothing():
    make_page(body="One.")

    save(staff(*EDITOR), seen="", body="Two.")

    assert Page.objects.get().body == "One."


def test_a_save_keeps_a_signature_that_was_given_meanwhile():
    page = make_page()
    client, sent = staff(*EDITOR), form(menu_title="Kinds")
    page.mark_reviewed(by=User.objects.create_user("d@example.org", first_name="Ada", last_name="Brook"))

    client.post(address("change"), sent)

    page = Page.objects.get()
    assert (page.menu_title, page.is_reviewed) == ("Kinds", True)


def test_the_preview_shows_the_saved_text_and_is_kept_by_nobody():
    make_source("FAVA")
    page = make_page(body="A claim [@FAVA].", published=False)

    response = staff("view_page").get(address("preview", page.pk))

    assert [heading.text for heading in Markup(response.text).all("h1")] == ["Types of ketamine"]
    assert "no-store" in response["Cache-Control"]


def test_the_preview_shows_what_is_typed_and_saves_nothing():
    make_source("FAVA")
    make_page(body="One.")
    client = staff(*EDITOR)

    page = client.post(address("preview"), form(title="Kinds", body="A new claim [@FAVA]."))
    data = client.post(address("preview"), form(body="Two."), headers={"accept": "application/json"}).json()

    assert [heading.text for heading in Markup(page.text).all("h1")] == ["Kinds"]
    assert "Title of FAVA" in page.text
    assert "cannot be saved" not in page.text
    assert "no-store" in page["Cache-Control"]
    assert "<p>Two.</p>" in data["html"]
    assert (data["faults"], data["others"]) == ([], [])
    assert (Page.objects.get().body, Page.objects.get().history.count()) == ("One.", 1)


def test_the_preview_tells_what_is_wrong_and_shows_the_rest():
    make_page()
    client = staff(*EDITOR)
    broken = form(title="", body="A claim [@NOBODY] about a [[thing]].\n\n# Loud")

    page = client.post(address("preview"), broken)
    data = client.post(address("preview"), broken, headers={"accept": "application/json"}).json()

    assert data["faults"] == [
        "Title: This field is required.",
        "The heading “Loud” is of level 1, as only the title is. Begin it with ## instead.",
        "No source has the key NOBODY.",
        "The glossary has no word “thing”.",
    ]
    assert "source missing" in data["html"]
    assert "Only a preview: this text cannot be saved yet" in page.text


def test_a_new_page_is_previewed_before_its_first_save():
    client = staff(*EDITOR)
    url = reverse("admin:content_page_preview_new")

    shown = client.post(url, {"title": "New here", "summary": "Short.", "body": "Text.", "slug": "", "language": "en"})

    assert [heading.text for heading in Markup(shown.text).all("h1")] == ["New here"]
    assert "Slug: This field is required." in shown.text
    assert not Page.objects.exists()
    assert client.get(reverse("admin:content_page_add")).status_code == 200


def test_the_preview_is_closed_to_others():
    page = make_page(published=False)
    url = address("preview", page.pk)

    assert Client().get(url).status_code == 302
    assert staff().get(url).status_code == 403


def test_what_can_be_inserted_is_listed_by_name():
    make_source("FAVA")
    make_term("placebo", forms="placebo\nplacebos")
    make_page()

    response = staff(*EDITOR).get(address("change"))

    codes = [element.text for element in Markup(response.text).all("code")]
    assert codes[:3] == ["[@FAVA]", "[[placebo]]", "[[placebos]]"]
    assert codes[3:] == [f"[figure: {name}]" for name in figures.NAMES]
