"""What holds for every figure."""

import gzip
from xml.etree import ElementTree

import pytest

from content import figures
from content.figures.markup import tag
from content.figures.words import read
from content.rendering import render
from tests.content.factories import reference
from tests.content.figures.drawn import NUMBER, cite, data, drawn, leaves, of_class, spoken, text
from tests.content.markup import Markup

each_figure = pytest.mark.parametrize("name", figures.NAMES)
each_language = pytest.mark.parametrize("language", ["en", "es"])


def page(body):
    keys = sorted({key for name in figures.NAMES for key in figures.cited_keys(name)})
    return render("", body, tuple(reference(key) for key in keys), "en")


@each_language
@each_figure
def test_a_figure_carries_no_style_no_script_and_no_address(name, language):
    attributes = {key for element in drawn(name, language).iter() for key in element.attrib}

    assert not attributes & {"style", "id", "href", "src"}
    assert [key for key in attributes if key.startswith("on")] == []


@each_language
@each_figure
def test_every_drawing_is_either_passed_over_or_read_out_in_words(name, language):
    for svg in drawn(name, language).iter("svg"):
        assert svg.get("aria-hidden") == "true" or (svg.get("role") == "img" and NUMBER.search(svg.get("aria-label")))


@each_language
@each_figure
def test_every_number_and_every_word_of_the_data_stands_beside_the_drawings(name, language):
    root = drawn(name, language)
    said = " ".join(spoken(root).split())

    shown = [leaf for leaf in leaves(read(name, language)) if isinstance(leaf, str)]
    plain = [leaf for leaf in shown if "{" not in leaf and " " in leaf]
    assert [leaf for leaf in plain if " ".join(leaf.split()) not in said] == []
    assert [n for leaf in shown for n in NUMBER.findall(leaf) if n not in said] == []


@each_language
def test_the_words_beside_the_mechanism_name_every_part_that_is_labelled(language):
    said = spoken(drawn("mechanism", language)).lower()

    assert [part for part in read("mechanism", language)["parts"].values() if part.lower() not in said] == []


@each_language
@each_figure
def test_no_blank_is_left_open(name, language):
    assert "{" not in text(drawn(name, language))


@each_figure
def test_a_figure_cites_what_its_data_name(name):
    named = {key for keys in _source_lists(data(name)) for key in keys}

    assert set(figures.cited_keys(name)) == named
    links = [text(link) for link in drawn(name).iter("a")]
    assert tuple(dict.fromkeys(links)) == figures.cited_keys(name)


def _source_lists(content):
    if isinstance(content, dict):
        yield from (part for key, part in content.items() if key.endswith("sources"))
        content = list(content.values())
    if isinstance(content, list):
        for part in content:
            yield from _source_lists(part)


@each_figure
def test_what_the_data_hold_is_escaped(name, other_data):
    hostile = "<script>alert(1)</script> & \"quoted\" 'so' {{ x }}"
    other_data(name, lambda content: content["title"].update(en=hostile))

    root = drawn(name)
    assert list(root.iter("script")) == []
    assert hostile in text(root)


def test_an_attribute_is_escaped_and_one_with_style_or_script_is_refused():
    assert tag("circle", r='1" onload="x') == '<circle r="1&quot; onload=&quot;x"/>'
    for name in ("style", "onload"):
        with pytest.raises(ValueError, match="no inline style and no inline script"):
            tag("circle", **{name: "x"})


def test_an_unknown_figure_is_no_figure():
    with pytest.raises(KeyError):
        figures.draw("nobody", "en", str)


def test_the_mechanism_says_in_the_picture_that_it_is_not_proven():
    root = drawn("mechanism")

    (label,) = of_class(root, "figure__label")
    assert text(label) == "One leading idea, mostly from animal studies. Not proven."
    assert label in list(of_class(root, "idea")[0])  # in the frame with the scenes


def test_the_scenes_of_the_mechanism_are_as_many_as_its_steps():
    root = drawn("mechanism")

    assert len(of_class(root, "scene")) == len(of_class(root, "step")) == len(data("mechanism")["steps"]) == 4


def test_of_the_day_only_the_infusion_has_a_length():
    root = drawn("day")

    (timed,) = of_class(root, "day__step--timed")
    assert "About 40 minutes in studies" in text(timed)
    steps = [text(step) for step in of_class(root, "day__step") if step is not timed]
    assert [step for step in steps if NUMBER.search(step)] == []


def test_the_forms_are_mirror_images_and_esketamine_is_the_s_form_alone():
    racemic, esketamine = drawn("two-kinds").iter("svg")

    def letters(svg):
        return [text(letter) for letter in svg.iter("text")]

    r, s = (of_class(racemic, f"forms__{form}")[0] for form in "rs")
    assert letters(racemic) == ["R", "S"]
    assert letters(esketamine) == ["S"]
    assert [ElementTree.tostring(part) for part in r] == [ElementTree.tostring(part) for part in s]
    assert r.get("transform").endswith("scale(-1 1)")
    assert s.get("transform").endswith("scale(1 1)")


def test_all_figures_on_one_page_give_no_id_twice_and_every_citation_leads_to_its_source():
    shown = page("\n\n".join(f"[figure: {name}]" for name in figures.NAMES))

    markup = Markup(shown.body)
    ids = [element["id"] for element in markup.elements if element["id"]]
    assert len(markup.all("figure")) == len(figures.NAMES)
    assert len(ids) == len(set(ids))
    assert sorted(ids) == sorted(place for source in shown.sources for place in source.places)
    assert {link["href"] for link in markup.all("a")} == {f"#source-{source.number}" for source in shown.sources}


@each_language
@each_figure
def test_a_figure_weighs_less_than_two_and_a_half_kilobytes_compressed(name, language):
    assert len(gzip.compress(figures.draw(name, language, cite).encode())) < 2500
