"""Compare two to four actors: for each list, draft and vote the entry with its lines, or the reason why there is none."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import query, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.measures import Measured
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.terms import Term

Ask = Callable[[SavedQuery, dict[str, Term]], QueryResult]
QUESTION, EXAMPLE = "compare", ("group:EU", "group:NAM")


def of(graph: Dataset, folder: Path, actors: Sequence[str], ask: Ask | None = None) -> Measured:
    """Compare actors by name: columns kind, item, itemLabel, and one for each actor; raises UsageError. `ask` asks another engine."""
    saved = query.find(folder, QUESTION)
    bindings = query.bind(graph, saved, {"actors": ",".join(actors)})
    iris = list(dict.fromkeys(terms.text_of(bindings["actors"]).split()))
    if not 2 <= len(iris) <= 4:
        raise UsageError(f"a comparison needs two to four different actors, not {len(iris)}")
    names = [terms.name(graph.store, terms.expand(iri) or "") for iri in iris]
    result = (ask or partial(query.run, graph))(saved, bindings)
    cells: dict[tuple[str, ...], list[ox.Literal | None]] = {}
    cited: dict[tuple[str, ...], set[str]] = {}
    for (aspect, item, label, _, actor, found), lines in zip(result.rows, result.citations, strict=True):
        key = (terms.text_of(aspect), terms.text_of(item), terms.text_of(label))
        row = cells.setdefault(key, [None] * len(names))
        row[names.index(terms.text_of(actor))] = ox.Literal(terms.text_of(found))
        cited.setdefault(key, set()).update(lines)
    rows = tuple(
        (ox.Literal(aspect), ox.NamedNode(item), ox.Literal(label), *row)
        for (aspect, item, label), row in cells.items()
    )
    citations = tuple(tuple(sorted(lines, key=terms.line_order)) for lines in cited.values())
    return Measured(
        QueryResult(("kind", "item", "itemLabel", *names), rows, citations), f"Counted: {saved.definition}."
    )
