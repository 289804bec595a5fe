"""A form as the rest of the engine sees it: checked, immutable, and without the JSON it came from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from intake.fhir.values import Coding, PartialDate, Value

BASE = "https://clinic.example/fhir"


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the form in its own language, with translations. Call it with a language to get the text to show."""

    own: str = ""
    translations: dict[str, str] = field(default_factory=dict)

    def __call__(self, language: str) -> str:
        """The translation into `language`, such as es-MX, or into its main language, es; else the form's own text."""
        for tag in (language, language.partition("-")[0]):
            if tag in self.translations:
                return self.translations[tag]
        return self.own

    def __bool__(self) -> bool:
        return bool(self.own)


@dataclass(frozen=True, slots=True)
class Condition:
    question: str  # linkId
    operator: str
    answer: Value  # a bool for `exists`


@dataclass(frozen=True, slots=True)
class Option:
    value: Coding | str | int
    display: Text
    ordinal: Decimal | None = None  # ordinalValue or itemWeight
    exclusive: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    link_id: str
    type: str
    name: str  # of the form field: q7 is the seventh item of the form
    text: Text
    prefix: Text
    parent: str | None  # linkId
    code: tuple[Coding, ...] = ()
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False  # itself, or something above it
    max_length: int | None = None
    min_length: int | None = None
    min_value: int | Decimal | PartialDate | None = None
    max_value: int | Decimal | PartialDate | None = None
    options: tuple[Option, ...] = ()
    enable_when: tuple[Condition, ...] = ()
    enable_behavior: str = ""  # all or any; a single condition needs neither
    control: str | None = None  # a code of questionnaire-item-control
    orientation: str | None = None  # horizontal or vertical
    entry_format: str | None = None
    items: tuple["Item", ...] = ()

    @property
    def is_question(self) -> bool:
        return self.type not in ("group", "display")

    @property
    def can_be_filled_in(self) -> bool:
        return self.is_question and not self.hidden and not self.read_only

    def walk(self) -> Iterator["Item"]:
        """The item and everything below it, in the form's order."""
        yield self
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True, slots=True)
class Band:
    low: Decimal
    high: Decimal  # belongs to the band
    code: str
    display: Text


@dataclass(frozen=True, slots=True)
class Score:
    target: str  # linkId of the item that holds the total
    sources: tuple[str, ...]  # linkIds, all needed
    bands: tuple[Band, ...] = ()  # lowest first


Trigger = Condition  # what raises an alert is written and decided like a condition


@dataclass(frozen=True, slots=True)
class Alert:
    code: str
    severity: str  # urgent or routine
    when: tuple[Trigger, ...]  # any of them


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown at once: a top-level group, or the loose questions between two of them."""

    index: int  # from 0
    group: Item | None
    items: tuple[Item, ...]  # the group itself, or the loose items


@dataclass(frozen=True, slots=True, eq=False)
class Questionnaire:
    url: str
    version: str
    name: str
    status: str
    language: str
    languages: tuple[str, ...]  # that can be offered, the form's own first
    title: Text
    description: Text
    copyright: Text
    code: tuple[Coding, ...]
    items: tuple[Item, ...]  # top level
    scores: tuple[Score, ...]
    alerts: tuple[Alert, ...]
    resource: Mapping[str, object]
    warnings: tuple[str, ...]
    sequence: tuple[Item, ...]  # every item after all that its enablement or total depends on
    watched: tuple[Item, ...]  # of these, what urgent alerts depend on
    order: tuple[Item, ...]  # every item, in the form's order
    by_id: Mapping[str, Item]
    score_of: Mapping[str, Score]  # by target

    @property
    def canonical(self) -> str:
        return f"{self.url}|{self.version}"

    def shown(self, language: str) -> str:
        """The language in which the form appears to someone who asks for `language`."""
        tags = (language, language.partition("-")[0])
        return next((tag for tag in tags if tag in self.languages), self.language)

    def pages(self) -> tuple[Page, ...]:
        """The visible items, a page for each top-level group and for each run of loose items between groups."""
        shown = [item for item in self.items if not item.hidden]
        runs = groupby(shown, key=lambda item: item if item.type == "group" else None)
        return tuple(Page(index, group, tuple(items)) for index, (group, items) in enumerate(runs))
