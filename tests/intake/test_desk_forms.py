import json

import pytest
from django.contrib import admin

from intake.models import ConsentText, Draft, Packet, Questionnaire
from tests.factories import make_submission, make_user

pytestmark = pytest.mark.usefixtures("packet")

FORMS = "/admin/intake/questionnaire/"
PACKETS = "/admin/intake/packet/"
CONSENTS = "/admin/intake/consenttext/"


def second_version(name="gad-7", **changes):
    """A later version of a form, stored and not yet active."""
    definition = json.loads(Questionnaire.objects.get(url__endswith=f"/{name}", status="active").definition)
    return Questionnaire.objects.store(json.dumps(definition | {"version": "9.9.9"} | changes))


def act(client, address, action, *rows):
    data = {"action": action, "index": "0", "_selected_action": [row.pk for row in rows]}
    return client.post(address, data, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_activating_a_version_retires_the_one_before_and_packets_follow(admin_client):
    new = second_version()

    response = act(admin_client, FORMS, "activate", new)

    new.refresh_from_db()
    assert said(response) == [f"{new} is active now."]
    assert new.status == Questionnaire.Status.ACTIVE
    assert new in Packet.objects.current().forms()


def test_two_versions_of_one_form_cannot_be_activated_together(admin_client):
    new, old = second_version(), Questionnaire.objects.get(url__endswith="/gad-7", status="active")

    response = act(admin_client, FORMS, "activate", new, old)

    old.refresh_from_db()
    assert said(response) == ["Choose one version of each form: only one can be active. Nothing was changed."]
    assert old.status == Questionnaire.Status.ACTIVE


def test_a_form_that_calls_itself_a_draft_is_not_activated(admin_client):
    draft = second_version(status="draft")

    response = act(admin_client, FORMS, "activate", draft)

    draft.refresh_from_db()
    assert "was not activated: the file's own status is 'draft'" in said(response)[0]
    assert draft.status == Questionnaire.Status.DRAFT


def test_activating_needs_its_permission(client):
    client.force_login(make_user("intake.view_questionnaire"))
    new = second_version()

    act(client, FORMS, "activate", new)

    new.refresh_from_db()
    assert new.status == Questionnaire.Status.DRAFT


def test_a_form_can_be_looked_at_and_not_edited(admin_client):
    form = Questionnaire.objects.get(url__endswith="/gad-7")

    page = admin_client.get(f"{FORMS}{form.pk}/change/")

    assert form.digest in page.content.decode()
    assert admin_client.post(f"{FORMS}{form.pk}/change/", {"title": "Changed"}).status_code == 403
    assert admin_client.get(f"{FORMS}add/").status_code == 403
    assert admin_client.post(f"{FORMS}{form.pk}/delete/", {"post": "yes"}).status_code == 403


def packet_data(items, **changes):
    data = {"name": "Short screening", "packetitem_set-TOTAL_FORMS": len(items), "packetitem_set-INITIAL_FORMS": 0}
    for number, (position, form) in enumerate(items):
        data[f"packetitem_set-{number}-position"] = position
        data[f"packetitem_set-{number}-questionnaire"] = form.pk
    return data | changes


def test_a_packet_is_an_ordered_list_that_staff_edit(admin_client):
    gad7, phq9 = (Questionnaire.objects.get(url__endswith=f"/{name}") for name in ("gad-7", "phq-9"))

    admin_client.post(f"{PACKETS}add/", packet_data([(2, gad7), (1, phq9)]))

    packet = Packet.objects.get(name="Short screening")
    assert packet.forms() == [phq9, gad7]
    assert not packet.is_current


def test_a_packet_asks_active_forms_only(admin_client):
    draft = second_version()

    response = admin_client.post(f"{PACKETS}add/", packet_data([(1, draft)]))

    assert "Select a valid choice." in response.content.decode()
    assert not Packet.objects.filter(name="Short screening").exists()


def test_another_packet_takes_the_place_of_the_one_in_use(admin_client):
    before = Packet.objects.current()
    admin_client.post(
        f"{PACKETS}add/", packet_data([(1, Questionnaire.objects.get(url__endswith="/phq-9", status="active"))])
    )
    packet = Packet.objects.get(name="Short screening")

    response = act(admin_client, PACKETS, "use", packet)

    assert said(response)[-1] == "New screenings now ask Short screening."
    assert Packet.objects.current() == packet
    before.refresh_from_db()
    assert not before.is_current


def test_a_packet_that_asks_nothing_is_not_put_to_use(admin_client):
    empty, before = Packet.objects.create(name="Empty"), Packet.objects.current()

    act(admin_client, PACKETS, "use", empty)

    assert Packet.objects.current() == before


def test_the_packet_in_use_cannot_be_deleted(admin_client):
    packet = Packet.objects.current()

    assert admin_client.post(f"{PACKETS}{packet.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Packet.objects.current() == packet


def test_a_new_consent_text_counts_from_now_on_and_the_old_one_stays(admin_client):
    before, submission = ConsentText.current("contact", "en"), make_submission()

    admin_client.post(f"{CONSENTS}add/", {"kind": "contact", "language": "en", "version": "2", "text": "I agree."})

    assert ConsentText.current("contact", "en").text == "I agree."
    submission.refresh_from_db()
    assert submission.consent == before


def test_a_consent_text_is_never_edited_or_deleted(admin_client):
    consent = ConsentText.current("contact", "en")
    address = f"{CONSENTS}{consent.pk}"

    assert admin_client.post(f"{address}/change/", {"text": "Other"}).status_code == 403
    assert admin_client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403


def test_drafts_are_never_shown_to_staff(admin_client):
    assert Draft not in admin.site._registry
    assert admin_client.get("/admin/intake/draft/").status_code == 404


def test_the_site_shows_these_of_intake_and_no_others():
    assert {model.__name__ for model in admin.site._registry if model._meta.app_label == "intake"} == {
        "CannedReply",
        "ConsentText",
        "Packet",
        "Questionnaire",
        "Submission",
        "Tag",
    }


def test_a_form_is_previewed_as_patients_see_it_before_it_is_active(admin_client):
    new = second_version("phq-9")

    page = admin_client.get(f"{FORMS}{new.pk}/preview/es/1/").content.decode()

    assert "Poco interés o placer en hacer cosas" in page
    assert 'type="radio"' in page
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("address", ["en/99", "xx/1"])
def test_a_page_or_language_that_a_form_does_not_have_is_not_found(admin_client, address):
    form = Questionnaire.objects.get(url__endswith="/phq-9")

    assert admin_client.get(f"{FORMS}{form.pk}/preview/{address}/").status_code == 404


def test_a_preview_needs_permission(client):
    client.force_login(make_user())
    form = Questionnaire.objects.get(url__endswith="/phq-9")

    assert client.get(f"{FORMS}{form.pk}/preview/en/1/").status_code == 403
