import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.utils import timezone

from clinic import limits
from clinic.allowances import NO_WAIT
from clinic.crypto import token_hash
from clinic.database.inserting import Change, insert
from clinic.fields import EncryptedJSONField
from clinic.limits import Counted
from clinic.retention import draft_days, kept_since
from intake.models.questionnaire import Packet, Questionnaire
from intake.models.written import OfFunction

if TYPE_CHECKING:
    from intake.models.submission import Submission

Raw = dict[str, list[str]]  # field name -> what was typed


def new_token() -> str:
    return secrets.token_urlsafe(32)


class DraftQuerySet(models.QuerySet["Draft"]):
    def start(self, packet: Packet, language: str, token: str | None = None) -> "Draft":
        """Make a draft that is pinned to today's versions of the packet's questionnaires."""
        ids, found_by = [form.pk for form in packet.forms()], token and token_hash(token)
        draft = Draft(language=language, questionnaire_ids=ids, token_hash=found_by)
        insert(draft)
        return draft

    def with_token(self, token: str) -> "Draft | None":
        """The draft that a visitor's cookie finds, while it lives."""
        return LIVING.first(token_hash(token))

    def living(self) -> Self:
        return self.filter(updated_at__gt=kept_since("draft_days"))

    def expired(self) -> Self:
        """What was begun later is not looked at: the time of the last change has no index, which each would write."""
        since = kept_since("draft_days")
        return self.filter(created_at__lte=since, updated_at__lte=since)


class Draft(models.Model):
    """A screening that is being filled in: everything typed so far, found by a token in the visitor's cookie."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001  (several rows have none)
    language = models.CharField(max_length=10)
    questionnaire_ids = ArrayField(models.BigIntegerField())
    answers = EncryptedJSONField(default=dict)
    reached = models.PositiveSmallIntegerField("highest step that was saved", default=0)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    updated_at = models.DateTimeField(auto_now=True)
    submission = models.OneToOneField("intake.Submission", on_delete=models.CASCADE, null=True, related_name="draft")

    objects = DraftQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)

    def questionnaires(self) -> list[Questionnaire]:
        return Questionnaire.objects.kept(self.questionnaire_ids)

    def new_token(self) -> str:
        """Give the draft a new token, which ends the one before; return it for the cookie. Saves."""
        token = new_token()
        self.token_hash = token_hash(token)
        self.save(update_fields=["token_hash", "updated_at"])
        return token

    def speak(self, language: str) -> None:
        """Go on in this language; what was typed stays, and the time until it is deleted goes on. Saves."""
        if language != self.language and self.submission_id is None:
            self.language = language
            Draft.objects.filter(pk=self.pk, submission=None).update(language=language)

    def raw(self, questionnaire_id: int) -> Raw:
        return dict(self.answers.get(str(questionnaire_id), {}))

    def keep(
        self,
        step: int,
        questionnaire_id: int,
        names: Sequence[str],
        posted: Mapping[str, list[str]],
        *,
        counted: Sequence[Counted] = (),
    ) -> timedelta:
        """Replace what was typed into the fields `names` of a step, and nothing else; count that as a try. Saves.

        What another tab has saved since the draft was read is read first, so that neither undoes the other. It returns
        how long to wait before the next: no time while it is allowed.
        """
        while self.submission_id is None:
            read_at = self.updated_at
            self._fill_in(step, questionnaire_id, names, posted)
            values = [*self._values("answers", "reached", "updated_at"), self.pk, read_at]
            with connection.cursor() as cursor:
                cursor.execute(REPLACE, [*values, *limits.values_of(counted)])
                rows = cursor.fetchall()  # none when it is not as it was read any more
            if rows:
                tries = limits.tries_of(counted, rows)
                return tries[-1].wait if tries else NO_WAIT
            self.refresh_from_db()
        return NO_WAIT

    def _fill_in(self, step: int, questionnaire_id: int, names: Sequence[str], posted: Mapping[str, list[str]]) -> None:
        kept = {name: values for name, values in self.raw(questionnaire_id).items() if name not in names}
        kept.update({name: posted[name] for name in names if name in posted})
        self.answers = {**self.answers, str(questionnaire_id): kept}
        self.reached = max(self.reached, step)

    def becoming(self, submission: "Submission") -> Change:
        """Leaves only what it is made into, if nobody has changed it since it was read."""
        emptied = Draft(pk=self.pk, submission=submission)
        return Change(EMPTY, [*emptied._values("answers", "submission", "updated_at"), self.pk, self.updated_at])

    def _values(self, *names: str) -> list[Any]:
        """Of these fields, as `save` would store them."""
        fields: list[Any] = [self._meta.get_field(name) for name in names]
        return [field.get_db_prep_save(field.pre_save(self, add=False), connection) for field in fields]


LIVING = OfFunction(Draft, "intake_living_draft")  # of a migration; it finds what is `living`
REPLACE = f"""
    WITH replaced AS (
        UPDATE intake_draft SET answers = %s, reached = %s, updated_at = %s
        WHERE id = %s AND updated_at = %s AND submission_id IS NULL RETURNING id
    )
    SELECT number, rest FROM replaced LEFT JOIN {limits.TAKE} ON true
"""  # nosec B608 # a constant of ours
EMPTY = """
    UPDATE intake_draft SET answers = %s, submission_id = %s, updated_at = %s
    WHERE id = %s AND updated_at = %s AND submission_id IS NULL
"""


class ResumeLinkQuerySet(models.QuerySet["ResumeLink"]):
    def with_token(self, token: str) -> "ResumeLink | None":
        return self.select_related("draft").filter(token_hash=token_hash(token)).first()


class ResumeLink(models.Model):
    """A link that opens a draft once, on any device, until it expires."""

    LIMIT_PER_DRAFT: ClassVar = 5

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    objects = ResumeLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)

    @classmethod
    def make(cls, draft: Draft) -> str:
        """Store a new link and return its token, which is stored nowhere. The draft's time starts anew."""
        token = new_token()
        cls.objects.create(draft=draft, token_hash=token_hash(token))
        draft.save(update_fields=["updated_at"])
        return token

    @property
    def opens(self) -> bool:
        unused = self.used_at is None and self.draft.submission_id is None
        return unused and self.created_at > timezone.now() - timedelta(days=draft_days())

    @transaction.atomic
    def use(self) -> str | None:
        """Return a new draft token, or None when the link was used before or has expired. Saves."""
        link = ResumeLink.objects.select_for_update(of=("self",)).select_related("draft").get(pk=self.pk)
        if not link.opens:
            return None
        link.used_at = timezone.now()
        link.save(update_fields=["used_at"])
        return link.draft.new_token()
