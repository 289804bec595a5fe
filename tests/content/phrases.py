"""Words that may not appear on a page: advertising talk, and words that hurt."""

import re

BLOCKED = {
    "en": [
        # promises
        "safe",
        "easy",
        "painless",
        "proven",
        "cures?",
        "miracle",
        "magic",
        "breakthrough",
        "game.changer",
        "revolutionary",
        "exciting",
        "instant(?:ly)?",
        "guaranteed",
        "we guarantee",
        "no side effects",
        "non-addictive",
        "addictive like opioids",
        "natural",
        "gentle",
        "effortless",
        "risk-free",
        "no risks?",
        "works for everyone",
        "works every time",
        "success rate",
        "hope in a",
        "new hope",
        "life-changing",
        "life-saving",
        "transform(?:s|ed|ing|ative|ation|ational)?",
        "you deserve",
        "get your life back",
        "outweighs? the risks?",
        "rewires?",
        "resets?",
        "regrows?",
        "chemical imbalance",
        # rank
        "best",
        "leading",
        "#1",
        "number one",
        "world-class",
        "state.of.the.art",
        "cutting-edge",
        "most trusted",
        "top-rated",
        "premier",
        "award-winning",
        # urgency
        "last chance",
        "your chance",
        "act now",
        "act fast",
        "call today",
        "book (?:now|today)",
        "don[’']t wait",
        "hurry",
        "limited time",
        "special offer",
        # testimonials
        "changed my life",
        "saved my life",
        "testimonials?",
        "success stor(?:y|ies)",
        "our patients say",
        "patients love",
        "five-star",
        # words that hurt
        "commit(?:s|ted|ting)? suicide",
        "(?:un)?successful suicide",
        "failed suicide",
        "failed attempt",
        "suicide epidemic",
        # withdrawn, or not to be listed
        "press 3",
        "HONcode",
    ],
    "es": [
        # promesas
        "(?:es|son|totalmente|completamente|muy) segur[oa]s?",
        "fácil(?:es)?",
        "indolor[oa]?",
        "sin dolor",
        "(?:comprobad|demostrad)[oa]s? que funciona",
        "cura(?:r|n)?",
        "milagros?[oa]?",
        "mágic[oa]s?",
        "revolucionari[oa]s?",
        "emocionante",
        "al instante",
        "instantáne[oa]s?",
        "garantizad[oa]s?",
        "sin efectos secundarios",
        "no (?:es adictiv[oa]|crea adicción)",
        "adictiv[oa] como los opioides",
        "natural(?:es)?",
        "sin riesgos?",
        "funciona para tod[oa]s",
        "tasa de éxito",
        "nueva esperanza",
        "cambia(?:rá)? (?:la|su) vida",
        "transforma(?:r|dor|dora|ción|rá)?",
        "usted (?:se )?merece",
        "recupere su vida",
        "recablea",
        "reinicia",
        "desequilibrio químico",
        # rango
        "(?:el|la|los|las) mejor(?:es)?",
        "líder(?:es)?",
        "número uno",
        "de primer nivel",
        "de última generación",
        "de vanguardia",
        "de confianza mundial",
        # prisa
        "última oportunidad",
        "actúe (?:ya|ahora)",
        "no espere más",
        "llame hoy",
        "reserve (?:ya|hoy|ahora)",
        "tiempo limitado",
        "oferta especial",
        # testimonios
        "(?:me )?cambió (?:la|mi) vida",
        "testimonios?",
        "historias? de éxito",
        "nuestros pacientes dicen",
        # palabras que hieren
        "comet(?:er|e|ió|en) (?:un )?suicidio",
        "suicidio (?:logrado|exitoso|fallido)",
        "intento fallido",
        "oprima el 3",
    ],
}

# Approval is named only together with what was approved.
APPROVED = {"en": r"FDA.approved", "es": r"aprobad[oa]s? por la FDA"}
APPROVED_FOR = {"en": r"Spravato|anesthe", "es": r"Spravato|anest[eé]s"}


def blocked(sentence: str, language: str) -> list[str]:
    """The phrases of a sentence that may not appear."""
    found = [
        phrase for phrase in BLOCKED[language] if re.search(rf"(?<![\w-]){phrase}(?![\w-])", sentence, re.IGNORECASE)
    ]
    says_approved = re.search(APPROVED[language], sentence, re.IGNORECASE)
    if says_approved and not re.search(APPROVED_FOR[language], sentence, re.IGNORECASE):
        found.append(APPROVED[language])
    return found
