from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models

from content.models.start_text import StartText, languages
from content.rendering import Definition


class Term(StartText):
    """A word that the glossary explains. A page marks it as `[[word]]`, in any of its forms."""

    key = models.SlugField(max_length=60)
    language = models.CharField(max_length=10, choices=languages, default="en")
    name = models.CharField(max_length=100)
    forms = models.TextField(
        "forms in a text", help_text="Every form that pages mark, one a line, in small letters: aneurysm, aneurysms."
    )
    definition = models.TextField(
        validators=[MaxLengthValidator(600)], help_text="One or two plain sentences, without marks or sources."
    )
    updated_at = models.DateTimeField(auto_now=True)

    START_FIELDS = ("name", "forms", "definition")

    class Meta:
        ordering: ClassVar = ["language", "name"]
        constraints: ClassVar = [models.UniqueConstraint("key", "language", name="term_once_in_each_language")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    def clean(self) -> None:
        self.forms = "\n".join(line.strip().lower() for line in self.forms.splitlines() if line.strip())
        others = Term.objects.filter(language=self.language).exclude(pk=self.pk)
        taken = set(self.forms.splitlines()) & {form for other in others for form in other.forms.splitlines()}
        if taken:
            raise ValidationError({"forms": f"Another term has this form already: {', '.join(sorted(taken))}."})

    @property
    def defined(self) -> Definition:
        return Definition(key=self.key, name=self.name, forms=self.forms, definition=self.definition)
