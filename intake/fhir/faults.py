"""What is wrong with a file: where, and which rule it breaks."""

from dataclasses import dataclass, field

from intake.fhir import limits

_SHOWN = 80  # characters of a linkId or element in a message; both come from the file


def one_line(text: str, length: int) -> str:
    """`text` without anything that could break a line or a terminal, cut to `length` characters."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[: length + 1])
    return shown if len(shown) <= length else shown[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class Fault:
    link_id: str  # empty when the fault is not inside an item
    element: str
    rule: str

    def __str__(self) -> str:
        """`linkId: element: rule` on one line; `-` stands for no linkId."""
        return f"{one_line(self.link_id, _SHOWN) or '-'}: {one_line(self.element, _SHOWN)}: {one_line(self.rule, 300)}"


class DefinitionError(ValueError):
    """A file that is refused. `faults` holds at least one fault and at most `limits.FAULTS` + 1."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults[:3])))


@dataclass(slots=True)
class Faults:
    """Collects faults, and gives up with DefinitionError once there are more than anyone reads."""

    found: list[Fault] = field(default_factory=list)

    def add(self, link_id: str, element: str, rule: str) -> None:
        fault = Fault(link_id, element, rule)
        if fault in self.found:
            return
        self.found.append(fault)
        if len(self.found) >= limits.FAULTS:
            self.found.append(Fault("", "file", "has more faults, which are not listed"))
            raise DefinitionError(tuple(self.found))

    def stop_if_any(self) -> None:
        if self.found:
            raise DefinitionError(tuple(self.found))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file we are; hands faults on with linkId and element."""

    faults: Faults
    link_id: str = ""
    element: str = ""

    def at(self, element: str) -> "Place":
        joint = "." if self.element and not element.startswith("[") else ""
        return Place(self.faults, self.link_id, f"{self.element}{joint}{element}")

    def fault(self, rule: str, element: str = "") -> None:
        place = self.at(element) if element else self
        self.faults.add(place.link_id, place.element or "file", rule)
