"""Answer the saved questions that `queries/profiles.toml` lists for the class of an entity."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import query, terms
from oewg_kg.answers import empty
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError
from oewg_kg.paths import read_text
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES, RDF_TYPE

CLASS_PROPERTIES = (RDF_TYPE, PREFIXES["skos"] + "inScheme")
AskQuestion = Callable[[SavedQuery, dict[str, Term]], QueryResult]


@dataclass(frozen=True)
class Panel:
    """A question asked about an entity: the value of its parameter, the answer, and the reason if it has no rows."""

    saved: SavedQuery
    values: dict[str, str]
    result: QueryResult
    reason: str


@cache
def load(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Read for each class or scheme, as a CURIE, the questions, and the parameter of each that takes the entity; raises ParseError."""
    toml_file, name = folder / "profiles.toml", "queries/profiles.toml"
    try:
        profiles = tomllib.loads(read_text(toml_file, name)) if toml_file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise ParseError(str(error), name, "correct it") from error
    for curie, lines in profiles.items():
        if not (isinstance(lines, list) and all(len(str(line).split()) == 2 for line in lines)):
            raise ParseError(f"invalid entry for {curie}", name, 'list its questions as "QUESTION PARAMETER"')
    return {curie: [(line.split()[0], line.split()[1]) for line in lines] for curie, lines in profiles.items()}


def of(folder: Path, dataset: Dataset, entity: ox.NamedNode, ask: AskQuestion | None = None) -> list[Panel]:
    """Answer the questions about an entity, in the order of the table, if its class has any. `ask` asks another engine."""
    ask = ask or partial(query.run, dataset)
    facts = dataset.store.quads_for_pattern(entity, None, None, ox.DefaultGraph())
    classes = {terms.compact(terms.text_of(quad.object)) for quad in facts if quad.predicate.value in CLASS_PROPERTIES}
    profile = next((questions for curie, questions in load(folder).items() if curie in classes), [])
    panels = []
    for name, parameter in profile:
        saved = _question(folder, name)
        bindings: dict[str, Term] = {saved.parameter(parameter).variable: entity}
        result = ask(saved, bindings)
        reason = "" if result.rows else empty.reason(dataset, saved, bindings)
        panels.append(Panel(saved, {parameter: terms.compact(entity.value)}, result, reason))
    return panels


_question = cache(query.find)
