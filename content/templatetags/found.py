"""What the templates of the public pages ask for."""

import re
from itertools import groupby
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from clinic.models import ClinicProfile
from content import linked_data as data
from content.models import Edition, Page
from content.rendering import Rendered
from content.search.folding import fold

register = template.Library()

TAG = re.compile(r"<[a-zA-Z/][^<>]*>")
IDS = re.compile(r'( (?:id|for|headers|aria-labelledby|aria-describedby|aria-controls)=")([^"]*)"')
LINK = re.compile(r'((?:href="|url\()#)(?!term-)')
HEADING = re.compile(r"(?<=<)(/?)h([2-5])(?=[ >])")


@register.simple_tag
def linked_data(page: Edition | Page, rendered: Rendered, clinic: ClinicProfile | None) -> SafeString:
    return data.script(page, rendered, clinic)


@register.filter
def glossary(page: Edition | Page | None) -> list[dict[str, Any]]:
    """Every word of the page's language in the order of the alphabet; the page must come with its sources."""
    return sorted(page.term_rows, key=lambda term: fold(term["name"])) if page else []


@register.filter
def by_letter(terms: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(letter, list(words)) for letter, words in groupby(terms, lambda term: fold(term["name"])[:1].upper())]


@register.filter
def in_part(html: str, part: str) -> SafeString:
    """The HTML of a page as part of a longer one: ids of its own, headings a level lower. The glossary is shared."""
    return mark_safe(TAG.sub(lambda tag: _tag_in_part(tag[0], part), html))  # nosec B308 # rendered text


def _tag_in_part(tag: str, part: str) -> str:
    tag = IDS.sub(lambda found: found[1] + " ".join(f"{part}-{name}" for name in found[2].split()) + '"', tag)
    tag = LINK.sub(rf"\g<1>{part}-", tag)
    return HEADING.sub(lambda found: f"{found[1]}h{int(found[2]) + 1}", tag)
