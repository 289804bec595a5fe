"""What a parsed form offers: languages, pages, options."""

from decimal import Decimal

from intake import fhir
from tests.intake.fhir.build import choice, coding, extension, group, option, parse, question, translated

HIDDEN = extension("questionnaire-hidden", valueBoolean=True)


def spanish(item: dict) -> dict:
    return item | {"_text": translated(es=f"{item['linkId']} en español")}


def test_a_language_is_offered_when_every_visible_text_has_it():
    named = option("x")
    named["valueCoding"] |= {"_display": translated(es="Equis")}
    texts = {"valueString": "why", "_valueString": translated(es="por qué")}
    form = parse(
        spanish(choice("a", named, texts, {"valueInteger": 3}, {"valueCoding": {"code": "bare"}})),
        question("b", extension=[HIDDEN]),
        _title=translated(es="Prueba"),
    )

    assert form.languages == ("en", "es")
    assert form.title("es") == "Prueba"
    assert [one.display("es") for one in form.by_id["a"].options] == ["Equis", "por qué", "3", "bare"]
    assert form.warnings == ()


def test_gaps_are_listed_and_the_language_is_then_not_used_at_all():
    form = parse(spanish(question("a")), question("b", prefix="2."), _title=translated(es="Prueba"))

    assert form.languages == ("en",)
    assert form.title("es") == "Test"
    assert form.by_id["a"].text("es") == "Question a"
    assert form.warnings == (
        "b: text: has no translation into es, so it is not offered",
        "b: prefix: has no translation into es, so it is not offered",
    )


def test_a_licence_may_stay_in_its_language():
    form = parse(spanish(question("a")), _title=translated(es="Prueba"), copyright="Licence")

    assert (form.languages, form.copyright("es")) == (("en", "es"), "Licence")
    assert form.warnings == ("-: copyright: has no translation into es, and is shown as it is",)


def test_a_region_is_served_by_its_language():
    form = parse(spanish(question("a")), _title=translated(es="Prueba"))

    assert [form.shown(tag) for tag in ("es", "es-MX", "es-Latn-MX", "fr", "en")] == ["es", "es", "es", "en", "en"]
    assert [form.title(tag) for tag in ("es", "es-Latn-MX", "fr")] == ["Prueba", "Prueba", "Test"]


def test_a_page_is_a_group_or_the_questions_between_groups():
    form = parse(
        question("a"),
        question("b"),
        question("h", extension=[HIDDEN]),
        question("c"),
        group("g", question("d")),
        group("i", question("j"), extension=[HIDDEN]),
        group("k", question("l")),
        question("m"),
    )

    shown = [
        (page.index, page.group and page.group.link_id, [one.link_id for one in page.items]) for page in form.pages()
    ]

    assert shown == [(0, None, ["a", "b", "c"]), (1, "g", ["g"]), (2, "k", ["k"]), (3, None, ["m"])]


def test_a_page_may_hold_a_single_question():
    form = parse(question("a"), group("g", question("b")), question("c"))

    assert [[one.link_id for one in page.items] for page in form.pages()] == [["a"], ["g"], ["c"]]


def test_hidden_reaches_down():
    form = parse(group("g", group("i", question("a")), extension=[HIDDEN]))

    assert [one.hidden for one in form.order] == [True, True, True]


def test_options_of_a_contained_value_set_keep_system_display_and_value():
    include = {
        "system": "https://clinic.example/fhir/CodeSystem/test",
        "concept": [{"code": "x", "display": "X", "extension": [extension("ordinalValue", valueDecimal=2)]}],
    }
    contained = {"resourceType": "ValueSet", "id": "vs", "status": "active", "compose": {"include": [include]}}
    form = parse(question("a", "choice", answerValueSet="#vs"), contained=[contained])

    [found] = form.by_id["a"].options
    assert (found.value, found.ordinal) == (coding("x"), Decimal(2))


def test_settings_of_an_item_are_read():
    control = {"coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "drop-down"}]}
    marks = [
        extension("questionnaire-itemControl", valueCodeableConcept=control),
        extension("questionnaire-choiceOrientation", valueCode="horizontal"),
        extension("entryFormat", valueString="YYYY"),
        extension("minLength", valueInteger=2),
        extension("minValue", valueInteger=-1),
    ]
    form = parse(question("a", "integer", extension=marks, code=[{"system": "s", "code": "c"}], maxLength=9))

    item = form.by_id["a"]
    assert (item.control, item.orientation, item.entry_format) == ("drop-down", "horizontal", "YYYY")
    assert (item.min_length, item.max_length, item.min_value, item.max_value) == (2, 9, -1, None)
    assert item.code == (fhir.Coding("c", "s"),)


def test_what_looks_like_a_mistake_is_told():
    form = parse(question("a", readOnly=True, required=True))

    assert form.warnings == ("a: required: has no effect, because nobody can fill the item in",)
