"""Rank the saved questions and commands for plain words, by the weights of the stems, names and synonyms in them."""

from __future__ import annotations

import datetime
import math
import re
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from oewg_kg import query, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.find import filling, language, profiles
from oewg_kg.find.filling import Asked
from oewg_kg.find.language import Command, runs, split, stem
from oewg_kg.find.mentions import Mention, Names, nearest
from oewg_kg.find.things import Things
from oewg_kg.query import Parameter, SavedQuery

MOST, LONGEST_TEXT, LONGEST_CUE = 4, 500, 6
LEAST, STRANGE = 0.4, 0.12  # below this score nothing is offered; each unknown word raises the bar by this much
COVERED = 0.6  # the share of the score for the part of the text used; the rest is for the most similar phrase
HALF_PAIR, NAMED_ALONE, NOBODY, SIDE = 0.08, 0.1, 0.1, 0.05
LIKE_IT = 0.7  # the credit for an entity named after another: the list of a draft, the Chair of a process
UNHEARD = 3.0  # the weight of a word that is in no question
CLASSED = {"actor-class", "class"}  # parameters that the word for a kind of actor fills
SUBJECTS = ("actor", "state", "group")  # parameters without which a question is about no particular entity
EXTRA_CUE, LOST_CUE = 0.1, 0.08
WEIGHTS = {"process": 2.0, "days": 3.0}
NAMED = 3.5  # the weight of any other name
IN_WORDS = ("list", "topic")  # names that are also in the phrases of questions
# Stems of words that say what a question is about, or not about.
CUES = tuple(map(stem, ("not", "both", "only", "neither", "against", "count", "language", "side event", "vote")))
# The stems used in place of a name.
CLASSES = {"state": "stat", "group": "group", "stakeholder": "stakehold", "post": "chair", "event": "sess"}
CLASSES["lang"] = stem("language")


@dataclass(frozen=True)
class Offer:
    """A question or command that may answer: its name and title, its parameters as CURIEs or texts, the command, the score, and why."""

    name: str
    title: str
    values: dict[str, str]
    command: str
    score: float
    matched: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """The offers for a text, best first; `exact` if it is a name or title; if there are none, `missing` says what the graph lacks."""

    offers: tuple[Offer, ...]
    exact: bool = False
    missing: str = ""


@dataclass(frozen=True)
class Entry:
    """A question or command, prepared: its stems with the weight of the best field, its phrases, and the cue words in its title."""

    name: str
    title: str
    subject: SavedQuery | Command
    weights: dict[str, float]
    phrases: tuple[frozenset[str], ...]
    cues: frozenset[str]


