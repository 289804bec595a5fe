from django import template
from django.db import models
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from clinic import told as rules

register = template.Library()


@register.filter
def told(row: models.Model | None, field: str) -> SafeString:
    """The field in the reader's language; one that is only there in English is marked as such, and says so."""
    text, language = rules.told(row, field)
    if language == get_language() or not text:
        return linebreaksbr(text)
    return format_html('<span lang="{}">{}</span> ({})', language, linebreaksbr(text), gettext("in English"))


@register.filter
def told_only(row: models.Model | None, field: str) -> str:
    """The field in the reader's language, or nothing: the sentence around it then says something else."""
    return rules.told_only(row, field)
