"""The Spanish catalogue, and the texts of code and templates that belong into it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import polib
from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).parents[1]
PO = ROOT / "locale/es/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")
GETTEXT = {"_", "gettext", "gettext_lazy"}

STAFF = ("admin/", "account/", "mfa/", "signin/")  # staff read English
STAFF_EMAILS = ("alert_self_test", "safety_alert", "invitation", "reply")


@cache
def catalogue() -> polib.POFile:
    return polib.pofile(str(PO))


def visitors_templates() -> dict[str, str]:
    folder = ROOT / "templates"
    found = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name: path.read_text()
        for name, path in found.items()
        if not name.startswith(STAFF) and name.split("/")[-1].split(".")[0] not in STAFF_EMAILS
    }


def in_python() -> Iterator[str]:
    """Every literal that the code hands to gettext."""
    for app in ("clinic", "content", "intake"):
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in GETTEXT:
                    argument = node.args[0]
                    assert isinstance(argument, ast.Constant), f"{path}:{node.lineno}: not a literal"
                    yield argument.value


def in_template(text: str) -> Iterator[str]:
    """Every text that the template hands to gettext; of a plural both forms."""
    block: list[str] | None = None
    trimmed = False
    for token in Lexer(text).tokenize():
        command = token.contents.split()[0] if token.token_type == TokenType.BLOCK and token.contents else ""
        if command == "translate":
            yield _literal(token)
        elif command == "blocktranslate":
            block, trimmed = [], "trimmed" in token.contents.split()
        elif command in ("plural", "endblocktranslate") and block is not None:
            message = "".join(block)
            yield trim_whitespace(message) if trimmed else message
            block = []
            if command == "endblocktranslate":
                block = None
        elif block is not None:
            block.append(f"%({token.contents})s" if token.token_type == TokenType.VAR else token.contents)
        elif token.token_type in (TokenType.VAR, TokenType.BLOCK):
            yield from re.findall(r'_\("([^"]+)"\)', token.contents)


def _literal(token: Token) -> str:
    found = re.match(r'translate "((?:[^"\\]|\\.)*)"', token.contents)
    assert found, f"not a literal: {token.contents}"
    return found[1]


def unmarked_words(text: str) -> list[str]:
    """What a template shows and does not hand to gettext."""
    html, skipped = [], ""
    for token in Lexer(text).tokenize():
        command = token.contents.split()[0] if token.token_type == TokenType.BLOCK and token.contents else ""
        if skipped:
            skipped = "" if command == skipped else skipped
        elif command in ("blocktranslate", "comment"):
            skipped = f"end{command}"
        elif token.contents == "block body_class":
            skipped = "endblock"
        elif token.token_type == TokenType.TEXT:
            html.append(token.contents)
        elif token.token_type == TokenType.VAR or command == "translate":
            html.append("0")
    words = _Words()
    words.feed("".join(html))
    words.close()
    return words.found


class _Words(HTMLParser):
    SHOWN = ("aria-label", "title", "alt", "placeholder")
    HIDDEN = ("script", "style")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden = tag in self.HIDDEN
        self.found += [value for name, value in attrs if name in self.SHOWN and re.search("[A-Za-z]{2}", value or "")]

    def handle_endtag(self, tag: str) -> None:
        self.hidden = False

    def handle_data(self, data: str) -> None:
        if not self.hidden and re.search("[A-Za-z]{2}", data):
            self.found.append(data.strip())


class Seen(HTMLParser):
    """What a page says, a text node or an attribute at a time, without what it marks as of another language."""

    ATTRIBUTES = ("aria-label", "title", "alt", "placeholder", "content")
    VOID = ("br", "hr", "meta", "link", "input", "img", "path", "circle")

    def __init__(self, html: str, language: str) -> None:
        super().__init__()
        self.language = language
        self.open: list[bool] = []  # whether the element is of the page's language
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        ours = given["lang"] == self.language if "lang" in given else (self.open[-1] if self.open else True)
        ours = ours and tag not in ("script", "style")
        if ours:
            self.texts += [value for name, value in given.items() if name in self.ATTRIBUTES and value]
        if tag not in self.VOID:
            self.open.append(ours)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if (not self.open or self.open[-1]) and data.strip():
            self.texts.append(" ".join(data.split()))


def english_in(html: str) -> list[str]:
    """The texts of a Spanish page that hold a message of the catalogue in English."""
    return [text for text in Seen(html, "es").texts if any(_is_in(text, message) for message in _english())]


@cache
def _english() -> list[str]:
    """The texts of the catalogue that read otherwise in Spanish."""
    messages = [(entry, text) for entry in catalogue() for text in (entry.msgid, entry.msgid_plural) if text]
    return [text for entry, text in messages if text not in (entry.msgstr, *entry.msgstr_plural.values())]


def _is_in(text: str, message: str) -> bool:
    """Whether the text is the message, or holds a longer piece of it between two placeholders."""
    parts = (" ".join(part.split()) for part in re.split(r"%\(\w+\)s", message))
    return text.strip(" :.") == message.strip(" :.") or any(len(part) >= 12 and part in text for part in parts)
