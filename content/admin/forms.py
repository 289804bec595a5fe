"""The forms with which staff change a page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property

from content.comparison import Difference, compare
from content.models import Page

FIELDS = {field.name: field for field in Page._meta.concrete_fields}
LABELS = {name: str(FIELDS[name].verbose_name) for name in Page.VERSION_FIELDS}


def differences(old: object, new: object) -> list[Difference]:
    """What differs between two texts of a page: versions, editions or the page itself."""
    return compare(old, new, Page.TEXT_FIELDS, LABELS)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody saved another text after the user had opened the page."""

    who: str
    at: datetime
    saved: list[Difference]  # between what the user opened and what is stored
    newest: Any


class PageForm(forms.ModelForm[Page]):
    class Meta:
        model = Page
        fields = ("title", "summary", "body", "slug", "language", "menu_title", "order", "sources_checked")
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 5, "class": "editor-box"}),
            "body": forms.Textarea(attrs={"rows": 28, "class": "editor-box"}),
        }


class EditForm(PageForm):
    """Refuses to replace a text that the user has not seen, whoever saved it."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the version that the form began with

    conflict: Conflict | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.is_bound:
            self.initial["seen"] = self.instance.last_version.pk

    @cached_property
    def changed_data(self) -> list[str]:
        """What the record calls changed."""
        return [name for name in super().changed_data if name != "seen"]

    def clean(self) -> dict[str, Any] | None:
        """Hold the row until it is saved: of two who save at the same moment the second one is told."""
        data = super().clean()
        if self.instance.pk:
            self.instance.lock()
            newest = self.instance.last_version
            if newest.pk != self.cleaned_data.get("seen"):
                self._refuse(newest)
        return data

    def _refuse(self, newest: Any) -> None:
        opened = self.instance.history.filter(pk=self.cleaned_data.get("seen")).first()
        who, at = str(newest.history_user or "The portal"), newest.history_date
        self.conflict = Conflict(who, at, differences(opened, newest) if opened else [], newest)
        self.add_error(
            None,
            f"Nothing was saved: {who} saved this page on {date_format(timezone.localtime(at), 'DATETIME_FORMAT')}, "
            "after you had opened it. Compare above, bring over what belongs in, and save again.",
        )
        # What is shown now, the next save may replace.
        self.data = dict(self.data.items()) | {"seen": str(newest.pk)}


class PublishForm(forms.Form):
    """When readers see the text, and why although something stands against it."""

    reason = forms.CharField(
        label="Why publish it all the same?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with what is published, under your name. Name no patient.",
        error_messages={"required": "Give a reason: it is kept with what is published."},
    )
    at = forms.DateTimeField(
        label="Day and time",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, page: Page, data: Any = None) -> None:
        super().__init__(data)
        zone = timezone.get_current_timezone_name()
        self.fields["at"].help_text = f"In the clinic's time zone, {zone}."
        if not page.obstacles:
            del self.fields["reason"]

    def clean_at(self) -> datetime | None:
        """The time that counts: none for “now”."""
        at: datetime | None = self.cleaned_data["at"]
        if self.data.get("when") != "later":
            return None
        if at is None:
            raise forms.ValidationError("Enter the day and time from which readers are to see the text.")
        if at <= timezone.now():
            raise forms.ValidationError("This time is past. Enter a later one, or publish now.")
        return at
