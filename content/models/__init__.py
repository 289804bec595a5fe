from content.models.edition import Edition, EditionQuerySet, Review
from content.models.page import HOME, Page, PageQuerySet
from content.models.source import Citation, Source
from content.models.start_text import StartText, digest, languages
from content.models.term import Term

__all__ = [
    "HOME",
    "Citation",
    "Edition",
    "EditionQuerySet",
    "Page",
    "PageQuerySet",
    "Review",
    "Source",
    "StartText",
    "Term",
    "digest",
    "languages",
]
