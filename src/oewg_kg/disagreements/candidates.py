"""Possible conflicts without a decision: rows of `queries/conflict-candidates`, grouped, each group with a decision to paste."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyoxigraph as ox

from oewg_kg import query, terms, texts
from oewg_kg.dataset import Dataset, select
from oewg_kg.evidence import decisions
from oewg_kg.evidence.decisions import ABOUT
from oewg_kg.paths import Root
from oewg_kg.query import SavedQuery
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

COMMENT = PREFIXES["rdfs"] + "comment"
TO_WRITE = "TO WRITE:"  # a decision with this reason decides nothing yet
CLAIM_COLUMNS = ("subject", "property", "value", "line")
Row = dict[str, Term]


@dataclass(frozen=True)
class Candidate:
    """An undecided finding of one query about an entity and a property: query and summary, rows, the decision to paste."""

    name: str
    summary: str
    subject: str
    rows: tuple[Row, ...]
    block: str

    @property
    def lines(self) -> list[str]:
        """List the lines of the rows, in order."""
        return sorted({_row_text(row, "line") for row in self.rows} - {""}, key=terms.line_order)


def undecided_conflicts(root: Root, dataset: Dataset) -> list[Candidate]:
    """Find the possible conflicts that no decision covers, by query and entity."""
    scope = DecisionScope(dataset.store)
    decisions_file = root.folder / "data" / "decisions.ttl"
    prefixes = decisions_file.read_text(encoding="utf-8") if decisions_file.exists() else ""
    candidates = []
    for saved in query.load(root.queries / "conflict-candidates").values():
        groups: dict[tuple[str, str], list[Row]] = {}
        solutions = select(dataset.store, saved.text)
        columns = [variable.value for variable in solutions.variables]
        for solution in solutions:
            row = {column: solution[column] for column in columns if solution[column] is not None}
            groups.setdefault((_row_text(row, "subject"), _row_text(row, "property")), []).append(row)
        for (subject, _), group in groups.items():
            if rows := [row for row in group if not scope.covers_row(row, group)]:
                block = _decision_block(dataset.store, saved, rows, prefixes)
                candidates.append(Candidate(saved.name, saved.summary, subject, tuple(rows), block))
    return candidates


def _row_text(row: Row, name: str) -> str:
    return terms.text_of(row.get(name))


class DecisionScope:
    """What decisions cover: a row is covered by the claims of a decision, or by a line that the decision is about."""

    def __init__(self, store: ox.Store) -> None:
        """Gather the claims and lines of each decision that has a reason."""
        self.store = store
        self.claims: dict[str, list[decisions.DecidedClaim]] = {}
        self.lines: dict[str, set[Any]] = {}  # of nodes
        self.about_lines: dict[str, set[Any]] = {}
        for claim in decisions.decided_claims(store):
            self.claims.setdefault(claim.decision.value, []).append(claim)
            self.lines.setdefault(claim.decision.value, set()).add(claim.quad.graph_name)
        for quad in store.quads_for_pattern(None, ox.NamedNode(ABOUT), None, ox.DefaultGraph()):
            for lines_by_decision in (self.lines, self.about_lines):
                lines_by_decision.setdefault(terms.text_of(quad.subject), set()).add(quad.object)
        self.nearby: dict[Any, set[str]] = {}  # entity of a claim, or line that a decision is about -> the decisions
        for decision, claims in self.claims.items():
            for claim in claims:
                self.nearby.setdefault(claim.quad.subject, set()).add(decision)
        for decision, lines in self.about_lines.items():
            for line in lines:
                self.nearby.setdefault(line, set()).add(decision)
        for decision in list(self.lines):
            if any(reason.startswith(TO_WRITE) for reason in terms.values(store, ox.NamedNode(decision), COMMENT)):
                del self.lines[decision]

    def covers_row(self, row: Row, group: Sequence[Row] = ()) -> bool:
        """Return whether decisions cover the claim of a row of a group, and each entity or line with which the row compares it."""
        row_lines = self._row_lines(row)
        nearby = set().union(*(self.nearby.get(term, ()) for term in (row.get("subject"), *row_lines)))
        weighing = [iri for iri in nearby if iri in self.lines and self._weighs(iri, row, group, row_lines)]
        columns = row.keys() - {*CLAIM_COLUMNS, "class"}
        compared = [value for column, value in row.items() if column in columns and isinstance(value, ox.NamedNode)]
        return bool(weighing) and all(any(self._names(iri, entity) for iri in weighing) for entity in compared)

    def _weighs(self, decision: str, row: Row, group: Sequence[Row], row_lines: set[Any]) -> bool:
        """Return whether a decision is on the claim of a row, on one about the same entity on its line, or about the line.

        A value that one line's claim sets aside must be set aside in each line that states it. Where lines differ in a value,
        a decision about one of them says nothing about a line added later: it has to be about each line of the group.
        """
        subject, predicate, value, line = (cast("Any", row.get(name)) for name in CLAIM_COLUMNS)
        for claim in self.claims.get(decision, ()):
            same_claim = predicate in (None, claim.quad.predicate) and value in (None, claim.quad.object)
            on_any_line = same_claim and (line is None or (value is not None and not claim.aside))
            if claim.quad.subject == subject and (claim.quad.graph_name == line or on_any_line):
                return True
        about_lines = self.about_lines.get(decision, set())
        if value is not None and line is not None:
            return line in about_lines and {member.get("line") for member in group} <= self.lines[decision]
        return bool(about_lines & row_lines)

    def _row_lines(self, row: Row) -> set[Any]:
        """Find the lines of a row: the one that it names, else all that state it."""
        subject, predicate, value, line = (cast("Any", row.get(name)) for name in CLAIM_COLUMNS)
        return {line} if line else {quad.graph_name for quad in self.store.quads_for_pattern(subject, predicate, value)}

    def _names(self, decision: str, entity: ox.NamedNode) -> bool:
        """Return whether a decision names an entity or a line: in a claim, or on one of its lines."""
        lines, claims = self.lines[decision], self.claims.get(decision, ())
        if entity in lines or any(entity in (claim.quad.subject, claim.quad.object) for claim in claims):
            return True
        return any(next(self.store.quads_for_pattern(entity, None, None, line), None) for line in lines)


def _decision_block(store: ox.Store, saved: SavedQuery, rows: list[Row], prefixes: str) -> str:
    """Write the decision to paste, its terms with the prefixes that the file declares."""
    subject = _row_text(rows[0], "subject")
    name = _unused_name(store, re.sub(r"[^\w-]+", "-", re.split("[/#]", subject)[-1]) + f"-{saved.name}")
    claim_rows = [row for row in rows if {"property", "value", "line"} <= row.keys()]
    lines = {value for row in rows for value in row.values() if isinstance(value, ox.NamedNode) and "#L" in value.value}
    lines -= {row["line"] for row in claim_rows}
    return texts.filled(
        "disagreements/decision.ttl.jinja",
        name=name,
        label=f"{terms.name(store, subject)}: {saved.name.replace('-', ' ')}",
        comment=f"{TO_WRITE} {saved.summary}",
        claim_rows=claim_rows,
        lines=sorted(lines, key=lambda line: terms.line_order(line.value)),
        write_term=lambda term: terms.query_term(term, prefixes),
    )


def _unused_name(store: ox.Store, name: str) -> str:
    """Choose a name that no decision has yet."""
    number, unused = 1, name
    while next(store.quads_for_pattern(ox.NamedNode(PREFIXES["decision"] + unused), None, None), None):
        number += 1
        unused = f"{name}-{number}"
    return unused
