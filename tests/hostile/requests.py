"""Hostile requests, made from honest ones by a seed and a number. No Django, no database, no network.

The same seed, number and targets give the same request, so that one that found something can be sent again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from urllib.parse import quote_plus

from tests.hostile.values import (
    BOUNDARIES,
    BYTES,
    CONTENT_TYPES,
    ENDINGS,
    HEADERS,
    HOSTS,
    MARK,
    METHODS,
    PARTS,
    PROBE,
    QUERIES,
    TEXTS,
    URLENCODED,
    WANTED,
)

TOKEN = "csrfmiddlewaretoken"
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """An address, and what an honest visitor's page would post there: nothing where it has no form."""

    path: str
    fields: Pairs = ()
    cookies: Pairs = ()
    others: Pairs = ()  # cookies of somebody else, and the token of their form

    @property
    def for_staff(self) -> bool:
        return self.path.startswith("/admin/")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: bytes  # with the query, as it goes on the wire
    headers: dict[str, str]
    body: bytes = b""
    kind: str = "honest"
    number: int = 0
    refused: bool = False  # the answer has to be a 4xx

    def with_header(self, name: str, value: str) -> "Request":
        return replace(self, headers={**self.headers, name: value})


def hostile(seed: int, number: int, targets: list[Target]) -> Request:
    """The first ones take every target in turn, the later ones prefer those with a form."""
    random = Random(f"{seed}/{number}")
    forms = [target for target in targets if target.fields]
    target = targets[number] if number < len(targets) else random.choice(random.choice((forms, forms, targets)))
    make = random.choice((*ON_FORMS, *ANYWHERE) if target.fields else ANYWHERE)
    return replace(make(random, target), kind=make.__name__.replace("_", " "), number=number)


def opening(target: Target) -> Request:
    return Request("GET", target.path.encode(), _cookie(target.cookies))


def posting(target: Target, body: bytes | None = None, content_type: str = URLENCODED) -> Request:
    """What a browser would send, with this body in place of the form's fields."""
    body = _encoded(target.fields) if body is None else body
    return Request("POST", target.path.encode(), {"Content-Type": content_type, **_cookie(target.cookies)}, body)


def usual(target: Target) -> Request:
    return posting(target) if target.fields else opening(target)


# Kinds: what is done to a form ...


def odd_values(random: Random, target: Target) -> Request:
    return posting(target, _encoded(_changed(random, target.fields, lambda value: _text(random, value))))


def odd_bytes(random: Random, target: Target) -> Request:
    """Half a percent sign, a surrogate, an overlong slash: what is no UTF-8, at any place."""
    body = _encoded(target.fields).split(b"&")
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(body))
        if not body[at].startswith(TOKEN.encode()):
            body[at] += random.choice(BYTES) + MARK.encode()
    return posting(target, b"&".join(body))


def odd_keys(random: Random, target: Target) -> Request:
    """Some missing, some twice, some that nobody asked for."""
    kept = [pair for pair in target.fields if pair[0] == TOKEN or random.random() < 0.7]
    doubled = [(name, _text(random, value)) for name, value in kept if name != TOKEN and random.random() < 0.3]
    strange = [(random.choice((PROBE, "__proto__", "id", "is_staff", "name[]", "\0", _text(random))), PROBE)]
    fields = [*kept, *doubled, *strange * random.choice((1, 50))]
    random.shuffle(fields)
    return posting(target, _encoded(tuple(fields)))


def too_many_keys(random: Random, target: Target) -> Request:
    more = tuple((f"{MARK}{number}", "1") for number in range(random.randint(2001, 4000)))
    return replace(posting(target, _encoded((*target.fields, *more))), refused=True)


def too_large(random: Random, target: Target) -> Request:
    body = _encoded(target.fields) + b"&" + MARK.encode() + b"=" + b"x" * random.randint(1_000_000, 1_200_000)
    return replace(posting(target, body, random.choice((URLENCODED, "multipart/form-data; boundary=x"))), refused=True)


def odd_type(random: Random, target: Target) -> Request:
    """The right fields as JSON, or under a content type that is not theirs."""
    as_json = json.dumps({name: [value, None, {PROBE: 1.5}] for name, value in target.fields}).encode()
    return posting(target, random.choice((as_json, _encoded(target.fields))), random.choice(CONTENT_TYPES))


def odd_multipart(random: Random, target: Target) -> Request:
    good = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
        for name, value in target.fields
    )
    body = random.choice((b"", good)) + random.choice(PARTS)
    boundary = random.choice(("; boundary=x", "; boundary=x", random.choice(BOUNDARIES)))
    cut = body[: random.randint(0, len(body))] if random.random() < 0.3 else body
    return posting(target, cut, f"multipart/form-data{boundary}")


