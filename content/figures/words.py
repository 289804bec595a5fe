"""The data of the figures, `data/NAME.yaml`, in one language at a time."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent / "data"
LANGUAGES = frozenset({"en", "es"})


class FigureDataError(Exception):
    """A figure cannot be drawn from its data. The message says where and what is wrong."""


@lru_cache
def read(name: str, language: str) -> dict[str, Any]:
    """Return a figure's data with every text in this language. Raises FigureDataError. Not to be changed."""
    if language not in LANGUAGES:
        raise FigureDataError(f"The figures have no words in the language {language}.")
    data = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise FigureDataError(f"{name}.yaml: write names with values.")
    found: dict[str, Any] = in_language(data, language, f"{name}.yaml")
    return found


@lru_cache
def digest(name: str) -> str:
    """A fingerprint of a figure's data in all languages."""
    return hashlib.sha256((FOLDER / f"{name}.yaml").read_bytes()).hexdigest()


def in_language(data: Any, language: str, place: str) -> Any:
    """Put the text of one language in the place of `{en: …, es: …}`, however deep. Raises FigureDataError."""
    if isinstance(data, list):
        return [in_language(part, language, f"{place}, {at}") for at, part in enumerate(data, start=1)]
    if not isinstance(data, dict):
        return data
    if not LANGUAGES & data.keys():
        return {key: in_language(part, language, f"{place}, {key}") for key, part in data.items()}
    if data.keys() != LANGUAGES or not all(isinstance(text, str) and text.strip() for text in data.values()):
        raise FigureDataError(f"{place}: give a text for each of {', '.join(sorted(LANGUAGES))}.")
    return data[language]
