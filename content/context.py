from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from content.models import Edition


@dataclass(frozen=True, slots=True)
class MenuItem:
    title: str
    url: str


def menu(request: HttpRequest) -> dict[str, object]:
    """Give every template the menu of published pages; it is read only where a template uses it."""
    return {"menu": SimpleLazyObject(_menu)}


def _menu() -> list[MenuItem]:
    editions = Edition.objects.live().filter(page__language=get_language()).in_menu()
    return [MenuItem(edition.menu_title or edition.title, edition.get_absolute_url()) for edition in editions]
