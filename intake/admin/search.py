"""Search by reference, or by exact e-mail address or phone number, with nothing of it in an address or a log."""

from django import forms
from django.db.models import QuerySet

from intake.models import Submission
from intake.models.reference import reference_in

MOST = 50  # ids that a result's address holds


class SearchForm(forms.Form):
    text = forms.CharField(
        label="Reference, or exact e-mail or phone",
        max_length=254,
        widget=forms.TextInput(attrs={"size": "40", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type a reference, an e-mail address or a phone number to search for."},
    )

    @property
    def found(self) -> QuerySet[Submission]:
        """The newest submissions that match what was typed, however it is written."""
        text = self.cleaned_data["text"]
        matches = Submission.objects.reached_at(text)
        if reference := reference_in(text):
            matches |= Submission.objects.filter(reference=reference)
        return matches.order_by("-created_at")[:MOST]
