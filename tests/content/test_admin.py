"""Pages, sources and words on the staff site: the way of a text from the first draft to its readers, and back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEvent, User
from content import figures
from content.models import Edition, Opening, Page, Source
from tests.content.factories import make_page, make_source, make_term
from tests.content.markup import Markup

pytestmark = pytest.mark.django_db

EDITOR = ("view_page", "change_page", "add_page")
CLINICIAN = ("view_page", "review_page")


def staff(*codenames: str, email: str = "editor@example.org", **names: str) -> Client:
    user = User.objects.create_user(email, is_staff=True, **names)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def address(name: str, *arguments: object) -> str:
    return reverse(f"admin:content_page_{name}", args=arguments or [Page.objects.get().pk])


def form(**changes: Any) -> dict[str, Any]:
    page = Page.objects.get()
    names = ("title", "summary", "body", "slug", "language", "menu_title", "order", "sources_checked")
    fields = {name: getattr(page, name) for name in names}
    # What a browser sends: its own line ends, and nothing for what is empty.
    fields = {name: str(value).replace("\n", "\r\n") for name, value in fields.items() if value not in (None, "")}
    return {**fields, "seen": page.last_version.pk, **changes}


def save(client: Client, **changes: Any):
    return client.post(address("change"), form(**changes), follow=True)


def step(client: Client, name: str, **data: Any):
    return client.post(address(name), {"text": Page.objects.get().digest, **data}, follow=True)


def words(response) -> str:
    """What the page says, without its scripts and styles."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def on_record() -> list[str]:
    return [event.detail for event in AuditEvent.objects.filter(kind="page")]


def test_a_clinician_signs_the_text_that_they_saw():
    page = make_page()

    response = step(staff(*CLINICIAN, first_name="Ada", last_name="Brook"), "sign")

    page.refresh_from_db()
    assert page.is_reviewed
    assert page.review.reviewed_by.email == "editor@example.org"
    assert on_record() == [entry.change_message for entry in LogEntry.objects.all()] == ["Signed the clinical review."]
    assert "Signed by Ada Brook on" in words(response)


def test_a_text_that_was_saved_after_the_clinician_had_opened_the_page_is_not_signed():
    page = make_page()
    seen = page.digest
    page.body = "Another text."
    page.save_edit()

    response = step(staff(*CLINICIAN, first_name="Ada", last_name="Brook"), "sign", text=seen)

    page.refresh_from_db()
    assert not page.is_reviewed
    assert "Somebody saved another text since you opened this page. Nothing was done" in words(response)
    assert on_record() == []


def test_a_reviewer_without_a_name_is_told_what_to_do():
    page = make_page()

    response = step(staff(*CLINICIAN), "sign")

    page.refresh_from_db()
    assert not page.is_reviewed
    assert "Enter your first and last name in your account first." in response.text


def test_an_editor_who_is_no_clinician_cannot_sign_and_a_clinician_cannot_publish():
    page = make_page(published=False)
    clinician = staff(*CLINICIAN, email="doctor@example.org")

    assert step(staff(*EDITOR, first_name="Ada", last_name="Brook"), "sign").status_code == 403
    for name in ("submit", "publish", "withdraw"):
        assert step(clinician, name, reason="Because.").status_code == 403
    assert clinician.post(address("preview"), form()).status_code == 403
    assert clinician.post(address("restore", page.pk, page.last_version.pk)).status_code == 403

    page.refresh_from_db()
    assert not page.is_reviewed
    assert not page.editions.exists()


def test_a_step_is_no_link():
    make_page()
    client = staff(*EDITOR, *CLINICIAN)

    assert {client.get(address(name)).status_code for name in ("submit", "sign", "withdraw")} == {405}


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


def test_a_text_goes_from_draft_through_the_review_to_its_readers():
    make_source("FAVA")
    make_page(published=False, body="A claim [@FAVA].")
    editor = staff(*EDITOR, first_name="Mia", last_name="Stone")
    clinician = staff(*CLINICIAN, email="doctor@example.org", first_name="Ada", last_name="Brook")

    assert "In clinical review" in words(step(editor, "submit"))
    waiting = clinician.get(reverse("admin:content_page_changelist") + "?review=waiting")
    step(clinician, "sign")
    asked = words(editor.get(address("publish")))
    published = step(editor, "publish", when="now")

    edition = Edition.objects.live().get()
    assert "Types of ketamine" in words(waiting)
    assert "Signed by Ada Brook on" in asked
    assert "Why publish it all the same?" not in asked
    assert "this text , since" in words(published)
    assert (edition.is_reviewed, edition.published_by.email, edition.reason) == (True, "editor@example.org", "")
    assert on_record() == [
        "Sent to clinical review.",
        "Signed the clinical review.",
        f"Published as edition {edition.pk}.",
    ]


