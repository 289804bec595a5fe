from django import template
from django.http import HttpRequest

from clinic.signin import session

register = template.Library()


@register.filter
def is_signed_in(request: HttpRequest) -> bool:
    """Whether somebody is signed in, and with both factors where two are asked for."""
    return request.user.is_authenticated and session.is_complete(request)
