"""Match a name or code to entities of the graph, by an index of their names: candidates with a score and a reason."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from oewg_kg import terms, vocabulary
from oewg_kg.reconcile import spellings
from oewg_kg.reconcile.spellings import ARTICLES, CLAIMED_TWICE, GENERIC, LOOK_ALIKE, bag, name_words, split_brackets
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE

NOTATION = PREFIXES["skos"] + "notation"
NAME_KINDS = {vocabulary.iri(name): kind for name, kind in spellings.SETTINGS["names"].items()}
CODE_KINDS = {vocabulary.iri(name): code["kind"] for name, code in spellings.SETTINGS["codes"].items()}
CODE_SHAPES = {code["kind"]: code["shape"] for code in spellings.SETTINGS["codes"].values()}
EXACT, OTHER_ORDER, GENERIC_LEFT_OUT = 1.0, 0.98, 0.95
CLOSE, MARGIN, SHORTEST = 90.0, 15.0, 6
MATCH, UNSURE, RELATED = 0.9, 0.89, 0.85
MISSING_VALUES = {"", "na", "n a", "nan", "null", "none", "unknown", "-"}
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


def index_class(store: ox.Store, class_iri: str = OEWG + "State") -> Index:
    """Gather every name and code of the members of a class, from the default graph and from every line's graph."""
    return index_of(store, members_of(store, class_iri), of_states=class_iri == OEWG + "State")


def members_of(store: ox.Store, class_iri: str) -> set[str]:
    """Find the members of a class in the default graph."""
    quads = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(class_iri), ox.DefaultGraph())
    return {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}


def index_of(store: ox.Store, members: set[str], of_states: bool = False) -> Index:
    """Gather every name and code of some entities, from the default graph and from every line's graph."""
    actors = members_of(store, OEWG + "Actor")
    index = Index(actors=members & actors, of_states=of_states)
    for member in sorted(members):
        for text, name_kind in dict.fromkeys(names_of(store, member)):  # several lines print the same name
            _add_name(index, member, text, name_kind)
        for quad in store.quads_for_pattern(ox.NamedNode(member), None, None):
            if quad.predicate.value in CODE_KINDS and isinstance(quad.object, ox.Literal):
                text, code_kind = quad.object.value, CODE_KINDS[quad.predicate.value]
                index.codes.setdefault(code_kind, {}).setdefault(_as_code(text), {})[member] = f'{code_kind} "{text}"'
    all_codes = set().union(*index.codes.values())
    for other_actor in sorted(actors - members if all_codes else ()):
        for text, name_kind in names_of(store, other_actor):
            if _as_code("".join(name_words(text))) in all_codes:
                index.others.setdefault(" ".join(name_words(text)), {})[other_actor] = f'{name_kind} "{text}"'
    return index


def names_of(store: ox.Store, iri: str) -> Iterator[tuple[str, str]]:
    """Iterate over the names of an entity, each with its kind."""
    entity = ox.NamedNode(iri)
    for former in store.quads_for_pattern(None, ox.NamedNode(OEWG + "nameOf"), entity, ox.DefaultGraph()):
        if isinstance(former.subject, ox.NamedNode):
            yield terms.label(store, former.subject.value) or "", "former name"
    for quad in store.quads_for_pattern(entity, None, None):
        if quad.predicate.value in NAME_KINDS and isinstance(quad.object, ox.Literal):
            language = f" @{quad.object.language}" if quad.object.language else ""
            yield quad.object.value, NAME_KINDS[quad.predicate.value] + language


def _as_code(text: str) -> str:
    """Normalize a code for comparison: in capitals, a number without leading zeros."""
    text = text.strip()
    return (text.lstrip("0") or "0") if text.isdigit() else text.upper()


def _add_name(index: Index, iri: str, name: str, name_kind: str) -> None:
    """Add one name of an entity to an index: as it is, regardless of order, and without generic words."""
    why = f'{name_kind} "{name}"'
    for text in {name, *split_brackets(name)[:1]}:
        words = name_words(text)
        if not words:
            continue
        _keep_clearest(index.forms, " ".join(words), iri, why)
        _keep_clearest(index.bags, bag(words), iri, why)
        core = bag(word for word in words if word not in GENERIC)
        if core:
            _keep_clearest(index.cores, core, iri, why)