def test_publishing_against_what_stands_against_it_takes_a_reason_that_stays_with_the_edition():
    make_page(published=False)
    client = staff(*EDITOR)

    asked = client.get(address("publish"))
    refused = client.post(address("publish"), {"text": Page.objects.get().digest, "when": "now", "reason": " "})
    assert "The text cites no source. No clinician has signed the review of this text." in words(asked)
    assert "Give a reason: it is kept with what is published." in words(refused)
    assert (refused.status_code, Edition.objects.count()) == (422, 0)

    step(client, "publish", when="now", reason="The telephone number was wrong.")

    edition = Edition.objects.get()
    assert edition.reason == "The telephone number was wrong."
    assert on_record() == [
        f"Published as edition {edition.pk}, for a reason kept with it, although: The text cites no source. "
        "No clinician has signed the review of this text."
    ]
    assert "“The telephone number was wrong.”" in words(client.get(address("history")))


def test_a_text_is_scheduled_in_the_time_zone_of_the_clinic_and_called_off():
    make_page(body="One.")
    client = staff(*EDITOR)
    save(client, body="Two.")
    day = timezone.localtime() + timedelta(days=2)

    response = step(client, "publish", when="later", reason="New hours.", at=day.strftime("%Y-%m-%dT09:30"))

    coming = Edition.objects.scheduled().get()
    at = timezone.localtime(coming.live_at)
    assert (at.date(), at.hour, at.minute, at.tzinfo.key) == (day.date(), 9, 30, "America/New_York")
    assert f"edition {coming.pk}, scheduled by" in words(response)
    assert Edition.objects.live().get().body == "One."

    client.post(address("cancel", coming.page_id, coming.pk))
    assert not Edition.objects.scheduled().exists()
    late = client.post(address("cancel", coming.page_id, Edition.objects.live().get().pk), follow=True)
    assert "Readers see this edition already" in words(late)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("", "Enter the day and time from which readers are to see the text."),
        ("2020-01-01T09:00", "This time is past. Enter a later one, or publish now."),
        ("soon", "Enter a valid date/time."),
    ],
)
def test_a_time_that_cannot_be_kept_is_refused_with_what_to_do(at, message):
    make_page(published=False)

    response = step(staff(*EDITOR), "publish", when="later", reason="Because.", at=at)

    assert message in words(response)
    assert not Edition.objects.exists()


def test_a_text_that_was_saved_meanwhile_is_not_published():
    page = make_page(published=False)
    seen = page.digest
    page.body = "Another text."
    page.save_edit()

    step(staff(*EDITOR), "publish", when="now", reason="Because.", text=seen)

    assert not Edition.objects.exists()


def test_a_page_is_taken_off_the_site():
    make_page()

    response = step(staff(*EDITOR), "withdraw")

    assert not Edition.objects.live().exists()
    assert "nothing : the page is not on the site." in words(response)


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


def test_the_history_lists_the_versions_and_compares_any_two():
    page = make_page(body="One step.")
    client = staff(*EDITOR, first_name="Mia", last_name="Stone")
    for body in ("One small step.", "One small leap."):
        save(client, body=body)
    first = page.history.order_by("history_id").first()

    history = words(client.get(address("history")))
    last = words(client.get(address("compare")))
    both = words(client.get(address("compare") + f"?old={first.pk}&new={page.last_version.pk}"))

    assert "3 working text" in history
    assert "Mia Stone" in history
    assert "One small [gone: step. ] [new: leap. ]" in last
    assert "One [gone: step. ] [new: small leap. ]" in both


@pytest.mark.parametrize("query", ["?old=0", "?old=x", "?new=99999999999999999999", "?old=1&new=%C2%B2"])
def test_versions_that_are_not_there_are_not_found(query):
    make_page()

    assert staff(*EDITOR).get(address("compare") + query).status_code == 404


def test_an_old_version_becomes_the_working_text_and_is_on_record():
    page = make_page(body="One.")
    first = page.last_version
    client = staff(*EDITOR)
    save(client, body="Two.")

    response = client.post(address("restore", page.pk, first.pk), follow=True)

    page.refresh_from_db()
    assert (page.body, page.status) == ("One.", "draft")
    assert page.last_version.history_user.email == "editor@example.org"
    assert on_record()[-1] == f"Restored version {first.pk} as a draft."
    assert "The old text is the working text again." in words(response)


