"""The Markdown of the pages: tables, citations like `[@FAVA; @PHILLIPS]`, words of the glossary like `[[placebo]]`.

A figure like `[figure: day]` has a paragraph of its own. No HTML, no pictures, no links to other sites.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from content import figures

KEY = r"[A-Za-z0-9][A-Za-z0-9-]*"
TERM = re.compile(r"\[\[([^\[\]\n]{1,80})\]\]")
CITATION = re.compile(rf"\[(@{KEY}(?:\s*;\s*@{KEY})*)\]")
FIGURE = re.compile(r"\[figure:\s*([^\]\s]+)\s*\]")

# A path on this site, a place on the page, or a way to reach someone; not `//host`, nor `/\host`, which is read alike.
OWN_LINK = re.compile(r"(?:/(?![/\\])|#|tel:|sms:|mailto:)[^\x00-\x20\\]*", re.IGNORECASE)


def is_own_link(url: str) -> bool:
    return OWN_LINK.fullmatch(url) is not None


def tokens_of(text: str) -> list[Token]:
    return parser.parse(text)


def inline_tokens_of(text: str) -> list[Token]:
    return parser.parseInline(text)


def walk(tokens: list[Token]) -> Iterator[Token]:
    """Every token, with those inside a line of text, in reading order."""
    for token in tokens:
        yield token
        yield from walk(token.children or [])


def plain(tokens: list[Token]) -> str:
    """The words alone, without citations and marks."""
    return "".join(
        " " if token.type == "softbreak" else token.content
        for token in walk(tokens)
        if token.type in ("text", "term", "softbreak")
    ).strip()


@lru_cache(maxsize=512)
def cited_keys(*texts: str) -> tuple[str, ...]:
    """The keys of the sources that the texts cite, each once, in reading order."""
    found = (key for text in texts for token in walk(tokens_of(text)) for key in _keys_of(token))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=512)
def figure_names(text: str) -> tuple[str, ...]:
    return tuple(token.meta["name"] for token in tokens_of(text) if token.type == "figure")


def marked_forms(*texts: str) -> set[str]:
    """The words that the texts mark as explained in the glossary, in small letters."""
    tokens = (token for text in texts for token in walk(tokens_of(text)))
    return {token.content.lower() for token in tokens if token.type == "term"}


def _keys_of(token: Token) -> tuple[str, ...]:
    if token.type == "figure":
        return figures.cited_keys(token.meta["name"])
    return (token.meta["key"],) if token.type == "citation" else ()


def faults(text: str) -> list[str]:
    """What readers would see broken, a sentence each with what to do."""
    tokens = list(walk(_unguarded.parse(text)))
    links = (str(token.attrs["href"]) for token in tokens if token.type == "link_open")
    return [
        *(
            f"The link to “{url}” leaves the site. Cite it as a source instead."
            for url in links
            if not is_own_link(url)
        ),
        *_heading_faults(tokens),
        *(
            f"The citation in “{token.content[:60]}” is malformed. Write it like [@FAVA] or [@FAVA; @PHILLIPS]."
            for token in tokens
            if token.type == "text" and "[@" in token.content
        ),
        *_figure_faults(tokens),
    ]


def _figure_faults(tokens: list[Token]) -> Iterator[str]:
    """A figure that still reads as text was not recognised."""
    for token in tokens:
        if token.type != "text" or "[figure" not in token.content:
            continue
        names = FIGURE.findall(token.content)
        if not names:
            yield f"The figure in “{token.content[:60]}” is malformed. Write it like [figure: {figures.NAMES[0]}]."
        for name in names:
            if name in figures.NAMES:
                yield f"The figure {name} stands inside other text or a second time. Give it one paragraph of its own."
            else:
                yield f"No figure has the name {name}. There are: {', '.join(figures.NAMES)}."


def _heading_faults(tokens: list[Token]) -> Iterator[str]:
    """The title is the page's only first-level heading; below it no level is skipped."""
    above = 1
    for token, text in pairwise(tokens):
        if token.type != "heading_open":
            continue
        level = int(token.tag[1])
        if level == 1:
            yield f"The heading “{text.content}” is of level 1, as only the title is. Begin it with ## instead."
        elif level > (deepest := min(above + 1, 4)):
            yield f"The heading “{text.content}” skips a level or is below level 4. Begin it with {'#' * deepest}."
        above = level


def _citation(state: StateInline, silent: bool) -> bool:
    """Read one `[@KEY; @KEY]` into a `citation` token for each key, `first` and `last` in its bracket marked."""
    match = CITATION.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        _close_gap(state)
        keys = [key.strip().removeprefix("@") for key in match[1].split(";")]
        for at, key in enumerate(keys):
            state.push("citation", "", 0).meta = {"key": key, "first": at == 0, "last": at == len(keys) - 1}
    state.pos = match.end()
    return True


def _term(state: StateInline, silent: bool) -> bool:
    """Read one `[[word]]` into a `term` token."""
    match = TERM.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("term", "", 0).content = match[1].strip()
    state.pos = match.end()
    return True


def _figures(state: StateCore) -> None:
    """Turn the first paragraph that is only a figure's name into a `figure` token, but not in lists or quotations."""
    shown: dict[str, int] = {}
    for at, token in enumerate(state.tokens[:-1]):
        match = FIGURE.fullmatch(state.tokens[at + 1].content) if token.type == "paragraph_open" else None
        if match and match[1] in figures.NAMES and token.level == 0:
            shown.setdefault(match[1], at)
    for name, at in sorted(shown.items(), key=lambda found: -found[1]):
        state.tokens[at : at + 3] = [Token("figure", "", 0, block=True, meta={"name": name})]


def _close_gap(state: StateInline) -> None:
    """A number stays with the word that it belongs to: take away the space or line break before it."""
    state.pending = state.pending.rstrip()
    if not state.pending and state.tokens and state.tokens[-1].type == "softbreak":
        state.tokens.pop()
        state.tokens_meta.pop()


def _parser_with(*, guarded: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.inline.ruler.before("link", "citation", _citation)
    parser.inline.ruler.before("link", "term", _term)
    parser.core.ruler.after("block", "figures", _figures)
    parser.validateLink = is_own_link if guarded else (lambda url: True)  # type: ignore[method-assign]
    return parser


parser = _parser_with(guarded=True)
_unguarded = _parser_with(guarded=False)  # to name the links that the other one leaves as text
