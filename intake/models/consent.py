from typing import ClassVar

from django.db import models

from clinic.kept import pages


class ConsentText(models.Model):
    """What a person agreed to when sending; a changed text is a new version."""

    class Kind(models.TextChoices):
        CONTACT = "contact", "Contact request"
        SCREENING = "screening", "Screening"

    kind = models.CharField(max_length=10, choices=Kind)
    language = models.CharField(max_length=10)
    version = models.CharField(max_length=20)
    text = models.TextField()
    published_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-published_at"]
        get_latest_by = "published_at"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "language", "version"], name="consent_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version} ({self.language})"

    @classmethod
    def current(cls, kind: str, language: str) -> "ConsentText":
        wanted = {"kind": kind, "language": language}
        return pages.remember(("consent", kind, language), lambda: cls.objects.filter(**wanted).latest())
