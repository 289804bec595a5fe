"""Every address of the site, and the forms that its pages hold: out of the URL conf and the pages themselves."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

from tests.content.markup import Element, Markup
from tests.hostile.judge import Answer
from tests.hostile.requests import TOKEN, Pairs, Request, Target, opening

SAMPLES = {
    "int": "1",
    "slug": "types",
    "str": "x" * 43,
    "path": "1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
FILLED = {"agreed": "on", "email": "probe@example.org", "name": "Jo", "contact_method": "email", "q": "ketamine"}


def addresses() -> list[str]:
    """A path for each pattern of the URL conf, in each language."""
    found = []
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            found += [f"/{path}" for path in _paths(get_resolver().url_patterns)]
    return list(dict.fromkeys(found))


def _paths(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + _sample(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern.url_patterns, route)
        else:
            yield route


def _sample(route: str) -> str:
    """The route with something in the place of each parameter; of a regular expression, its first alternative."""
    route = re.sub(r"<(\w+):\w+>", lambda found: SAMPLES[found[1]], route)
    return re.sub(r"\(\?P<\w+>([\w.*]+)[^)]*\)", lambda found: found[1].replace(".*", "x"), route).strip("^$")


def targets(
    send: Callable[[Request], Answer], paths: Iterable[str], cookies: Pairs = (), others: Pairs = ()
) -> list[Target]:
    """The addresses, each with the form that this visitor finds there."""
    found = []
    for path in paths:
        target = Target(path, cookies=cookies, others=others)
        answer = send(opening(target))
        found.append(with_form(target, answer) if answer.status == 200 else target)
    return found


def with_form(target: Target, answer: Answer) -> Target:
    """The target with the fields of the page's own form, filled in, and the cookies that belong to it."""
    form = _form(Markup(answer.body.decode()))
    cookies = tuple((dict(target.cookies) | answer.cookies).items())
    return replace(target, fields=form, cookies=cookies) if form else target


def _form(markup: Markup) -> Pairs:
    """The fields of the last form that is posted; the search in the page's head asks by GET."""
    forms: list[dict[str | None, Element]] = []
    for element in markup.all("form", "input", "textarea", "select"):
        if element.tag == "form":
            forms.append({})
        elif "form" in element.around:
            forms[-1].setdefault(element["name"], element)  # of a group of buttons or boxes the first
    posted = [form for form in forms if TOKEN in form]
    return tuple((name, _value(one)) for name, one in posted[-1].items() if name) if posted else ()


def _value(field: Element) -> str:
    return FILLED.get(field["name"] or "") or field["value"] or ("1" if field.tag == "select" else field.text)
