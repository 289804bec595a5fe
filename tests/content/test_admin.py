"""Versions, proposals, lists, sources and words in the admin."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import User
from content.models import Page, Source
from tests.content.factories import make_page, make_source, make_term
from tests.content.staff import CLINICIAN, EDITOR, address, on_record, save, staff, words

pytestmark = pytest.mark.django_db


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
