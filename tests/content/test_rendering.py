import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content import markdown
from content.rendering import Definition, Heading, Rendered, render
from tests.content.factories import reference
from tests.content.markup import Markup

FAVA, PHILLIPS = reference("FAVA"), reference("PHILLIPS")
KNOWN = (FAVA, PHILLIPS)

ALLOWED = {
    **{tag: set() for tag in ("p", "br", "hr", "ul", "li", "strong", "em", "blockquote", "table", "thead", "tbody")},
    **{tag: {"id"} for tag in ("h2", "h3", "h4")},
    "tr": set(),
    "td": set(),
    "th": {"scope"},
    "ol": {"start"},
    "sup": {"class"},
    "span": {"class"},
    "a": {"href", "id"},
    "div": {"class", "role", "tabindex", "aria-label"},
}


def rendered(body: str, summary: str = "") -> Rendered:
    return render(summary, body, KNOWN, "en")


def objections(html: str) -> list[str]:
    """Every element, attribute or address in the HTML that a page's text may not hold."""
    markup = Markup(html)
    found = [f"comment {comment}" for comment in markup.comments]
    for element in markup.elements:
        if element.tag not in ALLOWED:
            found.append(f"<{element.tag}>")
            continue
        found += [f"{element.tag} {name}" for name in element.attributes if name not in ALLOWED[element.tag]]
        href = element["href"]
        if href is not None and (
            not href.startswith(("/", "#", "tel:", "sms:", "mailto:")) or href[1:2] in ("/", "\\")
        ):
            found.append(href)
    return found


def test_a_citation_is_a_numbered_link_to_its_source():
    assert rendered("It helped some people [@FAVA].").body == (
        '<p>It helped some people<sup class="cite"><a href="#source-1" id="cite-1-1">'
        '<span class="visually-hidden">Source </span>1</a></sup>.</p>\n'
    )


def test_sources_are_numbered_in_the_order_of_their_first_citation_beginning_with_the_summary():
    page = rendered("One [@FAVA]. Two [@PHILLIPS; @FAVA].", summary="In short [@PHILLIPS].")

    assert [(source.number, source.reference, source.places) for source in page.sources] == [
        (1, PHILLIPS, ("cite-1-1", "cite-1-2")),
        (2, FAVA, ("cite-2-1", "cite-2-2")),
    ]


def test_each_place_that_a_source_lists_is_in_the_text():
    page = rendered("One [@FAVA]. Two [@PHILLIPS; @FAVA].\n\n| a |\n|---|\n| b [@FAVA] |", summary="Short [@FAVA].")

    ids = [link["id"] for link in Markup(page.summary + page.body).all("a")]
    assert sorted(ids) == sorted(place for source in page.sources for place in source.places)


def test_a_citation_after_a_line_break_stays_with_the_word_before_it():
    assert "people<sup" in rendered("It helped some people\n[@FAVA].").body


def test_a_source_that_does_not_exist_is_said_to_be_missing():
    page = rendered("A claim [@NOBODY].")

    assert page.body == '<p>A claim<sup class="cite"><span>[source missing]</span></sup>.</p>\n'
    assert page.sources == ()


def test_the_description_is_the_summary_in_plain_words():
    assert rendered("", summary="It **may** help [@FAVA].\nOr not.").description == "It may help. Or not."


def test_a_doi_becomes_its_address():
    doi = "10.1016/S2215-0366(17)30272-9"

    assert reference("SHORT", doi=doi, url="https://example.org/").link == f"https://doi.org/{doi}"


def test_a_source_reads_as_one_line_with_single_full_stops():
    source = reference("A", authors="Fava M, et al.", title="Does it work?", container="Mol Psychiatry", year=2018)

    assert source.text == "Fava M, et al. Does it work? Mol Psychiatry, 2018."


def test_headings_get_ids_of_their_own_and_those_of_level_two_are_listed():
    page = rendered("## Who may?\n\n### Who may?\n\n## Who may?\n\n## ¿?\n")

    assert [heading["id"] for heading in Markup(page.body).all("h2", "h3")] == [
        "section-who-may",
        "section-who-may-1",
        "section-who-may-2",
        "section",
    ]
    assert page.contents == (
        Heading("section-who-may", "Who may?"),
        Heading("section-who-may-2", "Who may?"),
        Heading("section", "¿?"),
    )


def test_a_table_scrolls_in_a_named_box_that_the_keyboard_reaches():
    page = rendered("## Doses\n\n| Drug | Dose |\n|---|--:|\n| a | b |\n\n| c |\n|---|\n| d |\n")

    boxes = Markup(page.body).all("div")
    assert [box.attributes for box in boxes] == [
        {"class": "table-scroll", "role": "region", "tabindex": "0", "aria-label": f"Table {number}: Doses"}
        for number in (1, 2)
    ]
    assert [head["scope"] for head in Markup(page.body).all("th")] == ["col", "col", "col"]


