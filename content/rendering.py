"""Markdown into HTML that holds nothing but our own elements, with sources and explained words linked both ways."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import quote

import nh3
from django.utils import translation
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from content import figures, markdown

Env = MutableMapping[str, Any]  # what markdown-it hands from one render rule to the next


@dataclass(frozen=True, slots=True)
class Reference:
    """A source, as a page prints it."""

    key: str
    authors: str
    title: str
    container: str
    year: int | None
    note: str
    url: str
    doi: str
    mark: str

    @property
    def text(self) -> str:
        """Authors, title, journal and year, as a list of sources prints them."""
        place = ", ".join(str(part) for part in (self.container, self.year) if part)
        parts = (part.strip() for part in (self.authors, self.title, place))
        return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)

    @property
    def is_secondhand(self) -> bool:
        return self.mark == "V2"

    @property
    def link(self) -> str:
        return f"https://doi.org/{quote(self.doi, safe='/();:')}" if self.doi else self.url


@dataclass(frozen=True, slots=True)
class Definition:
    """A word of the glossary, with every form that a text marks, one a line."""

    key: str
    name: str
    forms: str
    definition: str


@dataclass(frozen=True, slots=True)
class Heading:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A source in the list at the foot, with the ids of the places that cite it."""

    number: int
    reference: Reference
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """A word in the list at the foot, with the id of the first place that uses it."""

    definition: Definition
    place: str


@dataclass(frozen=True, slots=True)
class Rendered:
    summary: SafeString
    body: SafeString
    description: str  # the summary's words, for search engines
    contents: tuple[Heading, ...]  # headings of level 2
    sources: tuple[Listed, ...]  # in the order of their numbers
    terms: tuple[Explained, ...]  # in the order of their names


class Numbering:
    """Numbers the sources in the order in which the text first cites them."""

    def __init__(self, references: Sequence[Reference]) -> None:
        self._known = {reference.key: reference for reference in references}
        self._places: dict[str, list[str]] = {}

    def cite(self, key: str) -> SafeString:
        """Return the link from one place in the text to the source's entry."""
        if key not in self._known:  # models refuse this; the reader is told rather than left with a bare claim
            return format_html("<span>[{}]</span>", gettext("source missing"))
        places = self._places.setdefault(key, [])
        number = list(self._places).index(key) + 1
        places.append(f"cite-{number}-{len(places) + 1}")
        return format_html(
            '<a href="#source-{0}" id="{1}"><span class="visually-hidden">{2} </span>{0}</a>',
            number,
            places[-1],
            gettext("Source"),
        )

    def listed(self) -> tuple[Listed, ...]:
        cited = enumerate(self._places.items(), start=1)
        return tuple(Listed(number, self._known[key], tuple(places)) for number, (key, places) in cited)


class Glossary:
    """Finds the definition of each marked word, and remembers which the text uses."""

    def __init__(self, definitions: Sequence[Definition]) -> None:
        self._known = {form: definition for definition in definitions for form in definition.forms.splitlines()}
        self._used: dict[str, Definition] = {}

    def mark(self, word: str) -> SafeString:
        """Return the link from a word in the text to its definition; a word without one stays as it is."""
        definition = self._known.get(word.lower())
        if definition is None:
            return format_html("{}", word)
        first = definition.key not in self._used
        self._used[definition.key] = definition
        place = format_html(' id="{}"', _use(definition)) if first else ""
        return format_html('<a class="term" href="#term-{}"{}>{}</a>', definition.key, place, word)

    def explained(self) -> tuple[Explained, ...]:
        used = sorted(self._used.values(), key=lambda definition: definition.name.lower())
        return tuple(Explained(definition, _use(definition)) for definition in used)


def _use(definition: Definition) -> str:
    return f"use-{definition.key}"


