"""Whether somebody who searches may need help now. Better once too often than once too seldom."""

from difflib import SequenceMatcher

from content.search.folding import words

# English and Spanish, whatever the language of the page: people in distress write in their own.
PHRASES = (
    "suicide",
    "suicides",
    "suicidal",
    "suicidality",
    "overdose",
    "suicidio",
    "suicida",
    "suicidarme",
    "suicidarse",
    "autolesion",
    "autolesiones",
    "autolesionarme",
    "sobredosis",
    "kill myself",
    "killing myself",
    "kill himself",
    "kill herself",
    "harm myself",
    "harming myself",
    "hurt myself",
    "hurting myself",
    "cut myself",
    "cutting myself",
    "self harm",
    "self injury",
    "end my life",
    "ending my life",
    "end it all",
    "take my life",
    "want to die",
    "wish i was dead",
    "better off dead",
    "do not want to live",
    "dont want to live",
    "no reason to live",
    "matarme",
    "matarse",
    "quiero morir",
    "quiero morirme",
    "ganas de morir",
    "no quiero vivir",
    "quitarme la vida",
    "quitarse la vida",
    "acabar con mi vida",
    "terminar con mi vida",
    "hacerme dano",
    "hacerse dano",
    "cortarme",
    "mejor muerto",
    "mejor muerta",
)
ALIKE = 0.82  # of difflib's ratio: “sucide”, “suiside”, “kil my slef”
WINDOW = 5  # words


NEEDLES = frozenset("".join(words(phrase)) for phrase in PHRASES)


def calls_for_help(query: str) -> bool:
    """Whether the query mentions suicide or self-harm, also with a slip of the finger."""
    asked = words(query)
    pieces = {"".join(asked[at : at + size]) for at in range(len(asked)) for size in range(1, WINDOW + 1)}
    return any(_is_among(pieces, needle) for needle in NEEDLES)


def _is_among(pieces: set[str], needle: str) -> bool:
    matcher = SequenceMatcher(None, "", needle, autojunk=False)
    for piece in pieces:
        if abs(len(piece) - len(needle)) <= 2:
            matcher.set_seq1(piece)
            if matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE:
                return True
    return False
