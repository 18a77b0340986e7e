"""Find the entities, days, months and years that a text mentions, in any known spelling or with a typing error."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
PARTIES = (PREFIXES["stakeholder"], PREFIXES["group"])
AS_LANGUAGE = {"in", "into", "version", "versions", "translation", "translations"}  # beside `Spanish`
# What is not found by its label: lines have no name, decisions are named after what they decide, words for kinds are everywhere.
UNNAMED = ("oewg:SourceLine", "oewg:Decision", "oewg:Post", "owl:Class", "skos:Concept", "scheme:contribution-kinds")
SESSIONS = f"""SELECT ?event ?day WHERE {{ ?event a <{OEWG}Session> ; (<{OEWG}heldStart>|<{OEWG}plannedStart>) ?day }} ORDER BY ?event"""
CLASS = re.compile("/(?:m49-[0-9]+|ldc|lldc|sids)$")  # classes of states, named in questions like groups
LINE = re.compile(r"\bp\d:\d+\b")
YEARS = re.compile(r"\b((?:19|20)\d\d) to ((?:19|20)\d\d)\b")  # a name such as `OEWG 2021-2025`
SPAN = re.compile(r"\b(\d{1,2}) ?(?:-|–|to|and|until) ?(\d{1,2}) (\w+)")  # `1 to 3 December`
BEFORE_MONTH = {"in", "since", "until", "from", "to", "and", "or", "before", "after", "of", "between"}
FOUNDED, DAY = datetime.date(1945, 10, 24), datetime.timedelta(1)
# `3 march 2021`, `march 3`, `march 2021`, `2021 03 10`, `2021`; a month has the year that follows it.
DATE = (
    r"\b(?:(\d\d?)(?:st|nd|rd|th)? )?({})(?: (\d\d?)(?:st|nd|rd|th)?)?(?: ((?:19|20)\d\d))?\b"
    r"|\b((?:19|20)\d\d)(?: (\d\d?) (\d\d?))?\b"
)
ASIDE, STATUS = re.compile(r"\s*\([^)]*\)"), re.compile("^(?:resolution a/res/|draft a/|draft )", re.IGNORECASE)
# What the labels of sessions contain besides their number.
OF_GROUP = re.compile(r" of the (?:oewg|gge)\b.*", re.IGNORECASE)
SAID_TOO = re.compile(r"\bsubstantive |\(and final\) ", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """Words of a text that name things, the likeliest first, or days (from, to), and their positions among the words."""

    said: str
    iris: tuple[str, ...]
    days: tuple[datetime.date, ...]
    places: frozenset[int]

    @property
    def weak(self) -> bool:
        """Return whether a mention is only a word for a kind of document or party that the question uses too."""
        return bool(self.iris) and all(iri.startswith(PREFIXES["kind"]) and not CLASS.search(iri) for iri in self.iris)


class Names:
    """All names of possible parameter values, as folded words without articles."""

    def __init__(self, store: ox.Store, questions: Iterable[SavedQuery], language: Language) -> None:
        """Gather the names from `find.toml`, from labels and printed forms, and the codes of states."""
        asked = {one.choices: one for saved in questions for one in saved.parameters if one.type in ("iri", "iris")}
        self.choices = {kind: query.choices(store, parameter) for kind, parameter in asked.items()}
        self.keys: dict[str, list[str]] = {}
        self.codes: dict[str, list[str]] = {}
        self.months = language.months
        self.covered = max((one.after for one in language.missing if one.after), default=datetime.date.min)
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
        alone = sorted(key for key in self.keys if " " not in key and len(key) >= SHORTEST - 1)
        self.spellings = alone, sorted(word for word in self.words if len(word) >= SHORTEST - 1)
        self._shorten()
        self.joined = {key.replace(" ", ""): iris for key, iris in self.keys.items() if len(key) > SHORTEST}

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

    def _shorten(self) -> None:
        """Accept the first or last words of a long name for it, if no other name has them: `Oxford Institute`, `Tech Accord`."""
        parts: dict[str, set[str]] = {}
        for key, iris in self.keys.items():
            words, parties = key.split(), {iri for iri in iris if iri.startswith(PARTIES)}
            for length in range(2, len(words)):
                parts.setdefault(" ".join(words[:length]), set()).update(parties)
                parts.setdefault(" ".join(words[-length:]), set()).update(parties)
        for short, long in parts.items():
            if len(long) == 1 and short not in self.common:
                self.keys.setdefault(short, list(long))

    def _add(self, name: str, *iris: str) -> None:
        key = bare(split(name))
        if key in self.common and not any(iri.startswith(PREFIXES["kind"]) for iri in iris):
            return
        known = self.keys.setdefault(key, [])
        known += [iri for iri in iris if iri and iri not in known]

    def written_out(self, text: str) -> str:
        """Write `2021 to 2025` as names of processes are written, and the month of each day."""
        months = self.months.keys()
        text = SPAN.sub(lambda at: f"{at[1]} {at[3]} and {at[2]} {at[3]}" if at[3].lower() in months else at[0], text)
        return YEARS.sub(r"\1-\2", text)

    def find(self, text: str, known: Mapping[str, object]) -> list[Mention]:
        """List what a text names, in the order of the text; words that are not `known` may be names with a typing error."""
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
                iris = self._named(run, capitals)
                beside = {words[at - 1] if at else "", *words[at + length : at + length + 1]}
                if beside & AS_LANGUAGE:
                    iris = [iri for iri in iris if iri.startswith(PREFIXES["lang"])] or iris
                if iris:
                    found.append(Mention(" ".join(words[at : at + length]), tuple(iris), (), places))
        for line in LINE.findall(text.lower()):
            at = next((at for at in range(len(words)) if words[at : at + 2] == line.split(":")), 0)
            found.append(Mention(line, (terms.expand(line) or "",), (), frozenset({at, at + 1})))
        taken = frozenset(_verbs(text, words, self.months)).union(*(one.places for one in found))
        return sorted(
            [*found, *days(words, taken, self.months, self.covered)], key=lambda one: min(one.places, default=0)
        )

    def _named(self, run: Sequence[str], capitals: set[str]) -> list[str]:
        """Look up words as a name, a code in capitals, a plural, or a name written as one word or several."""
        code = run[0].upper() if len(run) == 1 and run[0] in capitals else ""
        found = self.keys.get(bare(run)) or self.codes.get(code) or self.keys.get(bare(list(map(singular, run))))
        return found or self.joined.get("".join(run)) or []

    def _spelled(self, word: str, known: Mapping[str, object]) -> str:
        """Correct a word that is neither known nor in a name to the nearest word of a name."""
        if len(word) < SHORTEST or word in known or word in self.words or not word.isalpha():
            return word
        return next(filter(None, (nearest(word, known) for known in self.spellings)), word)

    def label(self, iri: str) -> str:
        """Name an entity for people; other texts are returned unchanged."""
        return self.labels.get(iri, terms.line_name(iri) if "#L" in iri else iri)

    def allows(self, parameter: Parameter, iri: str) -> bool:
        """Return whether a parameter may have an entity as its value."""
        concept = parameter.choices != "skos:Concept" or iri.startswith(PREFIXES["kind"])
        group = parameter.name != "group" or not iri.startswith((PREFIXES["state"], PREFIXES["person"]))
        return concept and group and iri in self.choices.get(parameter.choices, ())


def bare(words: Sequence[str]) -> str:
    """Join words without articles, unless there is nothing else."""
    return " ".join([word for word in words if word not in ARTICLES] or words)


def nearest(word: str, known: Sequence[str]) -> str:
    """Find the known word that is one typing error away (two in a long word) and begins with the same sound; "" if there is none."""
    best = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=1 + (len(word) >= LONG))
    return best[0] if best and (best[0][0] == word[0] or {best[0][0], word[0]} == {"c", "k"}) else ""


def singular(word: str) -> str:
    """Cut the `s` of a plural off."""
    return word[:-1] if len(word) > SHORTEST - 1 and word.endswith("s") and not word.endswith("ss") else word


def _verbs(text: str, words: Sequence[str], months: Mapping[str, int]) -> Iterator[int]:
    """Iterate over the places of `may` as a verb: nothing before it or after it shows that it is a month."""
    places = (at for at, word in enumerate(words) if word == "may")
    for at, written in zip(places, re.findall(r"\bmay\b", text, re.IGNORECASE), strict=False):
        before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
        is_month = before in BEFORE_MONTH or after in months or after in ("to", "until")
        if not (is_month or before[:1].isdigit() or after[:1].isdigit() or (at and written == "May")):
            yield at


def days(
    words: Sequence[str], taken: frozenset[int], months: Mapping[str, int], covered: datetime.date
) -> list[Mention]:
    """Read the days, months and years of a text as one period; a month without a year has the year that follows.

    A period `since` or `after` a day ends on the last day covered, and one before a day begins with the United Nations. `since` and
    `until` include the day itself.
    """
    text = " ".join("." if at in taken else word for at, word in enumerate(words))
    spans: list[tuple[datetime.date, datetime.date]] = []
    places: set[int] = set()
    year = 0
    for found in reversed(list(re.finditer(DATE.format("|".join(months)), text))):
        before, month, after, of_month, alone, number, day = found.groups()
        year = int(of_month or alone or year)
        of_year, of_month = months[month] if month else number, before or after or day
        span = terms.span(year, int(of_year) if of_year else None, int(of_month) if of_month else None)
        if span:
            spans.append(span)
            begun = text[: found.start()].count(" ")
            places |= set(range(begun, begun + found[0].count(" ") + 1))
    if not spans:
        return []
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    before = words[min(places) - 1] if min(places) else ""
    if before == "after":
        first = last + DAY
    elif before in ("before", "until", "till"):
        first, last = FOUNDED, first - DAY if before == "before" else last
    if before in ("since", "after"):
        last = max(first, last, covered)
    return [Mention(" ".join(words[at] for at in sorted(places)), (), (first, last), frozenset(places))]
