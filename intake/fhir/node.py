"""Reading one JSON object of a definition: typed, with a fault for everything that is not as the subset says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from intake.fhir import limits, typed
from intake.fhir.faults import Place

T = TypeVar("T")

KEYS: Mapping[str, frozenset[str]] = {  # what each kind of object may hold
    kind: frozenset(keys.split())
    for kind, keys in {
        "form": "resourceType url version status name title _title language description _description copyright"
        " _copyright code date publisher subjectType contained extension item",
        "item": "linkId prefix _prefix text _text code type required repeats readOnly maxLength enableWhen"
        " enableBehavior answerOption answerValueSet item extension",
        "condition": "question operator answerBoolean answerInteger answerDecimal answerDate answerString answerCoding",
        "option": "valueCoding valueString _valueString valueInteger extension",
        "coding": "system version code display _display userSelected extension",
        "value set": "resourceType id url version name title status publisher description copyright compose",
        "compose": "include",
        "include": "system version concept",
        "concept": "code display _display extension",
        "text": "extension",
    }.items()
}

LATER = frozenset(
    (
        "initial",
        "initialSelected",
        "expansion",
        "answerDateTime",
        "answerTime",
        "answerQuantity",
        "answerReference",
        "valueDate",
        "valueTime",
        "valueReference",
    )
)


@dataclass(frozen=True, slots=True)
class Node:
    data: Mapping[str, object]
    place: Place

    def only(self, kind: str) -> None:
        """Refuse every key that this kind of object may not have."""
        for key in self.data:
            if key == "modifierExtension":
                self.place.fault("is refused anywhere", key)
            elif key in LATER and key not in KEYS[kind]:
                self.place.fault("is not supported yet", key)
            elif key not in KEYS[kind]:
                self.place.fault("is not an element that is supported here", key)

    def read(self, key: str, reader: Callable[[object], T], default: T, *, required: bool = False) -> T:
        """The value under `key`, or `default` when it is missing or wrong, which is noted."""
        if key not in self.data:
            if required:
                self.place.fault("is required", key)
            return default
        try:
            return reader(self.data[key])
        except ValueError as error:
            self.place.fault(str(error), key)
            return default

    def string(self, key: str, limit: int = limits.ITEM_TEXT, *, required: bool = False) -> str:
        text = self.read(key, typed.string, "", required=required)
        if len(text) > limit:
            self.place.fault(f"is longer than {limit} characters", key)
        return text

    def token(self, key: str, limit: int = limits.IDENTIFIER, *, required: bool = False) -> str:
        text = self.read(key, typed.token, "", required=required)
        if len(text) > limit:
            self.place.fault(f"is longer than {limit} characters", key)
        return text

    def flag(self, key: str) -> bool:
        return self.read(key, typed.boolean, False)

    def choice(self, key: str, allowed: tuple[str, ...], *, required: bool = False) -> str:
        found = self.token(key, required=required)
        if found and found not in allowed:
            self.place.fault(f"must be one of: {', '.join(allowed)}", key)
        return found

    def objects(self, key: str, limit: int, *, required: bool = False) -> Iterator["Node"]:
        """The objects in the list under `key`, none if there are too many."""
        if key not in self.data and not required:
            return
        found = self.data.get(key)
        if not isinstance(found, list) or not found:
            self.place.fault("must be a list that is not empty", key)
        elif len(found) > limit:
            self.place.fault(f"has more than {limit} entries", key)
        else:
            for at, one in enumerate(found):
                if (node := self._node(one, f"{key}[{at}]")) is not None:
                    yield node

    def child(self, key: str) -> "Node | None":
        return self._node(self.data[key], key) if key in self.data else None

    def _node(self, value: object, element: str) -> "Node | None":
        if isinstance(value, Mapping):
            return Node(value, self.place.at(element))
        self.place.fault("must be an object", element)
        return None
