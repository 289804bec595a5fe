"""The items of a definition, each by itself; what ties them together is checked in `rules`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from intake.fhir import extensions, limits, typed
from intake.fhir.faults import Place
from intake.fhir.model import Condition, Item
from intake.fhir.node import Node
from intake.fhir.options import ValueSets, options
from intake.fhir.texts import Desk, settings, text
from intake.fhir.values import Coding, PartialDate, Value, order

TYPES = ("group", "display", "choice", "string", "text", "boolean", "integer", "decimal", "date")
LATER_TYPES = ("open-choice", "dateTime", "time", "url", "quantity", "attachment", "reference", "question")

OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")
ORDERS = frozenset((">", "<", ">=", "<="))

_TYPED_IN = ("string", "text", "integer", "decimal")  # have a length
_MEASURED: Mapping[str, tuple[type, ...]] = {  # have minValue and maxValue, of these types
    "integer": (int, Decimal),
    "decimal": (int, Decimal),
    "date": (PartialDate,),
}
_NOT_ON_DISPLAY = ("code", "required", "repeats", "readOnly", "item")


@dataclass(slots=True)
class ItemReader:
    """Reads the items in the form's order, which numbers them."""

    desk: Desk
    value_sets: ValueSets
    seen: set[str] = field(default_factory=set)
    count: int = 0

    def items(self, node: Node, parent: str | None, hidden: bool, depth: int) -> tuple[Item, ...]:
        """The items in the list of a form or of an item. Too many, or too deep, are left out with a fault."""
        if depth > limits.ITEM_DEPTH:
            if "item" in node.data:
                node.place.fault(f"is nested deeper than {limits.ITEM_DEPTH} levels", "item")
            return ()
        return tuple(self._item(one, parent, hidden, depth) for one in node.objects("item", limits.ITEMS))

    def _item(self, node: Node, parent: str | None, hidden: bool, depth: int) -> Item:
        self._count(node)
        link_id = self._link_id(node)
        node = Node(node.data, Place(self.desk.faults, link_id)) if link_id else node
        name, kind = f"q{self.count}", _type(node)
        node.only("item")
        known = _Settings(node, kind, settings(self.desk, node, "item"))
        hidden = hidden or known.found.get(extensions.HIDDEN) is True
        item = Item(
            link_id=link_id,
            type=kind,
            name=name,
            parent=parent,
            text=text(self.desk, node, "text"),
            prefix=text(self.desk, node, "prefix", limits.OPTION_TEXT),
            code=codes(node),
            required=node.flag("required"),
            repeats=node.flag("repeats"),
            read_only=node.flag("readOnly"),
            hidden=hidden,
            max_length=node.read("maxLength", _length, None),
            min_length=known.length(),
            min_value=known.bound(extensions.MIN_VALUE),
            max_value=known.bound(extensions.MAX_VALUE),
            options=options(self.desk, node, self.value_sets),
            enable_when=_conditions(node),
            enable_behavior=node.choice("enableBehavior", ("all", "any")),
            control=known.text(extensions.CONTROL),
            orientation=known.text(extensions.ORIENTATION),
            entry_format=known.text(extensions.ENTRY_FORMAT),
            items=self.items(node, link_id, hidden, depth + 1),
        )
        if kind:
            check(node, item)
        return item

    def _count(self, node: Node) -> None:
        self.count += 1
        if self.count > limits.ITEMS:
            node.place.fault(f"the form has more than {limits.ITEMS} items")
            self.desk.faults.stop_if_any()

    def _link_id(self, node: Node) -> str:
        link_id = node.token("linkId", limits.LINK_ID, required=True)
        if link_id in self.seen:
            self.desk.faults.add(link_id, "linkId", "is the linkId of an earlier item")
        if link_id:
            self.seen.add(link_id)
        return link_id