def _keep_clearest(reasons_by_name: dict[str, dict[str, str]], key: str, iri: str, why: str) -> None:
    """Keep the clearest reason for a key and an entity: a label before a printed form, then in alphabetical order."""
    reasons = reasons_by_name.setdefault(key, {})
    candidates = [why, reasons[iri]] if iri in reasons else [why]
    reasons[iri] = min(candidates, key=lambda reason: (not reason.startswith("label @en"), reason))


def column_of_codes(index: Index, texts: Iterable[str]) -> str:
    """Name the kind of code that all values of a column resemble and most are, unless each is also a name; else nothing."""
    filled = {text.strip() for text in texts if terms.folded(text) not in MISSING_VALUES}
    code_counts: dict[str, int] = {}
    for code_kind, codes in index.codes.items():
        known_codes = [text for text in filled if _as_code(text) in codes]
        all_alike = all(re.fullmatch(CODE_SHAPES[code_kind], text) for text in filled)
        names = [text for text in known_codes if name_weight(index, text) or " ".join(name_words(text)) in index.others]
        if all_alike and 2 * len(known_codes) > len(filled) and len(names) < len(known_codes):
            code_counts[code_kind] = len(known_codes)
    likeliest = [code_kind for code_kind, count in code_counts.items() if count == max(code_counts.values())]
    return likeliest[0] if len(likeliest) == 1 else ""


def match_column(index: Index, texts: Iterable[str]) -> tuple[str, dict[str, list[Candidate]]]:
    """Match the texts of a column: which kind of codes they are, "" for names, and what each may name."""
    distinct = list(dict.fromkeys(texts))
    code_kind = column_of_codes(index, distinct)
    return code_kind, {text: candidates(index, text, code_kind) for text in distinct}


def name_weight(index: Index, text: str) -> int:
    """Weigh a text as a name: 2 as written, 1 apart from case and diacritics, 0 if it is not a name."""
    reasons = index.forms.get(" ".join(name_words(text)), {})
    return 1 + any(f'"{text.strip()}"' in why for why in reasons.values()) if reasons else 0


def candidates(index: Index, text: str, code_kind: str = "") -> list[Candidate]:
    """Find what a text may name, best first, by the most reliable way that finds anything; `code_kind` is that of its column."""
    words = name_words(text)
    by_code = _by_code(index, text, code_kind)
    if terms.folded(text) in MISSING_VALUES:
        return by_code if code_kind else [_cap(match) for match in by_code]
    if by_code and code_kind:
        return by_code
    for matches in (
        _by_form(index, text, words, code_kind),
        _by_bracket(index, text),
        _by_core(index, words),
        _by_distance(index, words),
    ):
        if matches:
            capped = [match if match.iri in index.actors or match.score == EXACT else _cap(match) for match in matches]
            return sorted(capped, key=lambda match: (-match.score, match.iri))
    return []


def _cap(candidate: Candidate) -> Candidate:
    """Lower a score below that of a match."""
    return candidate._replace(score=min(candidate.score, UNSURE))


def related(index: Index, text: str) -> list[Candidate]:
    """Find entities whose names contain all words of a text, or are similar, best first: for people to choose from, never as a match."""
    words = bag(name_words(text))
    if not words:
        return []
    candidates: dict[str, Candidate] = {}
    similar = process.extract(words, index.bags.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE - MARGIN, limit=50)
    containing = [(key, 100 * len(words) / len(key)) for key in index.bags if set(words.split()) <= set(key.split())]
    for key, score in [*((key, score) for key, score, _ in similar), *containing]:
        for iri, why in index.bags[key].items():
            candidate = Candidate(iri, round(0.4 + (RELATED - 0.4) * score / 100, 2), f"like {why}")
            if iri not in candidates or candidates[iri].score < candidate.score:
                candidates[iri] = candidate
    return sorted(candidates.values(), key=lambda candidate: (-candidate.score, candidate.iri))


def match_status(candidates: list[Candidate]) -> str:
    """Return `matched` if one candidate is clearly best, `ambiguous` when several could be meant, else `unmatched`."""
    if not candidates or candidates[0].score < MATCH:
        return "ambiguous" if candidates and len({candidate.iri for candidate in candidates}) > 1 else "unmatched"
    best = candidates[0]
    rivals = [rival for rival in candidates[1:] if rival.iri != best.iri and rival.score > best.score - MARGIN / 100]
    return "ambiguous" if rivals else "matched"


