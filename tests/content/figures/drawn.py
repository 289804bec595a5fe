"""Figures as a page would show them, read as XML."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import yaml
from django.utils.html import format_html
from django.utils.safestring import SafeString

from content import figures
from content.figures import words

NUMBER = re.compile(r"−?\d[\d,.]*\d|−?\d")


def cite(key: str) -> SafeString:
    return format_html("<a>{}</a>", key)


def drawn(name: str, language: str = "en") -> Element:
    return ElementTree.fromstring(figures.draw(name, language, cite))


def tree(html: str) -> Element:
    return ElementTree.fromstring(f"<div>{html}</div>")


def of_class(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def spoken(root: Element) -> str:
    """What stands beside the drawings, in words."""
    if root.tag == "svg":
        return root.tail or ""
    return "".join([root.text or "", *map(spoken, root), root.tail or ""])


def data(name: str) -> dict[str, Any]:
    return yaml.safe_load((words.FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def write(folder: Path, name: str, content: dict[str, Any]) -> None:
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def leaves(content: Any) -> Iterator[Any]:
    """Every value, however deep."""
    parts = content.values() if isinstance(content, dict) else content if isinstance(content, list) else None
    if parts is None:
        yield content
    else:
        for part in parts:
            yield from leaves(part)
