from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import select_template
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control

from clinic import allowances
from clinic.allowances import NO_WAIT, render_or_pause
from clinic.kept import kept_page
from clinic.methods import read_only
from clinic.networks import network_of
from content.forms import SearchForm
from content.models import HOME, Edition, EditionQuerySet, Page, Redirect
from content.search import calls_for_help, search

CACHE_SECONDS = 300  # how long a correction may take to reach everyone
GLOSSARY = "glossary"


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An answer that is the same for everyone, so that caches may keep it and nothing secret is compressed with it.

    The ETag is that of the whole answer, which also holds the menu and the crisis lines. There is no Last-Modified:
    the page's own date would let a cache keep a crisis line that has changed since.
    """
    return read_only(kept_page(cache_control(public=True, max_age=CACHE_SECONDS)(view)))


@public_page
def home(request: HttpRequest) -> HttpResponse:
    return show(request, get_object_or_404(_live().with_sources(), page__slug=HOME))


@public_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The page, or the way from an address that it had once; a page that took over an address comes first."""
    if slug == HOME:  # its one address is the site's root
        raise Http404
    edition = _live().with_sources().filter(page__slug=slug).first()
    if edition is None:
        old = get_object_or_404(Redirect.objects.live(), slug=slug, language=get_language())
        return redirect(old.page, permanent=True)
    return show(request, edition)


@public_page
def handout(request: HttpRequest) -> HttpResponse:
    """Every page on one, for people who want paper."""
    editions = list(_live().with_sources().order_by("order", "page__slug"))
    context = {
        "parts": [edition for edition in editions if edition.slug != GLOSSARY],
        "any_part": editions[0] if editions else None,
        "newest": max((edition.live_at for edition in editions), default=None),
    }
    return render(request, "content/handout.html", context)


@read_only
def search_pages(request: HttpRequest) -> HttpResponse:
    """What was asked for is in this answer and nowhere else: it is not kept, not logged and not cached.

    Too many searches are put off, but whoever calls for help still gets the crisis lines first.
    """
    form = SearchForm(request.GET)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    help_is_due = calls_for_help(request.GET.get("q", "")[:1000])
    wait = allowances.SEARCH.take(network_of(request)) if query else NO_WAIT
    # Nobody who writes of dying is told what they may have meant.
    answer = search(query, get_language() or "", corrects=not help_is_due) if query and not wait else None
    context = {"form": form, "query": query, "answer": answer, "help_is_due": help_is_due}
    return render_or_pause(request, "content/search.html", context, wait, status=422 if form.errors else 200)


def _live() -> EditionQuerySet:
    return Edition.objects.live().filter(page__language=get_language())


def show(request: HttpRequest, page: Edition | Page, frame: str = "", **context: object) -> HttpResponse:
    """Render a text that comes with its sources; `content/pages/SLUG.html` replaces the common template.

    A `frame` is a template that extends `framed`, the one that readers would get.
    """
    templates = [f"content/pages/{page.slug}.html", "content/page.html"]
    context |= {"page": page, "rendered": page.rendered}
    if frame:
        return render(request, frame, context | {"framed": select_template(templates)})
    return render(request, templates, context)
