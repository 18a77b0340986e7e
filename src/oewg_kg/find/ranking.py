"""Rank the saved questions and commands for a question in plain words: how well its stems, names and cue words fit each."""

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
from oewg_kg.find.entities import EntitySearch
from oewg_kg.find.filling import PAIR, PlainQuestion
from oewg_kg.find.language import Command, split_words, stem, word_runs
from oewg_kg.find.mentions import EntityNames, Mention, nearest_word
from oewg_kg.query import Parameter, SavedQuery

MOST_OFFERS, LONGEST_TEXT, LONGEST_CUE = 4, 500, 6
LEAST_SCORE, UNKNOWN_WORD = 0.4, 0.12  # below this score nothing is offered; each unknown word raises it by this much
WORDS_SHARE = 0.6  # the share of the score for the part of the text used; the rest is for the most similar phrase
HALF_PAIR, NAMED_ALONE, NO_SUBJECT, COMMAND = 0.08, 0.1, 0.1, 0.05
NAMED_AFTER = 0.7  # the credit for an entity named after another: the list of a draft, the Chair of a process
UNHEARD_WORD = 3.0  # the weight of a word that is in no question
CLASS_PARAMETERS = {"actor-class", "class"}  # parameters that the word for a kind of actor fills
SUBJECTS = {"actor", "state", "group"}  # parameters without which a question is about no particular entity
EXTRA_CUE, LOST_CUE = 0.1, 0.08
NAME_WEIGHTS = {"process": 2.0, "days": 3.0}
OTHER_NAME = 3.5  # the weight of any other name
PHRASE_PREFIXES = ("list", "topic")  # names that are also in the phrases of questions
# Stems of words that say what a question is about, or not about.
CUES = tuple(map(stem, ("not", "both", "only", "neither", "against", "count", "language", "side event", "vote")))
# The stems used in place of a name.
NAME_STEMS = {"state": "stat", "group": "group", "stakeholder": "stakehold", "post": "chair", "event": "sess"}
NAME_STEMS["lang"] = stem("language")


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
class Suggestions:
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
        classes = ((Parameter("thing", "iri", "", curie), profile) for curie, profile in profiles.load(folder).items())
        self.profiles = [(query.choices(dataset.store, members), profile) for members, profile in classes]
        self._stems = lru_cache(LONGEST_TEXT)(self.language.stems)
        self.names = EntityNames(dataset.store, questions.values(), self.language)
        self.entries = [self._entry(name, saved) for name, saved in questions.items()]
        self.entries += [self._entry(command.name, command) for command in self.language.commands]
        counts = Counter(token for entry in self.entries for token in entry.weights)
        self.rarity = {token: math.log(1 + len(self.entries) / count) for token, count in counts.items()}
        self.unknown_rarity = math.log(1 + len(self.entries))
        # A question by its name or title, with or without the defaults that the title states.
        self.entry_by_title = {
            terms.folded(title): entry
            for entry in self.entries
            if isinstance(entry.subject, SavedQuery)
            for title in (entry.name, entry.title, entry.subject.summary)
        }
        phrases = {phrase for entry in self.entries for phrase in entry.phrases}
        self.phrase_lengths = {
            phrase: math.sqrt(sum(self.rarity[token] ** 2 for token in phrase)) for phrase in phrases
        }
        subjects = [(entry.title, entry.subject) for entry in self.entries]
        texts = [" ".join([title, *subject.words, subject.definition, *subject.tags]) for title, subject in subjects]
        words = [word for text in texts for word in split_words(text)]
        self.known_words = dict.fromkeys([*words, *self.language.stop_words, *self.language.synonyms])
        self.correct_words = [word for word in self.known_words if len(word) > 3]

    @cached_property
    def entities(self) -> EntitySearch:
        """Prepare the search for entities by words about them."""
        return EntitySearch(self._dataset, self.language)

    def _entry(self, name: str, subject: SavedQuery | Command) -> Entry:
        title = re.sub(r" \(default[^)]*\)", "", subject.summary)
        stems = self.language.stems
        weights: dict[str, float] = {}
        name_words = name.replace("-", " ")
        phrases = tuple(filter(None, map(stems, [title, name_words, *subject.words])))
        fields = [(subject.definition, 0.35), (" ".join(subject.tags), 0.6)]
        for text, weight in [*fields, *((phrase, 1.0) for phrase in [name_words, title, *subject.words])]:
            weights.update({token: max(weight, weights.get(token, 0)) for token in stems(text)})
        cues = (stems(title) | stems(name_words)) & set(CUES)
        return Entry(name, title, subject, weights, phrases, frozenset(cues))

    def find(self, text: str) -> Suggestions:
        """Rank the questions and commands for a text; raises UsageError for an empty or very long one."""
        if not terms.folded(text) or len(text) > LONGEST_TEXT:
            error = "there is nothing to search for" if len(text) <= LONGEST_TEXT else "the text is too long"
            raise UsageError(error, text[:60], "ask a question in one sentence")
        exact = self.entry_by_title.get(terms.folded(text))
        if exact:
            offer = Offer(exact.name, exact.title, {}, f"oewg ask {exact.name}", 1.0, (text.strip(),))
            return Suggestions((offer,), exact=True)
        text = self.names.written_out(text)
        mentions = self.names.find(text, self.known_words)
        words = split_words(text)
        taken = frozenset().union(*(mention.positions for mention in mentions if not mention.weak))
        words_left = [word if position not in taken else "" for position, word in enumerate(words)]
        reason = self._why_uncovered(words, words_left, mentions)
        if reason:
            return Suggestions((), missing=reason + self._suggest_show(mentions))
        tokens = [(word, self._corrected(word, token)) for word, token in self.language.tokens(words_left) if word]
        question = PlainQuestion(text, tuple(tokens), tuple(mentions), self.language)
        offers = [self._offer(entry, question) for entry in self.entries]
        best = sorted((offer for offer in offers if offer.score > 0), key=lambda offer: (-offer.score, offer.name))
        unknown = [word for word, token in tokens if token not in self.rarity and len(word) > 2]
        strangers = [word for word in unknown if word not in self.names.name_words]
        if not best or best[0].score < LEAST_SCORE + UNKNOWN_WORD * len(strangers):
            return Suggestions((), missing=self.language.unmatched + self._suggest_show(mentions))
        return Suggestions(tuple(best[:MOST_OFFERS]))

    def _corrected(self, word: str, token: str) -> str:
        """Correct a word that no question contains to the nearest one that a question contains."""
        if token in self.rarity or word in self.known_words or len(word) < 4 or not word.isalpha():
            return token
        nearest = nearest_word(word, self.correct_words)
        return next((token for _, token in self.language.tokens([nearest])), token) if nearest else token

    def _why_uncovered(self, words: Sequence[str], words_left: Sequence[str], mentions: Sequence[Mention]) -> str:
        """Return why the pages cannot answer, if the words or days of the text show it ("" otherwise); words in names do not count."""
        runs = set(word_runs(words, LONGEST_CUE))
        phrases = {run for run in runs if " " in run} | set(word_runs([*filter(None, words_left)], LONGEST_CUE))
        last_day = max((mention.days[1] for mention in mentions if mention.days), default=datetime.date.min)
        for subject in self.language.uncovered:
            if (phrases & subject.words and not runs & subject.unless) or (subject.after and last_day > subject.after):
                return subject.reason
        return ""

    def _suggest_show(self, mentions: Sequence[Mention]) -> str:
        """Suggest what the graph contains about the first entity named."""
        iri = next((mention.entity for mention in mentions if mention.entity), "")
        return f"; `oewg show {terms.compact(iri)}` shows what is recorded about {self.names.label(iri)}" if iri else ""

    def _offer(self, entry: Entry, question: PlainQuestion) -> Offer:
        tokens, mentions = question.tokens, question.mentions
        values: dict[str, str] = {}
        fillers: list[Mention] = []
        if isinstance(entry.subject, SavedQuery):
            values, fillers = filling.fill(self.names, entry.subject, question)
        elif entry.subject.needs:
            fillers = [mention for mention in mentions if mention.entity][:1]
        possible = credit = 0.0
        matched = [mention.words for mention in fillers]
        stems = set(question.stems)
        class_stems = question.class_stems if values.keys() & CLASS_PARAMETERS else frozenset()
        for word, token in tokens:
            weight = self.rarity.get(token) or UNHEARD_WORD
            possible += weight
            credit += weight * max(entry.weights.get(token, 0), token in class_stems)
            matched += [word] if token in entry.weights or token in class_stems else []
        for mention in mentions:
            weight = 0 if mention.weak else NAME_WEIGHTS.get(mention.prefix, OTHER_NAME)
            possible += weight
            credit += weight * self._name_credit(entry, mention, mention in fillers, values)
            if mention.prefix in PHRASE_PREFIXES:
                stems |= self._stems(mention.words) & self.rarity.keys()
            stems |= {NAME_STEMS[mention.prefix]} if mention.prefix in NAME_STEMS else set()
        likeness = max(self._likeness(stems, entry), self._likeness(stems - class_stems, entry))
        penalty = sum(cue in entry.cues and cue not in stems for cue in CUES) * EXTRA_CUE
        penalty += sum(cue in stems and cue not in entry.weights for cue in CUES) * LOST_CUE
        penalty += (len(PAIR & values.keys()) == 1 and not stems & set(CUES)) * HALF_PAIR
        parameters = {parameter.name for parameter in entry.subject.parameters}
        penalty += bool(parameters & (SUBJECTS - values.keys())) * NO_SUBJECT
        score = round(WORDS_SHARE * (credit / possible if possible else 0) + (1 - WORDS_SHARE) * likeness - penalty, 4)
        command, title = self._command_and_title(entry, values, mentions)
        if isinstance(entry.subject, Command):
            score = 0.0 if entry.subject.needs and not command else score - COMMAND
        profile = [] if tokens else self._profile_of(mentions)
        uses_all = isinstance(entry.subject, Command) or len(fillers) == len(mentions) > 1
        if fillers and not tokens and uses_all:
            score += NAMED_ALONE
        elif (entry.name, *values) in profile:
            score += NAMED_ALONE - profile.index((entry.name, *values)) / 1000
        return Offer(entry.name, title, values, command, score, tuple(dict.fromkeys(matched)))

    def _profile_of(self, mentions: Sequence[Mention]) -> Sequence[tuple[str, ...]]:
        """List the questions in the profile of the first entity named, with their parameter."""
        iri = mentions[0].iris[0] if len(mentions) == 1 and mentions[0].iris else ""
        return next((profile for members, profile in self.profiles if iri in members), [])

    def _likeness(self, stems: set[str], entry: Entry) -> float:
        """Compare stems with the most similar phrase, by cosine similarity, rare stems counting more."""
        if not stems.intersection(entry.weights):
            return 0.0
        length_of_text = math.sqrt(sum(self.rarity.get(token, self.unknown_rarity) ** 2 for token in stems))
        return max(
            sum(self.rarity[token] ** 2 for token in stems & phrase) / (length_of_text * self.phrase_lengths[phrase])
            for phrase in entry.phrases
        )

    def _name_credit(self, entry: Entry, mention: Mention, fills: bool, values: dict[str, str]) -> float:
        """Weigh how well a question uses a name: as a parameter, as something named after it, or in its own words."""
        stems = self._stems(mention.words)
        by_words = sum(entry.weights.get(token, 0) for token in stems) / max(len(stems), 1)
        likeliest = not (mention.iris and values) or any(v.startswith(f"{mention.prefix}:") for v in values.values())
        return max(0.8 * by_words, (1.0 if likeliest else NAMED_AFTER) if fills else 0)

    def _command_and_title(self, entry: Entry, values: dict[str, str], mentions: Sequence[Mention]) -> tuple[str, str]:
        """Write the command line and the title of an offer, with values that are not the defaults in words."""
        if isinstance(entry.subject, Command):
            entity = next((mention.entity for mention in mentions if mention.entity), "")
            command = entry.subject.command.replace("{name}", terms.compact(entity) if entity else "NAME")
            return command if entity or not entry.subject.needs else "", entry.title
        options = "".join(f" -p {shlex.quote(f'{name}={value}')}" for name, value in values.items())
        settings = [
            f"{name}: {', '.join(self.names.label(terms.expand(entity) or entity) for entity in value.split(','))}"
            for name, value in values.items()
        ]
        return f"oewg ask {entry.name}{options}", entry.title + (f" ({'; '.join(settings)})" if settings else "")
