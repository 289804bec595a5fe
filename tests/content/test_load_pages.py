from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from content import start
from content.models import Edition, Page, Source, Term

pytestmark = pytest.mark.django_db

SOURCES = (
    "FAVA:\n  authors: Fava M\n  title: Ketamine doses\n  year: 2018\n  doi: 10.1038/s41380-018-0256-5\n  mark: V\n"
)
TYPES = (
    "---\ntitle: Types\nmenu: Types\nsummary: >\n  Two medicines\n  are used [@FAVA].\norder: 2\n"
    "sources_checked: 2026-11-23\n---\n\n## Racemic\n\nA mix [@FAVA].\n"
)

GLOSSARY = "racemic:\n  name: racemic\n  forms: [racemic, racemates]\n  definition: A mix of both forms.\n"


@pytest.fixture
def texts(tmp_path) -> Path:
    (tmp_path / "sources.yaml").write_text(SOURCES)
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "types.md").write_text(TYPES)
    return tmp_path


def change(texts: Path, old: str, new: str, name: str = "en/types.md") -> None:
    text = (texts / name).read_text()
    assert old in text
    (texts / name).write_text(text.replace(old, new))


def edit(**fields) -> None:
    page = Page.objects.get()
    for name, value in fields.items():
        setattr(page, name, value)
    page.save()


def test_a_start_text_becomes_a_published_page_with_its_sources(texts):
    report = start.load(texts)

    page = Page.objects.get()
    assert (page.slug, page.language, page.status) == ("types", "en", "published")
    assert (page.title, page.menu_title, page.order) == ("Types", "Types", 2)
    assert Edition.objects.live().get().body == page.body
    assert page.summary == "Two medicines are used [@FAVA]."
    assert page.body == "## Racemic\n\nA mix [@FAVA]."
    assert page.sources_checked == date(2026, 11, 23)
    assert [source.year for source in page.sources.all()] == [2018]
    assert str(report) == "Pages, sources and words: 2 new, 0 replaced, 0 unchanged."


def test_loading_again_changes_nothing(texts):
    start.load(texts)
    before = Page.objects.get().updated_at

    report = start.load(texts)

    assert str(report) == "Pages, sources and words: 0 new, 0 replaced, 2 unchanged."
    assert Page.objects.get().updated_at == before


def test_loading_again_costs_the_same_few_queries_however_many_pages_there_are(texts, django_assert_num_queries):
    for number in range(5):
        (texts / "en" / f"page-{number}.md").write_text(TYPES)
    start.load(texts)

    with django_assert_num_queries(6):  # savepoint, lock, sources, words, pages, release
        start.load(texts)


def test_the_words_of_the_glossary_are_loaded_with_their_forms(texts):
    (texts / "en" / "glossary.yaml").write_text(GLOSSARY)
    change(texts, "A mix", "A [[Racemic]] mix")

    start.load(texts)

    term = Term.objects.get()
    assert (term.key, term.language, term.name, term.forms) == ("racemic", "en", "racemic", "racemic\nracemates")
    assert term.definition == "A mix of both forms."


def test_an_upgrade_replaces_a_text_that_nobody_edited(texts):
    start.load(texts)
    change(texts, "A mix", "A mixture")
    change(texts, "Ketamine doses", "Doses of ketamine", "sources.yaml")

    report = start.load(texts)

    assert Page.objects.get().body == "## Racemic\n\nA mixture [@FAVA]."
    assert Edition.objects.live().get().body == "## Racemic\n\nA mixture [@FAVA]."
    assert Source.objects.get().title == "Doses of ketamine"
    assert str(report) == "Pages, sources and words: 0 new, 2 replaced, 0 unchanged."


def test_an_upgrade_leaves_what_staff_edited_and_says_so(texts):
    start.load(texts)
    edit(body="Our own words.")
    Source.objects.update(note="Read by us.")
    change(texts, "A mix", "A mixture")
    change(texts, "Ketamine doses", "Doses of ketamine", "sources.yaml")

    report = start.load(texts)

    assert Page.objects.get().body == "Our own words."
    assert Source.objects.get().title == "Ketamine doses"
    assert str(report) == (
        "Pages, sources and words: 0 new, 0 replaced, 0 unchanged; left as staff edited them, though the start "
        "text has changed: sources.yaml, FAVA, en/types.md."
    )


