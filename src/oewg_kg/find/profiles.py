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

KINDS = (RDF_TYPE, PREFIXES["skos"] + "inScheme")
Ask = Callable[[SavedQuery, dict[str, Term]], QueryResult]


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
    file, name = folder / "profiles.toml", "queries/profiles.toml"
    try:
        table = tomllib.loads(read_text(file, name)) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise ParseError(str(error), name, "correct it") from error
    for kind, listed in table.items():
        if not (isinstance(listed, list) and all(len(str(one).split()) == 2 for one in listed)):
            raise ParseError(f"invalid entry for {kind}", name, 'list its questions as "QUESTION PARAMETER"')
    return {kind: [(one.split()[0], one.split()[1]) for one in listed] for kind, listed in table.items()}


def of(folder: Path, dataset: Dataset, thing: ox.NamedNode, ask: Ask | None = None) -> list[Panel]:
    """Answer the questions about an entity, in the order of the table, if its class has any. `ask` asks another engine."""
    ask = ask or partial(query.run, dataset)
    found = dataset.store.quads_for_pattern(thing, None, None, ox.DefaultGraph())
    kinds = {terms.compact(terms.text_of(quad.object)) for quad in found if quad.predicate.value in KINDS}
    asked = next((listed for kind, listed in load(folder).items() if kind in kinds), [])
    panels = []
    for name, parameter in asked:
        saved = _question(folder, name)
        bindings: dict[str, Term] = {saved.parameter(parameter).variable: thing}
        result = ask(saved, bindings)
        reason = "" if result.rows else empty.reason(dataset, saved, bindings)
        panels.append(Panel(saved, {parameter: terms.compact(thing.value)}, result, reason))
    return panels


_question = cache(query.find)
