"""Fill the parameters of a saved question from a text in plain words: entities, days, classes of actor, numbers, quoted words."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import cached_property

from oewg_kg import terms
from oewg_kg.find.language import Language, stem
from oewg_kg.find.mentions import EntityNames, Mention
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.vocabulary import BASE, PREFIXES

ACTOR_WORDS = {"State": "states", "StateGroup": "groups", "Stakeholder": "stakeholders ngos companies"}
ONLY_STEM = stem("only")
LONGEST_DAY = 366  # days of a period that can be meant as one day
NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {word: number for number, word in enumerate(NUMBER_WORDS)}
NUMBER = rf"(\d+|{'|'.join(NUMBER_WORDS)})"
AT_LEAST = re.compile(
    rf"\b(?:more than|over) {NUMBER}\b|\b(?:at least|minimum|minimum of|least) {NUMBER}\b|\b{NUMBER} (?:times|or more)\b"
)
# Not an apostrophe: an opening mark is before a word, and a closing single one after a word.
QUOTED = re.compile(
    r"""(?<!\w)(?:"([^"]+)"|“([^”]+)”|«([^»]+)»|'(.+?)'(?!\w)|‘(.+?)’(?!\w))"""
    r"""|\b(?:word|words|containing|contains?|called) +([\w-]+)""",
    re.IGNORECASE,
)
READING_FILLERS = "count states papers instead an entry in a list is enough"  # words that name no reading
PAIR = {"first", "second"}  # the parameters of a comparison
GGE = "process/ict-gge-2019-2021"  # meant only if nothing else can be
# Which names of one label belong to a process: the IRIs of its sessions and posts begin like this.
FAMILIES = {
    "process/ict-oewg-2019-2021": "oewg1",
    "process/ict-oewg-2021-2025": "oewg2",
    GGE: "ict-gge-2019-2021",
}


@dataclass(frozen=True)
class PlainQuestion:
    """A question in plain words, analyzed: its words, their stems, and what they name."""

    text: str
    tokens: tuple[tuple[str, str], ...]
    mentions: tuple[Mention, ...]
    language: Language

    @cached_property
    def stems(self) -> frozenset[str]:
        """List the stems of the words that are not names."""
        return frozenset(stem for _, stem in self.tokens)

    @cached_property
    def all_stems(self) -> frozenset[str]:
        """List the stems of all words."""
        return self.language.stems(self.text)

    @cached_property
    def actor_classes(self) -> list[str]:
        """List the classes of actors that the text asks for."""
        return [class_name for class_name, words in ACTOR_WORDS.items() if self.stems & self.language.stems(words)]

    @cached_property
    def class_stems(self) -> frozenset[str]:
        """List the stems of the words for a class of actors, if the text asks for one."""
        return self.language.stems(ACTOR_WORDS[self.actor_classes[0]]) if len(self.actor_classes) == 1 else frozenset()

    @cached_property
    def family(self) -> str:
        """Name the process that the text is about, by the beginning of the IRIs of its sessions and posts; "" if it names none."""
        families = (FAMILIES.get(iri.removeprefix(BASE), "") for mention in self.mentions for iri in mention.iris)
        return next((family for family in families if family), "")


