"""From a Questionnaire file to a form that the engine can run, or to the list of what is wrong with it."""

from collections.abc import Mapping
from types import MappingProxyType

from intake.fhir import declared, limits, rules, typed
from intake.fhir.extensions import entries
from intake.fhir.faults import Place
from intake.fhir.items import ItemReader, codes
from intake.fhir.json_text import read_json
from intake.fhir.languages import offered
from intake.fhir.model import BASE, Alert, Item, Questionnaire, Score
from intake.fhir.node import Node
from intake.fhir.options import value_sets
from intake.fhir.texts import LANGUAGE, Desk, settings, text

STATUSES = ("draft", "active", "retired")


def parse(raw: bytes | str | Mapping[str, object], *, base: str = BASE) -> Questionnaire:
    """Check a Questionnaire against every rule of the subset. Raises DefinitionError with all faults found.

    `base` is the start of the addresses of the project's own extensions. Nothing in the file is ever fetched.
    """
    resource = read_json(raw)
    desk = Desk(base)
    form = Node(resource, Place(desk.faults))
    if resource.get("resourceType") != "Questionnaire":
        form.place.fault("must be Questionnaire", "resourceType")
        desk.faults.stop_if_any()
    form.only("form")
    _unread(desk, form)
    if "item" not in resource:
        form.place.fault("a form must have items", "item")
    items = ItemReader(desk, value_sets(desk, form)).items(form, None, False, 1)
    found = _compile(desk, form, items)
    desk.faults.stop_if_any()
    return found


def _unread(desk: Desk, form: Node) -> None:
    """Check what is kept and not used."""
    own = frozenset({desk.own(declared.SCORE), desk.own(declared.ALERT)})
    settings(desk, form, elsewhere=own)
    for url, _, place in entries(form.data, form.place):
        if url.endswith((declared.SCORE, declared.ALERT)) and url not in own:
            place.fault(f"the project's own extensions begin with {desk.base}/StructureDefinition/", "url")
    form.string("publisher")
    form.token("date")
    form.read("subjectType", _tokens, None)


def _tokens(raw: object) -> None:
    if not isinstance(raw, list) or not raw:
        raise ValueError("must be a list that is not empty")
    for one in raw:
        typed.token(one)


def _compile(desk: Desk, form: Node, items: tuple[Item, ...]) -> Questionnaire:
    """Read the form's own elements and check what ties the items together."""
    order = tuple(below for item in items for below in item.walk())
    by_id = {item.link_id: item for item in order}
    scores, alerts = declared.scores(desk, form), declared.alerts(desk, form)
    title = text(desk, form, "title", limits.TITLE, required=True)
    description, licence = text(desk, form, "description"), text(desk, form, "copyright")
    extra = [("", "description", description), ("", "copyright", licence)]
    language = _language(form)
    return Questionnaire(
        url=_identity(form, "url", limits.URL),
        version=_identity(form, "version", limits.VERSION),
        name=form.token("name", limits.NAME, required=True),
        status=form.choice("status", STATUSES, required=True),
        language=language,
        title=title,
        description=description,
        copyright=licence,
        code=codes(form),
        items=items,
        scores=scores,
        alerts=alerts,
        resource=form.data,
        sequence=(sequence := _ties(desk, order, by_id, scores, alerts)),  # stops at the faults so far
        watched=rules.watched(sequence, scores, alerts),
        languages=offered(desk, language, [("", "title", title)], extra, order),
        order=order,
        by_id=MappingProxyType(by_id),
        score_of=MappingProxyType({score.target: score for score in scores}),
        warnings=_warnings(desk, order, scores),
    )


def _ties(
    desk: Desk, order: tuple[Item, ...], by_id: Mapping[str, Item], scores: tuple[Score, ...], alerts: tuple[Alert, ...]
) -> tuple[Item, ...]:
    """Check conditions, alerts and scores; return the order in which items can be evaluated.

    Stops at the first of the three checks that finds something, because the next one stands on it.
    """
    rules.check_conditions(desk, by_id)
    rules.check_alerts(desk.faults, alerts, by_id)
    rules.check_scores(desk.faults, scores, by_id)
    desk.faults.stop_if_any()
    sequence = rules.sequence(desk.faults, order, by_id, scores)
    desk.faults.stop_if_any()
    rules.check_bands(desk.faults, scores, sequence, by_id)
    return sequence


def _identity(form: Node, key: str, limit: int) -> str:
    found = form.token(key, limit, required=True)
    if "|" in found:
        form.place.fault("must not contain |, which parts url and version", key)
    return found


def _language(form: Node) -> str:
    language = form.token("language", required=True)
    if language and not LANGUAGE.fullmatch(language):
        form.place.fault("is not a language tag such as en or es-MX", "language")
    return language


def _warnings(desk: Desk, order: tuple[Item, ...], scores: tuple[Score, ...]) -> tuple[str, ...]:
    """What the language check has noted, and what is allowed but looks like a mistake."""
    targets = {score.target for score in scores}
    sources = {source for score in scores for source in score.sources} - targets
    for item in order:
        if item.is_question and not item.can_be_filled_in:
            if item.required:
                desk.note(item.link_id, "required", "has no effect, because nobody can fill the item in")
            if item.link_id in sources:
                desk.note(item.link_id, declared.SCORE, "a total needs it, and nobody can fill it in")
        if not item.text and not item.hidden and item.is_question:
            desk.note(item.link_id, "text", "is missing")
    return tuple(desk.warnings)
