"""Which passages hold which words, and where, asked of PostgreSQL's full text search."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from content.search.folding import fold
from content.search.library import Passage

CONFIGURATIONS = {"en": "english", "es": "spanish"}  # they come with PostgreSQL; another language is not stemmed

MEANT = """
SELECT word, query::text
FROM unnest(%(words)s::text[]) AS asked (word), plainto_tsquery(%(configuration)s::regconfig, word) AS made (query)
WHERE numnode(query) > 0
"""
MATCH = """
WITH passage AS MATERIALIZED (
    SELECT number, setweight(to_tsvector(%(configuration)s::regconfig, title), 'A')
        || setweight(to_tsvector(%(configuration)s::regconfig, heading), 'B')
        || setweight(to_tsvector(%(configuration)s::regconfig, body), 'D') AS vector
    FROM unnest(%(titles)s::text[], %(headings)s::text[], %(texts)s::text[])
        WITH ORDINALITY AS given (title, heading, body, number)
)
SELECT number - 1, ts_rank(vector, %(any)s::tsquery),
    ARRAY(SELECT word FROM unnest(%(words)s::text[], %(queries)s::text[]) AS asked (word, query)
        WHERE vector @@ query::tsquery)
FROM passage
WHERE vector @@ %(any)s::tsquery
ORDER BY 2 DESC, number
"""
MARK = """
SELECT ts_headline(%(configuration)s::regconfig, body, %(any)s::tsquery, 'HighlightAll=true, StartSel=<, StopSel=>')
FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS passage (body, number)
ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Hit:
    passage: Passage
    rank: float
    words: frozenset[str]  # those of the query that it holds, in any form


def meant(words: Iterable[str], language: str) -> dict[str, str]:
    """The words that PostgreSQL can look for, each with its query; “the” and “of” are none."""
    return dict(_rows(MEANT, language, words=list(dict.fromkeys(words))))


def match(passages: Sequence[Passage], queries: Mapping[str, str], language: str) -> list[Hit]:
    """The passages that hold any of the words, the best first. Titles count more than headings, those than the text."""
    if not queries:
        return []
    rows = _rows(
        MATCH,
        language,
        any=" | ".join(queries.values()),
        words=list(queries),
        queries=list(queries.values()),
        titles=[passage.folded["title"] for passage in passages],
        headings=[passage.folded["heading"] for passage in passages],
        texts=[passage.folded["text"] for passage in passages],
    )
    return [Hit(passages[number], rank, frozenset(words)) for number, rank, words in rows]


def marked(texts: Sequence[str], queries: Mapping[str, str], language: str) -> list[str]:
    """The texts, folded, with < and > around each word that is a form of one of the words."""
    rows = _rows(MARK, language, any=" | ".join(queries.values()), texts=[fold(text) for text in texts])
    return [text for (text,) in rows]


def _rows(statement: str, language: str, **values: str | list[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"configuration": CONFIGURATIONS.get(language, "simple"), **values})
        return list(cursor.fetchall())
