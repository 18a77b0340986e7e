"""Compare two to four actors: for each list, draft and vote the entry with its lines, or the reason why there is none."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import query, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.measures import Measure
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.terms import Term

Ask = Callable[[SavedQuery, dict[str, Term]], QueryResult]
QUESTION, EXAMPLE = "compare", ("group:EU", "group:NAM")


def compare_actors(dataset: Dataset, folder: Path, actors: Sequence[str], ask: Ask | None = None) -> Measure:
    """Compare actors by name: columns kind, item, itemLabel, and one for each actor; raises UsageError. `ask` asks another engine."""
    saved = query.find(folder, QUESTION)
    bindings = query.bind(dataset, saved, {"actors": ",".join(actors)})
    iris = list(dict.fromkeys(terms.text_of(bindings["actors"]).split()))
    if not 2 <= len(iris) <= 4:
        raise UsageError(f"a comparison needs two to four different actors, not {len(iris)}")
    actor_names = [terms.name(dataset.store, terms.expand(iri) or "") for iri in iris]
    result = (ask or partial(query.run, dataset))(saved, bindings)
    cells: dict[tuple[str, ...], list[ox.Literal | None]] = {}
    lines_of_rows: dict[tuple[str, ...], set[str]] = {}
    for (aspect, item, label, _, actor, entry), lines in zip(result.rows, result.citations, strict=True):
        key = (terms.text_of(aspect), terms.text_of(item), terms.text_of(label))
        row = cells.setdefault(key, [None] * len(actor_names))
        row[actor_names.index(terms.text_of(actor))] = ox.Literal(terms.text_of(entry))
        lines_of_rows.setdefault(key, set()).update(lines)
    rows = tuple(
        (ox.Literal(aspect), ox.NamedNode(item), ox.Literal(label), *row)
        for (aspect, item, label), row in cells.items()
    )
    citations = tuple(tuple(sorted(lines, key=terms.line_order)) for lines in lines_of_rows.values())
    return Measure(
        QueryResult(("kind", "item", "itemLabel", *actor_names), rows, citations), f"Counted: {saved.definition}."
    )
