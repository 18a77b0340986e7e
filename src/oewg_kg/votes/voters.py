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
class Row:
    """One row of the table: what is printed, its first and last day (ISO dates or empty), and what it is matched with."""

    name: str
    code: str
    start: str
    end: str
    iri: str
    label: str
    successors: tuple[str, ...]
    reason: str

    def holds(self, date: str) -> bool:
        """Return whether the row is valid on a day."""
        return (not self.start or self.start <= date) and (not self.end or date <= self.end)


@dataclass
class Voter:
    """One voter over one period: what is printed, what it is matched with, how and why; voters with one IRI share a `place`."""

    place: int
    name: str
    code: str
    iri: str
    way: str
    why: str
    row: Row | None
    votes: int = 0


class Voters:
    """All voters seen so far, found by name, code and day."""

    MOST = 512

    def __init__(self, graph: ox.Store, table: Path) -> None:
        """Read the states' names and codes from the graph and the historic ones from the table."""
        self.index = matcher.index(graph)
        # ISO 3166-1 alpha-3 and alpha-2.
        kinds = (self.index.codes.get(kind, {}) for kind in ("code", "ISO 3166-1 alpha-2"))
        self.codes = {code: iri for codes in kinds for code, states in codes.items() for iri in states}
        self.table = read(table)
        self.all: list[Voter] = []
        self.places: dict[str, int] = {}
        self.known: dict[tuple[str, str], tuple[list[Row], dict[Row | None, Voter]]] = {}

    def digest(self) -> str:
        """Digest what determines the matches: codes, names and the table (SHA-256)."""
        parts = (sorted(self.codes.items()), sorted(self.index.forms.items()), self.table)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def find(self, name: str, code: str, date: str, where: str) -> Voter:
        """Find or make the voter of the row at a position in the file; raises ParseError if it is impossible."""
        rows, voters = self.known.get((name, code)) or self.known.setdefault((name, code), (self.rows(name, code), {}))
        row = next((row for row in rows if row.holds(date)), None) if rows else None
        voter = voters.get(row)
        if voter is None:
            if not name.strip() and code in NO_CODE:
                raise ParseError("the row has neither the name nor the code of a voter", where)
            if len(self.all) >= self.MOST:
                raise ParseError(f"more than {self.MOST} voters; {name!r} is one too many", where)
            iri, way, why = self.decide(name, code, row)
            place = self.places.setdefault(iri, len(self.places))
            voter = voters[row] = Voter(place, name, code, iri, way, why, row)
            self.all.append(voter)
        return voter

    def rows(self, name: str, code: str) -> list[Row]:
        """List the rows of the table for a printed name and code; NA may be a missing code or that of Namibia."""
        same = {code} | (NO_CODE if code in NO_CODE else set())
        return [row for row in self.table if row.code in same and terms.folded(row.name) == terms.folded(name)]

    def decide(self, name: str, code: str, row: Row | None) -> tuple[str, str, str]:
        """Decide what a name and a code mean: the IRI, the way it was found, and why."""
        if row and (row.label or row.iri in self.codes.values()):
            return row.iri, "historic" if row.label else "table", row.reason
        found = matcher.candidates(self.index, name)
        named = found[0].iri if matcher.decide(found) == "matched" else ""
        coded = self.codes.get(code, "")
        if coded and coded == named:
            return coded, "code", f"name and code agree: {found[0].why}"
        if coded:
            why = f"code {code} is {terms.compact(coded)}, the name is {terms.compact(named) if named else 'not known'}"
        elif named:
            why = f"the name is that of {terms.compact(named)}, but no code confirms it"
        else:
            why = "neither name nor code is known"
        slug = re.sub(r"[^a-z0-9]+", "-", terms.folded(f"{name} {code}")).strip("-")
        mark = hashlib.sha256(f"{name}\n{code}".encode()).hexdigest()[:8]
        return f"{BASE}unresolved-voter/{slug or 'x'}-{mark}", "unresolved", why


def read(path: Path) -> list[Row]:
    """Read the table of historic states; raises ParseError with the line, StorageError."""
    lines = read_text(path, path.name).splitlines()
    comments = sum(line.startswith("#") for line in lines)
    rows = []
    for number, cells in enumerate(csv.reader(lines[comments + 1 :]), comments + 2):
        if len(cells) != 8:
            raise ParseError(f"the number of columns is {len(cells)}, not 8", f"historic-states.csv:{number}")
        name, code, start, end, becomes, label, successors, reason = cells
        followed = tuple(filter(None, map(terms.expand, successors.split())))
        iri = terms.expand(becomes) or BASE + becomes
        rows.append(Row(name, code, start, end, iri, label, followed, reason))
    return rows
