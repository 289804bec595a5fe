from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

from content.models import HOME, Edition, Page

CACHE_SECONDS = 300  # how long a correction may take to reach everyone


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An answer that is the same for everyone, so that caches may keep it and nothing secret is compressed with it.

    The ETag is that of the whole answer, which also holds the menu and the crisis lines. There is no Last-Modified:
    the page's own date would let a cache keep a crisis line that has changed since.
    """
    return require_safe(gzip_page(cache_control(public=True, max_age=CACHE_SECONDS)(conditional_page(view))))


@public_page
def home(request: HttpRequest) -> HttpResponse:
    return show(request, _published(HOME))


@public_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug == HOME:  # its one address is the site's root
        raise Http404
    return show(request, _published(slug))


def _published(slug: str) -> Edition:
    editions = Edition.objects.live().filter(page__language=get_language())
    return get_object_or_404(editions.with_sources(), page__slug=slug)


def show(request: HttpRequest, page: Edition | Page) -> HttpResponse:
    """Render a text that comes with its sources; `content/pages/SLUG.html` replaces the common template."""
    templates = [f"content/pages/{page.slug}.html", "content/page.html"]
    return render(request, templates, {"page": page, "rendered": page.rendered})
