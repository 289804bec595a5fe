from collections.abc import Iterable
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from clinic.models import AuditEvent, User
from intake.models.submission import Submission

DECISIONS = 7_310_601  # PostgreSQL's advisory lock
MOST = 200  # submissions that are read as one person's

CONNECTED = """
WITH RECURSIVE person (id) AS (
    SELECT %s::uuid
    UNION
    SELECT CASE link.first_id WHEN person.id THEN link.second_id ELSE link.first_id END
    FROM person JOIN intake_personlink link ON link.first_id = person.id OR link.second_id = person.id
    WHERE link.is_same
)
SELECT id FROM person LIMIT %s
"""


class Contradiction(Exception):
    """Two submissions would be of two people, and yet of one through others."""

    def __init__(self, link: "PersonLink") -> None:
        super().__init__(str(link))
        self.link = link


class PersonLinkQuerySet(models.QuerySet["PersonLink"]):
    def about(self, submission: Submission) -> Self:
        return self.filter(Q(first=submission) | Q(second=submission))

    def within(self, submissions: Iterable[UUID]) -> Self:
        return self.filter(first__in=submissions, second__in=submissions)

    def refused(self) -> Self:
        return self.filter(is_same=False)

    def partners(self, submission: Submission) -> dict[UUID, "PersonLink"]:
        """What was decided about the submission, by the id of the other one."""
        found = self.about(submission).select_related("by")
        return {link.second_id if link.first_id == submission.pk else link.first_id: link for link in found}

    def person(self, submission: Submission) -> set[UUID]:
        """The ids of all that is confirmed to be of one person, also through others; its own among them."""
        with connection.cursor() as cursor:
            cursor.execute(CONNECTED, [submission.pk, MOST])
            return {pk for (pk,) in cursor.fetchall()}

    @staticmethod
    def wait_turn() -> None:
        """Let one decision be made at a time until the transaction ends: each looks at those before it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DECISIONS])

    @transaction.atomic
    def decide(self, one: Submission, other: Submission, *, is_same: bool, by: User) -> None:
        """Record whether both are of the same person; the same decision again changes nothing. Saves.

        Raises Contradiction, and then nothing is saved.
        """
        self.wait_turn()
        first, second = sorted((one, other), key=lambda submission: submission.pk)
        if self.filter(first=first, second=second, is_same=is_same).exists():
            return
        decided = {"is_same": is_same, "by": by, "at": timezone.now()}
        self.update_or_create(first=first, second=second, defaults=decided)
        if against := self.refused().within(self.person(one)).select_related("first", "second").first():
            raise Contradiction(against)
        words = "same person as" if is_same else "another person than"
        for submission, partner in ((one, other), (other, one)):
            submission.record(AuditEvent.Action.LINK, by=by, detail=f"{words} {partner}")


class PersonLink(models.Model):
    """What staff decided about two submissions that share an e-mail address or a phone number."""

    first = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="+")
    is_same = models.BooleanField("of the same person")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = PersonLinkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="person_link_once_a_pair"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="person_link_in_one_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"
