"""Every form that comes with the portal, in every state, leaves as a Bundle and is read back by our own rules."""

import json
import uuid
from collections.abc import Iterator
from functools import cache

import pytest
from django.conf import settings

from intake import fhir
from intake.export import export, exportable
from intake.models import ConsentText, Questionnaire, Submission
from tests.factories import make_screening, make_submission
from tests.intake.questionnaires.test_examples import FORMS, load, names, value

KINDS = ("transaction", "collection")
BORN = fhir.PartialDate(1980, 2, 29)
LONG = "Größe “ok”, naïve\tañá <b> & 😀"

Answers = dict[str, tuple[fhir.Value, ...]]

pytestmark = pytest.mark.usefixtures("packet")


def filled(form: fhir.Questionnaire, pick: int, *, all_of_them: bool = True, fixed: Answers | None = None) -> Answers:
    """Answers to every enabled question, or to the required ones only; of the options the first (0) or last (-1)."""
    answers = dict(fixed or {})
    for item in form.order:
        wanted = item.can_be_filled_in and (all_of_them or item.required or _holds_a_required_group(form, item))
        if wanted and item.link_id not in answers and item.link_id in fhir.enabled(form, answers):
            answers[item.link_id] = _some(item, pick)
    return answers


def _holds_a_required_group(form: fhir.Questionnaire, item: fhir.Item) -> bool:
    return bool(item.parent) and form.by_id[item.parent].required


def _some(item: fhir.Item, pick: int) -> tuple[fhir.Value, ...]:
    if item.repeats:
        chosen = [option.value for option in item.options if option.exclusive is (pick == 0)]
        return tuple(chosen) or (item.options[pick].value,)
    if item.options:
        return (item.options[pick].value,)
    texts = {"string": LONG.replace("\t", " "), "text": f"{LONG}\n{'x' * 500}"[: item.max_length or 600]}
    return (texts.get(item.type, {"boolean": pick == 0, "integer": 2, "date": BORN}.get(item.type)),)


def states(name: str) -> Iterator[tuple[str, Answers]]:
    form = load(name)
    yield "minimal", filled(form, 0, all_of_them=False)
    yield "first options", filled(form, 0)
    yield "last options", filled(form, -1)
    for score in form.scores:
        for source in score.sources:
            yield f"without {source}", {at: found for at, found in filled(form, -1).items() if at != source}
    for item in form.order:
        for condition in item.enable_when:
            if condition.operator == "=":
                fixed = {condition.question: (condition.answer,)}
                yield f"{item.link_id} opened", filled(form, -1, fixed=fixed)
    for example in json.loads((FORMS / "examples" / f"{name}.json").read_text()):
        given = {at: tuple(value(one) for one in found) for at, found in example["answers"].items()}
        yield example["name"], filled(form, 0, all_of_them=False, fixed=given)


def received(name: str, answers: Answers, language: str) -> Submission:
    form = Questionnaire.objects.get(url__endswith=f"/{name}")
    submission = Submission.objects.receive(
        origin=uuid.uuid4(),
        kind=Submission.Kind.SCREENING,
        language=language,
        consent=ConsentText.current("screening", language),
        with_receipt=True,
        details={"name": LONG, "birth_date": "1980-02-29", "email": "marta@example.org", "phone": "+1 718 555 0142"},
        answered=[(form, answers)],
    )
    return exportable().get(pk=submission.pk)


def faults(text: bytes) -> list[str]:
    """What is wrong with a Bundle for somebody who has nothing but the Bundle."""
    bundle = fhir.read_json(text)
    entries = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    sent = [one for _, one in of_kind(entries, "Questionnaire")]
    forms = {canonical(one): judged(fhir.dumps(one)) for one in sent}
    found = ["the same form twice"] * (len(sent) - len(forms))
    found += [fault for _, wrong in forms.values() for fault in wrong]
    found += [str(fault) for fault in fhir.check_structure(without_forms(bundle))]
    found += [f"{reference} leads nowhere" for reference in set(references(bundle)) - set(entries)]
    for address, response in of_kind(entries, "QuestionnaireResponse"):
        told = fhir.report(forms[response["questionnaire"]][0], response)
        found += [f"{error['linkId']}: {error['rule']}" for error in told["errors"]]
        computed = sorted(total for total in told["scores"].values() if total is not None)
        if sent_totals(entries, address) != computed:
            found.append(f"{sent_totals(entries, address)} are not the totals {computed}")
    return found


