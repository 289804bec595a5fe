"""What the crispy template pack in templates/forms/ asks of a bound field."""

from django import template
from django.forms import BoundField, MultiWidget
from django.forms.widgets import ChoiceWidget

register = template.Library()

IN_A_ROW = 4  # options; more than that stand below each other
SHORT = 24  # characters of an option that may share its row with others
DATE_PARTS = {"-month": (1, 12), "-day": (1, 31), "-year": (1000, 9999)}


@register.filter
def first_control(field: BoundField) -> str:
    """The id of the control where a mistake is mended: of a group the first one, of a date the first wrong part."""
    if field.id_for_label:
        return field.id_for_label
    widget = field.field.widget
    part = _first_wrong_part(widget, field.value()) if isinstance(widget, MultiWidget) else 0
    return f"{field.auto_id}_{part}"


def _first_wrong_part(widget: MultiWidget, value: object) -> int:
    values = value if isinstance(value, list) else widget.decompress(value) or []
    names: list[str] = getattr(widget, "widgets_names")  # noqa: B009  (unknown to Django's types)
    for at, (name, part) in enumerate(zip(names, values, strict=True)):
        lowest, highest = DATE_PARTS.get(name, (0, 0))
        text = str(part or "").strip()
        if highest and not (text.isdecimal() and lowest <= int(text) <= highest):
            return at
    return 0


@register.filter
def fits_in_a_row(field: BoundField) -> bool:
    """Whether the options are few and short enough to stand side by side on a wide screen."""
    widget = field.field.widget
    if not isinstance(widget, ChoiceWidget):
        return False
    labels = [str(label) for _, label in widget.choices]
    return len(labels) <= IN_A_ROW and all(len(label) <= SHORT for label in labels)