@lru_cache(maxsize=256)  # keyed by the whole content, so an edit is never served stale
def render(
    summary: str, body: str, references: tuple[Reference, ...], language: str, terms: tuple[Definition, ...] = ()
) -> Rendered:
    with translation.override(language):
        env: Env = {"numbering": Numbering(references), "glossary": Glossary(terms), "language": language}
        lead = markdown.inline_tokens_of(summary)
        tokens = markdown.tokens_of(body)
        contents = mark_up(tokens)
        return Rendered(
            summary=_html(lead, env),
            body=_html(tokens, env),
            description=markdown.plain(lead),
            contents=contents,
            sources=env["numbering"].listed(),
            terms=env["glossary"].explained(),
        )


def mark_up(tokens: list[Token]) -> tuple[Heading, ...]:
    """Give headings their ids and tables their names; return the headings of level 2."""
    contents: list[Heading] = []
    ids: set[str] = set()
    heading, tables = "", 0
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = markdown.plain(tokens[at + 1].children or [])
            token.attrSet("id", _unused(slugify(heading), ids))
            if token.tag == "h2":
                contents.append(Heading(str(token.attrs["id"]), heading))
        elif token.type == "table_open":
            tables += 1
            table = gettext("Table")  # inside the f-string it would not be found for the catalogue
            token.meta["name"] = f"{table} {tables}: {heading}".removesuffix(": ")
        elif token.type == "th_open" and tokens[at + 1].content:
            token.attrSet("scope", "col")
        elif token.type == "th_open":  # an empty corner heads nothing
            token.tag = tokens[at + 2].tag = "td"
    return tuple(contents)


def _unused(slug: str, ids: set[str]) -> str:
    """An id like `section-slug`; the prefix keeps a heading from taking an id of the page around it."""
    base = f"section-{slug}".rstrip("-")
    found = base
    while found in ids:
        found = f"{base}-{len(ids)}"
    ids.add(found)
    return found


class _Renderer(RendererHTML):
    def citation(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: Env) -> str:
        meta = tokens[at].meta
        before = '<sup class="cite">' if meta["first"] else ", "
        return before + str(env["numbering"].cite(meta["key"])) + ("</sup>" if meta["last"] else "")

    def term(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: Env) -> str:
        return str(env["glossary"].mark(tokens[at].content))

    def table_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: Env) -> str:
        """A wide table scrolls in a box of its own, which the keyboard reaches too."""
        name = escape(tokens[at].meta["name"])
        return f'<div class="table-scroll" role="region" tabindex="0" aria-label="{name}"><table>'

    def table_close(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: Env) -> str:
        return "</table></div>"


_renderer = _Renderer()
# The parser already leaves raw HTML as text and foreign links as text. This is the second lock.
_cleaner = nh3.Cleaner(
    tags={"p", "br", "hr", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "a", "sup", "span", "div"}
    | {"table", "thead", "tbody", "tr", "th", "td"},
    clean_content_tags={"script", "style"},
    attributes={
        "*": set(),  # the default lets title and lang through
        "a": {"href", "id"},
        "h2": {"id"},
        "h3": {"id"},
        "h4": {"id"},
        "div": {"aria-label"},
        "ol": {"start"},
    },
    tag_attribute_values={
        "a": {"class": {"term"}},
        "div": {"class": {"table-scroll"}, "role": {"region"}, "tabindex": {"0"}},
        "span": {"class": {"visually-hidden"}},
        "sup": {"class": {"cite"}},
        "th": {"scope": {"col"}},
    },
    attribute_filter=lambda tag, name, value: value if name != "href" or markdown.is_own_link(value) else None,
    url_schemes={"tel", "sms", "mailto"},
    link_rel=None,
)


def _html(tokens: Sequence[Token], env: Env) -> SafeString:
    """The text is cleaned; the figures between its parts are our own and hold nothing that anybody wrote."""
    html = ""
    for is_figure, run in groupby(tokens, key=lambda token: token.type == "figure"):
        if is_figure:
            drawn = [figures.draw(token.meta["name"], env["language"], env["numbering"].cite) for token in run]
            html += "".join(drawn)
        else:
            html += _cleaner.clean(_renderer.render(list(run), markdown.parser.options, env))
    return mark_safe(html)  # nosec B308 # cleaned above
