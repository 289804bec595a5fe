from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.http import escape_leading_slashes

from clinic.kept import pages
from clinic.languages import others
from clinic.models import ClinicProfile

_last_known: ClinicProfile | None = None


def clinic(request: HttpRequest) -> dict[str, object]:
    """Give every template the clinic's profile; the row is read only where a template uses it."""
    return {"clinic": SimpleLazyObject(_load), "site_url": settings.SITE_URL}


def languages(request: HttpRequest) -> dict[str, object]:
    """Give every template this very page in each other language."""
    return {"languages": SimpleLazyObject(lambda: others(_path(request)))}


def _path(request: HttpRequest) -> str:
    """What was asked for. An address that begins with // would be taken for one on another host."""
    return escape_leading_slashes(request.get_full_path())


def last_known_clinic() -> ClinicProfile | None:
    """Return the profile as this process read it last, without asking the database."""
    return _last_known


def _load() -> ClinicProfile | None:
    """Read the profile. While the database is away the last known one serves, for the sake of the crisis lines."""
    global _last_known
    try:
        _last_known = pages.remember("clinic profile", ClinicProfile.load)
    except (DatabaseError, InterfaceError):
        if _last_known is None:
            raise
    return _last_known
