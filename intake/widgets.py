from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake import fhir

SELECT_FROM = 10  # options: fewer are radio buttons

DATE_PARTS = {"month": (_("Month"), 2), "day": (_("Day"), 2), "year": (_("Year"), 4)}  # label, digits
DATE_ORDER = {"en": ("month", "day", "year"), "es": ("day", "month", "year")}  # as people write it


class DatePart(forms.TextInput):
    def __init__(self, part: str, autocomplete: bool) -> None:
        self.part_label, digits = DATE_PARTS[part]
        attrs = {"inputmode": "numeric", "maxlength": digits, "size": digits}
        super().__init__(attrs | ({"autocomplete": f"bday-{part}"} if autocomplete else {}))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["part_label"] = self.part_label
        return context


class DateParts(forms.MultiWidget):
    """Three text fields, named as the engine reads them: q7-month, q7-day, q7-year."""

    template_name = "forms/date_parts.html"

    def __init__(self, language: str = "en", *, autocomplete: bool = False) -> None:
        order = DATE_ORDER[language]
        super().__init__({part: DatePart(part, autocomplete) for part in order})
        self.widgets_names = [f"-{part}" for part in order]

    def decompress(self, value: Any) -> list[Any]:
        return [None] * len(DATE_PARTS)


AUTOCOMPLETE = {"name": "name", "email": "email", "phone": "tel"}  # code of an identity item -> HTML token


def widget_for(item: fhir.Item, language: str, identity_code: str) -> forms.Widget:
    """The control that the subset gives to the item's type. Options post their position."""
    if item.type == "boolean":
        return forms.RadioSelect(choices=[("true", _("Yes")), ("false", _("No"))])
    if item.type == "choice":
        return _choice(item, [(str(at), option.display(language)) for at, option in enumerate(item.options)])
    if item.type == "date":
        return DateParts(language, autocomplete=identity_code == "birth-date")
    return _text(item, identity_code)


def _choice(item: fhir.Item, choices: list[tuple[str, str]]) -> forms.Widget:
    if item.repeats:
        return forms.CheckboxSelectMultiple(choices=choices)
    if len(choices) >= SELECT_FROM or item.control == "drop-down":
        return forms.Select(choices=[("", _("Choose one")), *choices])
    return forms.RadioSelect(choices=choices)


def _text(item: fhir.Item, identity_code: str) -> forms.Widget:
    attrs: dict[str, Any] = {}
    if identity_code in AUTOCOMPLETE:
        attrs["autocomplete"] = AUTOCOMPLETE[identity_code]
    if item.type == "text":
        return forms.Textarea(attrs | {"rows": 4})
    if item.type in ("integer", "decimal"):
        return forms.TextInput(attrs | {"inputmode": "numeric" if item.type == "integer" else "decimal", "size": 8})
    return _INPUTS.get(identity_code, forms.TextInput)(attrs)


class TelInput(forms.TextInput):
    input_type = "tel"


_INPUTS: dict[str, type[forms.TextInput | forms.EmailInput]] = {"email": forms.EmailInput, "phone": TelInput}