@dataclass(frozen=True, slots=True)
class _Settings:
    """An item's extensions, each only where it has a meaning."""

    node: Node
    type: str
    found: Mapping[str, Value]

    def text(self, url: str) -> str | None:
        value = self.found.get(url)
        return value if isinstance(value, str) else None

    def bound(self, url: str) -> int | Decimal | PartialDate | None:
        value = self.found.get(url)
        if value is None or not self.type:
            return None
        if isinstance(value, int | Decimal | PartialDate) and isinstance(value, _MEASURED.get(self.type, ())):
            return value
        self.node.place.fault(f"{url.rpartition('/')[2]} does not fit an item of type {self.type}", "extension")
        return None

    def length(self) -> int | None:
        value = self.found.get(extensions.MIN_LENGTH)
        if value is None:
            return None
        if not isinstance(value, int) or value < 0:
            self.node.place.fault("minLength must not be negative", "extension")
            return None
        return value


def _type(node: Node) -> str:
    kind = node.token("type", required=True)
    if kind in LATER_TYPES:
        node.place.fault(f"{kind} is not supported yet", "type")
    elif kind and kind not in TYPES:
        node.place.fault(f"must be one of: {', '.join(TYPES)}", "type")
    else:
        return kind
    return ""


def _length(raw: object) -> int:
    length = typed.integer(raw)
    if length < 1:
        raise ValueError("must be at least 1")
    return length


def codes(node: Node) -> tuple[Coding, ...]:
    found = []
    for one in node.objects("code", limits.OPTIONS):
        one.only("coding")
        if one.token("code", required=True):
            found.append(node_coding(one))
    return tuple(found)


def node_coding(node: Node) -> Coding:
    return Coding(node.token("code"), node.token("system") or None, node.string("display") or None)


def _conditions(node: Node) -> tuple[Condition, ...]:
    found = [_condition(one) for one in node.objects("enableWhen", limits.CONDITIONS)]
    if len(found) > 1 and "enableBehavior" not in node.data:
        node.place.fault("is required with several conditions", "enableBehavior")
    return tuple(condition for condition in found if condition is not None)


def _condition(node: Node) -> Condition | None:
    node.only("condition")
    question = node.token("question", required=True)
    operator = node.choice("operator", OPERATORS, required=True)
    answer = answer_of(node, "answer")
    return None if answer is None or not (question and operator) else Condition(question, operator, answer)


def answer_of(node: Node, stem: str) -> Value | None:
    """The one value under a key such as answerCoding or valueCoding."""
    given = [key for key in node.data if key.startswith(stem)]
    if len(given) != 1:
        node.place.fault("must have exactly one answer", f"{stem}[x]")
        return None
    reader = typed.READERS.get(given[0].removeprefix(stem))
    return None if reader is None else node.read(given[0], reader, None)  # another key is refused as such


def check(node: Node, item: Item) -> None:
    """The rules that need nothing but the item."""
    for allowed, element, rule in _item_rules(node.data, item):
        if not allowed:
            node.place.fault(rule, element)


def _item_rules(data: Mapping[str, object], item: Item) -> list[tuple[bool, str, str]]:
    """What must hold, the element, and the rule it breaks otherwise."""
    choice, display = item.type == "choice", item.type == "display"
    most = min(item.max_length or limits.ANSWER_TEXT, limits.ANSWER_TEXT)
    return [
        (item.type != "group" or "item" in data, "item", "a group must have items"),
        *((not display or key not in data, key, "a display item must not have it") for key in _NOT_ON_DISPLAY),
        (not choice or bool({"answerOption", "answerValueSet"} & set(data)), "answerOption", "a choice needs options"),
        (choice or "answerOption" not in data, "answerOption", "only a choice has options"),
        (choice or "answerValueSet" not in data, "answerValueSet", "only a choice has options"),
        (choice or not item.repeats, "repeats", "is supported on choice only"),
        (item.type in _TYPED_IN or "maxLength" not in data, "maxLength", "is for text and numbers only"),
        (item.type in _TYPED_IN or item.min_length is None, "extension", "minLength is for text and numbers only"),
        (_ordered(item.min_length, most), "extension", f"minLength is above {most}, the longest answer"),
        (
            item.orientation in (None, "horizontal", "vertical"),
            "extension",
            "choiceOrientation must be of its value set",
        ),
        (_ordered(item.min_value, item.max_value), "extension", "minValue is above maxValue"),
    ]


def _ordered(low: Value | None, high: Value | None) -> bool:
    return low is None or high is None or order(low, high) != 1
