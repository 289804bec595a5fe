"""A start text that changed while staff had made theirs of it: it waits for them, and takes nothing away."""

import pytest
from django.core.exceptions import ObjectDoesNotExist

from clinic.models import User
from content import start
from content.models import Edition, Page, Source, Term
from tests.content.test_load_pages import GLOSSARY, change, edit, texts

pytestmark = pytest.mark.django_db
__all__ = ["texts"]


def body() -> str:
    return Page.objects.get().body


def shown() -> list[str]:
    return [edition.body for edition in Edition.objects.live()]


@pytest.fixture
def upgraded(texts):
    """A page that staff edited, and that the next upgrade has another text for."""
    start.load(texts)
    edit(body="Our own words [@FAVA].")
    change(texts, "A mix", "A mixture")
    start.load(texts)
    return texts


def test_a_changed_start_text_waits_beside_what_staff_wrote(upgraded):
    assert body() == "Our own words [@FAVA]."
    assert Page.objects.get().proposed["body"] == "## Racemic\n\nA mixture [@FAVA]."


def test_upgrading_twice_proposes_once_and_makes_no_version(upgraded):
    before = Page.objects.get()

    report = start.load(upgraded)

    after = Page.objects.get()
    assert (after.proposal, after.updated_at) == (before.proposal, before.updated_at)
    assert after.history.count() == 2
    assert report.kept == ["en/types.md"]


def test_a_later_upgrade_proposes_its_own_text(upgraded):
    change(upgraded, "A mixture", "Two forms")

    start.load(upgraded)

    assert Page.objects.get().proposed["body"] == "## Racemic\n\nTwo forms [@FAVA]."


def test_the_text_that_is_taken_becomes_a_draft_and_no_edition(upgraded):
    live = shown()

    Page.objects.get().take_proposal()

    page = Page.objects.get()
    assert (page.body, page.status, page.proposal) == ("## Racemic\n\nA mixture [@FAVA].", "draft", None)
    assert shown() == live
    assert page.last_version.history_change_reason == "taken from the new text that came with the portal"
    assert start.load(upgraded).kept == []


def test_an_edit_after_the_text_was_taken_is_kept_by_the_next_upgrade(upgraded):
    Page.objects.get().take_proposal()
    edit(body="Ours again.")
    change(upgraded, "A mixture", "Two forms")

    report = start.load(upgraded)

    assert (body(), report.kept) == ("Ours again.", ["en/types.md"])


def test_a_kept_text_is_asked_about_again_only_when_the_start_text_changes(upgraded):
    Page.objects.get().keep_ours()
    assert (start.load(upgraded).kept, Page.objects.get().proposal) == ([], None)

    change(upgraded, "A mixture", "Two forms")
    start.load(upgraded)

    assert body() == "Our own words [@FAVA]."
    assert Page.objects.get().proposed["body"] == "## Racemic\n\nTwo forms [@FAVA]."


def test_what_was_decided_on_cannot_be_decided_again(upgraded):
    page = Page.objects.get()
    page.keep_ours()

    with pytest.raises(ObjectDoesNotExist):
        page.take_proposal()


def test_an_upgrade_that_is_taken_back_takes_its_proposal_along(upgraded):
    change(upgraded, "A mixture", "A mix")

    start.load(upgraded)

    assert Page.objects.get().proposal is None


def test_staff_who_wrote_the_same_are_not_asked(upgraded):
    edit(body="## Racemic\n\nA mixture [@FAVA].")

    report = start.load(upgraded)

    assert (report.kept, Page.objects.get().is_edited) == ([], False)


def test_a_text_that_a_clinician_signed_is_not_replaced_by_one_that_nobody_did(texts):
    start.load(texts)
    Page.objects.get().mark_reviewed(by=User.objects.create_user("d@example.org", first_name="Ada", last_name="Brook"))
    change(texts, "A mix", "A mixture")

    report = start.load(texts)

    assert shown() == ["## Racemic\n\nA mix [@FAVA]."]
    assert report.kept == ["en/types.md"]


def test_sources_and_words_are_proposed_too(texts):
    (texts / "en" / "glossary.yaml").write_text(GLOSSARY)
    start.load(texts)
    Source.objects.update(note="Read by us.")
    Term.objects.update(definition="Ours.")
    change(texts, "Ketamine doses", "Doses of ketamine", "sources.yaml")
    change(texts, "A mix of both forms.", "Both forms in one.", "en/glossary.yaml")

    start.load(texts)
    Source.objects.get().take_proposal()
    Term.objects.get().keep_ours()

    assert (Source.objects.get().title, Source.objects.get().note) == ("Doses of ketamine", "")
    assert Term.objects.get().definition == "Ours."
    assert start.load(texts).kept == []


def test_a_new_page_says_that_it_came_with_the_portal(texts):
    start.load(texts)
    change(texts, "A mix", "A mixture")
    start.load(texts)
    start.load(texts)

    versions = Page.objects.get().history.order_by("history_id")
    assert [(version.history_user, version.history_change_reason) for version in versions] == [
        (None, "came with the portal")
    ] * 2


def test_a_text_that_waited_while_the_portal_got_a_new_field_can_still_be_taken(upgraded):
    page = Page.objects.get()
    del page.proposal["menu_title"]
    page.save()

    assert start.load(upgraded).kept == ["en/types.md"]
    Page.objects.get().take_proposal()

    assert body() == "## Racemic\n\nA mixture [@FAVA]."
