"""Classes of states: each question in `queries/classes/` divides all Member States, by region, income, group, seat or vote."""

import re
from dataclasses import dataclass
from pathlib import Path

from oewg_kg import query, terms
from oewg_kg.answers import empty, readings
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError, did_you_mean

# What the names of entities of one kind begin with: `process:ict-gge-`, `document:a-res-`, `group:`.
STEM = re.compile(r"[a-z]+:(?:[a-z]+-)*")


@dataclass(frozen=True)
class Classes:
    """A partition of the states: what it is, the day for which it holds, and its classes in order, each with its states."""

    title: str
    day: str
    states: dict[str, set[str]]


def names(folder: Path) -> list[str]:
    """List the available classes, as they are written: `m49-region`, `group:NAME`."""
    found = query.load(folder / "classes")
    valued = {name: [one.name for one in saved.parameters if one.type == "iri"] for name, saved in found.items()}
    return [f"{name}:{parameters[0].upper()}" if parameters else name for name, parameters in valued.items()]


def read(graph: Dataset, folder: Path, text: str, day: str) -> Classes:
    """Read `NAME` or `NAME:VALUE`, with `@DATE` or else for `day`; raises UsageError with the available classes."""
    what, at, given = text.strip().partition("@")
    if at and not terms.is_date(given):
        raise UsageError(f"{given!r} is not a valid date", advice="write CLASS@YYYY-MM-DD")
    name, _, value = what.partition(":")
    known = query.load(folder / "classes")
    saved = known.get(name.casefold())
    if saved is None:
        advice = f"use one of {', '.join(names(folder))}; @DATE can be added to each"
        raise UsageError(f"unknown class of states: {name!r}", advice=did_you_mean(terms.nearest(name, known), advice))
    values = {"day": given or day} if any(one.name == "day" for one in saved.parameters) else {}
    if value and saved.parameters:
        first = saved.parameters[0]
        stem = STEM.match(first.default)
        curie = f"{stem[0] if stem else ''}{value.removeprefix('A/RES/').replace('/', '-')}"
        values[first.name] = curie if terms.expand(curie) in query.choices(graph.store, first) else value
    bindings = query.bind(graph, saved, values)
    result = query.run(graph, saved, bindings)
    if not result.rows:
        raise UsageError(empty.reason(graph, saved, bindings))
    states: dict[str, set[str]] = {}
    for row in result.rows:
        members = states.setdefault(terms.text_of(row[0]), set())
        members.update({terms.text_of(row[1])} if row[1] else ())
    words = readings.question_wording(graph.store, saved, bindings).words
    title = re.sub(r"\{(\w+)\}", lambda found: words[found[1]], saved.summary)
    current = [
        terms.text_of(row[result.columns.index("eligibleOn")]) for row in result.rows if "eligibleOn" in result.columns
    ]
    return Classes(title, current[0] if current else given or day, states)
