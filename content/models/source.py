from typing import ClassVar

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import Q

from content import markdown
from content.models.start_text import StartText


class Source(StartText):
    """A publication that pages cite by its key."""

    class Mark(models.TextChoices):
        PRIMARY = "V", "Read in the publication itself"
        SECONDARY = "V2", "Read in a secondary page"

    key = models.CharField(
        max_length=40, unique=True, validators=[RegexValidator(rf"\A{markdown.KEY}\Z")], help_text="Cited as [@KEY]."
    )
    authors = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=500)
    container = models.CharField("journal or body", max_length=300, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    url = models.CharField("address", max_length=500, blank=True, validators=[URLValidator(schemes=["https", "http"])])
    doi = models.CharField(
        "DOI",
        max_length=200,
        blank=True,
        validators=[
            RegexValidator(r"\A10\.\d{4,9}/\S+\Z", "Enter the DOI alone, such as 10.1176/appi.ajp.2018.18070834.")
        ],
    )
    note = models.TextField(blank=True, help_text="Printed after the source.")
    mark = models.CharField(max_length=2, choices=Mark)
    updated_at = models.DateTimeField(auto_now=True)

    START_FIELDS = ("authors", "title", "container", "year", "url", "doi", "note", "mark")

    class Meta:
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(mark__in=["V", "V2"]), name="source_mark_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"


class Citation(models.Model):
    """That a page cites a source; kept by Page.save. A cited source cannot be deleted."""

    page = models.ForeignKey("content.Page", on_delete=models.CASCADE)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("page", "source", name="citation_once")]

    def __str__(self) -> str:
        return f"{self.page} cites {self.source.key}"
