from content.models.edition import Edition, EditionQuerySet, Review
from content.models.opening import Opening, OpeningQuerySet
from content.models.page import HOME, Page, PageQuerySet
from content.models.redirect import Redirect
from content.models.source import Citation, Source
from content.models.start_text import StartText, digest, languages
from content.models.term import Term

__all__ = [
    "HOME",
    "Citation",
    "Edition",
    "EditionQuerySet",
    "Opening",
    "OpeningQuerySet",
    "Page",
    "PageQuerySet",
    "Redirect",
    "Review",
    "Source",
    "StartText",
    "Term",
    "digest",
    "languages",
]
