from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from clinic.kept import pages
from intake import fhir


@lru_cache(maxsize=64)
def _compiled(definition: str, base: str) -> fhir.Questionnaire:
    return fhir.parse(definition, base=base)


@lru_cache(maxsize=64)
def _checked(raw: bytes | str, base: str) -> fhir.Questionnaire:
    """Raises fhir.DefinitionError with every fault."""
    form = fhir.parse(raw, base=base)
    if faults := fhir.check_structure(form.resource):
        raise fhir.DefinitionError(faults)
    return form


class QuestionnaireQuerySet(models.QuerySet["Questionnaire"]):
    def active(self) -> Self:
        return self.filter(status=Questionnaire.Status.ACTIVE)

    def kept(self, ids: Sequence[int]) -> list["Questionnaire"]:
        """Those with these ids, in their order; their long texts are read once a state of the database."""
        return pages.remember(("questionnaires", *ids), lambda: self._in_order(ids))

    def _in_order(self, ids: Sequence[int]) -> list["Questionnaire"]:
        found = self.in_bulk(ids)
        return [found[pk] for pk in ids]

    @transaction.atomic
    def store(self, raw: bytes | str) -> "Questionnaire":
        """Check a definition and keep it as a draft; the same file again changes nothing.

        Raises fhir.DefinitionError with every fault, also when a different file with the same url and version
        has ever been active: a version never changes its meaning.
        """
        form = _checked(raw, settings.FHIR_BASE_URL)
        digest = fhir.digest(form.resource)
        stored = self.select_for_update().filter(url=form.url, version=form.version).first()
        if stored is None:
            stored = Questionnaire(url=form.url, version=form.version)
        elif stored.digest == digest:
            return stored
        elif stored.activated_at:
            rule = "another file with this url and version has been active; give the changed form a new version"
            raise fhir.DefinitionError((fhir.Fault("", "version", rule),))
        stored.name, stored.title, stored.digest = form.name, form.title(form.language), digest
        stored.definition = raw if isinstance(raw, str) else raw.decode()
        stored.save()
        return stored


class Questionnaire(models.Model):
    """One version of a form; `definition` is the FHIR Questionnaire as it was imported."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft: preview only"
        ACTIVE = "active", "Active: may be started"
        RETIRED = "retired", "Retired: only finishes or shows old answers"

    url = models.CharField(max_length=500)
    version = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=500)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    definition = models.TextField()
    digest = models.CharField("SHA-256 of the canonical JSON", max_length=64)
    imported_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["url", "-imported_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["url", "version"], name="questionnaire_version_once"),
            models.UniqueConstraint(
                fields=["url"], condition=models.Q(status="active"), name="questionnaire_active_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft") | models.Q(activated_at__isnull=False),
                name="questionnaire_activated_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"

    @cached_property
    def compiled(self) -> fhir.Questionnaire:
        return _compiled(self.definition, settings.FHIR_BASE_URL)

    @transaction.atomic
    def activate(self) -> None:
        """Let new screenings use this version; the version before it retires and packets follow. Saves.

        Raises ValueError when the file itself says that it is not active.
        """
        if self.compiled.status != "active":
            raise ValueError(f"the file's own status is {self.compiled.status!r}; only an active form can be activated")
        others = Questionnaire.objects.filter(url=self.url).exclude(pk=self.pk)
        others.active().update(status=self.Status.RETIRED)
        self.status = self.Status.ACTIVE
        self.activated_at = self.activated_at or timezone.now()
        self.save(update_fields=["status", "activated_at"])
        PacketItem.objects.filter(questionnaire__in=others).update(questionnaire=self)


class PacketQuerySet(models.QuerySet["Packet"]):
    def current(self) -> "Packet | None":
        """The packet that a new screening starts with, if it has questions to ask."""
        return pages.remember("current packet", self._current)

    def _current(self) -> "Packet | None":
        found = self.filter(is_current=True, questionnaires__status=Questionnaire.Status.ACTIVE)
        return found.distinct().first()


class Packet(models.Model):
    """An ordered list of questionnaires that a screening asks."""

    name = models.CharField(max_length=200, unique=True)
    is_current = models.BooleanField("used for new screenings", default=False)
    questionnaires = models.ManyToManyField(Questionnaire, through="PacketItem")

    objects = PacketQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_current"], condition=models.Q(is_current=True), name="packet_current_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def forms(self) -> list[Questionnaire]:
        """The active questionnaires in their order."""
        return pages.remember(("forms of packet", self.pk), self._forms)

    def _forms(self) -> list[Questionnaire]:
        active = Questionnaire.objects.active().filter(packetitem__packet=self)
        return list(active.order_by("packetitem__position", "packetitem__pk"))


class PacketItem(models.Model):
    packet = models.ForeignKey(Packet, on_delete=models.CASCADE)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["packet", "questionnaire"], name="packet_asks_a_form_once")
        ]

    def __str__(self) -> str:
        return str(self.questionnaire)
