"""How a submission ends: erased by two people or by retention, or held against both.

Both ways erase the same: every column that is not named in KEPT, and every row that hangs on the submission.
What stays is a stone: that there was something of this kind, when, and who asked for its end.
"""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from clinic.fields import EncryptedField
from clinic.models import AuditEvent, Message, User
from intake.models.draft import Draft
from intake.models.work import Erased, Workable

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from intake.models.alert import SafetyAlert
    from intake.models.response import Response


class ErasureReason(models.TextChoices):
    """Why something is erased: fixed, so that the record of it holds no patient data."""

    PERSON = "erasure-by-person", "The person asked for it"
    REPRESENTATIVE = "erasure-by-representative", "Somebody who may act for the person asked for it"
    MISTAKE = "erasure-sent-by-mistake", "It was sent by mistake"
    NOT_THEIRS = "erasure-not-theirs", "It was sent in another person's name"


class HoldReason(models.TextChoices):
    """Why something must be kept for now."""

    PROCEEDING = "hold-proceeding", "Legal proceedings"
    AUTHORITY = "hold-authority", "Request of an authority or a licensing board"
    COMPLAINT = "hold-complaint", "A complaint is looked into"
    RECORDS = "hold-records", "A request for the records is open"


class ErasureRefused(Exception):
    """The message says why, in words for staff."""


def staff_key(verbose_name: str) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=verbose_name,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
    )