@cache
def judged(form: str) -> tuple[fhir.Questionnaire, list[str]]:
    """A form that a Bundle holds, and what is wrong with its structure; every state of a form sends the same one."""
    wrong = fhir.check_structure(fhir.read_json(form))
    return fhir.parse(form, base=settings.FHIR_BASE_URL), [str(fault) for fault in wrong]


def without_forms(bundle: dict) -> dict:
    """The Bundle with the least that is a form in the place of each."""
    least = {"resourceType": "Questionnaire", "status": "active"}
    entries = [
        entry | {"resource": least} if entry["resource"]["resourceType"] == "Questionnaire" else entry
        for entry in bundle["entry"]
    ]
    return bundle | {"entry": entries}


def references(resource: object) -> Iterator[str]:
    if isinstance(resource, dict):
        if isinstance(resource.get("reference"), str):
            yield resource["reference"]
        for part in resource.values():
            yield from references(part)
    elif isinstance(resource, list):
        for part in resource:
            yield from references(part)


def of_kind(entries: dict, kind: str) -> list[tuple[str, dict]]:
    return [(address, one) for address, one in entries.items() if one["resourceType"] == kind]


def canonical(form: dict) -> str:
    return f"{form['url']}|{form['version']}"


def sent_totals(entries: dict, response: str) -> list:
    observations = [one for _, one in of_kind(entries, "Observation")]
    return sorted(
        one["valueQuantity"]["value"] for one in observations if one["derivedFrom"] == [{"reference": response}]
    )


@pytest.mark.parametrize(("name", "language"), [(name, tag) for name in names for tag in load(name).languages])
def test_every_state_of_a_form_survives_its_export(name, language):
    found = {}
    for state, answers in states(name):
        submission = received(name, answers, language)
        found |= {(state, kind): faults(export(submission, kind)) for kind in KINDS}

    assert {case: wrong for case, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("name", names)
def test_the_states_open_and_close_every_condition_and_raise_every_alert(name):
    form = load(name)
    tried = [answers for _, answers in states(name)]

    enabled = [fhir.enabled(form, answers) for answers in tried]
    conditional = {item.link_id for item in form.order if item.enable_when}
    raised = {alert.code for answers in tried for alert in fhir.raised(form, answers)}

    assert {link_id for link_id in conditional if any(link_id in one for one in enabled)} == conditional
    assert {link_id for link_id in conditional if any(link_id not in one for one in enabled)} == conditional
    assert raised == {alert.code for alert in form.alerts}


@pytest.mark.parametrize("name", [name for name in names if load(name).scores])
def test_the_states_of_a_scored_form_include_every_gap_and_both_ends(name):
    form = load(name)
    totals = [fhir.totals(form, answers) for _, answers in states(name)]

    for score in form.scores:
        found = [one[score.target] for one in totals]
        assert None in found
        assert {score.bands[0].code, score.bands[-1].code} <= {
            band.code for total in found if (band := fhir.band(score, total))
        }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_whole_screening_survives_its_export(language, kind):
    submission = make_screening(phq9=[3] * 9, gad7=[None] + [1] * 6, language=language)

    bundle = export(submission, kind)

    assert faults(bundle) == []
    assert bundle.count(b'"resourceType":"QuestionnaireResponse"') == 6


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["phone", "email", ""])
def test_a_contact_request_survives_its_export(method, kind):
    submission = make_submission(
        contact_method=method, phone="718 555 0142", best_time="after 5 pm", message=LONG, preferred_language="es"
    )

    assert faults(export(submission, kind)) == []


def test_an_export_that_was_damaged_does_not_pass():
    bundle = json.loads(export(received("phq-9", filled(load("phq-9"), 0), "en"), "collection"))
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Observation":
            entry["resource"]["valueQuantity"]["value"] += 1

    assert len(faults(json.dumps(bundle))) == 1
