"""Ready-made replies and tags: managers keep the lists, everybody at the desk uses them."""

from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from clinic.site import AuditedAdmin
from intake.models import CannedReply, Tag


class CannedReplyForm(forms.ModelForm[CannedReply]):
    language = forms.ChoiceField(choices=settings.LANGUAGES)

    class Meta:
        model = CannedReply
        fields = ("title", "language", "subject", "body", "is_active")
        help_texts: ClassVar = {
            "body": "Plain text. It may hold "
            + ", ".join(f"{{{name}}} ({meaning})" for name, meaning in CannedReply.PLACEHOLDERS.items())
            + ". It never holds what a patient sent, not even the name."
        }


@admin.register(CannedReply)
class CannedReplyAdmin(AuditedAdmin[CannedReply]):
    form = CannedReplyForm
    list_display = ("title", "language", "subject", "is_active")
    list_filter: ClassVar = ["language", "is_active"]

    def has_delete_permission(self, request: HttpRequest, obj: CannedReply | None = None) -> bool:
        """One that is not offered any more stays, out of sight of the desk."""
        return False


@admin.register(Tag)
class TagAdmin(AuditedAdmin[Tag]):
    """Deleting a tag takes it off every submission that has it."""
