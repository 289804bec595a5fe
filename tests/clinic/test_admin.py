import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic import outbox
from clinic.models import ClinicProfile, Message, User
from clinic.site import StaffSite

pytestmark = pytest.mark.urls("tests.clinic.failing_urls")

PASSWORD = "correct horse battery staple"


@pytest.fixture
def staff(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("staff@example.org"))
    return client


def form_of(response) -> dict[str, object]:
    """The values that a browser would send back unchanged."""
    forms = [response.context["adminform"].form, *(f.formset for f in response.context["inline_admin_formsets"])]
    data: dict[str, object] = {}
    for form in forms:
        for single in [form, *getattr(form, "forms", [])]:
            if hasattr(single, "management_form"):
                single = single.management_form
            for bound in single:
                if bound.value() not in (None, False):
                    data[bound.html_name] = bound.value() if isinstance(bound.value(), list) else str(bound.value())
    return data


def test_the_admin_is_the_staff_site():
    assert isinstance(site, StaffSite)


def test_nobody_gets_in_without_signing_in(db, client):
    response = client.get("/admin/")

    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/")


def test_staff_sign_in_with_their_e_mail_address(db, client):
    User.objects.create_superuser("staff@example.org", PASSWORD)
    response = client.post("/admin/login/", {"login": "Staff@example.org", "password": PASSWORD, "next": "/admin/"})

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_staff_without_the_permission_see_nothing(db, client):
    client.force_login(User.objects.create_user("desk@example.org", is_staff=True))

    for model in ("user", "clinicprofile", "message"):
        assert client.get(reverse(f"admin:clinic_{model}_changelist")).status_code == 403


def test_an_address_that_is_taken_in_another_case_is_refused(staff):
    response = staff.post(reverse("admin:clinic_user_add"), {"email": "STAFF@example.org"})

    assert response.status_code == 200
    assert response.context["adminform"].form.errors.keys() == {"email"}


def test_an_account_is_changed_and_deactivated(staff):
    colleague = User.objects.create_user("colleague@example.org", is_staff=True)
    address = reverse("admin:clinic_user_change", args=[colleague.pk])
    data = form_of(staff.get(address)) | {"first_name": "Ada"}
    del data["is_active"]
    response = staff.post(address, data)

    colleague.refresh_from_db()
    assert (response.status_code, colleague.first_name, colleague.is_active) == (302, "Ada", False)


def test_the_clinic_profile_is_changed_with_its_crisis_lines(staff):
    address = reverse("admin:clinic_clinicprofile_change", args=[1])
    data = form_of(staff.get(address)) | {"phone": "718-555-0199", "crisis_lines-0-call_note": "now"}
    response = staff.post(address, data)

    profile = ClinicProfile.load()
    assert response.status_code == 302
    assert (profile.phone, profile.crisis_lines.count(), profile.crisis_lines.first().call_note) == (
        "718-555-0199",
        8,
        "now",
    )


def test_every_field_of_the_clinic_profile_is_on_its_form(staff):
    response = staff.get(reverse("admin:clinic_clinicprofile_change", args=[1]))

    editable = {field.name for field in ClinicProfile._meta.fields if field.editable and not field.primary_key}
    assert set(response.context["adminform"].form.fields) == editable


@pytest.mark.parametrize(
    "address",
    [
        reverse("admin:clinic_clinicprofile_add", urlconf="tests.clinic.failing_urls"),
        reverse("admin:clinic_clinicprofile_delete", args=[1], urlconf="tests.clinic.failing_urls"),
        reverse("admin:clinic_message_add", urlconf="tests.clinic.failing_urls"),
    ],
)
def test_there_stays_one_clinic_profile_and_messages_are_the_outboxs_own(staff, address):
    assert staff.get(address).status_code == 403
    assert staff.post(address, {"post": "yes"}).status_code == 403


def test_staff_see_what_became_of_a_message_and_never_to_whom_it_went(staff):
    outbox.send("contact_receipt", to="marta@example.org", context={"reference": "K7QF2-M9D3X"})
    Message.objects.update(error="SMTPRecipientsRefused")
    message = Message.objects.get()
    listed = staff.get(reverse("admin:clinic_message_changelist")).text
    shown = staff.get(reverse("admin:clinic_message_change", args=[message.pk])).text

    for page in (listed, shown):
        assert "contact_receipt" in page
        assert "SMTPRecipientsRefused" in page
        assert "marta" not in page
        assert "K7QF2" not in page


def test_a_message_cannot_be_changed_or_deleted_by_staff(staff):
    outbox.send("contact_receipt", to="marta@example.org", context={"reference": "K7QF2-M9D3X"})
    pk = Message.objects.get().pk

    assert staff.post(reverse("admin:clinic_message_change", args=[pk]), {"template": "x"}).status_code == 403
    assert staff.post(reverse("admin:clinic_message_delete", args=[pk]), {"post": "yes"}).status_code == 403


def test_the_list_of_messages_costs_the_same_queries_for_1_and_5(staff):
    address = reverse("admin:clinic_message_changelist")

    counts = []
    for more in (1, 4):
        for _ in range(more):
            outbox.send("contact_receipt", to="marta@example.org", context={"reference": "K7QF2-M9D3X"})
        with CaptureQueriesContext(connection) as queries:
            staff.get(address)
        counts.append(len(queries))

    assert counts[0] == counts[1]
