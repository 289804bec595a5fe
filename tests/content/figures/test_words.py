import pytest

from content import figures, start
from content.figures.words import FOLDER, LANGUAGES, FigureDataError, in_language, read
from tests.content.figures.drawn import NUMBER, data, leaves

each_figure = pytest.mark.parametrize("name", figures.NAMES)


def texts(content):
    """Every text of the data as the pair of its languages."""
    if isinstance(content, dict) and content.keys() == LANGUAGES:
        yield content["en"], content["es"]
    elif isinstance(content, dict | list):
        for part in content.values() if isinstance(content, dict) else content:
            yield from texts(part)


def source_lists(content):
    if isinstance(content, dict):
        yield from (part for key, part in content.items() if key.endswith("sources"))
        content = list(content.values())
    if isinstance(content, list):
        for part in content:
            yield from source_lists(part)


def test_each_figure_has_its_file_and_there_is_no_other():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(f"{name}.yaml" for name in figures.NAMES)


@each_figure
def test_every_text_is_there_in_both_languages(name):
    for language in LANGUAGES:
        assert not [leaf for leaf in leaves(read(name, language)) if isinstance(leaf, str) and not leaf.strip()]
    assert len(list(texts(data(name)))) > 5


@each_figure
def test_both_languages_name_the_same_numbers_and_the_same_blanks_to_fill(name):
    def marks(text):
        return sorted(NUMBER.findall(text.replace("95 %", "95%"))), sorted(text.split("{")[1:] and _blanks(text))

    different = [(en, es) for en, es in texts(data(name)) if marks(en) != marks(es)]
    assert different == []


def _blanks(text):
    return {part.split("}")[0] for part in text.split("{")[1:]}


@each_figure
def test_every_source_exists(name):
    known = {key for key, _ in start.read_sources(start.FOLDER)}

    named = {key for keys in source_lists(data(name)) for key in keys}
    assert named
    assert named <= known


@each_figure
def test_what_states_a_number_names_a_source(name):
    def unsourced(content):
        if isinstance(content, list):
            return [found for part in content for found in unsourced(part)]
        if not isinstance(content, dict):
            return []
        if "sources" in content:
            own = [leaf for leaf in leaves({**content, "sources": []}) if NUMBER.search(str(leaf))]
            return own if own and not content["sources"] else []
        return [found for part in content.values() for found in unsourced(part)]

    assert unsourced(data(name)) == []


@pytest.mark.parametrize("texts", [{"en": "a"}, {"en": "a", "es": ""}, {"en": "a", "es": 1}, {"en": "a", "fr": "b"}])
def test_a_text_that_lacks_a_language_is_refused_with_its_place(texts):
    with pytest.raises(FigureDataError, match=r"^day.yaml, steps, 2, title: give a text for each of en, es\.$"):
        in_language({"steps": [{}, {"title": texts}]}, "en", "day.yaml")


def test_an_unknown_language_is_refused():
    with pytest.raises(FigureDataError, match="no words in the language fr"):
        read("day", "fr")


def test_data_that_are_no_mapping_are_refused(tmp_path, monkeypatch):
    (tmp_path / "day.yaml").write_text("- a\n")
    monkeypatch.setattr("content.figures.words.FOLDER", tmp_path)
    read.cache_clear()

    with pytest.raises(FigureDataError, match=r"day\.yaml: write names with values"):
        read("day", "en")
