"""Pages and sources for tests."""

from typing import Any

from content.models import Page, Source, Term
from content.rendering import Reference


def make_source(key: str = "FAVA", **fields: Any) -> Source:
    given = {"title": f"Title of {key}", "authors": "Fava M, et al.", "container": "Mol Psychiatry", "mark": "V"}
    return Source.objects.create(key=key, **{**given, "doi": "10.1038/s41380-018-0256-5", **fields})


def make_page(slug: str = "types", *, published: bool = True, **fields: Any) -> Page:
    given = {"title": "Types of ketamine", "summary": "There are two.", "body": "## Racemic\n\nA mix."}
    page = Page.objects.create(slug=slug, **{**given, **fields})
    if published:
        page.publish()
    return page


def make_term(key: str = "placebo", **fields: Any) -> Term:
    given = {"name": key, "forms": key, "definition": f"What {key} means."}
    return Term.objects.create(key=key, **{**given, **fields})


def reference(key: str, **fields: Any) -> Reference:
    given = {"authors": "Fava M", "title": "Trial", "container": "", "year": None, "note": "", "url": "", "doi": ""}
    return Reference(key=key, **{**given, "mark": "V", **fields})
