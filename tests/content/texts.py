"""The start texts as tests read them: their words, sentences and sections, without marks, citations and figures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from markdown_it.token import Token

from content import markdown, start

TEXTS = {(language, slug): values for language, slug, values in start.read_pages(start.FOLDER)}
TERMS = {(language, key): values for language, key, values in start.read_terms(start.FOLDER)}
LANGUAGES = sorted({language for language, _ in TEXTS})

FIGURE = re.compile(r"^\[figure: ([a-z-]+)\]$", re.MULTILINE)
MARKED = re.compile(r"\[\[([^\[\]]+)\]\]")

each_page = pytest.mark.parametrize("page", sorted(TEXTS), ids="/".join)
each_language = pytest.mark.parametrize("language", LANGUAGES)


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading, a list item or a row of a table."""

    kind: str  # paragraph, heading or row
    level: str  # of a heading: h2
    tokens: tuple[Token, ...]

    @property
    def words(self) -> str:
        return markdown.plain(list(self.tokens))

    @property
    def is_cited(self) -> bool:
        return any(token.type == "citation" for token in self.tokens)


def blocks(text: str) -> Iterator[Block]:
    row: list[Token] | None = None
    above = Token("", "", 0)
    for token in markdown.tokens_of(MARKED.sub(r"\1", FIGURE.sub("", text))):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield Block("row", "", tuple(row or ()))
            row = None
        elif token.type == "inline" and row is not None:
            row += [*(token.children or []), Token("softbreak", "", 0)]
        elif token.type == "inline":
            kind = "heading" if above.type == "heading_open" else "paragraph"
            yield Block(kind, above.tag, tuple(token.children or ()))
        above = token


def blocks_of(values: dict[str, str]) -> list[Block]:
    return [block for text in (values["summary"], values["body"]) for block in blocks(text)]


def sentences(words: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])[”\"]?\s+", words.strip()) if part]


def sections(body: str) -> list[tuple[str, str]]:
    """Heading and words of each section of level 2, in order; a block is a line."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks(body):
        if block.level == "h2":
            found.append((block.words, []))
        elif found:
            found[-1][1].append(block.words)
    return [(heading, "\n".join(words)) for heading, words in found]


def text_of(values: dict[str, str]) -> str:
    """All words of a page's summary and body; a block is a line."""
    return "\n".join(block.words for block in blocks_of(values))


def marked_words(values: dict[str, str]) -> list[str]:
    """What a page marks as explained in the glossary, as it is written there, in reading order."""
    return MARKED.findall(values["summary"] + "\n\n" + values["body"])


def terms_for(word: str, language: str) -> list[str]:
    """The keys of the terms that a marked word may stand for: one, if all is well."""
    terms = {key: values["forms"].splitlines() for (of, key), values in TERMS.items() if of == language}
    return [key for key, forms in terms.items() if word.lower() in forms]
