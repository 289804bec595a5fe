"""The texts that the site starts with keep the rules of the house."""

import re
from itertools import pairwise

import pytest
from django.conf import settings
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from clinic.models import ClinicProfile
from content import markdown, start
from content.models import Edition, Page, Source
from content.rendering import render
from tests.content.markup import Markup
from tests.content.texts import FIGURE, LANGUAGES, TEXTS, blocks, each_page
from tests.stock import stock

SLUGS = {
    "home",
    "why-ketamine",
    "types",
    "mechanism",
    "side-effects",
    "notes",
    "your-visit",
    "get-help-now",
    "about",
    "privacy",
    "accessibility",
    "glossary",
}

# Where each figure stands; the page says in words what it shows.
FIGURES = {
    "trials": "why-ketamine",
    "two-kinds": "types",
    "mechanism": "mechanism",
    "how-often": "side-effects",
    "day": "your-visit",
}

# Numbers that are no medical statement.
UNSOURCED = re.compile(r"\b(?:988|oprima el 2|911|PHQ-9|GAD-7|WCAG 2\.2|320 (?:pixels|píxeles))(?!\w)")


@pytest.fixture
def site(db, client):
    stock("load_pages")
    yield client
    translation.deactivate()  # a Spanish page leaves its language behind in this process


def unsourced_numbers(text: str) -> list[str]:
    """Blocks that hold a number, which is not on the short list above, and no citation."""
    return [
        block.words for block in blocks(text) if re.search(r"\d", UNSOURCED.sub("", block.words)) and not block.is_cited
    ]


def test_the_number_check_notices_a_bare_number_in_text_list_and_table():
    text = "Half, or 5 in 10.\n\n- 40 minutes\n\n| 3 | a |\n|---|---|\n| 4 [@A] | b |\n\n6 [@A]. Call 988."

    assert unsourced_numbers(text) == ["Half, or 5 in 10.", "40 minutes", "3 a"]


def test_the_pages_that_the_site_promises_are_there():
    for code in LANGUAGES:
        assert {slug for language, slug in TEXTS if language == code} == SLUGS


def test_every_start_text_loads_and_is_shown(site):
    assert Edition.objects.live().count() == len(SLUGS) * len(LANGUAGES)
    assert [site.get(page.get_absolute_url()).status_code for page in Page.objects.all()] == [200] * len(TEXTS)


@each_page
def test_every_number_has_a_source(page):
    values = TEXTS[page]

    assert unsourced_numbers(values["summary"]) + unsourced_numbers(values["body"]) == []


def test_every_source_is_cited(site):
    assert list(Source.objects.filter(pages=None)) == []


@each_page
def test_every_source_was_read(page):
    """A fact that nobody looked up (K in the fact sheet) has no mark here, so that no page can lean on it."""
    marks = {key: values["mark"] for key, values in start.read_sources(start.FOLDER)}
    cited = markdown.cited_keys(TEXTS[page]["summary"], TEXTS[page]["body"])

    assert {key: marks.get(key) for key in cited if marks.get(key) not in ("V", "V2")} == {}


@each_page
def test_a_page_shows_its_figures_each_once_after_a_sentence_about_it(page):
    _, slug = page
    body = TEXTS[page]["body"]

    assert FIGURE.findall(body) == [name for name, place in FIGURES.items() if place == slug]
    for figure in FIGURE.finditer(body):
        before = body[: figure.start()].rstrip().splitlines()[-1]
        assert before.endswith((".", "]"))
        assert not before.startswith(("#", "-", "|"))


def test_every_source_can_be_found():
    """A DOI or an address where the fact sheet gives one; else a number of PubMed, or where and when it appeared."""
    lost = [
        key
        for key, source in start.read_sources(start.FOLDER)
        if not (source["doi"] or source["url"] or source["note"] or source["container"] or source["mark"] == "V2")
    ]
    assert lost == []


@each_page
def test_links_lead_to_pages_and_places_that_exist(page):
    language, slug = page

    for token in markdown.walk(markdown.tokens_of(TEXTS[page]["summary"] + "\n\n" + TEXTS[page]["body"])):
        if token.type != "link_open" or not str(token.attrs["href"]).startswith(("/", "#")):
            continue
        address, _, place = str(token.attrs["href"]).partition("#")
        match = resolve_in(language, address) if address else None
        linked = (language, match.kwargs.get("slug", "home") if match else slug)
        assert linked in TEXTS or (match and match.namespace != "content")
        assert not place or place in places_of(linked)


def test_the_link_check_notices_an_address_of_another_language():
    assert resolve_in("es", "/es/types/").kwargs == {"slug": "types"}
    assert resolve_in("es", "/es/contact/").namespace == "intake"
    for language, address in (("es", "/types/"), ("es", "/contact/"), ("es", "/"), ("en", "/es/types/")):
        with pytest.raises(Resolver404):
            resolve_in(language, address)


@each_page
def test_a_page_has_one_title_and_no_heading_skips_a_level(site, page):
    html = show(site, page).text
    main = html[html.index("<main") : html.index("</main>")]

    levels = [int(heading.tag[1]) for heading in Markup(main).all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert len(Markup(html).all("h1")) == 1
    assert levels[0] == 1
    assert [below for above, below in pairwise(levels) if below > above + 1] == []
    assert all(heading.text for heading in Markup(html).all("h1", "h2", "h3", "h4"))


@each_page
def test_no_id_is_given_twice_and_every_place_linked_to_is_there(site, page):
    elements = Markup(show(site, page).text).elements

    ids = [element["id"] for element in elements if element["id"]]
    assert len(ids) == len(set(ids))
    places = {element["href"][1:] for element in elements if (element["href"] or "").startswith("#")}
    assert places <= set(ids)


@each_page
def test_a_page_sets_no_cookie_and_leads_off_the_site_only_to_sources_and_crisis_chats(site, page):
    response = show(site, page)
    sources = {
        source.reference.link
        for source in Page.objects.with_sources().get(language=page[0], slug=page[1]).rendered.sources
    }
    chats = set(ClinicProfile.load().crisis_lines.exclude(chat_url="").values_list("chat_url", flat=True))

    elements = Markup(response.text).elements
    links = {element["href"] for element in elements if element.tag == "a" and is_foreign(element["href"])}
    fetched = {element["src"] or element["href"] for element in elements if element.tag != "a"}
    assert not response.cookies
    assert links <= sources | chats
    own = ("http://testserver/", settings.SITE_URL)
    assert [address for address in fetched if is_foreign(address) and not address.startswith(own)] == []


def resolve_in(language: str, address: str) -> ResolverMatch:
    """Find what an address leads to in a language; an address of another language raises Resolver404."""
    with translation.override(language):
        return resolve(address)


def places_of(page: tuple[str, str]) -> set[str | None]:
    html = render("", TEXTS[page]["body"], (), page[0]).body
    return {heading["id"] for heading in Markup(html).all("h2", "h3", "h4")}


def is_foreign(address: str | None) -> bool:
    return address is not None and "//" in address


def show(client, page: tuple[str, str]):
    return client.get(Page.objects.get(language=page[0], slug=page[1]).get_absolute_url())
