"""Find the entities, days, months and years that a text mentions, in any known spelling or with a typing error."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox
from rapidfuzz import process
from rapidfuzz.distance import OSA

from oewg_kg import query, terms
from oewg_kg.dataset import select
from oewg_kg.find.language import Language, split_words
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.reconcile import matcher
from oewg_kg.reconcile.spellings import ARTICLES
from oewg_kg.vocabulary import OEWG, PREFIXES

MOST_WORDS, SHORTEST, LONG_WORD = 9, 5, 8
PARTIES = (PREFIXES["stakeholder"], PREFIXES["group"])
AS_LANGUAGE = {"in", "into", "version", "versions", "translation", "translations"}  # beside `Spanish`
# What is not found by its label: lines have no name, decisions are named after what they decide, words for kinds are everywhere.
UNNAMED = ("oewg:SourceLine", "oewg:Decision", "oewg:Post", "owl:Class", "skos:Concept", "scheme:contribution-kinds")
SESSIONS = f"""SELECT ?event ?day WHERE {{ ?event a <{OEWG}Session> ; (<{OEWG}heldStart>|<{OEWG}plannedStart>) ?day }} ORDER BY ?event"""
# Words for a kind; not classes of states, which questions name like groups.
KIND_WORD = re.compile(rf"{re.escape(PREFIXES['kind'])}(?!(?:m49-[0-9]+|ldc|lldc|sids)$)")
LINE_CODE = re.compile(r"\bp\d:\d+\b")
YEARS = re.compile(r"\b((?:19|20)\d\d) to ((?:19|20)\d\d)\b")  # a name such as `OEWG 2021-2025`
DAYS = re.compile(r"\b(\d{1,2}) ?(?:-|–|to|and|until) ?(\d{1,2}) (\w+)")  # `1 to 3 December`
BEFORE_MONTH = {"in", "since", "until", "from", "to", "and", "or", "before", "after", "of", "between"}
FOUNDED, DAY = datetime.date(1945, 10, 24), datetime.timedelta(1)
# `3 march 2021`, `march 3`, `march 2021`, `2021 03 10`, `2021`; a month has the year that follows it.
DATE_FORM = (
    r"\b(?:(\d\d?)(?:st|nd|rd|th)? )?({})(?: (\d\d?)(?:st|nd|rd|th)?)?(?: ((?:19|20)\d\d))?\b"
    r"|\b((?:19|20)\d\d)(?: (\d\d?) (\d\d?))?\b"
)
BRACKET, STATUS = re.compile(r"\s*\([^)]*\)"), re.compile("^(?:resolution a/res/|draft a/|draft )", re.IGNORECASE)
# What the labels of sessions contain besides their number.
OF_WORKING_GROUP = re.compile(r" of the (?:oewg|gge)\b.*", re.IGNORECASE)
EXTRA_WORDS = re.compile(r"\bsubstantive |\(and final\) ", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """Words of a text that name entities, the likeliest first, or days (from, to), and their positions among the words."""

    words: str
    iris: tuple[str, ...]
    days: tuple[datetime.date, ...]
    positions: frozenset[int]

    @cached_property
    def weak(self) -> bool:
        """Return whether a mention is only a word for a kind of document or party that the question uses too."""
        return bool(self.iris) and all(map(KIND_WORD.match, self.iris))

    @cached_property
    def entity(self) -> str:
        """Return the likeliest entity named, "" for days or a mere word for a kind."""
        return self.iris[0] if self.iris and not self.weak else ""

    @cached_property
    def prefix(self) -> str:
        """Name the class of the likeliest entity by its prefix: state, group, document; `days` for days."""
        return terms.compact(self.iris[0]).partition(":")[0] if self.iris else "days"


class EntityNames:
    """All names of possible parameter values, as folded words without articles."""

    def __init__(self, store: ox.Store, questions: Iterable[SavedQuery], language: Language) -> None:
        """Gather the names from `find.toml`, from labels and printed forms, and the codes of states."""
        parameters = {p.choices: p for saved in questions for p in saved.parameters if p.type in ("iri", "iris")}
        self.choices = {choice: query.choices(store, parameter) for choice, parameter in parameters.items()}
        self.names: dict[str, list[str]] = {}
        self.codes: dict[str, list[str]] = {}
        self.months = language.months
        days_covered = [subject.after for subject in language.uncovered if subject.after]
        self.last_day = max(days_covered, default=datetime.date.min)
        self.common_words = language.stop_words | language.synonyms.keys()
        for name, curies in language.names.items():
            self._add_name(name, *(terms.expand(curie) or "" for curie in curies))
        for row in select(store, SESSIONS):
            year, month = row["day"].value[:4], int(row["day"].value[5:7])
            for month_name in (name for name, number in language.months.items() if number == month):
                self._add_name(f"{month_name} {year} session", row["event"].value)
                self._add_name(f"session {month_name} {year}", row["event"].value)
        searched = [choice for choice in self.choices if choice not in UNNAMED and not choice.startswith("subclasses")]
        for iri, names in {iri: names for choice in searched for iri, names in self.choices[choice].items()}.items():
            self._add_names_of(store, iri, names)
        self.labels = {iri: names[0] for entities in self.choices.values() for iri, names in entities.items()}
        self.name_words = {word for name in self.names for word in name.split()}
        single_words = sorted(name for name in self.names if " " not in name and len(name) >= SHORTEST - 1)
        self.spellings = single_words, sorted(word for word in self.name_words if len(word) >= SHORTEST - 1)
        self._add_short_forms()
        self.joined_names = {name.replace(" ", ""): iris for name, iris in self.names.items() if len(name) > SHORTEST}

    def _add_names_of(self, store: ox.Store, iri: str, names: Sequence[str]) -> None:
        is_state = iri.startswith(PREFIXES["state"])
        is_event = iri.startswith(PREFIXES["event"])
        for name in dict.fromkeys([*names, *(name for name, _ in matcher.names_of(store, iri))]):
            if (is_state and re.fullmatch("[A-Z]{2,3}", name)) or (len(name) < 3 and not name.isupper()):
                self.codes.setdefault(name, []).append(iri)
                continue
            label = OF_WORKING_GROUP.sub("", name) if is_event else name
            short_label = EXTRA_WORDS.sub("", label) if is_event else name
            for form in dict.fromkeys([name, BRACKET.sub("", name), label, short_label, STATUS.sub("", name)]):
                self._add_name(form, iri)

    def _add_short_forms(self) -> None:
        """Accept the first or last words of a long name for it, if no other name has them: `Oxford Institute`, `Tech Accord`."""
        short_forms: dict[str, set[str]] = {}
        for name, iris in self.names.items():
            words, parties = name.split(), {iri for iri in iris if iri.startswith(PARTIES)}
            for length in range(2, len(words)):
                short_forms.setdefault(" ".join(words[:length]), set()).update(parties)
                short_forms.setdefault(" ".join(words[-length:]), set()).update(parties)
        for short_form, long_iris in short_forms.items():
            if len(long_iris) == 1 and short_form not in self.common_words:
                self.names.setdefault(short_form, list(long_iris))

    def _add_name(self, name: str, *iris: str) -> None:
        folded = as_name(split_words(name))
        if folded in self.common_words and not any(iri.startswith(PREFIXES["kind"]) for iri in iris):
            return
        known_iris = self.names.setdefault(folded, [])
        known_iris += [iri for iri in iris if iri and iri not in known_iris]

    def written_out(self, text: str) -> str:
        """Write `2021 to 2025` as names of processes are written, and the month of each day."""
        text = DAYS.sub(lambda day: day.expand(r"\1 \3 and \2 \3") if day[3].lower() in self.months else day[0], text)
        return YEARS.sub(r"\1-\2", text)

    def find(self, text: str, known_words: Mapping[str, object]) -> list[Mention]:
        """List what a text names, in the order of the text; words that are not known may be names with a typing error."""
        words = split_words(text)
        corrected = [self._corrected(word, known_words) for word in words]
        capitals = {word.lower() for word in re.findall(r"\b[A-Z]{2,3}\b", text)}
        mentions: list[Mention] = []
        taken: frozenset[int] = frozenset()
        for length in range(min(MOST_WORDS, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                span = frozenset(range(start, start + length))
                run = corrected[start : start + length]
                if span & taken or (length > 1 and {run[0], run[-1]} & ARTICLES):
                    continue
                iris = self._iris_named(run, capitals)
                neighbors = {words[start - 1] if start else "", *words[start + length : start + length + 1]}
                if neighbors & AS_LANGUAGE:
                    iris = [iri for iri in iris if iri.startswith(PREFIXES["lang"])] or iris
                if iris:
                    mentions.append(Mention(" ".join(words[start : start + length]), tuple(iris), (), span))
                    taken |= span
        for line in LINE_CODE.findall(text.lower()):
            start = next((start for start in range(len(words)) if words[start : start + 2] == line.split(":")), 0)
            mentions.append(Mention(line, (terms.expand(line) or "",), (), frozenset({start, start + 1})))
            taken |= {start, start + 1}
        taken = taken.union(_verbs_may(text, words, self.months))
        mentions += period_mentioned(words, taken, self.months, self.last_day)
        return sorted(mentions, key=lambda mention: min(mention.positions, default=0))

    def _iris_named(self, run: Sequence[str], capitals: set[str]) -> list[str]:
        """Look up words as a name, a code in capitals, a plural, or a name written as one word or several."""
        code = run[0].upper() if len(run) == 1 and run[0] in capitals else ""
        iris = self.names.get(as_name(run)) or self.codes.get(code) or self.names.get(as_name(list(map(singular, run))))
        return iris or self.joined_names.get("".join(run)) or []

    def _corrected(self, word: str, known_words: Mapping[str, object]) -> str:
        """Correct a word that is neither known nor in a name to the nearest word of a name."""
        if len(word) < SHORTEST or word in known_words or word in self.name_words or not word.isalpha():
            return word
        return next(filter(None, (nearest_word(word, spellings) for spellings in self.spellings)), word)

    def label(self, iri: str) -> str:
        """Name an entity for people; other texts are returned unchanged."""
        return self.labels.get(iri, terms.line_name(iri) if "#L" in iri else iri)

    def allows(self, parameter: Parameter, iri: str) -> bool:
        """Return whether a parameter may have an entity as its value."""
        is_kind = parameter.choices != "skos:Concept" or iri.startswith(PREFIXES["kind"])
        not_state = parameter.name != "group" or not iri.startswith((PREFIXES["state"], PREFIXES["person"]))
        return is_kind and not_state and iri in self.choices.get(parameter.choices, ())


def as_name(words: Sequence[str]) -> str:
    """Join words without articles, unless there is nothing else."""
    return " ".join([word for word in words if word not in ARTICLES] or words)


def nearest_word(word: str, known_words: Sequence[str]) -> str:
    """Find the known word that is one typing error away (two in a long word) and begins with the same sound; "" if there is none."""
    nearest = process.extractOne(word, known_words, scorer=OSA.distance, score_cutoff=1 + (len(word) >= LONG_WORD))
    return nearest[0] if nearest and (nearest[0][0] == word[0] or {nearest[0][0], word[0]} == {"c", "k"}) else ""


def singular(word: str) -> str:
    """Cut the `s` of a plural off."""
    return word[:-1] if len(word) > SHORTEST - 1 and word.endswith("s") and not word.endswith("ss") else word


def _verbs_may(text: str, words: Sequence[str], months: Mapping[str, int]) -> Iterator[int]:
    """Iterate over the places of `may` as a verb: nothing before it or after it shows that it is a month."""
    positions = (index for index, word in enumerate(words) if word == "may")
    for index, printed in zip(positions, re.findall(r"\bmay\b", text, re.IGNORECASE), strict=False):
        before, after = words[index - 1] if index else "", words[index + 1] if index + 1 < len(words) else ""
        is_month = before in BEFORE_MONTH or after in months or after in ("to", "until")
        if not (is_month or before[:1].isdigit() or after[:1].isdigit() or (index and printed == "May")):
            yield index


def period_mentioned(
    words: Sequence[str], taken: frozenset[int], months: Mapping[str, int], covered: datetime.date
) -> list[Mention]:
    """Read the days, months and years of a text as one period; a month without a year has the year that follows.

    A period `since` or `after` a day ends on the last day covered, and one before a day begins with the United Nations. `since` and
    `until` include the day itself.
    """
    text = " ".join("." if index in taken else word for index, word in enumerate(words))
    spans: list[tuple[datetime.date, datetime.date]] = []
    positions: set[int] = set()
    year = 0
    for match in reversed(list(re.finditer(DATE_FORM.format("|".join(months)), text))):
        before, month_name, after, year_after, bare_year, month_number, day_number = match.groups()
        year = int(year_after or bare_year or year)
        month, day = months[month_name] if month_name else month_number, before or after or day_number
        span = terms.span(year, int(month) if month else None, int(day) if day else None)
        if span:
            spans.append(span)
            start = text[: match.start()].count(" ")
            positions |= set(range(start, start + match[0].count(" ") + 1))
    if not spans:
        return []
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    before = words[min(positions) - 1] if min(positions) else ""
    if before == "after":
        first = last + DAY
    elif before in ("before", "until", "till"):
        first, last = FOUNDED, first - DAY if before == "before" else last
    if before in ("since", "after"):
        last = max(first, last, covered)
    return [Mention(" ".join(words[index] for index in sorted(positions)), (), (first, last), frozenset(positions))]
