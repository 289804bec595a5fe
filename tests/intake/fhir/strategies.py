"""Random forms with random answers, as JSON and as the engine has them."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from intake import fhir
from tests.intake.fhir.build import SYSTEM, Json, choice, form, group, option, question

KINDS = ("boolean", "integer", "decimal", "date", "string", "choice", "group", "choices")
DATES = ("2025", "2026", "2026-01", "2026-02", "2026-02-01", "2026-02-02")
NUMBERS = ("-1", "0", "1", "5.6", "5.60", "7")


def json_value(kind: str) -> st.SearchStrategy[Any]:
    """A value such as FHIR's JSON has it; decimals as text, which keeps their digits."""
    return {
        "boolean": st.booleans(),
        "integer": st.integers(-1, 3),
        "decimal": st.sampled_from(NUMBERS).map(Decimal),
        "date": st.sampled_from(DATES),
        "string": st.sampled_from(["x", "y"]),
        "choice": coding(),
        "choices": coding(),
    }[kind]


def coding() -> st.SearchStrategy[Json]:
    systems = st.sampled_from([{}, {"system": SYSTEM}, {"system": "https://other.example"}])
    return st.builds(lambda code, system: {"code": code} | system, st.sampled_from(["a", "b", "c"]), systems)


ANSWER_KEYS = {"boolean": "Boolean", "integer": "Integer", "decimal": "Decimal", "date": "Date", "string": "String"}


@st.composite
def conditions(draw: st.DrawFn, kind: str, link_id: str) -> Json:
    orders = ["<", "<=", ">", ">="] if kind in ("integer", "decimal", "date") else []
    operator = draw(st.sampled_from(["exists", "=", "!=", *orders]))
    key = "Boolean" if operator == "exists" else ANSWER_KEYS.get(kind, "Coding")
    value = draw(st.booleans() if operator == "exists" else json_value(kind))
    return {"question": link_id, "operator": operator, f"answer{key}": value}


@st.composite
def forms(draw: st.DrawFn) -> Json:
    """Up to 12 items, nested at random; every condition looks at any other item that makes no circle."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=12))
    ranks = draw(st.permutations(range(len(kinds))))  # an item may depend on items of a lower rank only
    items = [_item(f"i{at}", kind) for at, kind in enumerate(kinds)]
    tops: list[Json] = []
    ancestors: dict[int, list[int]] = {}
    for at, item in enumerate(items):
        # A parent must be of lower rank as well, because what is below it waits for it.
        parents = [old for old in range(at) if ranks[old] < ranks[at]]
        parent = draw(st.sampled_from([None, *parents]))
        ancestors[at] = [] if parent is None else [parent, *ancestors[parent]]
        (tops if parent is None else items[parent].setdefault("item", [])).append(item)
        questions = [old for old in range(len(kinds)) if ranks[old] < ranks[at] and kinds[old] != "group"]
        if questions and draw(st.booleans()):
            chosen = draw(st.lists(st.sampled_from(questions), min_size=1, max_size=3))
            item["enableWhen"] = [draw(conditions(kinds[old], f"i{old}")) for old in chosen]
            item["enableBehavior"] = draw(st.sampled_from(["all", "any"]))
    for item in items:
        if item["type"] == "group" and "item" not in item:
            item["item"] = [{"linkId": f"{item['linkId']}-note", "type": "display", "text": "Note"}]
    return form(*tops)


def _item(link_id: str, kind: str) -> Json:
    if kind == "group":
        return {k: v for k, v in group(link_id).items() if k != "item"}
    if kind in ("choice", "choices"):
        return choice(link_id, *(option(code, worth) for worth, code in enumerate("abc")), repeats=kind == "choices")
    return question(link_id, kind)


@st.composite
def answers_to(draw: st.DrawFn, resource: Json) -> dict[str, list[Any]]:
    """Answers to any of the questions, also to such as will not be enabled; as JSON values."""
    found: dict[str, list[Any]] = {}
    for item in fhir.parse(resource).order:
        if not item.is_question or draw(st.integers(0, 3)) == 0:
            continue
        if item.options:
            most = 3 if item.repeats else 1
            picked = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=most, unique=True))
            found[item.link_id] = [{"system": SYSTEM, "code": code, "display": code.title()} for code in sorted(picked)]
        else:
            found[item.link_id] = [draw(json_value(item.type).filter(lambda one: not _partial(one)))]
    return found


@st.composite
def answered_forms(draw: st.DrawFn) -> tuple[fhir.Questionnaire, dict[str, tuple[fhir.Value, ...]]]:
    """A form, and answers to any of its questions by linkId."""
    resource = draw(forms())
    form, answers = fhir.parse(resource), draw(answers_to(resource))
    return form, as_values(answers, {item.link_id: item.type for item in form.order})


def _partial(value: Any) -> bool:
    return isinstance(value, str) and value[:1] == "2" and len(value) < 10


def as_values(answers: dict[str, list[Any]], types: dict[str, str]) -> dict[str, tuple[fhir.Value, ...]]:
    return {link_id: tuple(_value(one, types[link_id]) for one in given) for link_id, given in answers.items()}


def _value(one: Any, kind: str) -> fhir.Value:
    if kind == "date":
        return fhir.PartialDate.parse(one)
    return fhir.Coding(**one) if isinstance(one, dict) else one


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: object, path: tuple = ()) -> list[tuple]:
    """The way to every value inside a JSON value."""
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, inner in pairs for place in places(inner, (*path, key))]


def changed(data: st.DataObject, resource: Json) -> Json:
    """A copy of `resource` with anything at all at one of its places."""
    copy = json.loads(json.dumps(resource))
    *path, last = data.draw(st.sampled_from(places(copy)))
    holder = copy
    for key in path:
        holder = holder[key]
    holder[last] = data.draw(ANYTHING)
    return copy
