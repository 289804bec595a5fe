"""How hard a text is to read, by the formula that is usual for its language.

English: the school grade of Flesch and Kincaid. Spanish: the ease of Szigriszt and Pazos, whose INFLESZ scale calls
55 and more normal; a higher figure is easier. The library brings its word lists with it.
"""

import re

from textstat.textstat import textstatistics

HARDEST_GRADE = 8.0
LEAST_EASE = 55.0


def score(text: str, language: str) -> float:
    """The grade of an English text, the ease of a Spanish one; each line is a sentence, at least."""
    library = textstatistics()
    library.set_lang({"en": "en_US", "es": "es_ES"}[language])
    ready = "\n".join(_sentence(line) for line in text.splitlines() if line.strip())
    return float({"en": library.flesch_kincaid_grade, "es": library.szigriszt_pazos}[language](ready))


def is_readable(text: str, language: str, *, leeway: float = 0) -> bool:
    """Whether a text is no harder than a page may be; `leeway` is in grades, or in fives of ease."""
    found = score(text, language)
    return found <= HARDEST_GRADE + leeway if language == "en" else found >= LEAST_EASE - 5 * leeway


def _sentence(line: str) -> str:
    """End it; and let no point inside a number end it early."""
    line = re.sub(r"(?<=\d)[.,](?=\d)", "", line.strip())
    return line if line.endswith((".", "?", "!")) else f"{line}."
