"""Find the entities, days, months and years that a text mentions, in any known spelling or with a typing error."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from rapidfuzz import process
from rapidfuzz.distance import OSA

from oewg_kg import query, terms
from oewg_kg.dataset import select
from oewg_kg.find.language import Language, split
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.reconcile import matcher
from oewg_kg.reconcile.spellings import ARTICLES
from oewg_kg.vocabulary import OEWG, PREFIXES

MOST_WORDS, SHORTEST, LONG = 9, 5, 8
# What is not found by its own label: lines have no name, decisions are called like what they decide, words for kinds are everywhere.
UNNAMED = ("oewg:SourceLine", "oewg:Decision", "oewg:Post", "owl:Class", "skos:Concept", "scheme:contribution-kinds")
SESSIONS = f"""SELECT ?event ?day WHERE {{ ?event a <{OEWG}Session> ; (<{OEWG}heldStart>|<{OEWG}plannedStart>) ?day }} ORDER BY ?event"""
CLASS = re.compile("/(?:m49-[0-9]+|ldc|lldc|sids)$")  # classes of states, which questions name as they name groups
LINE = re.compile(r"\bp\d:\d+\b")
ASIDE, STATUS = re.compile(r"\s*\([^)]*\)"), re.compile("^(?:resolution a/res/|draft a/|draft )", re.IGNORECASE)
# What the labels of sessions add to their number.
OF_GROUP = re.compile(r" of the (?:oewg|gge)\b.*", re.IGNORECASE)
SAID_TOO = re.compile(r"\bsubstantive |\(and final\) ", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """Words of a text that name things, the likeliest first, or days (from, to), and their positions among the words."""

    said: str
    iris: tuple[str, ...]
    days: tuple[str, ...]
    places: frozenset[int]

    @property
    def weak(self) -> bool:
        """Return whether a mention is only a word for a kind of document or party that the question uses too."""
        return bool(self.iris) and all(iri.startswith(PREFIXES["kind"]) and not CLASS.search(iri) for iri in self.iris)


class Names:
    """All names of possible parameter values, as folded words without articles."""

    def __init__(self, store: ox.Store, questions: Iterable[SavedQuery], language: Language) -> None:
        """Gather the names from `find.toml`, from labels and printed forms, and the codes of states."""
        self.choices: dict[str, dict[str, list[str]]] = {}
        for parameter in (one for saved in questions for one in saved.parameters if one.type in ("iri", "iris")):
            if parameter.choices not in self.choices:
                self.choices[parameter.choices] = query.choices(store, parameter)
        self.keys: dict[str, list[str]] = {}
        self.codes: dict[str, list[str]] = {}
        self.months = language.months
        self.common = language.stop | language.same.keys()
        for name, short in language.names.items():
            self._add(name, *(terms.expand(one) or "" for one in short))
        for day in select(store, SESSIONS):
            year, month = day["day"].value[:4], int(day["day"].value[5:7])
            for name in (name for name, number in language.months.items() if number == month):
                self._add(f"{name} {year} session", day["event"].value)
                self._add(f"session {name} {year}", day["event"].value)
        kinds = [kind for kind in self.choices if kind not in UNNAMED and not kind.startswith("subclasses")]
        for iri, names in {iri: names for kind in kinds for iri, names in self.choices[kind].items()}.items():
            self._gather(store, iri, names)
        self.labels = {iri: names[0] for named in self.choices.values() for iri, names in named.items()}
        self.words = {word for key in self.keys for word in key.split()}
        self.spellings = sorted(word for word in self.words if len(word) >= SHORTEST - 1)

    def _gather(self, store: ox.Store, iri: str, names: Sequence[str]) -> None:
        state = iri.startswith(PREFIXES["state"])
        event = iri.startswith(PREFIXES["event"])
        for name in dict.fromkeys([*names, *(name for name, _ in matcher.names_of(store, iri))]):
            if (state and re.fullmatch("[A-Z]{2,3}", name)) or (len(name) < 3 and not name.isupper()):
                self.codes.setdefault(name, []).append(iri)
                continue
            alone = OF_GROUP.sub("", name) if event else name
            shorter = [ASIDE.sub("", name), alone, SAID_TOO.sub("", alone) if event else name, STATUS.sub("", name)]
            for one in dict.fromkeys([name, *shorter]):
                self._add(one, iri)

    def _add(self, name: str, *iris: str) -> None:
        key = bare(split(name))
        if key in self.common and not any(iri.startswith(PREFIXES["kind"]) for iri in iris):
            return
        known = self.keys.setdefault(key, [])
        known += [iri for iri in iris if iri and iri not in known]

    def find(self, text: str, known: Mapping[str, object]) -> list[Mention]:
        """List what a text names, in the order of the text; words not `known` otherwise may be names with a typing error."""
        words = split(text)
        spelled = [self._spelled(word, known) for word in words]
        capitals = {word.lower() for word in re.findall(r"\b[A-Z]{2,3}\b", text)}
        found: list[Mention] = []
        for length in range(min(MOST_WORDS, len(words)), 0, -1):
            for at in range(len(words) - length + 1):
                places = frozenset(range(at, at + length))
                run = spelled[at : at + length]
                if any(places & one.places for one in found) or (length > 1 and {run[0], run[-1]} & ARTICLES):
                    continue
                code = run[0].upper() if length == 1 and run[0] in capitals else ""
                iris = self.keys.get(bare(run)) or self.codes.get(code) or self.keys.get(bare(list(map(singular, run))))
                if iris:
                    found.append(Mention(" ".join(words[at : at + length]), tuple(iris), (), places))
        for line in LINE.findall(text.lower()):
            at = next((at for at in range(len(words)) if words[at : at + 2] == line.split(":")), 0)
            found.append(Mention(line, (terms.expand(line) or "",), (), frozenset({at, at + 1})))
        taken = frozenset().union(*(one.places for one in found))
        return sorted([*found, *days(words, taken, self.months)], key=lambda one: min(one.places, default=0))

    def _spelled(self, word: str, known: Mapping[str, object]) -> str:
        """Correct a word that is in no name and not known otherwise to the nearest one of a name."""
        if len(word) < SHORTEST or word in known or word in self.words or not word.isalpha():
            return word
        return nearest(word, self.spellings) or word

    def label(self, iri: str) -> str:
        """Name an entity for people; other texts are returned unchanged."""
        return self.labels.get(iri, terms.line_name(iri) if "#L" in iri else iri)

    def allows(self, parameter: Parameter, iri: str) -> bool:
        """Return whether a parameter may have an entity as its value."""
        concept = parameter.choices != "skos:Concept" or iri.startswith(PREFIXES["kind"])
        group = parameter.name != "group" or not iri.startswith(PREFIXES["state"])
        return concept and group and iri in self.choices.get(parameter.choices, ())


def bare(words: Sequence[str]) -> str:
    """Join words without articles, unless there is nothing else."""
    return " ".join([word for word in words if word not in ARTICLES] or words)


def nearest(word: str, known: Sequence[str]) -> str:
    """Find the known word that differs by one typing error (two in a long word) and has the same first letter; "" if none does."""
    best = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=1 + (len(word) >= LONG))
    return best[0] if best and best[0][0] == word[0] else ""


def singular(word: str) -> str:
    """Cut the `s` of a plural off."""
    return word[:-1] if len(word) > SHORTEST - 1 and word.endswith("s") and not word.endswith("ss") else word


def days(words: Sequence[str], taken: frozenset[int], months: Mapping[str, int]) -> list[Mention]:
    """Read the days, months and years of a text as one period; a month without a year has the year that follows."""
    read: list[tuple[int, int, int]] = []
    places: set[int] = set()
    year = 0
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        if at in taken:
            continue
        before = words[at - 1] if at and at - 1 not in taken else ""
        if re.fullmatch("(?:19|20)[0-9]{2}", word):
            year = int(word)
            follow = words[at + 1 : at + 3]
            if len(follow) == 2 and all(re.fullmatch("[0-9]{1,2}", one) for one in follow):
                read.append((year, int(follow[0]), int(follow[1])))
                places |= {at, at + 1, at + 2}
            elif before not in months and not (at > 1 and words[at - 2] in months):
                read.append((year, 0, 0))
            places.add(at)
        elif word in months and year:
            beside = [
                (near, re.fullmatch("([0-9]{1,2})(?:st|nd|rd|th)?", words[near]))
                for near in (at - 1, at + 1)
                if 0 <= near < len(words)
            ]
            day = next(((near, int(one[1])) for near, one in beside if one), (at, 0))
            read.append((year, months[word], day[1]))
            places |= {at, day[0]}
    spans = [span for one in read for span in [_span(*one)] if span]
    if not spans:
        return []
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    return [Mention(" ".join(words[at] for at in sorted(places)), (), (first, last), frozenset(places))]


def _span(year: int, month: int, day: int) -> tuple[str, str] | None:
    """Write the first and last day of a year, a month or a day; None for a day that no calendar has."""
    try:
        first = datetime.date(year, month or 1, day or 1)
        last = day or calendar.monthrange(year, month or 12)[1]
        return first.isoformat(), datetime.date(year, month or 12, last).isoformat()
    except (ValueError, calendar.IllegalMonthError):
        return None
