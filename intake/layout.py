"""The crispy layout of a questionnaire's page: groups, paragraphs and questions, nested as in the form.

Nothing of a definition is ever compiled as a template: crispy's own Fieldset and HTML would do that.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from crispy_forms.layout import LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django.forms import Form
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from intake import fhir
from intake.models import ConsentText


class Wrapped(LayoutObject):  # type: ignore[misc]  # crispy-forms has no types
    """Fields, or other layout objects, inside a template of their own."""

    template: str
    fields: list[Any]

    def render(
        self, form: Form, context: Context, template_pack: str = str(TEMPLATE_PACK), **kwargs: Any
    ) -> SafeString:
        content = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string(self.template, {"block": self, "content": content})


class Block(Wrapped):
    """One item with what is below it. An item that is not enabled is there, hidden, for the live script."""

    template = "intake/block.html"

    def __init__(self, item: fhir.Item, text: str, *fields: Any, enabled: bool, rule: str | None) -> None:
        self.item, self.text, self.enabled, self.rule = item, text, enabled, rule
        self.fields = list(fields)


def blocks(items: Iterable[fhir.Item], language: str, enabled: frozenset[str], rules: Mapping[str, str]) -> list[Block]:
    return [
        Block(
            item,
            item.text(language),
            *([item.name] if fhir.field_names(item) else []),
            *blocks(item.items, language, enabled, rules),
            enabled=item.link_id in enabled,
            rule=rules.get(item.link_id),
        )
        for item in items
        if not item.hidden
    ]


class Trap(Wrapped):
    """A field that people neither see nor reach, and that programs fill in."""

    template = "intake/trap.html"

    def __init__(self, *fields: str) -> None:
        self.fields = list(fields)


class Agreement(Wrapped):
    """The text that the visitor agrees to, above its tick box."""

    template = "intake/agreement.html"

    def __init__(self, consent: ConsentText, *fields: str) -> None:
        self.consent, self.fields = consent, list(fields)
