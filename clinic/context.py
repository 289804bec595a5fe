from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clinic.models import ClinicProfile


def clinic(request: HttpRequest) -> dict[str, object]:
    """Give every template the clinic's profile; the row is read only where a template uses it."""
    return {"clinic": SimpleLazyObject(ClinicProfile.load)}