def test_an_edit_is_kept_while_the_start_text_stays_the_same(texts):
    start.load(texts)
    edit(title="Our title", menu_title="")

    report = start.load(texts)

    assert Page.objects.get().title == "Our title"
    assert report.kept == []


def test_a_page_that_staff_took_off_the_site_stays_off_it(texts):
    start.load(texts)
    Page.objects.get().withdraw()
    change(texts, "A mix", "A mixture")

    start.load(texts)

    page = Page.objects.get()
    assert (page.status, page.body) == ("draft", "## Racemic\n\nA mixture [@FAVA].")
    assert not Edition.objects.live().exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("A mix [@FAVA]", "A mix [@NOBODY]", "en/types.md: body: No source has the key NOBODY."),
        ("A mix", "A [[mix]]", "en/types.md: body: The glossary has no word “mix”."),
        ("## Racemic", "# Racemic", "en/types.md: body: The heading “Racemic” is of level 1"),
        (
            "A mix",
            "[a](https://example.org/)",
            "en/types.md: body: The link to “https://example.org/” leaves",
        ),
        ("title: Types", "titel: Types", "en/types.md: the fields are title, menu,"),
        ("title: Types\n", "", "en/types.md: title: This field cannot be blank."),
        ("title: Types", "title: 'Types", "en/types.md: the YAML is malformed"),
        ("2026-11-23", "soon", "en/types.md: sources_checked: “soon” value has an invalid date format."),
        ("---\ntitle", "title", "en/types.md: begin with front matter"),
    ],
)
def test_a_broken_text_is_named_with_what_is_wrong_and_nothing_is_stored(texts, old, new, message):
    change(texts, old, new)

    with pytest.raises(start.StartTextError) as refused:
        start.load(texts)

    assert str(refused.value).startswith(message)
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mark: V", "mark: K", "sources.yaml, FAVA: mark: Value 'K' is not a valid choice."),
        ("mark: V", "", "sources.yaml, FAVA: mark: This field cannot be blank."),
        ("doi: 10.1038", "doi: https://doi.org/10.1038", "sources.yaml, FAVA: doi: Enter the DOI alone"),
        ("year: 2018", "url: javascript:alert(1)", "sources.yaml, FAVA: url: Enter a valid URL."),
        ("FAVA:\n", "- FAVA:\n", "sources.yaml: write the YAML as names with values."),
    ],
)
def test_a_broken_source_is_named_with_what_is_wrong(texts, old, new, message):
    change(texts, old, new, "sources.yaml")

    with pytest.raises(start.StartTextError) as refused:
        start.load(texts)

    assert str(refused.value).startswith(message)


@pytest.mark.django_db(transaction=True)
def test_two_starts_at_once_load_each_text_once(texts):
    def load(_: int) -> start.Report:
        try:
            return start.load(texts)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as starts:
        reports = list(starts.map(load, range(2)))

    assert sorted((report.new, report.unchanged) for report in reports) == [(0, 2), (2, 0)]
    assert Page.objects.count() == 1


def test_the_command_prints_one_line(texts, monkeypatch):
    monkeypatch.setattr(start, "FOLDER", texts)
    out = StringIO()

    call_command("load_pages", stdout=out)

    assert out.getvalue() == "Pages, sources and words: 2 new, 0 replaced, 0 unchanged.\n"


def test_the_command_says_what_is_wrong_without_a_traceback(texts, monkeypatch):
    monkeypatch.setattr(start, "FOLDER", texts)
    change(texts, "A mix [@FAVA]", "A mix [@NOBODY]")

    with pytest.raises(CommandError, match=r"^en/types.md: body: No source has the key NOBODY\.$"):
        call_command("load_pages")
