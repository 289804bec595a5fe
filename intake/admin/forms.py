"""The small forms on a submission's page, each with the permissions it needs."""

from typing import Any, ClassVar, Self
from uuid import uuid4

from django import forms
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from clinic.models import User
from intake.models import CannedReply, ContactAttempt, SafetyAlert, SavedView, Submission, Tag


class DeskForm(forms.Form):
    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]

    @classmethod
    def blank(cls, submission: Submission) -> Self:
        return cls()


class OnceForm(DeskForm):
    """Sent twice by a double click or a reload, it counts once."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, error_messages={"required": "Send it once more."})


class NoteForm(OnceForm):
    name = "note"
    needs = ("intake.add_note", "intake.read_answers")

    text = forms.CharField(
        label="Add a note",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write something first: an empty note is not kept."},
        help_text="Notes stay as they are written. To correct one, add another.",
    )


class ResolveForm(DeskForm):
    """How a safety alert ended."""

    name = "resolve"
    needs = ("intake.resolve_safetyalert", "intake.read_answers")

    @classmethod
    def of(cls, alert: SafetyAlert, data: Any = None) -> Self:
        """One page may hold several: their ids name the alert."""
        return cls(data, auto_id=f"id_{alert.pk}_%s")

    outcome = forms.ChoiceField(
        label="How it ended",
        choices=[("", "Choose"), *SafetyAlert.Outcome.choices],
        error_messages={"required": "Choose how it ended."},
    )
    text = forms.CharField(
        label="What was done",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say in a few words what was done: it is kept as a note."},
    )


class AssignForm(DeskForm):
    name = "assign"
    needs = ("intake.change_submission",)

    assignee = forms.ModelChoiceField(
        label="Assigned to",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        error_messages={"invalid_choice": "This person cannot work on submissions. Choose another."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = colleagues()  # type: ignore[attr-defined]

    @classmethod
    def blank(cls, submission: Submission) -> Self:
        return cls(initial={"assignee": submission.assignee_id})


class DueForm(DeskForm):
    name = "due"
    needs = ("intake.change_submission",)

    on = forms.DateField(
        label="Next contact due",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: none is due.",
    )

    @classmethod
    def blank(cls, submission: Submission) -> Self:
        return cls(initial={"on": submission.next_contact_on})


class TagForm(DeskForm):
    name = "tag"
    needs = ("intake.change_submission",)

    tags = forms.ModelMultipleChoiceField(
        label="Tags", queryset=Tag.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )

    @classmethod
    def blank(cls, submission: Submission) -> Self:
        return cls(initial={"tags": submission.tags.all()})


class ReplyForm(OnceForm):
    """Chosen on the submission's page, seen as it will be sent, then sent."""

    name = "reply"
    needs = ("intake.change_submission",)

    reply = forms.ModelChoiceField(
        label="Reply",
        queryset=CannedReply.objects.filter(is_active=True),
        empty_label="Choose",
        error_messages={"required": "Choose a reply.", "invalid_choice": "This reply is not offered. Choose another."},
    )


class ContactForm(OnceForm):
    """Each outcome is a button, so that a call is on record with one of them."""

    name = "contact"
    needs = ("intake.change_submission",)

    channel = forms.ChoiceField(label="How", choices=ContactAttempt.Channel.choices)
    outcome = forms.ChoiceField(
        label="What came of it",
        choices=ContactAttempt.Outcome.choices,
        error_messages={"required": "Choose what came of it."},
    )
    next_on = forms.DateField(
        label="Try again on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Leave it empty when no other try is due.",
    )


class ViewForm(forms.ModelForm[SavedView]):
    """A filter of the list under a name. The same name again replaces the filter."""

    class Meta:
        model = SavedView
        fields = ("name", "query", "is_shared")
        widgets: ClassVar = {"query": forms.HiddenInput}
        labels: ClassVar = {"name": "Name of this view", "is_shared": "Colleagues see it too"}
        error_messages: ClassVar = {"name": {"required": "Give the view a name."}}


def colleagues() -> QuerySet[User]:
    """Active staff who may change submissions."""
    permitted = ModelBackend().with_perm("intake.change_submission")
    return permitted.filter(is_staff=True).order_by("first_name", "email")
