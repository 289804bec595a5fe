import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


def languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def digest(*values: object) -> str:
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()


class StartText(models.Model):
    """A row that comes with the project. An upgrade replaces it until staff make it theirs; then it proposes."""

    start_digest = models.CharField(max_length=64, blank=True, editable=False)  # of the start text last dealt with
    proposal = models.JSONField(null=True, editable=False, encoder=DjangoJSONEncoder)  # a newer one, which waits

    START_FIELDS: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    @property
    def digest(self) -> str:
        return digest(*(getattr(self, name) for name in self.START_FIELDS))

    @property
    def is_edited(self) -> bool:
        return self.digest != self.start_digest

    @property
    def is_ours(self) -> bool:
        """Whether an upgrade asks before it replaces the text."""
        return self.is_edited

    @property
    def proposed(self) -> dict[str, Any]:
        """The fields of the start text that waits. Raises ObjectDoesNotExist."""
        if self.proposal is None:
            raise ObjectDoesNotExist(f"No new text of {self} waits.")
        fields = {field.name: field for field in self._meta.concrete_fields}
        # One that waited through an upgrade may lack a field that is new.
        given = {name: self.proposal.get(name, fields[name].get_default()) for name in self.START_FIELDS}
        return {name: fields[name].to_python(value) for name, value in given.items()}

    def take_start(self, values: Mapping[str, object]) -> None:
        """Become the start text. Raises ValidationError. Saves."""
        self._become(values)
        self.save()

    def propose(self, values: Mapping[str, object] | None) -> None:
        """Let a start text wait for staff to decide on it, or none. Saves."""
        self.proposal = values and dict(values)
        self.save(update_fields=["proposal"])

    def take_proposal(self) -> None:
        """Become the start text that waits. Raises ValidationError, ObjectDoesNotExist. Saves."""
        self._become(self.proposed)
        self.save()

    def keep_ours(self) -> None:
        """Let the start text that waits go, until it changes again. Raises ObjectDoesNotExist. Saves."""
        self.settle(digest(*self.proposed.values()))

    def settle(self, start_digest: str) -> None:
        """Leave the text as it is, whatever the start text with this digest says. Saves."""
        self.start_digest, self.proposal = start_digest, None
        self.save(update_fields=["start_digest", "proposal"])

    def _become(self, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.full_clean()
        self.start_digest = self.digest
        self.proposal = None
