"""Fill the parameters of a question from the words of a text: entities, days, classes of actor, numbers, quoted words."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import cached_property

from oewg_kg import terms
from oewg_kg.find.language import Language, stem
from oewg_kg.find.mentions import Mention, Names
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.vocabulary import BASE, PREFIXES

ACTORS = {"State": "states", "StateGroup": "groups", "Stakeholder": "stakeholders ngos companies"}
ONLY = stem("only")
LONGEST = 366  # days of a period that can be meant as one day
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS = {word: number for number, word in enumerate(WORDS)}
NUMBER = rf"(\d+|{'|'.join(WORDS)})"
AT_LEAST = re.compile(
    rf"\b(?:more than|over) {NUMBER}\b|\b(?:at least|minimum|minimum of|least) {NUMBER}\b|\b{NUMBER} (?:times|or more)\b"
)
# Not an apostrophe: an opening mark is before a word, and a closing single one after a word.
QUOTED = re.compile(
    r"""(?<!\w)(?:"([^"]+)"|“([^”]+)”|«([^»]+)»|'(.+?)'(?!\w)|‘(.+?)’(?!\w))"""
    r"""|\b(?:word|words|containing|contains?|called) +([\w-]+)""",
    re.IGNORECASE,
)
GGE = "process/ict-gge-2019-2021"  # meant only if nothing else can be
# Which names of one label belong to a process: the IRIs of its sessions and posts begin like this.
FAMILIES = {
    "process/ict-oewg-2019-2021": "oewg1",
    "process/ict-oewg-2021-2025": "oewg2",
    GGE: "ict-gge-2019-2021",
}


@dataclass(frozen=True)
class Asked:
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
    def kinds(self) -> list[str]:
        """List the classes of actors that the text asks for."""
        return [kind for kind, words in ACTORS.items() if self.stems & self.language.stems(words)]

    @cached_property
    def classed(self) -> frozenset[str]:
        """List the stems of the words for a class of actors, if the text asks for one."""
        return self.language.stems(ACTORS[self.kinds[0]]) if len(self.kinds) == 1 else frozenset()

    @cached_property
    def family(self) -> str:
        """Name the process that the text is about, by the beginning of the IRIs of its sessions and posts; "" if it names none."""
        named = (FAMILIES.get(iri.removeprefix(BASE), "") for one in self.mentions for iri in one.iris)
        return next((family for family in named if family), "")


def fill(names: Names, saved: SavedQuery, asked: Asked) -> tuple[dict[str, str], list[Mention]]:
    """Assign names and days to the parameters that they fit, in the order of the text; also list the names used."""
    values: dict[str, str] = {}
    used: list[Mention] = []
    for at, parameter in enumerate(saved.parameters):
        if parameter.type == "date":
            one = next((mention for mention in asked.mentions if mention.days), None)
            if one and (parameter.name in ("from", "to") or (one.days[1] - one.days[0]).days <= LONGEST):
                values[parameter.name] = _day(parameter.name, *one.days)
                used += [one] if one not in used else []
        elif parameter.type == "iris":
            named = [(one, _meant(names, one, parameter, asked)) for one in asked.mentions if one not in used]
            several = {one: terms.compact(iri) for one, iri in named if iri}
            if len(several) > 1:
                values[parameter.name] = ",".join(dict.fromkeys(several.values()))
                used += several
        elif parameter.type != "iri":
            values |= _read_value(saved, parameter, asked)
        elif parameter.choices.startswith("subclasses"):
            values |= {parameter.name: f"oewg:{asked.kinds[0]}"} if len(asked.kinds) == 1 else {}
        else:
            free = [one for one in asked.mentions if one not in used]
            fitting = [(one, iri) for one in free for iri in [_meant(names, one, parameter, asked)] if iri]
            later = {other.default for other in saved.parameters[at + 1 :] if other.choices == parameter.choices}
            alone = len(fitting) == 1 and not asked.stems & {ONLY}
            if fitting and not (alone and terms.compact(fitting[0][1]) in later):
                one, iri = fitting[0]
                used += [one] if iri in one.iris else []  # not a process that its draft already implies
                values[parameter.name] = terms.compact(iri)
    defaults = {one.name: one.default for one in saved.parameters if one.name in ("first", "second")}
    if {values.get(name) for name in defaults} == set(defaults.values()):
        values |= defaults  # the order in which people name two drafts says nothing
    elif values.keys() & defaults.keys() == {"first"} and values["first"] == defaults["second"]:
        values["second"] = defaults["first"]  # only the second
    return values, used


def _meant(names: Names, one: Mention, parameter: Parameter, asked: Asked) -> str:
    """Choose the entity that a name means for a parameter: one of the process named in the text, else the default, else the likeliest."""
    allowed = [iri for iri in one.iris if names.allows(parameter, iri)]
    if not allowed and parameter.choices == "oewg:Process":  # a session, a post or a draft implies its process
        local = [iri.rpartition("/")[2] for iri in one.iris]
        allowed = [BASE + process for process, family in FAMILIES.items() if any(x.startswith(family) for x in local)]
    elif any(iri.startswith(PREFIXES["process"]) for iri in one.iris):  # not meant as its own member
        allowed = [iri for iri in allowed if not iri.startswith(PREFIXES["body"])]
    if asked.kinds == ["Stakeholder"]:  # a draft has a list of states and others
        allowed = [iri for iri in allowed if not iri.endswith("-states")]
    default = terms.expand(parameter.default) or ""
    of_process = [iri for iri in allowed if asked.family and iri.rpartition("/")[2].startswith(asked.family)]
    of_process = of_process or ([default] if default in allowed else allowed)
    return min(of_process, key=lambda iri: iri.rpartition("/")[2].startswith(FAMILIES[GGE]), default="")


def _day(name: str, first: datetime.date, last: datetime.date) -> str:
    """Choose the day for a parameter: the first, the last, or for a single day the middle of the period (of a month, the 15th)."""
    is_month = first.day == 1 and first.replace(day=calendar.monthrange(first.year, first.month)[1]) == last
    middle = first.replace(day=15) if is_month else first + (last - first) / 2
    return {"from": first, "to": last}.get(name, middle).isoformat()


def _read_value(saved: SavedQuery, parameter: Parameter, asked: Asked) -> dict[str, str]:
    """Read a number after `at least` or `more than`, a text in quotation marks, or the value of a reading named in it."""
    if parameter.type == "integer":
        said = AT_LEAST.search(asked.text.casefold())
        if not said:
            return {}
        word = said[said.lastindex or 0]
        return {parameter.name: str(int(NUMBERS.get(word, word)) + bool(said[1]))}
    if not parameter.words:
        quoted = QUOTED.search(asked.text)
        return {parameter.name: quoted[quoted.lastindex or 0].strip()} if quoted else {}
    for reading in saved.readings:
        stems = asked.language.stems(reading.name) - asked.language.stems(
            "count states papers instead an entry in a list is enough"
        )
        if parameter.name in reading.values and stems and stems <= asked.all_stems:
            return {parameter.name: reading.values[parameter.name]}
    return {}
