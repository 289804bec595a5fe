"""The texts that the site starts with keep the rules of the house."""

import re
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.urls import resolve
from markdown_it.token import Token

from clinic.models import ClinicProfile
from content import markdown, start
from content.models import Edition, Page, Source
from content.rendering import render
from tests.content.markup import Markup

TEXTS = {(language, slug): values for language, slug, values in start.read_pages(start.FOLDER)}
SLUGS = {
    "home",
    "why-ketamine",
    "types",
    "mechanism",
    "side-effects",
    "notes",
    "your-visit",
    "get-help-now",
    "privacy",
    "accessibility",
}

# Numbers that are no medical statement.
UNSOURCED = re.compile(r"\b(?:988|911)\b")

# Advertising talk, and words that hurt.
BLOCKED = [
    "safe",
    "easy",
    "painless",
    "proven",
    "cures?",
    "miracle",
    "breakthrough",
    "game-changer",
    "revolutionary",
    "instant(?:ly)?",
    "guaranteed",
    "no side effects",
    "non-addictive",
    "addictive like opioids",
    "natural",
    "last chance",
    "best",
    "leading",
    "#1",
    "success rate",
    "rewires?",
    "resets?",
    "chemical imbalance",
    "commit(?:s|ted)? suicide",
    "(?:un)?successful suicide",
    "failed suicide",
]

each_page = pytest.mark.parametrize("page", sorted(TEXTS), ids="/".join)


@pytest.fixture
def site(db, client):
    call_command("load_pages", stdout=StringIO())
    return client


def blocks(text: str) -> Iterator[list[Token]]:
    """The tokens of each paragraph, heading, list item or table row of a text."""
    row: list[Token] | None = None
    for token in markdown.tokens_of(text):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            assert row is not None
            yield row
            row = None
        elif token.type == "inline" and row is not None:
            row += [*(token.children or []), Token("softbreak", "", 0)]
        elif token.type == "inline":
            yield token.children or []


def words_of(values: dict[str, str]) -> list[str]:
    return [markdown.plain(block) for text in (values["summary"], values["body"]) for block in blocks(text)]


def unsourced_numbers(text: str) -> list[str]:
    """Blocks that hold a number, which is not on the short list above, and no citation."""
    return [
        markdown.plain(block)
        for block in blocks(text)
        if re.search(r"\d", UNSOURCED.sub("", markdown.plain(block)))
        and not any(token.type == "citation" for token in block)
    ]


def blocked(sentence: str) -> list[str]:
    """The phrases of a sentence that may not appear."""
    found = [phrase for phrase in BLOCKED if re.search(rf"(?<![\w-]){phrase}(?![\w-])", sentence, re.IGNORECASE)]
    if re.search("FDA.approved", sentence, re.IGNORECASE) and not re.search(
        "Spravato|anesthe", sentence, re.IGNORECASE
    ):
        found.append("FDA-approved")
    return found


def test_the_number_check_notices_a_bare_number_in_text_list_and_table():
    text = "Half, or 5 in 10.\n\n- 40 minutes\n\n| 3 | a |\n|---|---|\n| 4 [@A] | b |\n\n6 [@A]. Call 988."

    assert unsourced_numbers(text) == ["Half, or 5 in 10.", "40 minutes", "3 a"]


def test_the_phrase_check_notices_advertising_talk_and_leaves_other_words_alone():
    assert blocked("A safe, rapid and easy cure, FDA-approved.") == ["safe", "easy", "cures?", "FDA-approved"]
    assert blocked("Safety comes first: Spravato is FDA-approved; the unsafe is not.") == []


def test_the_pages_that_the_site_promises_are_there():
    assert {slug for language, slug in TEXTS if language == "en"} == SLUGS


def test_every_start_text_loads_and_is_shown(site):
    assert Edition.objects.live().filter(page__language="en").count() == len(SLUGS)
    assert [site.get(page.get_absolute_url()).status_code for page in Page.objects.all()] == [200] * len(TEXTS)


@each_page
def test_every_number_has_a_source(page):
    values = TEXTS[page]

    assert unsourced_numbers(values["summary"]) + unsourced_numbers(values["body"]) == []


@each_page
def test_no_page_holds_advertising_talk(page):
    values = TEXTS[page]
    sentences = [part for words in [*words_of(values), values["title"]] for part in re.split(r"(?<=[.!?])\s+", words)]

    assert {sentence: found for sentence in sentences if (found := blocked(sentence))} == {}


def test_every_source_is_cited(site):
    assert list(Source.objects.filter(pages=None)) == []


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
    values = TEXTS[page]
    language, _ = page
    sections = {
        f"#{heading['id']}" for heading in Markup(render("", values["body"], (), language).body).all("h2", "h3", "h4")
    }

    for token in markdown.walk(markdown.tokens_of(values["summary"] + "\n\n" + values["body"])):
        if token.type != "link_open":
            continue
        address = str(token.attrs["href"])
        if address.startswith("#"):
            assert address in sections
        elif address.startswith("/"):
            match = resolve(address.split("#")[0])
            assert match.url_name != "page" or (language, match.kwargs["slug"]) in TEXTS


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
    assert [address for address in fetched if is_foreign(address) and "://testserver" not in address] == []


def is_foreign(address: str | None) -> bool:
    return address is not None and "//" in address


def show(client, page: tuple[str, str]):
    return client.get(Page.objects.get(language=page[0], slug=page[1]).get_absolute_url())
