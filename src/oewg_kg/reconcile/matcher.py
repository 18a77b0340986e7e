"""Match a name or code to entities of the graph, by an index of their names: candidates with a score and a reason."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from oewg_kg import terms, vocabulary
from oewg_kg.reconcile.spellings import ARTICLES, CLAIMED_TWICE, GENERIC, LOOK_ALIKE, TABLE, apart, bag, numbers, split
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE

NOTATION = PREFIXES["skos"] + "notation"
NAMES = {vocabulary.iri(name): kind for name, kind in TABLE["names"].items()}
CODES = {vocabulary.iri(name): code["kind"] for name, code in TABLE["codes"].items()}
SHAPES = {code["kind"]: code["shape"] for code in TABLE["codes"].values()}
EXACT, OTHER_ORDER, GENERIC_LEFT_OUT = 1.0, 0.98, 0.95
CLOSE, MARGIN, SHORTEST = 90.0, 15.0, 6
MATCH, UNSURE, RELATED = 0.9, 0.89, 0.85
MISSING = {"", "na", "n a", "nan", "null", "none", "unknown", "-"}
CODE = re.compile(r"[A-Z]{2,3}|\d{1,3}")
ACRONYM = re.compile(r"[A-Z][A-Z&.-]{1,9}")


class Candidate(NamedTuple):
    """An entity that a text may name: its IRI, a score from 0 to 1, and why."""

    iri: str
    score: float
    why: str


@dataclass(frozen=True)
class Index:
    """The names of entities: as `split` writes them, in any order, without generic words; each to IRI -> why. Codes by their kind.

    `others` are actors outside the index whose name is a code in it: the acronym of the Non-Aligned Movement is the code of Namibia.
    Only actors are matched by anything but an exact name: titles that differ in one word belong to different documents.
    """

    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    bags: dict[str, dict[str, str]] = field(default_factory=dict)
    cores: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    others: dict[str, dict[str, str]] = field(default_factory=dict)
    actors: set[str] = field(default_factory=set)
    of_states: bool = False


def index(store: ox.Store, class_iri: str = OEWG + "State") -> Index:
    """Gather every name and code of the members of a class, from the default graph and from every line's graph."""
    return index_of(store, members_of(store, class_iri), of_states=class_iri == OEWG + "State")


def members_of(store: ox.Store, class_iri: str) -> set[str]:
    """Find the members of a class in the default graph."""
    found = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(class_iri), ox.DefaultGraph())
    return {quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode)}


def index_of(store: ox.Store, members: set[str], of_states: bool = False) -> Index:
    """Gather every name and code of some entities, from the default graph and from every line's graph."""
    actors = members_of(store, OEWG + "Actor")
    made = Index(actors=members & actors, of_states=of_states)
    for member in sorted(members):
        for text, kind in names_of(store, member):
            add_name(made, member, text, kind)
        for quad in store.quads_for_pattern(ox.NamedNode(member), None, None):
            if quad.predicate.value in CODES and isinstance(quad.object, ox.Literal):
                text, kind = quad.object.value, CODES[quad.predicate.value]
                made.codes.setdefault(kind, {}).setdefault(as_code(text), {})[member] = f'{kind} "{text}"'
    coded = set().union(*made.codes.values())
    for other in sorted(actors - members if coded else ()):
        for text, kind in names_of(store, other):
            if as_code("".join(split(text))) in coded:
                made.others.setdefault(" ".join(split(text)), {})[other] = f'{kind} "{text}"'
    return made


def names_of(store: ox.Store, iri: str) -> Iterator[tuple[str, str]]:
    """Iterate over the names of an entity, each with its kind."""
    thing = ox.NamedNode(iri)
    for name in store.quads_for_pattern(None, ox.NamedNode(OEWG + "nameOf"), thing, ox.DefaultGraph()):
        if isinstance(name.subject, ox.NamedNode):
            yield terms.label(store, name.subject.value) or "", "former name"
    for quad in store.quads_for_pattern(thing, None, None):
        if quad.predicate.value in NAMES and isinstance(quad.object, ox.Literal):
            language = f" @{quad.object.language}" if quad.object.language else ""
            yield quad.object.value, NAMES[quad.predicate.value] + language


def as_code(text: str) -> str:
    """Normalize a code for comparison: in capitals, a number without leading zeros."""
    text = text.strip()
    return text.lstrip("0") or "0" if text.isdigit() else text.upper()


