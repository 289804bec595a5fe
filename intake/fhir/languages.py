"""Which languages a form can be offered in: those in which nothing visible is missing."""

from collections.abc import Iterable, Iterator

from intake.fhir.model import Item, Text
from intake.fhir.texts import Desk
from intake.fhir.values import Coding

Place = tuple[str, str, Text]  # linkId, element, text


def offered(
    desk: Desk, language: str, form: list[Place], extra: list[Place], order: tuple[Item, ...]
) -> tuple[str, ...]:
    """The form's language, and each that every visible text has; gaps in the others become warnings.

    `form` are the texts of the form that must be translated, `extra` those that may stay as they are (a licence, a
    description): a gap there is only told. Translations into a language that is not offered are forgotten, so that
    no page mixes languages.
    """
    visible = [*form, *_visible(order)]
    known = sorted({tag for _, _, text in [*visible, *extra] for tag in text.translations})
    if language in known:
        desk.faults.add("", "language", "a text has a translation into the form's own language")
    complete = [tag for tag in known if not _gaps(desk, tag, visible, "so it is not offered")]
    for tag in complete:
        _gaps(desk, tag, extra, "and is shown as it is")
    for _, _, text in [*form, *extra, *_texts(order)]:
        for tag in text.translations.keys() - set(complete):
            del text.translations[tag]
    return (language, *complete)


def _visible(order: tuple[Item, ...]) -> Iterator[Place]:
    return _texts(item for item in order if not item.hidden)


def _texts(items: Iterable[Item]) -> Iterator[Place]:
    for item in items:
        yield item.link_id, "text", item.text
        yield item.link_id, "prefix", item.prefix
        for at, option in enumerate(item.options):
            # A number and a bare code are the same in every language.
            if isinstance(option.value, str) or (isinstance(option.value, Coding) and option.value.display):
                yield item.link_id, f"answerOption[{at}]", option.display


def _gaps(desk: Desk, tag: str, texts: list[Place], outcome: str) -> bool:
    missing = [(link_id, element) for link_id, element, text in texts if text and tag not in text.translations]
    for link_id, element in missing:
        desk.note(link_id, element, f"has no translation into {tag}, {outcome}")
    return bool(missing)