def test_the_empty_corner_of_a_table_heads_nothing():
    html = rendered("| | a |\n|---|---|\n| b | c |\n").body

    assert [head.text for head in Markup(html).all("th")] == ["a"]
    assert [cell.text for cell in Markup(html).all("td")] == ["", "b", "c"]


def test_links_on_the_site_and_to_a_phone_work():
    body = rendered("[types](/types/) [below](#section-a) [call](tel:988) [text](sms:988) [home](/)").body

    assert [link["href"] for link in Markup(body).all("a")] == ["/types/", "#section-a", "tel:988", "sms:988", "/"]


HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)' onclick=alert(1)>x</a>",
    "<style>@import '//evil.example'</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<!-- --!><script>alert(1)</script> -->",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<base href=//evil.example/><form action=//evil.example><input name=q>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](java\u0000script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example/)",
    "[x](/\\evil.example/)",
    "[x](/%09/evil.example/)\n[y](/\t/evil.example/)\n[z](</ /evil.example>)",
    "[x](https://evil.example/)",
    "<https://evil.example/>",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](/a "onmouseover=alert(1)")',
    '## "><script>alert(1)</script>',
    '## x\n\n| "><img src=x onerror=alert(1)> |\n|---|\n| a |',
    '## " autofocus onfocus=alert(1) x="\n\n| a |\n|---|\n| b |',
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "[@FAVA<script>]",
    "[@FAVA](javascript:alert(1))",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_pasted_can_run_or_leave_the_site(text):
    page = rendered(text, summary=text)

    assert objections(page.body + page.summary) == []


def test_the_check_above_would_notice_what_may_not_be_there():
    html = '<p onclick="x"><script>1</script><a href="javascript:x">a</a><a href="//evil.example">b</a><!-- c --></p>'

    assert objections(html) == ["comment  c ", "p onclick", "<script>", "javascript:x", "//evil.example"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [*HOSTILE, "[@FAVA]", "\n\n", "\n", "- ", "> ", "## ", "|", "|---|\n", "**", "[", "](", ")"]
            ),
            st.text(max_size=10),
        ),
        max_size=12,
    ).map("".join)
)
def test_no_mixture_of_such_texts_can_either(text):
    page = rendered(text, summary=text)

    assert objections(page.body + page.summary) == []


@pytest.mark.parametrize(
    "unit",
    ["> ", "- ", "[", "![", "*", "**a", "`", "<", "](", "[@", "[@A;", "&", "\\", "_a", "|", "1. ", "[a](", "\n#"],
)
def test_giant_nesting_is_rendered_in_little_time(unit):
    text = unit * (60_000 // len(unit))
    start = time.perf_counter()

    page = rendered(text)

    assert objections(page.body) == []
    assert time.perf_counter() - start < 5  # seconds, on a slow machine that does other work as well


def test_faults_name_what_readers_would_see_broken():
    text = "# Title\n\n#### Deep\n\n[a](https://example.org/) and [@bad key] and ![b](//example.org/c.png)"

    assert markdown.faults(text) == [
        "The link to “https://example.org/” leaves the site. Cite it as a source instead.",
        "The link to “//example.org/c.png” leaves the site. Cite it as a source instead.",
        "The heading “Title” is of level 1, as only the title is. Begin it with ## instead.",
        "The heading “Deep” skips a level or is below level 4. Begin it with ##.",
        "The citation in “ and [@bad key] and !” is malformed. Write it like [@FAVA] or [@FAVA; @PHILLIPS].",
    ]


def test_a_text_in_order_has_no_faults():
    assert markdown.faults("## A\n\n### B\n\n#### C\n\n## D\n\nText [@FAVA; @PHILLIPS]. [types](/types/)") == []


PLACEBO = Definition(key="placebo", name="Placebo", forms="placebo\nplacebos", definition="A pill without a drug.")


def test_a_marked_word_becomes_a_link_to_its_definition_and_only_its_first_use_a_place():
    found = render("A [[placebo]].", "More [[Placebos]].", (), "en", (PLACEBO,))

    assert found.summary == 'A <a class="term" href="#term-placebo" id="use-placebo">placebo</a>.'
    assert found.body == '<p>More <a class="term" href="#term-placebo">Placebos</a>.</p>\n'
    assert [(word.definition.name, word.place) for word in found.terms] == [("Placebo", "use-placebo")]
    assert found.description == "A placebo."


def test_a_word_that_the_glossary_does_not_have_stays_as_it_is():
    assert render("", "A [[<b>]] [[c]].", (), "en", (PLACEBO,)).body == "<p>A &lt;b&gt; c.</p>\n"
