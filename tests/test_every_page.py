"""Landmarks, headings, titles and names of every public page in every state, in every language. No browser."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.http import HttpResponse

from tests.content.markup import Element, Markup
from tests.states import FAILURES, every_state
from tests.stock import stock

SECTIONING = {"article", "aside", "main", "nav", "section"}
WORDS_OF_NOTHING = {"here", "click here", "more", "read more", "link", "this", "aquí", "más"}


def landmarks(markup: Markup, tag: str) -> list[Element]:
    """The elements of this tag that a screen reader takes for a landmark of the page."""
    scoped = SECTIONING if tag in ("header", "footer") else set()
    return [element for element in markup.all(tag) if not scoped & element.around]


@pytest.fixture(params=[code for code, _ in settings.LANGUAGES])
def language(request) -> str:
    return request.param


@pytest.fixture
def states(packet, language) -> dict[str, HttpResponse]:
    stock("load_pages")
    return every_state(language)


def test_every_page_can_be_found_one_s_way_about_by_ear(states, language):
    faults = {name: list(_faults(response.text, language)) for name, response in states.items()}

    assert {name: found for name, found in faults.items() if found} == {}
    assert len(states) >= 40


def test_one_title_stands_for_one_page(states):
    headings: dict[str, set[str]] = {}
    for response in states.values():
        markup = Markup(response.text)
        headings.setdefault(markup.all("title")[0].text, set()).add(markup.all("h1")[0].text)
    pages = [Markup(response.text) for name, response in states.items() if name.startswith("page ")]
    descriptions = Counter(
        meta["content"] for page in pages for meta in page.all("meta") if meta["name"] == "description"
    )

    assert {title: found for title, found in headings.items() if len(found) > 1} == {}
    assert len({page.all("title")[0].text for page in pages}) == len(pages)
    assert (len(descriptions), sum(descriptions.values())) == (len(pages), len(pages))


def test_the_title_tells_of_errors_and_of_help_before_anything_else(states):
    for name, response in states.items():
        markup = Markup(response.text)
        title = markup.all("title")[0].text
        classes = {element["class"] for element in markup.elements}

        assert ("help-panel" in classes) == ("help panel" in name), name
        assert title.endswith(f"{markup.all('h1')[0].text} – {_clinic(markup)}") or "step" in name, (name, title)


def test_only_what_is_the_same_for_everyone_may_be_kept_and_nothing_is_loaded_from_elsewhere(states):
    for name, response in states.items():
        is_public, kept = name.startswith("page "), response["Cache-Control"]

        assert ("public" in kept, "no-store" in kept) == (is_public, not is_public), name
        assert not (is_public and response.cookies), name
        assert response["Referrer-Policy"] == "same-origin", name
        assert list(_foreign(Markup(response.text))) == [], name


def test_what_went_wrong_is_told_by_a_number_and_not_by_its_cause(states):
    for name in ("400", "403, no cookie", "404", "413", *FAILURES):
        assert states[name]["X-Request-ID"] in states[name].text, name
        assert "planted" not in states[name].text, name


def _foreign(markup: Markup) -> Iterator[str]:
    """What a browser would ask of another host to show the page, or send there with a form."""
    loading = [element["href"] for element in markup.all("link")]
    loading += [element[key] for element in markup.elements for key in ("src", "srcset", "data", "poster")]
    sending = [element[key] for element in markup.elements for key in ("action", "formaction")]
    for address in filter(None, loading + sending):
        if not address.startswith(("/", "?", "#", "data:", settings.SITE_URL)) or address.startswith("//"):
            yield address


def _clinic(markup: Markup) -> str:
    return next(element.text for element in markup.elements if element["class"] == "brand__name")


def _faults(html: str, language: str) -> Iterator[str]:
    markup = Markup(html)
    yield from _head_faults(markup, language)
    for tag in ("main", "header", "footer"):
        if len(landmarks(markup, tag)) != 1:
            yield f"{len(landmarks(markup, tag))} {tag}"
    for tag in ("nav", "aside"):
        names = [_name(element, markup) for element in landmarks(markup, tag)]
        yield from (
            f"{tag} without a name of its own: {name!r}"
            for name, count in Counter(names).items()
            if count > 1 or not name
        )
    yield from _heading_faults(markup.all("h1", "h2", "h3", "h4", "h5", "h6"))
    yield from _reference_faults(markup)
    for element in markup.all("a", "button", "summary"):
        if not element.text or element.text.casefold() in WORDS_OF_NOTHING:
            yield f"{element.tag} named {element.text!r}"


def _head_faults(markup: Markup, language: str) -> Iterator[str]:
    title, heading = markup.all("title")[0].text, [element.text for element in markup.all("h1")]
    if markup.all("html")[0]["lang"] != language:
        yield "another language"
    if len(heading) != 1 or heading[0] not in title:
        yield f"the title {title!r} of {heading}"
    if not any(meta["name"] == "description" and meta["content"] for meta in markup.all("meta")):
        yield "no description"


def _name(element: Element, markup: Markup) -> str:
    named_by = element["aria-labelledby"]
    return next(
        (other.text for other in markup.elements if named_by and other["id"] == named_by), element["aria-label"] or ""
    )


def _heading_faults(headings: list[Element]) -> Iterator[str]:
    """What announces itself (errors, help) may stand above the page's first-level heading, as a second-level one."""
    above = 1
    for heading in headings:
        level = int(heading.tag[1])
        if level > above + 1:
            yield f"h{above} is followed by the h{level} {heading.text!r}"
        above = level


def _reference_faults(markup: Markup) -> Iterator[str]:
    ids = Counter(element["id"] for element in markup.elements if element["id"] is not None)
    yield from (f"{count} times the id {name!r}" for name, count in ids.items() if count > 1)
    for element in markup.elements:
        named = [element[key] for key in ("for", "aria-labelledby", "aria-describedby", "aria-controls")]
        named += [href[1:] for href in [element["href"] or ""] if href.startswith("#")]
        yield from (
            f"{element.tag} refers to {word!r}" for text in named for word in (text or "").split() if word not in ids
        )
