"""How spellings of one name are made alike: signs, abbreviations, articles, generic words; all as `terms.folded` writes them."""

import re
from collections.abc import Iterable

from oewg_kg import terms

BRACKET = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
INITIALS = re.compile(r"\b[a-z](?: [a-z])+\b")

SPELLINGS = {"&": " and ", "’": "'", "‘": "'", "ʼ": "'", "`": "'"}
ABBREVIATED = {
    "st": ["saint"],
    "ste": ["saint"],
    "is": ["islands"],
    "rep": ["republic"],
    "dem": ["democratic"],
    "fed": ["federated"],
    "dr": ["democratic", "republic"],
    "pdr": ["people", "s", "democratic", "republic"],
    "dpr": ["democratic", "people", "s", "republic"],
    "dprk": ["democratic", "people", "s", "republic", "korea"],
    "drc": ["democratic", "republic", "congo"],
}
# fmt: off
ARTICLES = frozenset({
    "the", "of", "and", "for", "a", "an", "in", "la", "le", "les", "l", "d", "de", "du", "des", "et", "en", "au", "aux", "el",
    "los", "las", "del", "y", "e", "di", "do", "da", "dos", "das", "o", "и",
})
# fmt: on
# Words that the long name of a state has and its short name lacks, in English, French and Spanish.
# fmt: off
GENERIC = frozenset({
    "republic", "kingdom", "state", "states", "federation", "federal", "federative", "federated", "democratic", "islamic", "people",
    "peoples", "s", "socialist", "plurinational", "bolivarian", "cooperative", "co", "operative", "commonwealth", "principality",
    "grand", "duchy", "sultanate", "union", "united", "oriental", "eastern", "independent", "arab", "hashemite", "hellenic",
    "republique", "royaume", "etat", "etats", "federale", "democratique", "islamique", "populaire", "socialiste", "bolivarienne",
    "unie", "principaute", "duche", "sultanat", "independant", "arabe", "hachemite", "hellenique", "federes", "republica", "reino",
    "estado", "estados", "federativa", "federados", "democratica", "islamica", "popular", "socialista", "plurinacional",
    "bolivariana", "cooperativa", "principado", "gran", "ducado", "sultania", "federacion", "confederacion", "confederation",
    "unida", "independiente", "hachemita", "helenica",
})
# fmt: on
# What is left of a name without its generic words may be claimed by more than one state, present or past, or by a part of another.
# fmt: off
CLAIMED_TWICE = frozenset({
    "china", "chine", "korea", "coree", "corea", "congo", "germany", "allemagne", "alemania", "yemen", "vietnam", "nam viet",
    "georgia", "georgie", "mexico", "mexique", "america", "amerique", "yugoslavia",
})
# fmt: on
# Places that are no Member States and whose names are near to that of one, as `bag` writes them.
LOOK_ALIKE = frozenset(
    {"martin saint", "maarten saint", "maarten sint", "french guiana", "guiana", "anguilla", "somaliland"}
)


def split(text: str) -> list[str]:
    """Split a name into words that are compared: no case, diacritics, articles; abbreviations written out, `U.S.A.` as `usa`.

    What holds nothing but articles keeps them: `AU` is the African Union, and in French an article.
    """
    for sign, spelling in SPELLINGS.items():
        text = text.replace(sign, spelling)
    whole = INITIALS.sub(lambda found: found[0].replace(" ", ""), terms.folded(text))
    words = [written for word in whole.split() for written in ABBREVIATED.get(word, [word])]
    return [word for word in words if word not in ARTICLES] or words


def bag(words: Iterable[str]) -> str:
    """Write words in the order of the alphabet, each once, and behind them all numbers in their own order."""
    kept = list(words)
    return " ".join([*sorted({word for word in kept if not numeric(word)}), *filter(numeric, kept)])


def numeric(word: str) -> bool:
    """Tell whether a word holds a digit: such words tell years, sessions and resolutions apart."""
    return any(sign.isdigit() for sign in word)


def numbers(words: str) -> list[str]:
    """List the words with digits."""
    return [word for word in words.split() if numeric(word)]


def apart(text: str) -> tuple[str, list[str]] | tuple[()]:
    """Split `Name (ABC)` into the name and what stands in brackets; nothing when there are no brackets."""
    inside = BRACKET.findall(text)
    return (BRACKET.sub(" ", text).strip(), inside) if inside and BRACKET.sub("", text).strip() else ()