class Finder:
    """The questions and names of one dataset, ready to be searched."""

    def __init__(self, dataset: Dataset, folder: Path) -> None:
        """Weigh the words of all questions of a folder, and gather all names of the graph."""
        self._dataset = dataset
        questions, self.language = query.load(folder), language.load(folder)
        shown = ((Parameter("thing", "iri", "", kind), asked) for kind, asked in profiles.load(folder).items())
        self.profiles = [(query.choices(dataset.store, kind), asked) for kind, asked in shown]
        self._stems = lru_cache(LONGEST_TEXT)(self.language.stems)
        self.names = Names(dataset.store, questions.values(), self.language)
        self.entries = [self._entry(name, saved) for name, saved in questions.items()]
        self.entries += [self._entry(one.name, one) for one in self.language.commands]
        count = Counter(token for entry in self.entries for token in entry.weights)
        self.rarity = {token: math.log(1 + len(self.entries) / n) for token, n in count.items()}
        self.unknown = math.log(1 + len(self.entries))
        # A question by its name or title, with or without the defaults that the title states.
        self.exact = {
            terms.folded(one): entry
            for entry in self.entries
            if isinstance(entry.subject, SavedQuery)
            for one in (entry.name, entry.title, entry.subject.summary)
        }
        self.lengths = {
            entry.name: [(one, math.sqrt(sum(self.rarity[token] ** 2 for token in one))) for one in entry.phrases]
            for entry in self.entries
        }
        subjects = [(entry.title, entry.subject) for entry in self.entries]
        texts = [" ".join([title, *one.words, one.definition, *one.tags]) for title, one in subjects]
        self.known = {word: None for text in texts for word in split(text)} | dict.fromkeys(
            [*self.language.stop, *self.language.same]
        )
        self.spellings = [word for word in self.known if len(word) > 3]

    @cached_property
    def things(self) -> Things:
        """Prepare the search for entities by words about them."""
        return Things(self._dataset, self.language)

    def _entry(self, name: str, subject: SavedQuery | Command) -> Entry:
        title = re.sub(r" \(default[^)]*\)", "", subject.summary)
        stems = self.language.stems
        weights: dict[str, float] = {}
        called = name.replace("-", " ")
        phrases = tuple(filter(None, map(stems, [title, called, *subject.words])))
        fields = [(subject.definition, 0.35), (" ".join(subject.tags), 0.6)]
        for text, weight in [*fields, *((phrase, 1.0) for phrase in [called, title, *subject.words])]:
            weights.update({token: max(weight, weights.get(token, 0)) for token in stems(text)})
        cues = (stems(title) | stems(called)) & set(CUES)
        return Entry(name, title, subject, weights, phrases, frozenset(cues))

    def find(self, text: str) -> Found:
        """Rank the questions and commands for a text; raises UsageError for an empty or very long one."""
        if not terms.folded(text) or len(text) > LONGEST_TEXT:
            raise UsageError(
                "there is nothing to search for" if len(text) <= LONGEST_TEXT else "the text is too long",
                text[:60],
                "ask a question in one sentence",
            )
        exact = self.exact.get(terms.folded(text))
        if exact:
            return Found((Offer(exact.name, exact.title, {}, f"oewg ask {exact.name}", 1.0, (text.strip(),)),), True)
        text = self.names.written_out(text)
        mentions = self.names.find(text, self.known)
        words = split(text)
        taken = frozenset().union(*(one.places for one in mentions if not one.weak))
        rest = [word if at not in taken else "" for at, word in enumerate(words)]
        reason = self._missing(words, rest, mentions)
        if reason:
            return Found((), missing=reason + self._instead(mentions))
        tokens = [(said, self._mended(said, token)) for said, token in self.language.tokens(rest) if said]
        asked = Asked(text, tuple(tokens), tuple(mentions), self.language)
        offers = sorted((self._offer(entry, asked) for entry in self.entries), key=lambda o: (-o.score, o.name))
        best = [one for one in offers[:MOST] if one.score > 0]
        strange = [
            said
            for said, token in tokens
            if token not in self.rarity and len(said) > 2 and said not in self.names.words
        ]
        if not best or best[0].score < LEAST + STRANGE * len(strange):
            return Found((), missing=self.language.unmatched + self._instead(mentions))
        return Found(tuple(best))

    def _mended(self, said: str, token: str) -> str:
        """Correct a word that no question contains to the nearest one that a question contains."""
        if token in self.rarity or said in self.known or len(said) < 4 or not said.isalpha():
            return token
        near = nearest(said, self.spellings)
        return next((token for _, token in self.language.tokens([near])), token) if near else token

    def _missing(self, words: Sequence[str], rest: Sequence[str], mentions: Sequence[Mention]) -> str:
        """Return why the pages cannot answer, if the words or days of the text show it ("" otherwise); words in names do not count."""
        every = set(runs(words, LONGEST_CUE))
        said = {run for run in every if " " in run} | set(runs([word for word in rest if word], LONGEST_CUE))
        last = max((one.days[1] for one in mentions if one.days), default=datetime.date.min)
        for one in self.language.missing:
            if (said & one.words and not every & one.unless) or (one.after and last > one.after):
                return one.reason
        return ""

    def _instead(self, mentions: Sequence[Mention]) -> str:
        """Suggest what the graph contains about the first entity named."""
        iri = next((one.iris[0] for one in mentions if one.iris and not one.weak), "")
        return f"; `oewg show {terms.compact(iri)}` shows what is recorded about {self.names.label(iri)}" if iri else ""

    def _offer(self, entry: Entry, asked: Asked) -> Offer:
        tokens, mentions = asked.tokens, asked.mentions
        values: dict[str, str] = {}
        filled: list[Mention] = []
        if isinstance(entry.subject, SavedQuery):
            values, filled = filling.fill(self.names, entry.subject, asked)
        elif entry.subject.needs:
            filled = [one for one in mentions if one.iris and not one.weak][:1]
        total = got = 0.0
        matched = [one.said for one in filled]
        stems = set(asked.stems)
        classed = asked.classed if values.keys() & CLASSED else frozenset()
        for said, token in tokens:
            weight = self.rarity.get(token) or UNHEARD
            total += weight
            got += weight * max(entry.weights.get(token, 0), token in classed)
            matched += [said] if token in entry.weights or token in classed else []
        for one in mentions:
            weight = 0 if one.weak else WEIGHTS.get(_kind(one.iris[0]) if one.iris else "days", NAMED)
            total += weight
            got += weight * self._credit(entry, one, one in filled, values)
            if one.iris and _kind(one.iris[0]) in IN_WORDS:
                stems |= self._stems(one.said) & self.rarity.keys()
            stems |= {CLASSES[kind] for iri in one.iris[:1] for kind in [_kind(iri)] if kind in CLASSES}
        near = max(self._likeness(stems, entry), self._likeness(stems - classed, entry))
        wrong = sum(cue in entry.cues and cue not in stems for cue in CUES) * EXTRA_CUE
        wrong += sum(cue in stems and cue not in entry.weights for cue in CUES) * LOST_CUE
        wrong += ({"first", "second"} & values.keys() in ({"first"}, {"second"}) and not stems & set(CUES)) * HALF_PAIR
        wrong += any(one.name in SUBJECTS and one.name not in values for one in entry.subject.parameters) * NOBODY
        score = round(COVERED * (got / total if total else 0) + (1 - COVERED) * near - wrong, 4)
        command, title = self._written(entry, values, mentions)
        if isinstance(entry.subject, Command):
            score = 0.0 if entry.subject.needs and not command else score - SIDE
        profile = [] if tokens else self._profile(mentions)
        if filled and not tokens and (isinstance(entry.subject, Command) or len(filled) == len(mentions) > 1):
            score += NAMED_ALONE
        elif (entry.name, *values) in profile:
            score += NAMED_ALONE - profile.index((entry.name, *values)) / 1000
        return Offer(entry.name, title, values, command, score, tuple(dict.fromkeys(matched)))

    def _profile(self, mentions: Sequence[Mention]) -> Sequence[tuple[str, ...]]:
        """List the questions in the profile of the first entity named, with their parameter."""
        iri = mentions[0].iris[0] if len(mentions) == 1 and mentions[0].iris else ""
        return next((asked for members, asked in self.profiles if iri in members), [])

    def _likeness(self, stems: set[str], entry: Entry) -> float:
        """Compare stems with the most similar phrase, by cosine similarity, rare stems counting more."""
        if not stems.intersection(entry.weights):
            return 0.0
        length_of_text = math.sqrt(sum(self.rarity.get(one, self.unknown) ** 2 for one in stems))
        return max(
            sum(self.rarity[one] ** 2 for one in stems & phrase) / (length_of_text * length)
            for phrase, length in self.lengths[entry.name]
        )

    def _credit(self, entry: Entry, one: Mention, filled: bool, values: dict[str, str]) -> float:
        """Weigh how well a question uses a name: as a parameter, as something named after it, or in its own words."""
        stems = self._stems(one.said)
        words = sum(entry.weights.get(token, 0) for token in stems) / max(len(stems), 1)
        likeliest = not (one.iris and values) or any(
            value.startswith(f"{_kind(one.iris[0])}:") for value in values.values()
        )
        return max(0.8 * words, (1.0 if likeliest else LIKE_IT) if filled else 0)

    def _written(self, entry: Entry, values: dict[str, str], mentions: Sequence[Mention]) -> tuple[str, str]:
        """Write the command line and the title of an offer, with values that are not the defaults in words."""
        if isinstance(entry.subject, Command):
            named = next((terms.compact(one.iris[0]) for one in mentions if one.iris and not one.weak), "")
            command = entry.subject.command.replace("{name}", named or "NAME")
            return command if named or not entry.subject.needs else "", entry.title
        options = "".join(f" -p {shlex.quote(f'{name}={value}')}" for name, value in values.items())
        settings = [
            f"{name}: {', '.join(self.names.label(terms.expand(one) or one) for one in value.split(','))}"
            for name, value in values.items()
        ]
        return f"oewg ask {entry.name}{options}", entry.title + (f" ({'; '.join(settings)})" if settings else "")


def _kind(iri: str) -> str:
    """Name the kind of an entity by its prefix: state, group, document."""
    return terms.compact(iri).partition(":")[0]