def fill(names: EntityNames, saved: SavedQuery, question: PlainQuestion) -> tuple[dict[str, str], list[Mention]]:
    """Assign names and days to the parameters that they fit, in the order of the text; also list the names used."""
    values: dict[str, str] = {}
    used: list[Mention] = []
    for index, parameter in enumerate(saved.parameters):
        if parameter.type == "date":
            period = next((mention for mention in question.mentions if mention.days), None)
            if period and (parameter.name in ("from", "to") or (period.days[1] - period.days[0]).days <= LONGEST_DAY):
                values[parameter.name] = _day_in_period(parameter.name, *period.days)
                used += [period] if period not in used else []
        elif parameter.type not in ("iri", "iris"):
            values |= _read_setting(saved, parameter, question)
        elif parameter.choices.startswith("subclasses"):
            values |= {parameter.name: f"oewg:{question.actor_classes[0]}"} if len(question.actor_classes) == 1 else {}
        else:
            unused = (mention for mention in question.mentions if mention not in used)
            meant = [(mention, _entity_meant(names, mention, parameter, question)) for mention in unused]
            fitting = {mention: iri for mention, iri in meant if iri}
            curies = dict.fromkeys(map(terms.compact, fitting.values()))
            later = {other.default for other in saved.parameters[index + 1 :] if other.choices == parameter.choices}
            only_one = len(fitting) == 1 and not question.stems & {ONLY_STEM}
            if parameter.type == "iris" and len(fitting) > 1:
                values[parameter.name] = ",".join(curies)
                used += fitting
            elif parameter.type == "iri" and fitting and not (only_one and later & curies.keys()):
                mention, iri = next(iter(fitting.items()))
                used += [mention] if iri in mention.iris else []  # not a process that its draft already implies
                values[parameter.name] = next(iter(curies))
    defaults = {parameter.name: parameter.default for parameter in saved.parameters if parameter.name in PAIR}
    if {values.get(name) for name in defaults} == set(defaults.values()):
        values |= defaults  # the order in which people name two drafts says nothing
    elif values.keys() & defaults.keys() == {"first"} and values["first"] == defaults["second"]:
        values["second"] = defaults["first"]  # only the second
    return values, used


def _entity_meant(names: EntityNames, mention: Mention, parameter: Parameter, question: PlainQuestion) -> str:
    """Choose the entity that a name means for a parameter: one of the process named in the text, else the default, else the likeliest."""
    allowed = [iri for iri in mention.iris if names.allows(parameter, iri)]
    if not allowed and parameter.choices == "oewg:Process":  # a session, a post or a draft implies its process
        ends = [iri.rpartition("/")[2] for iri in mention.iris]
        implied = [process for process, family in FAMILIES.items() if any(end.startswith(family) for end in ends)]
        allowed = [BASE + process for process in implied]
    elif any(iri.startswith(PREFIXES["process"]) for iri in mention.iris):  # not meant as its own member
        allowed = [iri for iri in allowed if not iri.startswith(PREFIXES["body"])]
    if question.actor_classes == ["Stakeholder"]:  # a draft has a list of states and others
        allowed = [iri for iri in allowed if not iri.endswith("-states")]
    default = terms.expand(parameter.default) or ""
    of_process = [iri for iri in allowed if question.family and iri.rpartition("/")[2].startswith(question.family)]
    of_process = of_process or ([default] if default in allowed else allowed)
    return min(of_process, key=lambda iri: iri.rpartition("/")[2].startswith(FAMILIES[GGE]), default="")


def _day_in_period(name: str, first: datetime.date, last: datetime.date) -> str:
    """Choose the day for a parameter: the first, the last, or for a single day the middle of the period (of a month, the 15th)."""
    is_month = first.day == 1 and first.replace(day=calendar.monthrange(first.year, first.month)[1]) == last
    middle = first.replace(day=15) if is_month else first + (last - first) / 2
    return {"from": first, "to": last}.get(name, middle).isoformat()


def _read_setting(saved: SavedQuery, parameter: Parameter, question: PlainQuestion) -> dict[str, str]:
    """Read a number after `at least` or `more than`, a text in quotation marks, or the value of a reading named in it."""
    if parameter.type == "integer":
        at_least = AT_LEAST.search(question.text.casefold())
        if not at_least:
            return {}
        number = at_least[at_least.lastindex or 0]
        return {parameter.name: str(int(NUMBERS.get(number, number)) + bool(at_least[1]))}
    if not parameter.words:
        quoted = QUOTED.search(question.text)
        return {parameter.name: quoted[quoted.lastindex or 0].strip()} if quoted else {}
    for reading in saved.readings:
        stems = question.language.stems(reading.name) - question.language.stems(READING_FILLERS)
        if parameter.name in reading.values and stems and stems <= question.all_stems:
            return {parameter.name: reading.values[parameter.name]}
    return {}
