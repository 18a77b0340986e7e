"""Match the name and code of a voter to a state if both agree, or to a former state in `historic-states.csv`."""

import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.errors import ParseError
from oewg_kg.paths import read_text
from oewg_kg.reconcile import matcher
from oewg_kg.vocabulary import BASE

NO_CODE = {"", "NA"}


@dataclass(frozen=True)
class HistoricRow:
    """One row of `historic-states.csv`: what is printed, its first and last day (ISO dates or empty), and what it is matched with."""

    name: str
    code: str
    start: str
    end: str
    iri: str
    label: str
    successors: tuple[str, ...]
    reason: str

    def holds_on(self, date: str) -> bool:
        """Return whether the row is valid on a day."""
        return (not self.start or self.start <= date) and (not self.end or date <= self.end)


@dataclass
class Voter:
    """One voter over one period: what is printed, what it is matched with, how and why; voters with one IRI share a `number`."""

    number: int
    name: str
    code: str
    iri: str
    way: str
    why: str
    row: HistoricRow | None
    votes: int = 0


class Voters:
    """All voters seen so far, found by name, code and day."""

    MOST = 512

    def __init__(self, graph: ox.Store, path: Path) -> None:
        """Read the states' names and codes from the graph and the historic ones from the table."""
        self.index = matcher.index_class(graph)
        # ISO 3166-1 alpha-3 and alpha-2.
        code_tables = (self.index.codes.get(code_kind, {}) for code_kind in ("code", "ISO 3166-1 alpha-2"))
        self.codes = {code: iri for codes in code_tables for code, states in codes.items() for iri in states}
        self.historic_rows = read_historic(path)
        self.distinct: list[Voter] = []
        self.number_by_iri: dict[str, int] = {}
        self.pairs: dict[tuple[str, str], tuple[list[HistoricRow], dict[HistoricRow | None, Voter]]] = {}

    def digest(self) -> str:
        """Digest what determines the matches: codes, names and the table (SHA-256)."""
        contents = (sorted(self.codes.items()), sorted(self.index.forms.items()), self.historic_rows)
        return hashlib.sha256(repr(contents).encode()).hexdigest()

    def find(self, name: str, code: str, date: str, position: str) -> Voter:
        """Find or make the voter of the row at a position in the file; raises ParseError if it is impossible."""
        rows, voters = self.pairs.get((name, code)) or self.pairs.setdefault((name, code), (self._rows(name, code), {}))
        row = next((row for row in rows if row.holds_on(date)), None) if rows else None
        voter = voters.get(row)
        if voter is None:
            if not name.strip() and code in NO_CODE:
                raise ParseError("the row has neither the name nor the code of a voter", position)
            if len(self.distinct) >= self.MOST:
                raise ParseError(f"more than {self.MOST} voters; the limit is exceeded at {name!r}", position)
            iri, way, why = self._identify(name, code, row)
            number = self.number_by_iri.setdefault(iri, len(self.number_by_iri))
            voter = voters[row] = Voter(number, name, code, iri, way, why, row)
            self.distinct.append(voter)
        return voter

    def _rows(self, name: str, code: str) -> list[HistoricRow]:
        """List the rows of the table for a printed name and code; NA may be a missing code or that of Namibia."""
        codes = {code} | (NO_CODE if code in NO_CODE else set())
        return [row for row in self.historic_rows if row.code in codes and terms.folded(row.name) == terms.folded(name)]

    def _identify(self, name: str, code: str, row: HistoricRow | None) -> tuple[str, str, str]:
        """Decide what a name and a code mean: the IRI, the way it was found, and why."""
        if row and (row.label or row.iri in self.codes.values()):
            return row.iri, "historic" if row.label else "table", row.reason
        candidates = matcher.candidates(self.index, name)
        named = candidates[0].iri if matcher.match_status(candidates) == "matched" else ""
        coded = self.codes.get(code, "")
        if coded and coded == named:
            return coded, "code", f"name and code agree: {candidates[0].why}"
        if coded:
            why = f"code {code} is {terms.compact(coded)}, the name is {terms.compact(named) if named else 'not known'}"
        elif named:
            why = f"the name is that of {terms.compact(named)}, but no code confirms it"
        else:
            why = "neither name nor code is known"
        slug = re.sub(r"[^a-z0-9]+", "-", terms.folded(f"{name} {code}")).strip("-")
        mark = hashlib.sha256(f"{name}\n{code}".encode()).hexdigest()[:8]
        return f"{BASE}unresolved-voter/{slug or 'x'}-{mark}", "unresolved", why


def read_historic(path: Path) -> list[HistoricRow]:
    """Read the table of historic states; raises ParseError with the line, StorageError."""
    lines = read_text(path, path.name).splitlines()
    comments = sum(line.startswith("#") for line in lines)
    rows = []
    for line, cells in enumerate(csv.reader(lines[comments + 1 :]), comments + 2):
        if len(cells) != 8:
            raise ParseError(f"this row has {len(cells)} columns; expected 8", f"historic-states.csv:{line}")
        name, code, start, end, iri_or_name, label, successors, reason = cells
        followed = tuple(filter(None, map(terms.expand, successors.split())))
        iri = terms.expand(iri_or_name) or BASE + iri_or_name
        rows.append(HistoricRow(name, code, start, end, iri, label, followed, reason))
    return rows
