"""Write the results of reconciliation: extra cells in each row of a table."""

from collections.abc import Sequence
from itertools import chain, count

import pyoxigraph as ox

from oewg_kg import tables, terms
from oewg_kg.export import workbooks
from oewg_kg.reconcile.matcher import NOTATION, Candidate, match_status
from oewg_kg.reconcile.spreadsheet import Table, cell_text
from oewg_kg.vocabulary import PREFIXES


def with_matches(store: ox.Store, table: Table, candidates: Sequence[list[Candidate]], format: str) -> str | bytes:
    """Write a table with its cells unchanged and the matches next to each row, as CSV or XLSX."""
    headings = ("status", "iri", "iso3", "score", "why")
    # A second run, on this or another column, overwrites nothing.
    endings = chain([""], (f"_{number}" for number in count(2)))
    new_columns = ([f"oewg_{heading}{ending}" for heading in headings] for ending in endings)
    names = [*table.names, *next(columns for columns in new_columns if not set(columns) & set(table.names))]
    rows = [[*row, *match_cells(store, matches)] for row, matches in zip(table.rows, candidates, strict=True)]
    if format == "xlsx":
        for row in rows:
            row[-2] = float(str(row[-2])) if row[-2] else ""
        note = [["oewg_iri is the match for the cell; oewg_why shows how it was found, or what else it could be."]]
        return workbooks.write({"reconciled": (names, rows)}, note)
    return ("\ufeff" if table.marked else "") + tables.write_csv(names, [list(map(cell_text, row)) for row in rows])


def match_cells(store: ox.Store, candidates: list[Candidate]) -> list[str]:
    """Write what was found for one text as cells: status, IRI, ISO 3166-1 alpha-3, score, why; of several, all, without a choice."""
    status = match_status(candidates)
    reasons = [f"{terms.compact(match.iri)} {match.score:.2f}, {match.why}" for match in candidates[:5]]
    if status == "unmatched":
        return [status, "", "", "", f"not similar enough: {reasons[0]}" if reasons else "no similar name"]
    if status == "ambiguous":
        return [status, "", "", "", "; ".join(reasons)]
    best = candidates[0]
    is_state = best.iri.startswith(PREFIXES["state"])
    notations = terms.values(store, ox.NamedNode(best.iri), NOTATION) if is_state else []
    return [status, best.iri, next(iter(notations), ""), f"{best.score:.2f}", best.why]
