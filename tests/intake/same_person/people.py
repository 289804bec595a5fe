"""Submissions of one person, and what the desk says of them."""

import re
from datetime import timedelta
from html import unescape

from django.urls import reverse
from django.utils import timezone

from intake.models import PersonLink
from tests.factories import make_screening

FRONT_DESK = ("intake.view_submission", "intake.change_submission")
LOST_KEY = (b"l" * 32,)
START = timezone.localtime().replace(hour=12) - timedelta(days=100)


def points(total):
    """Nine answers with this sum; None leaves one out."""
    if total is None:
        return [None] + [0] * 8
    return [min(3, max(0, total - 3 * place)) for place in range(9)]


def screenings(*totals, by=None):
    """One a week with these PHQ-9 totals; with `by` confirmed to be of one person."""
    made = [
        make_screening(phq9=points(total), created_at=START + timedelta(weeks=week))
        for week, total in enumerate(totals)
    ]
    for other in made[1:]:
        if by:
            PersonLink.objects.decide(made[0], other, is_same=True, by=by)
    return made


def look(client, submission):
    return client.get(submission.get_absolute_url())


def again(client, submission):
    return look(client, submission).context["again"]


def references(others):
    return [other.submission.reference for other in others]


def words(response):
    """What the section says, without its markup."""
    page = response.content.decode()
    found = page.split('aria-labelledby="again-title"')[1].split("</section>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


def decide(client, submission, other, answer, **data):
    address = reverse("admin:intake_submission_link", args=[submission.pk, other.pk])
    return client.post(address, {"is_same": answer, "seen": submission.last_change, **data}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]
