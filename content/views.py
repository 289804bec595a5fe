from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from clinic.languages import alternates
from content.models import HOME, Page
from content.translations import versions_of

CACHE_SECONDS = 300  # how long a correction may take to reach everyone


# The ETag is that of the whole answer, which also holds the menu and the crisis lines. There is no Last-Modified:
# the page's own date would let a cache keep a crisis line that has changed since.
@require_safe
@cache_control(public=True, max_age=CACHE_SECONDS)
@conditional_page
def home(request: HttpRequest) -> HttpResponse:
    return show(request, _published(HOME))


@require_safe
@cache_control(public=True, max_age=CACHE_SECONDS)
@conditional_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug == HOME:  # its one address is the site's root
        raise Http404
    return show(request, _published(slug))


def _published(slug: str) -> Page:
    pages = Page.objects.published().filter(language=get_language())
    return get_object_or_404(pages.with_sources(), slug=slug)


def show(request: HttpRequest, page: Page) -> HttpResponse:
    """Render a page that comes with its sources; `content/pages/SLUG.html` replaces the common template."""
    templates = [f"content/pages/{page.slug}.html", "content/page.html"]
    context = {"page": page, "rendered": page.rendered, "alternates": alternates(versions_of(page.slug))}
    return render(request, templates, context)
