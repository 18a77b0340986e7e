"""Classes of states: each question in `queries/classes/` divides all Member States, by region, income, group, seat or vote."""

import re
from dataclasses import dataclass
from pathlib import Path

from oewg_kg import query, terms
from oewg_kg.answers import empty, readings
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError, did_you_mean

# What the names of entities of one kind begin with: `process:ict-gge-`, `document:a-res-`, `group:`.
IRI_STEM = re.compile(r"[a-z]+:(?:[a-z]+-)*")


@dataclass(frozen=True)
class Classes:
    """A partition of the states: what it is, the day for which it holds, and its classes in order, each with its states."""

    title: str
    day: str
    states: dict[str, set[str]]


def class_names(folder: Path) -> list[str]:
    """List the available classes, as they are written: `m49-region`, `group:NAME`."""
    names = []
    for name, saved in query.load(folder / "classes").items():
        iri_parameters = [parameter.name for parameter in saved.parameters if parameter.type == "iri"]
        names.append(f"{name}:{iri_parameters[0].upper()}" if iri_parameters else name)
    return names


def read_classes(dataset: Dataset, folder: Path, class_text: str, day: str) -> Classes:
    """Read `NAME` or `NAME:VALUE`, with `@DATE` or else for `day`; raises UsageError with the available classes."""
    class_and_value, separator, date = class_text.strip().partition("@")
    if separator and not terms.is_date(date):
        raise UsageError(f"{date!r} is not a valid date", advice="write CLASS@YYYY-MM-DD")
    name, _, member = class_and_value.partition(":")
    class_queries = query.load(folder / "classes")
    saved = class_queries.get(name.casefold())
    if saved is None:
        choices = f"use one of {', '.join(class_names(folder))}; @DATE can be added to each"
        advice = did_you_mean(terms.nearest(name, class_queries), choices)
        raise UsageError(f"unknown class of states: {name!r}", advice=advice)
    day = date or day
    values = {"day": day} if any(parameter.name == "day" for parameter in saved.parameters) else {}
    if member and saved.parameters:
        parameter = saved.parameters[0]
        stem = IRI_STEM.match(parameter.default)
        curie = f"{stem[0] if stem else ''}{member.removeprefix('A/RES/').replace('/', '-')}"
        values[parameter.name] = curie if terms.expand(curie) in query.choices(dataset.store, parameter) else member
    bindings = query.bind(dataset, saved, values)
    result = query.run(dataset, saved, bindings)
    if not result.rows:
        raise UsageError(empty.reason(dataset, saved, bindings))
    states: dict[str, set[str]] = {}
    for row in result.rows:
        members = states.setdefault(terms.text_of(row[0]), set())
        members.update({terms.text_of(row[1])} if row[1] else ())
    words = readings.question_wording(dataset.store, saved, bindings).words
    title = re.sub(r"\{(\w+)\}", lambda placeholder: words[placeholder[1]], saved.summary)
    if "eligibleOn" in result.columns:
        day = terms.text_of(result.rows[0][result.columns.index("eligibleOn")])
    return Classes(title, day, states)
