"""What the site starts with: `pages/LANGUAGE/SLUG.md`, `pages/LANGUAGE/glossary.yaml` and `pages/sources.yaml`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from content.models import Page, Source, StartText, Term, digest

FOLDER = Path(__file__).resolve().parent / "pages"

# What a page's front matter calls the fields of the model.
FRONT_MATTER = {
    "title": "title",
    "menu": "menu_title",
    "summary": "summary",
    "order": "order",
    "sources_checked": "sources_checked",
}


class StartTextError(Exception):
    """A start text cannot be loaded. The message names the file and says what is wrong."""


@dataclass
class Report:
    """What became of the start texts; only `kept` calls for someone to look."""

    new: int = 0
    replaced: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)  # edited by staff, while the start text has changed since

    def __str__(self) -> str:
        counts = f"{self.new} new, {self.replaced} replaced, {self.unchanged} unchanged"
        kept = f"; left as staff edited them, though the start text has changed: {', '.join(self.kept)}"
        return f"Pages, sources and words: {counts}{kept if self.kept else ''}."


@transaction.atomic
def load(folder: Path | None = None) -> Report:
    """Bring the stored pages, sources and words up to date, all or none. Raises StartTextError."""
    with connection.cursor() as cursor:  # two starts at once take turns; readers do not wait
        cursor.execute("LOCK TABLE content_source, content_term, content_page IN SHARE ROW EXCLUSIVE MODE")
    folder, report = folder or FOLDER, Report()
    sources = {source.key: source for source in Source.objects.all()}
    for key, values in read_sources(folder):
        _take(sources.get(key) or Source(key=key), values, f"sources.yaml, {key}", report)
    terms = {(term.language, term.key): term for term in Term.objects.all()}
    for language, key, values in read_terms(folder):
        word = terms.get((language, key)) or Term(language=language, key=key)
        _take(word, values, f"{language}/glossary.yaml, {key}", report)
    pages = {(page.language, page.slug): page for page in Page.objects.all()}
    for language, slug, values in read_pages(folder):
        page = pages.get((language, slug)) or Page(language=language, slug=slug)
        _take(page, values, f"{language}/{slug}.md", report)
    return report


def read_sources(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and fields of every source in the file."""
    found = _mapping((folder / "sources.yaml").read_text(encoding="utf-8"), "sources.yaml")
    for key, values in found.items():
        yield key, _fields(values, {name: name for name in Source.START_FIELDS}, Source, f"sources.yaml, {key}")


def read_terms(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield language, key and fields of every word of an offered language; its forms are a list in the file."""
    for language, _ in settings.LANGUAGES:
        name = f"{language}/glossary.yaml"
        if not (folder / name).exists():
            continue
        for key, values in _mapping((folder / name).read_text(encoding="utf-8"), name).items():
            if isinstance(values, dict) and isinstance(forms := values.get("forms"), list):
                values = {**values, "forms": "\n".join(map(str, forms))}
            fields = {field: field for field in Term.START_FIELDS}
            yield language, key, _fields(values, fields, Term, f"{name}, {key}")


def read_pages(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield language, slug and fields of every page of an offered language."""
    for language, _ in settings.LANGUAGES:
        for path in sorted((folder / language).glob("*.md")):
            name = f"{language}/{path.name}"
            front, body = _parts(path.read_text(encoding="utf-8"), name)
            values = _fields(_mapping(front, name), FRONT_MATTER, Page, name)
            yield language, path.stem, values | {"body": body}


def _parts(text: str, name: str) -> tuple[str, str]:
    start, front, body = [*text.split("---\n", 2), "", ""][:3]
    if start or not body.strip():
        raise StartTextError(f"{name}: begin with front matter between two lines of ---, followed by the text.")
    return front, body.strip()


def _mapping(text: str, name: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise StartTextError(f"{name}: the YAML is malformed: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise StartTextError(f"{name}: write the YAML as names with values.")
    return found


def _fields(given: Any, names: dict[str, str], model: type[StartText], where: str) -> dict[str, Any]:
    """Translate names to the model's and fill in what is left out; an unknown name raises StartTextError."""
    if not isinstance(given, dict) or (unknown := given.keys() - names.keys()):
        found = ", ".join(sorted(map(str, unknown))) if isinstance(given, dict) else "none"
        raise StartTextError(f"{where}: the fields are {', '.join(names)}; found: {found}.")
    return {field: _value(model._meta.get_field(field), given.get(name), where) for name, field in names.items()}


def _value(field: Any, value: Any, where: str) -> Any:
    try:
        found = field.get_default() if value is None else field.to_python(value)
    except ValidationError as error:
        raise StartTextError(f"{where}: {field.name}: {' '.join(error.messages)}") from None
    return found.strip() if isinstance(found, str) else found


def _take(stored: StartText, values: dict[str, Any], where: str, report: Report) -> None:
    wanted = digest(*(values[name] for name in stored.START_FIELDS))
    if stored.start_digest == wanted:
        report.unchanged += 1
    elif stored.pk and stored.is_edited:
        report.kept.append(where)
    else:
        report.new, report.replaced = report.new + (not stored.pk), report.replaced + bool(stored.pk)
        _save(stored, values, where)


def _save(stored: StartText, values: dict[str, Any], where: str) -> None:
    try:
        stored.take_start(values)
    except ValidationError as error:
        faults = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise StartTextError(f"{where}: {faults}") from None
