"""The addresses that fail in every way, and one that lets out what it is sent, so that the search has to find it.

It is among those of staff, because only they have a session.
"""

import sys

from django.contrib import messages
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.clinic import failing_urls


def let_out(request: HttpRequest) -> HttpResponse:
    text = request.POST["text"]
    print(text, file=sys.stderr)
    cache.set("planted", text)
    messages.info(request, text)
    response = HttpResponse(text, status=400, headers={"Location": f"/?q={text}", "X-Planted": text})
    response.set_cookie("planted", text)
    request.session.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [text])
    return response


urlpatterns = [path("admin/let-out/", let_out), *failing_urls.urlpatterns]
handler400, handler403 = failing_urls.handler400, failing_urls.handler403
handler404, handler500 = failing_urls.handler404, failing_urls.handler500
