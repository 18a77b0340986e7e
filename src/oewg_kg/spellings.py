"""The words by which people's spellings of one name differ: signs, abbreviations, articles, and the generic words of states' long names.

Not for comparing names: `reconcile` does that. All words stand as `terms.folded` writes them.
"""

SPELLINGS = {"&": " and ", "’": "'", "‘": "'", "ʼ": "'", "`": "'"}
ABBREVIATED = {
    "st": ["saint"],
    "ste": ["saint"],
    "is": ["islands"],
    "rep": ["republic"],
    "dem": ["democratic"],
    "fed": ["federated"],
    "dr": ["democratic", "republic"],
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
# Places that are no Member States and whose names are near to that of one, as `reconcile.bag` writes them.
LOOK_ALIKE = frozenset(
    {"martin saint", "maarten saint", "maarten sint", "french guiana", "guiana", "anguilla", "somaliland"}
)
