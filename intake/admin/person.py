"""The other submissions of what may be the same person: suggested, confirmed and refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.safestring import SafeString

from intake.admin.inbox import marks, reads_answers
from intake.admin.readable import readable
from intake.admin.totals import Totals, totals
from intake.models import PersonLink, Submission
from intake.models.submission import shared_indexes

MOST = 20  # suggestions on a page
MAY_LINK = "intake.change_submission"


@dataclass(frozen=True, slots=True)
class Other:
    submission: Submission
    name: str
    marks: SafeString
    shares: str  # "same e-mail", "same phone", both, or nothing
    link: PersonLink | None  # what was decided about the two; a confirmed one without it is linked through others


@dataclass(frozen=True, slots=True)
class Again:
    suggested: list[Other]  # newest first
    more: int  # suggestions that are not shown
    confirmed: list[Other]
    refused: list[Other]
    totals: Totals | None  # of the confirmed ones and this one, for those who may read answers

    @property
    def is_anything(self) -> bool:
        return bool(self.suggested or self.confirmed or self.refused)

    @property
    def read_with(self) -> str:
        """The references of those whose totals are shown: for the record of who looked at what."""
        return "with " + ", ".join(map(str, self.totals.others)) if self.totals and self.totals.others else ""


def again(request: HttpRequest, submission: Submission) -> Again:
    links, same = PersonLink.objects.partners(submission), PersonLink.objects.person(submission)
    refused = sorted((pk for pk, link in links.items() if not link.is_same), key=lambda pk: links[pk].at, reverse=True)
    undecided = Submission.objects.sharing_contact(submission).exclude(pk__in=same | links.keys())
    suggested = list(undecided.order_by("-created_at")[:MOST])
    known = Submission.objects.in_bulk([*same, *refused])
    person = sorted((known[pk] for pk in same), key=lambda found: found.created_at)
    return Again(
        suggested=_others(submission, suggested, links),
        more=undecided.count() - len(suggested),
        confirmed=_others(submission, (found for found in person if found != submission), links),
        refused=_others(submission, (known[pk] for pk in refused), links),
        totals=totals(submission, person) if reads_answers(request) and len(person) > 1 else None,
    )


def may_link(request: HttpRequest) -> bool:
    return request.user.has_perm(MAY_LINK)


def _others(submission: Submission, found: Iterable[Submission], links: Mapping[UUID, PersonLink]) -> list[Other]:
    email, phone = shared_indexes(submission)
    return [
        Other(
            submission=other,
            name=readable(other, "name"),
            marks=marks(other),
            shares=_shared(same_email=other.email_index in email, same_phone=other.phone_index in phone),
            link=links.get(other.pk),
        )
        for other in found
    ]


def _shared(*, same_email: bool, same_phone: bool) -> str:
    shared = ["e-mail"] * same_email + ["phone"] * same_phone
    return "same " + " and ".join(shared) if shared else ""
