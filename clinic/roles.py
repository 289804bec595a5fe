"""Who may do what: the three roles of the staff, in one table. `migrate` makes the groups follow it."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

FRONT_DESK, CLINICIAN, MANAGER = "Front desk", "Clinician", "Manager"

ROLES: dict[str, frozenset[str]] = {
    # Contact details and status, not the answers.
    FRONT_DESK: frozenset({"intake.view_submission", "intake.change_submission", "intake.export_submission"}),
    # Everything that a patient sent, and what follows from it.
    CLINICIAN: frozenset(
        {
            "intake.view_submission",
            "intake.change_submission",
            "intake.export_submission",
            "intake.read_answers",
            "intake.add_note",
            "intake.change_safetyalert",
            "intake.resolve_safetyalert",
            "content.view_page",
            "content.review_page",
            "content.view_source",
        }
    ),
    # Settings, pages, people and the audit log; nothing that a patient sent.
    MANAGER: frozenset(
        {
            "clinic.view_clinicprofile",
            "clinic.change_clinicprofile",
            "clinic.add_crisisline",
            "clinic.view_crisisline",
            "clinic.change_crisisline",
            "clinic.delete_crisisline",
            "clinic.view_message",
            "clinic.add_user",
            "clinic.view_user",
            "clinic.change_user",
            "clinic.delete_user",
            "content.add_page",
            "content.view_page",
            "content.change_page",
            "content.delete_page",
            "content.add_source",
            "content.view_source",
            "content.change_source",
            "content.delete_source",
            "intake.view_questionnaire",
            "intake.add_questionnaire",
            "intake.change_questionnaire",
            "intake.add_packet",
            "intake.view_packet",
            "intake.change_packet",
            "intake.add_packetitem",
            "intake.view_packetitem",
            "intake.change_packetitem",
            "intake.delete_packetitem",
            "intake.view_consenttext",
            "intake.add_consenttext",
            "intake.add_cannedreply",
            "intake.view_cannedreply",
            "intake.change_cannedreply",
            "intake.add_tag",
            "intake.view_tag",
            "intake.change_tag",
            "intake.delete_tag",
            "clinic.view_auditevent",
        }
    ),
}


def make_groups(**kwargs: Any) -> None:
    """Give each role's group the permissions of the table, no more and no less. Runs after `migrate`."""
    for role, names in ROLES.items():
        wanted = Q()
        for name in names:
            app, codename = name.split(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        Group.objects.get_or_create(name=role)[0].permissions.set(Permission.objects.filter(wanted))
