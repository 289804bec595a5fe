"""The step by which staff confirm or refuse that two submissions are of the same person."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from intake.admin.forms import DeskForm
from intake.admin.page import staff
from intake.admin.person import MAY_LINK
from intake.admin.work import SubmissionWork
from intake.models import Contradiction, PersonLink, Submission


class LinkForm(DeskForm):
    name = "link"
    needs = (MAY_LINK,)

    is_same = forms.TypedChoiceField(
        choices=[("yes", "The same person"), ("no", "Another person")], coerce=lambda answer: answer == "yes"
    )


class SubmissionLinks(SubmissionWork):
    def link(self, request: HttpRequest, pk: UUID, other: UUID) -> HttpResponse:
        def act(submission: Submission, data: dict[str, Any]) -> str:
            partner = _partner(submission, other)
            PersonLink.objects.decide(submission, partner, by=staff(request), **data)
            return f"{partner} is of {'the same' if data['is_same'] else 'another'} person: this is on record."

        self._require(request, *LinkForm.needs)
        try:
            with transaction.atomic():
                PersonLink.objects.wait_turn()  # before the row is held, or two decisions could wait for each other
                return self._submit(request, pk, LinkForm(request.POST), act)
        except Contradiction as refused:
            clash = f"{refused.link} would be of two people, and yet of one through other decisions"
            messages.error(request, f"Nothing was changed: {clash}. Change those first.")
            return self._back(request, get_object_or_404(Submission, pk=pk))


def _partner(submission: Submission, pk: UUID) -> Submission:
    """One that shares an e-mail address or a phone number with it, or about which something was decided before."""
    if pk in PersonLink.objects.partners(submission):
        return Submission.objects.get(pk=pk)
    return get_object_or_404(Submission.objects.sharing_contact(submission), pk=pk)