class Erasable(Workable):
    """The part of a submission that says whether and how it ends."""

    KEPT: ClassVar = frozenset(
        {
            "id", "reference", "origin", "kind", "status", "created_at", "is_sample", "is_suspect",
            "language", "consent", "consented_at",  # which text was agreed to: the proof that it could be kept at all
            "first_seen_at", "first_contact_at",  # of which the start page tells how soon staff came to it
            "erasure_asked_at", "erasure_asked_by", "erasure_reason", "erased_at", "erased_by",
        }
    )  # fmt: skip

    ended_at = models.DateTimeField("last declined or closed", null=True, editable=False)
    held_at = models.DateTimeField("on legal hold since", null=True, editable=False)
    held_by = staff_key("put on hold by")
    hold_reason = models.CharField(max_length=40, choices=HoldReason, blank=True, editable=False)
    erasure_asked_at = models.DateTimeField("erasure asked for", null=True, editable=False)
    erasure_asked_by = staff_key("who asked for the erasure")
    erasure_reason = models.CharField(max_length=40, choices=ErasureReason, blank=True, editable=False)
    erased_by = staff_key("who erased it")  # nobody, when the time of retention was over

    if TYPE_CHECKING:
        alerts: RelatedManager[SafetyAlert]
        responses: RelatedManager[Response]
        status: models.CharField[str, str]
        open_risk: models.PositiveSmallIntegerField[int, int]
        origin: models.UUIDField[uuid.UUID, uuid.UUID]
        ERASED_STATUS: ClassVar[str]

    class Meta:
        abstract = True

    @property
    def awaits_erasure(self) -> bool:
        """Whether somebody has asked for the erasure, and another person has yet to confirm it."""
        return self.erasure_asked_at is not None and self.erased_at is None

    @transaction.atomic
    def hold(self, reason: str, *, by: User) -> None:
        """Keep it against erasure and retention until the hold is lifted. Saves; raises ErasureRefused, Erased."""
        self._lock()
        if self.held_at:
            raise ErasureRefused("It is on legal hold already.")
        self.held_at, self.held_by, self.hold_reason = timezone.now(), by, HoldReason(reason)
        self.save(update_fields=["held_at", "held_by", "hold_reason"])
        self.record(AuditEvent.Action.HOLD, by=by, detail="set", reason=self.hold_reason)

    @transaction.atomic
    def lift_hold(self, *, by: User) -> None:
        """Saves; raises ErasureRefused, Erased."""
        self._lock()
        if not self.held_at:
            raise ErasureRefused("It is not on legal hold.")
        self.held_at, self.held_by, self.hold_reason = None, None, ""
        self.save(update_fields=["held_at", "held_by", "hold_reason"])
        self.record(AuditEvent.Action.HOLD, by=by, detail="lifted")

    @transaction.atomic
    def ask_erasure(self, reason: str, *, by: User) -> None:
        """Record that `by` wants it erased; another person has to confirm. Saves; raises ErasureRefused, Erased."""
        self._lock()
        self._refuse_while_needed()
        if self.awaits_erasure:
            raise ErasureRefused("Somebody has asked for its erasure already.")
        self.erasure_asked_at, self.erasure_asked_by = timezone.now(), by
        self.erasure_reason = ErasureReason(reason)
        self.save(update_fields=["erasure_asked_at", "erasure_asked_by", "erasure_reason"])
        self.record(AuditEvent.Action.ERASURE, by=by, detail="asked for", reason=self.erasure_reason)

    @transaction.atomic
    def withdraw_erasure(self, *, by: User) -> None:
        """Saves; raises ErasureRefused, Erased."""
        self._lock()
        self._refuse_unless_asked()
        self.erasure_asked_at, self.erasure_asked_by, self.erasure_reason = None, None, ""
        self.save(update_fields=["erasure_asked_at", "erasure_asked_by", "erasure_reason"])
        self.record(AuditEvent.Action.ERASURE, by=by, detail="request withdrawn")

    @transaction.atomic
    def confirm_erasure(self, *, by: User) -> None:
        """Erase it at once, as the second person. Saves; raises ErasureRefused, Erased."""
        self._lock()
        self._refuse_unless_asked()
        self._refuse_while_needed()
        if by == self.erasure_asked_by:
            raise ErasureRefused("Another person has to confirm what you asked for.")
        self.record(AuditEvent.Action.ERASURE, by=by, detail="confirmed", reason=self.erasure_reason)
        self._erase(by)

    @transaction.atomic
    def expire(self) -> bool:
        """Erase it when it ended long enough ago, and say whether it was. Saves."""
        expired = type(self).objects.expired()  # type: ignore[attr-defined]
        self._take_turn()
        if not expired.select_for_update(of=("self",), skip_locked=True).filter(pk=self.pk).exists():
            return False
        self._read_anew()
        self.record(AuditEvent.Action.ERASURE, by=None, detail="kept no longer")
        self._erase(None)
        return True

    def _refuse_unless_asked(self) -> None:
        if not self.awaits_erasure:
            raise ErasureRefused("Nobody has asked for its erasure, or the request was withdrawn.")

    def _refuse_while_needed(self) -> None:
        if self.held_at:
            raise ErasureRefused("It is on legal hold, which has to be lifted first.")
        if self.open_risk:
            raise ErasureRefused("Its safety alerts have to be resolved first: somebody may be in danger.")

    def _lock(self) -> None:
        """Let nobody else change it until the transaction ends. Raises Erased."""
        self._take_turn()
        type(self)._base_manager.select_for_update().only("pk").get(pk=self.pk)
        self._read_anew()
        if self.erased_at:
            raise Erased(self.reference)

    def _read_anew(self) -> None:
        """All that is not encrypted: how it ends does not depend on the rest, the key of which may be lost."""
        fields = [field.name for field in self._meta.concrete_fields if not isinstance(field, EncryptedField)]
        self.refresh_from_db(fields=fields)

    @staticmethod
    def _take_turn() -> None:
        """Before the row is held, as decisions about people do: none may be made about one that is being erased."""
        from intake.models.person import PersonLink  # which is about submissions

        PersonLink.objects.wait_turn()

    def _erase(self, by: User | None) -> None:
        """What erasure and retention delete: all but KEPT. Saves."""
        from intake.models.person import PersonLink

        Message.objects.filter(about__in=[self.pk, self.origin]).delete()  # a draft's id is the submission's origin
        Draft.objects.filter(submission_id=self.pk).delete()
        PersonLink.objects.about(self).delete()  # type: ignore[arg-type]
        for rows in (self.alerts, self.responses, self.notes, self.attempts, self.replies):
            rows.all().delete()  # the alerts first: they hold their notes
        self.tags.clear()
        emptied = {field.name: None if field.null else field.get_default() for field in self._meta.concrete_fields}
        values = {name: value for name, value in emptied.items() if name not in self.KEPT}
        # The form that was sent is forgotten as well: sent again, it is a new request and is not lost.
        values |= {"status": self.ERASED_STATUS, "origin": uuid.uuid4(), "erased_at": timezone.now(), "erased_by": by}
        if by is None:
            values |= {"erasure_asked_at": None, "erasure_asked_by": None, "erasure_reason": ""}
        type(self)._base_manager.filter(pk=self.pk).update(**values)
        self.refresh_from_db()
