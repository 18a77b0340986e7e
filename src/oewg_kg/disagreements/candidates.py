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
OWN = ("subject", "property", "value", "line")
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
        return sorted({_text(row, "line") for row in self.rows} - {""}, key=terms.line_order)


def undecided(root: Root, dataset: Dataset) -> list[Candidate]:
    """Find the possible conflicts that no decision covers, by query and entity."""
    covers = Covered(dataset.store)
    place = root.folder / "data" / "decisions.ttl"
    prefixes = place.read_text(encoding="utf-8") if place.exists() else ""
    found = []
    for saved in query.load(root.queries / "conflict-candidates").values():
        groups: dict[tuple[str, str], list[Row]] = {}
        solutions = select(dataset.store, saved.text)
        names = [variable.value for variable in solutions.variables]
        for solution in solutions:
            row = {name: solution[name] for name in names if solution[name] is not None}
            groups.setdefault((_text(row, "subject"), _text(row, "property")), []).append(row)
        for (subject, _), group in groups.items():
            if rows := [row for row in group if not covers.decided(row, group)]:
                block = _block(dataset.store, saved, rows, prefixes)
                found.append(Candidate(saved.name, saved.summary, subject, tuple(rows), block))
    return found


def _text(row: Row, name: str) -> str:
    return terms.text_of(row.get(name))


class Covered:
    """What decisions cover: a row is covered by the claims of a decision, or by a line that the decision is about."""

    def __init__(self, store: ox.Store) -> None:
        """Gather the claims and lines of each decision that has a reason."""
        self.store = store
        self.claims: dict[str, list[decisions.Decided]] = {}
        self.lines: dict[str, set[Any]] = {}  # of nodes
        self.about: dict[str, set[Any]] = {}
        for claim in decisions.claims(store):
            self.claims.setdefault(claim.decision.value, []).append(claim)
            self.lines.setdefault(claim.decision.value, set()).add(claim.quad.graph_name)
        for quad in store.quads_for_pattern(None, ox.NamedNode(ABOUT), None, ox.DefaultGraph()):
            for kept in (self.lines, self.about):
                kept.setdefault(terms.text_of(quad.subject), set()).add(quad.object)
        self.near: dict[Any, set[str]] = {}  # entity of a claim, or line that a decision is about -> the decisions
        for one, claims in self.claims.items():
            for claim in claims:
                self.near.setdefault(claim.quad.subject, set()).add(one)
        for one, lines in self.about.items():
            for line in lines:
                self.near.setdefault(line, set()).add(one)
        for one in list(self.lines):
            if any(text.startswith(TO_WRITE) for text in terms.values(store, ox.NamedNode(one), COMMENT)):
                del self.lines[one]

    def decided(self, row: Row, group: Sequence[Row] = ()) -> bool:
        """Return whether decisions cover the claim of a row of a group, and each entity or line with which the row compares it."""
        stated = self._stated(row)
        near = set().union(*(self.near.get(node, ()) for node in (row.get("subject"), *stated)))
        weighing = [one for one in near if one in self.lines and self._weighs(one, row, group, stated)]
        partners = [
            value for name, value in row.items() if name not in (*OWN, "class") and isinstance(value, ox.NamedNode)
        ]
        return bool(weighing) and all(any(self._knows(one, other) for one in weighing) for other in partners)

    def _weighs(self, decision: str, row: Row, group: Sequence[Row], stated: set[Any]) -> bool:
        """Return whether a decision is on the claim of a row, on one about the same entity on its line, or about the line.

        A value that one line's claim sets aside must be set aside in each line that states it. Where lines differ in a value,
        a decision about one of them says nothing about a line added later: it has to be about each line of the group.
        """
        subject, predicate, value, line = (cast("Any", row.get(name)) for name in OWN)
        for one in self.claims.get(decision, ()):
            same = predicate in (None, one.quad.predicate) and value in (None, one.quad.object)
            elsewhere = same and (line is None or (value is not None and not one.aside))
            if one.quad.subject == subject and (one.quad.graph_name == line or elsewhere):
                return True
        about = self.about.get(decision, set())
        if value is not None and line is not None:
            return line in about and {one.get("line") for one in group} <= self.lines[decision]
        return bool(about & stated)

    def _stated(self, row: Row) -> set[Any]:
        """Find the lines of a row: the one that it names, else all that state it."""
        subject, predicate, value, line = (cast("Any", row.get(name)) for name in OWN)
        return {line} if line else {q.graph_name for q in self.store.quads_for_pattern(subject, predicate, value)}

    def _knows(self, decision: str, other: ox.NamedNode) -> bool:
        """Return whether a decision names an entity or a line: in a claim, or on one of its lines."""
        lines = self.lines[decision]
        if other in lines or any(other in (one.quad.subject, one.quad.object) for one in self.claims.get(decision, ())):
            return True
        return any(next(self.store.quads_for_pattern(other, None, None, line), None) for line in lines)


def _block(store: ox.Store, saved: SavedQuery, rows: list[Row], prefixes: str) -> str:
    """Write the decision to paste, its terms with the prefixes that the file declares."""
    subject = _text(rows[0], "subject")
    name = _free(store, re.sub(r"[^\w-]+", "-", re.split("[/#]", subject)[-1]) + f"-{saved.name}")
    claimed = [row for row in rows if {"property", "value", "line"} <= row.keys()]
    lines = {value for row in rows for value in row.values() if isinstance(value, ox.NamedNode) and "#L" in value.value}
    lines -= {row["line"] for row in claimed}
    return texts.filled(
        "disagreements/decision.ttl.jinja",
        name=name,
        label=f"{terms.name(store, subject)}: {saved.name.replace('-', ' ')}",
        comment=f"{TO_WRITE} {saved.summary}",
        claimed=claimed,
        lines=sorted(lines, key=lambda one: terms.line_order(one.value)),
        written=lambda term: terms.query_term(term, prefixes),
    )


def _free(store: ox.Store, name: str) -> str:
    """Choose a name that no decision has yet."""
    number, free = 1, name
    while next(store.quads_for_pattern(ox.NamedNode(PREFIXES["decision"] + free), None, None), None):
        number += 1
        free = f"{name}-{number}"
    return free
