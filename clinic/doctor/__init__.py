"""What is wrong with a running installation, in sentences: `manage.py doctor`.

A look is a function that gives a sentence for each fault. An app adds one with `@look("its name")`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings

from clinic.waiting import is_away

Faults = Callable[[], Iterable[str]]


@dataclass(frozen=True)
class Look:
    faults: Faults
    in_trial: bool  # whether a trial on one computer has it


looks: dict[str, Look] = {}  # by name, in the order of their modules


def look(name: str, *, in_trial: bool = True) -> Callable[[Faults], Faults]:
    def add(faults: Faults) -> Faults:
        looks[name] = Look(faults, in_trial)
        return faults

    return add


def names() -> list[str]:
    """The looks that apply here."""
    return [name for name, one in looks.items() if one.in_trial or not settings.LOCAL]


def faults(chosen: Collection[str]) -> Iterator[str]:
    """What is wrong, a sentence each, with the name of the look before it."""
    without: list[str] = []
    for name in chosen:
        try:
            yield from [f"{name}: {fault}" for fault in looks[name].faults()]
        except Exception as error:
            if is_away(error):
                without.append(name)
            else:
                yield f"{name}: This could not be looked at ({type(error).__name__})."
    if without:
        yield f"database: It does not answer, so that this could not be looked at: {', '.join(without)}."


from clinic.doctor import database, machine, site, work  # noqa: E402, F401  (they add their looks)