def add_name(made: Index, iri: str, name: str, kind: str) -> None:
    """Add one name of an entity to an index: as it is, regardless of order, and without generic words."""
    why = f'{kind} "{name}"'
    for text in {name, *apart(name)[:1]}:
        words = split(text)
        if not words:
            continue
        keep_better(made.forms, " ".join(words), iri, why)
        keep_better(made.bags, bag(words), iri, why)
        core = bag(word for word in words if word not in GENERIC)
        if core:
            keep_better(made.cores, core, iri, why)


def keep_better(table: dict[str, dict[str, str]], key: str, iri: str, why: str) -> None:
    """Keep the clearest reason for a key and an entity: a label before a printed form, then in alphabetical order."""
    known = table.setdefault(key, {})
    reasons = [why, known[iri]] if iri in known else [why]
    known[iri] = min(reasons, key=lambda reason: (not reason.startswith("label @en"), reason))


def column_of_codes(made: Index, texts: Iterable[str]) -> str:
    """Name the kind of code that all values of a column resemble and most are, unless each is also a name; else nothing."""
    values = {text.strip() for text in texts if terms.folded(text) not in MISSING}
    known: dict[str, int] = {}
    for kind, codes in made.codes.items():
        found = [text for text in values if as_code(text) in codes]
        alike = all(re.fullmatch(SHAPES[kind], text) for text in values)
        named = [text for text in found if weight(made, text) or " ".join(split(text)) in made.others]
        if alike and 2 * len(found) > len(values) and len(named) < len(found):
            known[kind] = len(found)
    most = [kind for kind, count in known.items() if count == max(known.values())]
    return most[0] if len(most) == 1 else ""


def column(made: Index, texts: Iterable[str]) -> tuple[str, dict[str, list[Candidate]]]:
    """Match the texts of a column: which kind of codes they are, "" for names, and what each may name."""
    distinct = list(dict.fromkeys(texts))
    codes = column_of_codes(made, distinct)
    return codes, {text: candidates(made, text, codes) for text in distinct}


def weight(made: Index, text: str) -> int:
    """Weigh a text as a name: 2 as written, 1 apart from case and diacritics, 0 if it is not a name."""
    named = made.forms.get(" ".join(split(text)), {})
    return 1 + any(f'"{text.strip()}"' in why for why in named.values()) if named else 0


def candidates(made: Index, text: str, codes: str = "") -> list[Candidate]:
    """Find what a text may name, best first, by the most reliable way that finds anything; `codes` is the kind of codes in its column."""
    words = split(text)
    coded = by_code(made, text, codes)
    if terms.folded(text) in MISSING:
        return coded if codes else [capped(one) for one in coded]
    if coded and codes:
        return coded
    for found in (
        exactly(made, text, words, codes),
        by_bracket(made, text),
        by_core(made, words),
        by_distance(made, words),
    ):
        if found:
            sure = [one if one.iri in made.actors or one.score == EXACT else capped(one) for one in found]
            return sorted(sure, key=lambda one: (-one.score, one.iri))
    return []


def capped(one: Candidate) -> Candidate:
    """Lower a score below that of a match."""
    return one._replace(score=min(one.score, UNSURE))


def related(made: Index, text: str) -> list[Candidate]:
    """Find entities whose names contain all words of a text, or are similar, best first: for people to choose from, never as a match."""
    words = bag(split(text))
    if not words:
        return []
    found: dict[str, Candidate] = {}
    near = process.extract(words, made.bags.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE - MARGIN, limit=50)
    part = [(key, 100 * len(words) / len(key)) for key in made.bags if set(words.split()) <= set(key.split())]
    for key, score in [*((key, score) for key, score, _ in near), *part]:
        for iri, why in made.bags[key].items():
            one = Candidate(iri, round(0.4 + (RELATED - 0.4) * score / 100, 2), f"like {why}")
            if iri not in found or found[iri].score < one.score:
                found[iri] = one
    return sorted(found.values(), key=lambda one: (-one.score, one.iri))


def decide(found: list[Candidate]) -> str:
    """Return `matched` if one candidate is clearly best, `ambiguous` when several could be meant, else `unmatched`."""
    if not found or found[0].score < MATCH:
        return "ambiguous" if found and len({one.iri for one in found}) > 1 else "unmatched"
    rivals = [one for one in found[1:] if one.iri != found[0].iri and one.score > found[0].score - MARGIN / 100]
    return "ambiguous" if rivals else "matched"


