from datetime import timedelta
from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class KeptFigures(models.Model):
    """What the start page tells of the past, as the worker last counted it: one row, numbers alone."""

    LATE_AFTER: ClassVar = timedelta(minutes=3)

    at = models.DateTimeField()
    told = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="kept_figures_are_one_row")]

    def __str__(self) -> str:
        return f"Figures of {self.at}"

    @classmethod
    def keep(cls, told: object) -> None:
        cls.objects.update_or_create(pk=1, defaults={"at": timezone.now(), "told": told})

    @classmethod
    def fresh(cls) -> "KeptFigures | None":
        """None when the worker has not counted for a while."""
        return cls.objects.filter(at__gte=timezone.now() - cls.LATE_AFTER).first()
