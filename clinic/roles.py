"""Who may do what: the roles of the staff and their permissions, which `migrate` gives to the groups, and what follows.

ADDRESSES is that as a person reads it. A test opens every address of the admin with every role and compares; another
compares the table with the one in docs/desk.md.
"""

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
            "intake.erase_submission",
            "content.view_page",
            "content.review_page",
            "content.view_source",
            "content.view_term",
        }
    ),
    # Settings, pages, people and the audit log; nothing that a patient sent. To erase it needs a reference and dates.
    MANAGER: frozenset(
        {
            "intake.erase_submission",
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
            "content.add_term",
            "content.view_term",
            "content.change_term",
            "content.delete_term",
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

NOBODY: frozenset[str] = frozenset()
DESK, EVERYBODY = frozenset({FRONT_DESK, CLINICIAN}), frozenset({FRONT_DESK, CLINICIAN, MANAGER})
CLINICIANS, MANAGERS, EDITORS = frozenset({CLINICIAN}), frozenset({MANAGER}), frozenset({CLINICIAN, MANAGER})

# What can be done, by which roles, at which addresses of the admin (their names; a superuser opens them all).
ADDRESSES: tuple[tuple[str, frozenset[str], str], ...] = (
    (
        "Sign in and out, change the own password, open the start page",
        EVERYBODY,
        "index password_change password_change_done jsi18n logout login app_list",
    ),
    (
        "List, search and filter submissions; see contact details and status, and keep filters",
        DESK,
        "intake_submission_changelist intake_submission_change intake_submission_keep_view "
        "intake_submission_forget_view",
    ),
    (
        "Change the status, release what may be spam, assign, plan and log contacts, reply, tag, tell whether it is "
        "the same person",
        DESK,
        "intake_submission_move intake_submission_assign intake_submission_contact intake_submission_due "
        "intake_submission_tag intake_submission_reply intake_submission_link",
    ),
    (
        "Print, and export the list as CSV, each with what the role may see",
        DESK,
        "intake_submission_print intake_submission_export_list",
    ),
    (
        "Read answers and notes, write notes, acknowledge and resolve alerts, export as FHIR or all of one person",
        CLINICIANS,
        "intake_submission_note intake_submission_acknowledge intake_submission_resolve intake_submission_export "
        "intake_submission_everything",
    ),
    ("Close several as spam at once, with what they say in the list", CLINICIANS, ""),  # the list's own address
    (
        "Ask for an erasure, confirm one that a colleague asked for, set and lift legal holds",
        EDITORS,
        "intake_submission_erasure intake_submission_erasure_list",
    ),
    (
        "Look at pages with their versions, at sources and explained words",
        EDITORS,
        "content_page_preview content_page_changelist content_page_history content_page_change content_page_compare "
        "content_source_changelist content_source_history content_source_change "
        "content_term_changelist content_term_history content_term_change",
    ),
    ("Sign the clinical review of a page", CLINICIANS, "content_page_sign"),
    (
        "Write, preview and restore pages; send them to review, publish, schedule and take them off the site",
        MANAGERS,
        "content_page_add content_page_preview_new content_page_restore content_page_submit content_page_publish "
        "content_page_cancel content_page_withdraw",
    ),
    (
        "Add sources and words; take or leave a new text that came with the portal",
        MANAGERS,
        "content_source_add content_term_add content_page_proposal content_source_proposal content_term_proposal",
    ),
    (
        "Invite, change, deactivate and delete accounts; send a new link, sign out everywhere, reset a sign-in",
        MANAGERS,
        "clinic_user_changelist clinic_user_add clinic_user_history clinic_user_change clinic_user_delete "
        "clinic_user_invite clinic_user_reset clinic_user_signout",
    ),
    (
        "Change the clinic profile with its crisis lines and alert addresses",
        MANAGERS,
        "clinic_clinicprofile_changelist clinic_clinicprofile_history clinic_clinicprofile_change",
    ),
    (
        "Read what became of e-mails, and the audit record",
        MANAGERS,
        "clinic_message_changelist clinic_message_history clinic_message_change "
        "clinic_auditevent_changelist clinic_auditevent_history clinic_auditevent_change",
    ),
    (
        "Activate questionnaires, put packets together, publish consent texts",
        MANAGERS,
        "intake_questionnaire_preview intake_questionnaire_changelist intake_questionnaire_history "
        "intake_questionnaire_change intake_packet_changelist intake_packet_add intake_packet_history "
        "intake_packet_change intake_consenttext_changelist intake_consenttext_add intake_consenttext_history "
        "intake_consenttext_change",
    ),
    (
        "Write ready-made replies, offer tags",
        MANAGERS,
        "intake_cannedreply_changelist intake_cannedreply_add intake_cannedreply_history intake_cannedreply_change "
        "intake_tag_changelist intake_tag_add intake_tag_history intake_tag_change intake_tag_delete",
    ),
    (
        "Change or delete what is on record, what patients sent, e-mails, consent texts, forms in use, start texts",
        NOBODY,
        "autocomplete clinic_clinicprofile_add clinic_clinicprofile_delete clinic_message_add clinic_message_delete "
        "clinic_auditevent_add clinic_auditevent_delete intake_questionnaire_add intake_questionnaire_delete "
        "intake_packet_delete intake_consenttext_delete intake_cannedreply_delete content_page_delete "
        "content_source_delete content_term_delete",
    ),
)


def make_groups(**kwargs: Any) -> None:
    """Give each role's group the permissions of the table, no more and no less. Runs after `migrate`."""
    for role, names in ROLES.items():
        wanted = Q()
        for name in names:
            app, codename = name.split(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        Group.objects.get_or_create(name=role)[0].permissions.set(Permission.objects.filter(wanted))