def by_code(made: Index, text: str, kind: str = "") -> list[Candidate]:
    """Find by a code, of one kind if that is known."""
    if not CODE.fullmatch(text.strip()):
        return []
    tables = [codes for name, codes in made.codes.items() if kind in ("", name)]
    return [Candidate(iri, EXACT, why) for codes in tables for iri, why in codes.get(as_code(text), {}).items()]


def exactly(made: Index, text: str, words: list[str], codes: str = "") -> list[Candidate]:
    """Find by code (of one kind, if it is known) or exact name; otherwise by the same words in another order."""
    coded = {one.iri: one.why for one in by_code(made, text, codes)}
    name = " ".join(words)
    named = made.forms.get(name, {}) | (made.others.get(name, {}) if coded else {})
    if coded or named:
        return [Candidate(iri, EXACT, (coded | named)[iri]) for iri in coded | named]
    return [
        Candidate(iri, OTHER_ORDER, f"{why}, in another order") for iri, why in made.bags.get(bag(words), {}).items()
    ]


def by_bracket(made: Index, text: str) -> list[Candidate]:
    """Find `Name (ABC)` by its name, if the text in brackets agrees: an article, a code, another name, or its initials."""
    parts = apart(text)
    if not parts:
        return []
    outside, inside = parts
    found = exactly(made, outside, split(outside))
    for note in inside:
        words = split(note)
        if ARTICLES.issuperset(words):
            continue
        named = {one.iri for one in exactly(made, note, words)}
        if found and named & {one.iri for one in found}:
            found = [one for one in found if one.iri in named]
        elif found and named:
            found = [*found, *exactly(made, note, words)]
        elif ACRONYM.fullmatch(note.strip()) and initials(note, outside):
            found = [
                one._replace(score=GENERIC_LEFT_OUT, why=f"{one.why}, with its initials {note.strip()}")
                for one in found
            ]
        elif made.of_states and set(words) <= GENERIC and bag(split(outside)) not in CLAIMED_TWICE:
            found = [one._replace(score=GENERIC_LEFT_OUT, why=f'{one.why}, without "{note}"') for one in found]
        else:
            found = [one._replace(score=0.7, why=f'{one.why}, but "{note}" suggests another entity') for one in found]
    return found


def initials(acronym: str, name: str) -> bool:
    """Return whether an acronym is made of the first letters of a name's words, with or without small words."""
    letters = re.sub(r"[^A-Z]", "", acronym).lower()
    folded = terms.folded(name.replace("&", " and ")).split()
    return letters in ("".join(word[0] for word in folded), "".join(word[0] for word in folded if word not in ARTICLES))


def by_core(made: Index, words: list[str]) -> list[Candidate]:
    """Find a state by its name without generic words, if the rest names no other entity."""
    core = bag(word for word in words if word not in GENERIC)
    found = made.cores.get(core, {})
    if not made.of_states or len(found) != 1 or core in CLAIMED_TWICE:
        return []
    return [Candidate(iri, GENERIC_LEFT_OUT, f"{why}, without generic words") for iri, why in found.items()]


def by_distance(made: Index, words: list[str]) -> list[Candidate]:
    """Find a misspelt name: near one entity, and clearly nearer than to any other (normalized Indel similarity)."""
    text = bag(words)
    # Words in other scripts than Latin are shorter: one letter less is more often another name (Anguilla and Angola in Arabic).
    if len(text) < SHORTEST or not text.isascii() or text.isdigit() or text in LOOK_ALIKE:
        return []
    best: dict[str, tuple[float, int, str]] = {}
    similar = process.extract(text, made.bags.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE - MARGIN, limit=50)
    for key, score, _ in similar:  # the best first
        for iri, why in made.bags[key].items() if numbers(key) == numbers(text) else ():
            best.setdefault(iri, (score, len(key.split()), why))
    ranked = sorted(best, key=lambda iri: (-best[iri][0], iri))
    # Typing errors change neither the number of words nor digits; a name with a word more or less is another name.
    if not ranked or best[ranked[0]][0] < CLOSE or best[ranked[0]][1] != len(text.split()):
        return []
    near = [iri for iri in ranked if best[iri][0] > best[ranked[0]][0] - MARGIN]
    return [Candidate(iri, round(min(best[iri][0], 97) / 100, 2), f"near {best[iri][2]}") for iri in near]
