"""Write the results of reconciliation: extra cells in each row of a table."""

from collections.abc import Sequence
from itertools import chain, count

import pyoxigraph as ox

from oewg_kg import tables, terms
from oewg_kg.export import workbooks
from oewg_kg.reconcile.matcher import NOTATION, Candidate, decide
from oewg_kg.reconcile.spreadsheet import Table, shown
from oewg_kg.vocabulary import PREFIXES


def beside(store: ox.Store, table: Table, found: Sequence[list[Candidate]], format: str) -> str | bytes:
    """Write a table with its cells unchanged and the matches next to each row, as CSV or XLSX."""
    headings = ("status", "iri", "iso3", "score", "why")
    # A second run, on this or another column, overwrites nothing.
    endings = chain([""], (f"_{number}" for number in count(2)))
    free = (
        new for ending in endings if not set(new := [f"oewg_{name}{ending}" for name in headings]) & set(table.names)
    )
    names = [*table.names, *next(free)]
    rows = [[*row, *cells(store, one)] for row, one in zip(table.rows, found, strict=True)]
    if format == "xlsx":
        for row in rows:
            row[-2] = float(str(row[-2])) if row[-2] else ""
        note = [["oewg_iri is the match for the cell; oewg_why shows how it was found, or what else it could be."]]
        return workbooks.write({"reconciled": (names, rows)}, note)
    return ("\ufeff" if table.marked else "") + tables.write_csv(names, [list(map(shown, row)) for row in rows])


def cells(store: ox.Store, found: list[Candidate]) -> list[str]:
    """Write what was found for one text as cells: status, IRI, ISO 3166-1 alpha-3, score, why; of several, all, without a choice."""
    status = decide(found)
    if status == "unmatched":
        near = [f"not similar enough: {terms.compact(one.iri)} {one.score:.2f}, {one.why}" for one in found[:1]]
        return [status, "", "", "", *(near or ["no similar name"])]
    if status == "ambiguous":
        why = "; ".join(f"{terms.compact(one.iri)} {one.score:.2f}, {one.why}" for one in found[:5])
        return [status, "", "", "", why]
    best = found[0]
    is_state = best.iri.startswith(PREFIXES["state"])
    notations = terms.values(store, ox.NamedNode(best.iri), NOTATION) if is_state else []
    return [status, best.iri, next(iter(notations), ""), f"{best.score:.2f}", best.why]