def forged(random: Random, target: Target) -> Request:
    """Without the CSRF token, with a wrong one, or without the cookie that it belongs to."""
    tokens = ((), ((TOKEN, ""),), ((TOKEN, "x" * 64),), ((TOKEN, PROBE),), ((TOKEN, "\0" * 64),))
    fields = tuple(pair for pair in target.fields if pair[0] != TOKEN)
    if random.random() < 0.3:
        return replace(posting(replace(target, cookies=())), refused=True)
    return replace(posting(replace(target, fields=(*fields, *random.choice(tokens)))), refused=True)


def others_token(random: Random, target: Target) -> Request:
    """The signed token cut, changed, of somebody else's other form, or none."""
    foreign = dict(target.others).get("token", "")
    tokens = (foreign, foreign, "", "x", "a:b:c", "W10:1abc:" + "x" * 43, PROBE, "." * 5000, ".eJw:1:x", "\0")

    def spoilt(value: str) -> str:
        return random.choice((*tokens, value[:-1], value[::-1], value.upper(), value.replace(":", "::")))

    fields = tuple((name, spoilt(value) if name == "token" else value) for name, value in target.fields)
    return posting(replace(target, fields=fields))


# ... and to any address.


def odd_cookies(random: Random, target: Target) -> Request:
    """Made up, spoilt, or somebody else's; never one that opens a draft which has to stay as it is."""
    names = [*dict(target.cookies), *dict(target.others), "session", "sessionid", "messages", "device", PROBE, ""]
    values = ("", "x" * 3000, "\xff\xfe", '"\\012\\777"', "null", "a=b=c", "../x", "W10:1abc:x", MARK, PROBE, "%00")
    made_up = tuple((random.choice(names), random.choice(values)) for _ in range(random.choice((1, 3, 60))))
    swapped = tuple((name, random.choice(list(dict(target.others).values()) or [MARK])) for name, _ in target.cookies)
    cookies = random.choice((made_up, swapped, (*made_up, *target.cookies), (*target.cookies, *made_up)))
    return usual(replace(target, cookies=cookies[:40]))


def odd_method(random: Random, target: Target) -> Request:
    there = replace(usual(target), method=random.choice(METHODS), refused=not target.for_staff)
    return there.with_header("Content-Type", URLENCODED)


def odd_query(random: Random, target: Target) -> Request:
    query = random.choice((*QUERIES, b"x=" + b"".join(random.choices(BYTES, k=5)) + MARK.encode()))
    return replace(usual(target), path=target.path.encode() + b"?" + query, refused=b"%00" in query)


def odd_headers(random: Random, target: Target) -> Request:
    there = usual(target)
    for name in random.sample(list(HEADERS), random.randint(1, 4)):
        there = there.with_header(name, random.choice(HEADERS[name]))
    return there


def odd_host(random: Random, target: Target) -> Request:
    return replace(usual(target).with_header("Host", random.choice(HOSTS)), refused=True)


def odd_path(random: Random, target: Target) -> Request:
    path, ending = target.path.encode(), random.choice(ENDINGS)
    inside = random.randint(1, len(path))
    paths = (path + ending, path[:inside] + ending + path[inside:], path.upper(), b"/" + path, random.choice(WANTED))
    return replace(opening(target), path=random.choice(paths))


ON_FORMS: tuple[Callable[[Random, Target], Request], ...] = (
    *(odd_values, odd_bytes, odd_keys, too_many_keys, too_large, odd_type, odd_multipart, forged, others_token),
)
ANYWHERE = (odd_cookies, odd_method, odd_query, odd_headers, odd_host, odd_path)


def _text(random: Random, value: str = "") -> str:
    """What no form expects, alone or around the honest value; half of it with the probe."""
    text = random.choice(TEXTS) + random.choice(("", PROBE))
    at = random.randint(0, len(value))
    return random.choice((text, value[:at] + text + value[at:]))


def _changed(random: Random, fields: Pairs, change: Callable[[str], str]) -> Pairs:
    """Some of the fields, but never the CSRF token, so that the others are read."""
    names = [name for name, _ in fields if name != TOKEN]
    chosen = random.sample(names, min(len(names), random.randint(1, 3)))
    return tuple((name, change(value) if name in chosen else value) for name, value in fields)


def _encoded(fields: Pairs) -> bytes:
    return b"&".join(_quoted(name) + b"=" + _quoted(value) for name, value in fields)


def _quoted(text: str) -> bytes:
    return quote_plus(text.encode("utf-8", "surrogatepass")).encode()


def _cookie(pairs: Pairs) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in pairs)} if pairs else {}
