"""Fill the parameters of a question from the words and stems of a text: entities, days, kinds of actor, numbers."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import cached_property

from oewg_kg import terms
from oewg_kg.find.language import Language
from oewg_kg.find.mentions import Mention, Names
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.vocabulary import BASE

ACTORS = {"State": "states", "StateGroup": "groups", "Stakeholder": "stakeholders ngos companies"}
NUMBERS = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
        map(str, range(1, 11)),
        strict=True,
    )
)
AT_LEAST = re.compile(r"\b(?:at least|minimum|more than|over|least) (\w+)|\b(\w+) (?:times|or more)\b")
QUOTED = re.compile(
    r"""["'“‘«]([^"'”’»]+)["'”’»]|\b(?:word|words|containing|contains?|called) +([\w-]+)""", re.IGNORECASE
)
# Which names of one label belong to a process: those of its sessions and posts begin so.
FAMILIES = {
    "process/ict-oewg-2019-2021": "oewg1",
    "process/ict-oewg-2021-2025": "oewg2",
    "process/ict-gge-2019-2021": "gge",
}


@dataclass(frozen=True)
class Asked:
    """A question in plain words, analyzed: its words with their stems, and what it names."""

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
    def family(self) -> str:
        """Name the process that the text is about, as IRIs of its sessions and posts begin; empty where it names none."""
        named = (FAMILIES.get(iri.removeprefix(BASE), "") for one in self.mentions for iri in one.iris)
        return next((family for family in named if family), "")


def fill(names: Names, saved: SavedQuery, asked: Asked) -> tuple[dict[str, str], list[Mention]]:
    """Assign names and days to the parameters that they fit, in the order of the text; also list the names used."""
    values: dict[str, str] = {}
    used: list[Mention] = []
    for at, parameter in enumerate(saved.parameters):
        if parameter.type == "date":
            one = next((mention for mention in asked.mentions if mention.days), None)
            if one:
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
            if fitting and not (len(fitting) == 1 and terms.compact(fitting[0][1]) in later):
                one, iri = fitting[0]
                used += [one] if iri in one.iris else []  # not a process that is meant by its draft
                values[parameter.name] = terms.compact(iri)
    defaults = {one.name: one.default for one in saved.parameters if one.name in ("first", "second")}
    if {values.get(name) for name in defaults} == set(defaults.values()):
        values |= defaults  # the order in which people name two drafts says nothing
    return values, used


def _meant(names: Names, one: Mention, parameter: Parameter, asked: Asked) -> str:
    """Choose the entity that a name means for a parameter: one of the process that the text names, else the default, else the likeliest."""
    allowed = [iri for iri in one.iris if names.allows(parameter, iri)]
    if not allowed and parameter.choices == "oewg:Process":  # a session, a post or a draft names its process
        parts = {iri.rpartition("/")[2].split("-")[0] for iri in one.iris}
        allowed = [BASE + process for process, family in FAMILIES.items() if family in parts]
    default = terms.expand(parameter.default) or ""
    of_process = [iri for iri in allowed if asked.family and iri.rpartition("/")[2].startswith(asked.family)]
    return next(iter(of_process or ([default] if default in allowed else allowed)), "")


def _day(name: str, first: str, last: str) -> str:
    """Choose the day for a parameter: the first, the last, or for one day the middle of a month or a longer time."""
    start, end = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    middle = start + (end - start) / 2 if first[:7] != last[:7] or start == end else start.replace(day=15)
    return {"from": first, "to": last}.get(name, middle.isoformat())


def _read_value(saved: SavedQuery, parameter: Parameter, asked: Asked) -> dict[str, str]:
    """Read a number after `at least`, a text in quotation marks, or the value of a reading whose words the text has."""
    if parameter.type == "integer":
        number = AT_LEAST.search(asked.text.casefold())
        word = (number[1] or number[2]) if number else ""
        return {parameter.name: NUMBERS.get(word, word)} if NUMBERS.get(word, word).isdecimal() else {}
    if not parameter.words:
        quoted = QUOTED.search(asked.text)
        return {parameter.name: quoted[1] or quoted[2]} if quoted else {}
    for reading in saved.readings:
        stems = asked.language.stems(reading.name) - asked.language.stems("count states papers instead")
        if parameter.name in reading.values and stems and stems <= asked.all_stems:
            return {parameter.name: reading.values[parameter.name]}
    return {}