def test_a_new_text_that_came_with_the_portal_is_compared_and_taken():
    page = make_page(body="Ours.")
    page.propose({name: getattr(page, name) for name in Page.START_FIELDS} | {"body": "Theirs."})
    client = staff(*EDITOR)

    assert "A new version of this text came with the portal." in words(client.get(address("change")))
    assert "[gone: Ours. ] [new: Theirs. ]" in words(client.get(address("proposal")))
    assert "Types of ketamine" in words(client.get(reverse("admin:content_page_changelist") + "?new=waits"))
    client.post(address("proposal"), {"decision": "take"})
    late = client.post(address("proposal"), {"decision": "keep"}, follow=True)

    page.refresh_from_db()
    assert (page.body, page.proposal) == ("Theirs.", None)
    assert on_record() == ["Took the new text that came with the portal."]
    assert "No new text waits." in words(late)


def test_a_new_text_that_cannot_be_taken_says_why():
    page = make_page(body="Ours.")
    page.propose({name: getattr(page, name) for name in Page.START_FIELDS} | {"body": "A claim [@GONE]."})

    response = staff(*EDITOR).post(address("proposal"), {"decision": "take"}, follow=True)

    assert "The text cannot be taken as it is. No source has the key GONE." in words(response)
    assert Page.objects.get().body == "Ours."


def test_a_new_source_is_compared_and_left():
    source = make_source("FAVA", note="Ours.")
    source.propose({name: getattr(source, name) for name in Source.START_FIELDS} | {"note": "Theirs."})
    client = staff("view_source", "change_source")
    url = reverse("admin:content_source_proposal", args=[source.pk])

    assert "Compare, then take it or keep yours" in words(
        client.get(reverse("admin:content_source_change", args=[source.pk]))
    )
    assert "[gone: Ours. ] [new: Theirs. ]" in words(client.get(url))
    client.post(url, {"decision": "keep"})

    source.refresh_from_db()
    assert (source.note, source.proposal) == ("Ours.", None)


def test_what_comes_with_the_portal_is_not_deleted_there():
    page = make_page()
    page.take_start({"body": "One."})
    client = staff("view_page", "delete_page")

    assert client.get(address("delete")).status_code == 403

    other = make_page("notes")
    assert client.get(address("delete", other.pk)).status_code == 200


def test_the_list_says_which_pages_wait_for_a_review():
    page = make_page(title="Types")
    make_page("notes", title="Notes").mark_reviewed(
        by=User.objects.create_user("d@example.org", first_name="Ada", last_name="Brook")
    )
    client = staff("view_page")

    everything = words(client.get(reverse("admin:content_page_changelist")))
    waiting = words(client.get(reverse("admin:content_page_changelist"), {"review": "none"}))

    assert everything.count("Awaiting clinical review") == 1
    assert "Reviewed by Ada Brook" in everything
    assert page.title in waiting
    assert "Reviewed by" not in waiting


def test_the_lists_cost_the_same_queries_for_one_row_and_three(django_assert_max_num_queries):
    client = staff("view_page", "view_source", "view_term")
    for number in range(3):
        make_source(f"S{number}")
        make_term(f"word{number}")
        make_page(f"page-{number}", body=f"Text [@S{number}].").publish(at=timezone.now() + timedelta(days=1))
        for model in ("page", "source", "term"):
            with django_assert_max_num_queries(10):
                client.get(reverse(f"admin:content_{model}_changelist"))


def test_the_editor_and_the_history_cost_the_same_queries_whatever_was_saved(django_assert_max_num_queries):
    page = make_page()
    client = staff(*EDITOR, *CLINICIAN)
    for number in range(3):
        make_source(f"S{number}")
        page.body = f"Text [@S{number}]."
        page.save_edit()
        page.publish(at=timezone.now() + timedelta(days=1))
        for name, most in (("change", 24), ("history", 14), ("compare", 14), ("publish", 16)):
            with django_assert_max_num_queries(most):
                client.get(address(name))


def test_a_source_names_the_pages_that_cite_it_and_its_key_stays():
    source = make_source("FAVA")
    make_page(body="A claim [@FAVA].")

    response = staff("view_source", "change_source").get(reverse("admin:content_source_change", args=[source.pk]))

    assert "types (en)</a>" in response.text
    assert 'name="key"' not in response.text
    assert 'name="title"' in response.text


def test_a_word_names_the_pages_that_mark_it_and_is_not_deleted_while_one_does():
    word, unused = make_term("placebo", forms="placebo\nplacebos"), make_term("trial")
    make_page(body="Two [[Placebos]].")
    client = staff("view_term", "change_term", "delete_term", "view_page")

    response = client.get(reverse("admin:content_term_change", args=[word.pk]))

    assert "types (en)</a>" in response.text
    assert client.get(reverse("admin:content_term_delete", args=[word.pk])).status_code == 403
    assert client.get(reverse("admin:content_term_delete", args=[unused.pk])).status_code == 200
