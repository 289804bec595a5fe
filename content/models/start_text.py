import hashlib
import json
from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models


def languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def digest(*values: object) -> str:
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()


class StartText(models.Model):
    """A row that comes with the project: an upgrade replaces it until staff edit it."""

    start_digest = models.CharField(max_length=64, blank=True, editable=False)

    START_FIELDS: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    @property
    def digest(self) -> str:
        return digest(*(getattr(self, name) for name in self.START_FIELDS))

    @property
    def is_edited(self) -> bool:
        return self.digest != self.start_digest

    def take_start(self, values: Mapping[str, object]) -> None:
        """Become the start text. Raises ValidationError. Saves."""
        for name, value in values.items():
            setattr(self, name, value)
        self.full_clean()
        self.start_digest = self.digest
        self.save()
