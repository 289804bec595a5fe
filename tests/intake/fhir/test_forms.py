"""What a parsed form offers: languages, pages, options."""

from decimal import Decimal

from intake import fhir
from tests.intake.fhir.build import (
    choice,
    coding,
    extension,
    group,
    option,
    parse,
    question,
    score,
    scored,
    total,
    translated,
    without,
)

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


def test_each_language_is_offered_or_not_by_itself():
    texts = translated(fr="Question a", es="Pregunta a", de="Frage a")
    form = parse(
        question("a", _text=texts),
        question("b", _text=translated(fr="Question b", es="Pregunta b", it="Domanda b"), extension=[HIDDEN]),
        _title=translated(fr="Épreuve", es="Prueba"),
        description="About",
        _description=translated(es="Sobre", it="Informazioni"),
    )

    assert form.languages == ("en", "es", "fr")
    assert form.warnings == (
        "-: title: has no translation into de, so it is not offered",
        "-: title: has no translation into it, so it is not offered",
        "a: text: has no translation into it, so it is not offered",
        "-: description: has no translation into fr, and is shown as it is",
    )
    assert form.by_id["a"].text == fhir.Text("Question a", {"fr": "Question a", "es": "Pregunta a"})
    assert form.by_id["b"].text == fhir.Text("Question b", {"fr": "Question b", "es": "Pregunta b"})


def test_a_translation_may_stand_after_something_else_and_be_in_markdown():
    looks = extension("rendering-style", valueString="color: red")
    about = [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueMarkdown": "*Sobre*"}]
    form = parse(
        spanish(question("a")),
        _title={"extension": [looks, *translated(es="Prueba")["extension"]]},
        description="About",
        _description={"extension": [extension("translation", extension=about)]},
    )

    assert (form.title("es"), form.description("es")) == ("Prueba", "*Sobre*")


def test_an_option_without_a_translation_is_a_gap():
    form = parse(
        spanish(choice("a", {"valueString": "why"}, option("x"), {"valueInteger": 3}, {"valueCoding": {"code": "y"}})),
        _title=translated(es="Prueba"),
    )

    assert form.warnings == (
        "a: answerOption[0]: has no translation into es, so it is not offered",
        "a: answerOption[1]: has no translation into es, so it is not offered",
    )


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


def test_marks_of_an_option_are_read_wherever_they_stand():
    marks = [
        extension("questionnaire-optionPrefix", valueString="a)"),
        extension("questionnaire-optionExclusive", valueBoolean=True),
        extension("itemWeight", valueDecimal=3),
    ]
    form = parse(
        choice(
            "a",
            {"valueCoding": {"code": "x", "display": "X"}, "extension": marks},
            {"valueCoding": {"code": "y", "extension": marks}},
            {"valueString": "z", "extension": [extension("questionnaire-optionExclusive", valueBoolean=False)]},
            {"valueInteger": 7, "extension": [extension("ordinalValue", valueDecimal=7)]},
        )
    )

    x, y, z, seven = form.by_id["a"].options
    assert x == fhir.Option(fhir.Coding("x", None, "X"), fhir.Text("X"), Decimal(3), True, "a)")
    assert y == fhir.Option(fhir.Coding("y"), fhir.Text("y"), Decimal(3), True, "a)")
    assert z == fhir.Option("z", fhir.Text("z"))
    assert seven == fhir.Option(7, fhir.Text("7"), Decimal(7))


def test_a_mark_may_be_said_at_both_places_in_the_same_words():
    worth = [extension("ordinalValue", valueDecimal=2), extension("itemWeight", valueDecimal=Decimal("2.0"))]
    form = parse(choice("a", {"valueCoding": {"code": "x", "extension": worth}, "extension": worth}))

    assert form.by_id["a"].options[0].ordinal == 2


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
    assert (item.required, item.repeats, item.read_only, item.hidden) == (False, False, False, False)
    assert (item.control, item.orientation, item.entry_format) == ("drop-down", "horizontal", "YYYY")
    assert (item.min_length, item.max_length, item.min_value, item.max_value) == (2, 9, -1, None)
    assert item.code == (fhir.Coding("c", "s"),)


def test_what_looks_like_a_mistake_is_told():
    form = parse(
        question("a", readOnly=True, required=True),
        question("b", readOnly=True),
        without(question("c"), "text"),
        without(question("d", extension=[HIDDEN]), "text"),
        without(group("g", question("e", required=True)), "text"),
        scored("s", 0, 1, extension=[HIDDEN]),
        total("t"),
        total("u"),
        extension=[score("t", "s"), score("u", "t")],
    )

    assert form.warnings == (
        "a: required: has no effect, because nobody can fill the item in",
        "c: text: is missing",
        "s: intake-score: a total needs it, and nobody can fill it in",
    )


def test_a_hundred_warnings_are_told_each_on_a_line_that_nothing_turns_around():
    width = extension("rendering-style", valueString="x")
    form = parse(*(question(f"{at}\u202e", extension=[width]) for at in range(101)))

    assert form.warnings == tuple(
        f"{at}\N{REPLACEMENT CHARACTER}: extension[0]: rendering-style has no effect here" for at in range(100)
    )
