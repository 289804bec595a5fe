import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models

from clinic.fields import EncryptedTextField
from intake import fhir
from intake.models.questionnaire import Questionnaire
from intake.models.written import Written

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from intake.models.submission import Answered, Submission

PHQ9_TOTAL = "44261-6"  # LOINC
GAD7_TOTAL = "70274-6"


class ResponseQuerySet(models.QuerySet["Response"]):
    def of(self, submission: "Submission") -> list["Response"]:
        """Its responses in their order, each with its form, whose long text is read once a state of the database."""
        found = OF_SUBMISSION.rows(submission.pk)
        forms = Questionnaire.objects.kept([response.questionnaire_id for response in found])
        for response, form in zip(found, forms, strict=True):
            response.questionnaire = form
        return found


class Response(models.Model):
    """One questionnaire as it was answered: `document` is the FHIR QuestionnaireResponse, its numbers as typed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(
        "intake.Submission",
        on_delete=models.CASCADE,
        related_name="responses",
        db_index=False,  # another index begins with it
    )
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="responses")
    position = models.PositiveSmallIntegerField()
    document = EncryptedTextField()

    objects = ResponseQuerySet.as_manager()

    if TYPE_CHECKING:
        scores: RelatedManager["Score"]

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "questionnaire"], name="response_once_a_form")
        ]

    def __str__(self) -> str:
        return f"Response {self.pk}"

    @classmethod
    def all_of(cls, submission: "Submission", answered: Sequence["Answered"]) -> list["Response | Score"]:
        """New rows: the answers of each form as a completed QuestionnaireResponse, in this order, and all scores."""
        responses = [cls.of(submission, position, *one) for position, one in enumerate(answered)]
        scores = [
            score
            for response, (form, answers) in zip(responses, answered, strict=True)
            for score in Score.all_of(response, fhir.totals(form.compiled, answers))
        ]
        return [*responses, *scores]

    @classmethod
    def of(
        cls,
        submission: "Submission",
        position: int,
        questionnaire: Questionnaire,
        answers: fhir.AnswersOrEvaluation,
    ) -> "Response":
        response = cls(submission=submission, questionnaire=questionnaire, position=position)
        resource = fhir.build(
            questionnaire.compiled,
            answers,
            authored=submission.created_at,
            language=submission.language,
            identifier=str(response.pk),
        )
        response.document = fhir.dumps(resource)
        return response

    @property
    def resource(self) -> dict[str, Any]:
        return fhir.loads(self.document)  # written by `of`, and nobody else can have written it

    @property
    def answers(self) -> dict[str, tuple[fhir.Value, ...]]:
        return fhir.recorded(self.resource)

    @property
    def evaluation(self) -> fhir.Evaluation:
        return fhir.evaluate(self.questionnaire.compiled, self.answers)


OF_SUBMISSION = Written(lambda submission: Response.objects.filter(submission=submission))


class Score(models.Model):
    """A total that the form declares; `total` is empty when an answer it needs is missing."""

    response = models.ForeignKey(
        Response,
        on_delete=models.CASCADE,
        related_name="scores",
        db_index=False,  # another index begins with it
    )
    link_id = models.CharField(max_length=255)
    code = models.CharField(max_length=100, help_text="The total's own code, such as LOINC 44261-6, or its linkId.")
    total = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    band = models.CharField(max_length=100, blank=True)
    band_display = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField("received", help_text="The submission's, so that counting needs no join.")

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["code", "received_at"], include=["band"], name="score_received"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "link_id"], name="score_once_a_response"),
            models.CheckConstraint(
                condition=models.Q(total__isnull=False) | models.Q(band=""), name="score_without_total_has_no_band"
            ),
        ]

    def __str__(self) -> str:
        return f"Score {self.pk}"

    @classmethod
    def all_of(cls, response: Response, totals: Mapping[str, Decimal | None]) -> list["Score"]:
        return [cls.of(response, score, totals[score.target]) for score in response.questionnaire.compiled.scores]

    @classmethod
    def of(cls, response: Response, score: fhir.Score, total: Decimal | None) -> "Score":
        """The row for one declared score; its band is staff's wording, in the form's own language."""
        form = response.questionnaire.compiled
        band = fhir.band(score, total)
        return cls(
            response=response,
            link_id=score.target,
            code=code_of(form, score),
            total=total,
            band=band.code if band else "",
            band_display=band.display(form.language) if band else "",
            received_at=response.submission.created_at,
        )


def code_of(form: fhir.Questionnaire, score: fhir.Score) -> str:
    target = form.by_id[score.target]
    return target.code[0].code if target.code else score.target


def band_of(code: str, answered: Sequence["Answered"]) -> str | None:
    """The code of the total's band; empty when the total is not complete, None when no form asks for it."""
    for questionnaire, answers in answered:
        form = questionnaire.compiled
        for score in form.scores:
            if code_of(form, score) == code:
                band = fhir.band(score, fhir.totals(form, answers)[score.target])
                return band.code if band else ""
    return None
