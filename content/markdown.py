"""The Markdown of the pages: tables, citations like `[@FAVA; @PHILLIPS]`, words of the glossary like `[[placebo]]`.

No HTML, no pictures, no links to other sites.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

KEY = r"[A-Za-z0-9][A-Za-z0-9-]*"
TERM = re.compile(r"\[\[([^\[\]\n]{1,80})\]\]")
CITATION = re.compile(rf"\[(@{KEY}(?:\s*;\s*@{KEY})*)\]")

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


def cited_keys(*texts: str) -> tuple[str, ...]:
    """The keys of the sources that the texts cite, each once, in reading order."""
    found = (token.meta["key"] for text in texts for token in walk(tokens_of(text)) if token.type == "citation")
    return tuple(dict.fromkeys(found))


def marked_forms(*texts: str) -> set[str]:
    """The words that the texts mark as explained in the glossary, in small letters."""
    tokens = (token for text in texts for token in walk(tokens_of(text)))
    return {token.content.lower() for token in tokens if token.type == "term"}


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
    ]


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
    parser.validateLink = is_own_link if guarded else (lambda url: True)  # type: ignore[method-assign]
    return parser


parser = _parser_with(guarded=True)
_unguarded = _parser_with(guarded=False)  # to name the links that the other one leaves as text