def _by_code(index: Index, text: str, code_kind: str = "") -> list[Candidate]:
    """Find by a code, of one kind if that is known."""
    if not CODE.fullmatch(text.strip()):
        return []
    code_tables = [codes for table_kind, codes in index.codes.items() if code_kind in ("", table_kind)]
    return [Candidate(iri, EXACT, why) for codes in code_tables for iri, why in codes.get(_as_code(text), {}).items()]


def _by_form(index: Index, text: str, words: list[str], code_kind: str = "") -> list[Candidate]:
    """Find by code (of one kind, if it is known) or exact name; otherwise by the same words in another order."""
    by_code = {candidate.iri: candidate.why for candidate in _by_code(index, text, code_kind)}
    name = " ".join(words)
    by_name = index.forms.get(name, {}) | (index.others.get(name, {}) if by_code else {})
    if by_code or by_name:
        return [Candidate(iri, EXACT, (by_code | by_name)[iri]) for iri in by_code | by_name]
    reordered = index.bags.get(bag(words), {})
    return [Candidate(iri, OTHER_ORDER, f"{why}, in another order") for iri, why in reordered.items()]


def _by_bracket(index: Index, text: str) -> list[Candidate]:
    """Find `Name (ABC)` by its name, if the text in brackets agrees: an article, a code, another name, or its initials."""
    divided = split_brackets(text)
    if not divided:
        return []
    outside, notes = divided
    candidates = _by_form(index, outside, name_words(outside))
    for note in notes:
        words = name_words(note)
        if ARTICLES.issuperset(words):
            continue
        inside = _by_form(index, note, words)
        if candidates and inside:
            iris_inside = {candidate.iri for candidate in inside}
            agreeing = [candidate for candidate in candidates if candidate.iri in iris_inside]
            candidates = agreeing or [*candidates, *inside]
            continue
        score, remark = 0.7, f'but "{note}" suggests another entity'
        if ACRONYM.fullmatch(note.strip()) and _is_acronym(note, outside):
            score, remark = GENERIC_LEFT_OUT, f"with its initials {note.strip()}"
        elif index.of_states and set(words) <= GENERIC and bag(name_words(outside)) not in CLAIMED_TWICE:
            score, remark = GENERIC_LEFT_OUT, f'without "{note}"'
        candidates = [candidate._replace(score=score, why=f"{candidate.why}, {remark}") for candidate in candidates]
    return candidates


def _is_acronym(acronym: str, name: str) -> bool:
    """Return whether an acronym is made of the first letters of a name's words, with or without small words."""
    letters = re.sub(r"[^A-Z]", "", acronym).lower()
    words = terms.folded(name.replace("&", " and ")).split()
    return letters in ("".join(word[0] for word in words), "".join(word[0] for word in words if word not in ARTICLES))


def _by_core(index: Index, words: list[str]) -> list[Candidate]:
    """Find a state by its name without generic words, if the rest names no other entity."""
    core = bag(word for word in words if word not in GENERIC)
    states = index.cores.get(core, {})
    if not index.of_states or len(states) != 1 or core in CLAIMED_TWICE:
        return []
    return [Candidate(iri, GENERIC_LEFT_OUT, f"{why}, without generic words") for iri, why in states.items()]


def _by_distance(index: Index, words: list[str]) -> list[Candidate]:
    """Find a misspelt name: near one entity, and clearly nearer than to any other (normalized Indel similarity)."""
    text = bag(words)
    # Words in other scripts than Latin are shorter: one letter less is more often another name (Anguilla and Angola in Arabic).
    if len(text) < SHORTEST or not text.isascii() or text.isdigit() or text in LOOK_ALIKE:
        return []
    nearest: dict[str, tuple[float, int, str]] = {}
    similar = process.extract(text, index.bags.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE - MARGIN, limit=50)
    for key, score, _ in similar:  # the best first
        for iri, why in index.bags[key].items() if spellings.numbers(key) == spellings.numbers(text) else ():
            nearest.setdefault(iri, (score, len(key.split()), why))
    ranked = sorted(nearest, key=lambda iri: (-nearest[iri][0], iri))
    # Typing errors change neither the number of words nor digits; a name with a word more or less is another name.
    if not ranked or nearest[ranked[0]][0] < CLOSE or nearest[ranked[0]][1] != len(text.split()):
        return []
    likeliest = [iri for iri in ranked if nearest[iri][0] > nearest[ranked[0]][0] - MARGIN]
    return [Candidate(iri, round(min(nearest[iri][0], 97) / 100, 2), f"near {nearest[iri][2]}") for iri in likeliest]
