"""Pages and sources for tests."""

from typing import Any

from content.models import Page, Source
from content.rendering import Reference


def make_source(key: str = "FAVA", **fields: Any) -> Source:
    given = {"title": f"Title of {key}", "authors": "Fava M, et al.", "container": "Mol Psychiatry", "mark": "V"}
    return Source.objects.create(key=key, **{**given, "doi": "10.1038/s41380-018-0256-5", **fields})


def make_page(slug: str = "types", **fields: Any) -> Page:
    given = {"title": "Types of ketamine", "summary": "There are two.", "body": "## Racemic\n\nA mix."}
    return Page.objects.create(slug=slug, **{**given, "status": Page.Status.PUBLISHED, **fields})


def reference(key: str, **fields: Any) -> Reference:
    given = {"authors": "Fava M", "title": "Trial", "container": "", "year": None, "note": "", "url": "", "doi": ""}
    return Reference(key=key, **{**given, "mark": "V", **fields})
