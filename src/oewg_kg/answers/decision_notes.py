"""Notes below an answer: the editorial decisions on which its rows depend."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import query, tables, terms
from oewg_kg.dataset import Dataset
from oewg_kg.evidence import decisions
from oewg_kg.evidence.decisions import DecidedClaim
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.terms import Term

Ask = Callable[[Sequence[str]], QueryResult]


@dataclass(frozen=True)
class Note:
    """An entity with claims settled by one decision: the decision's IRI and label, the outcome, and the claims in words."""

    decision: str
    label: str
    fate: str
    thing: str
    claims: tuple[str, ...]
    lines: tuple[str, ...]

    def __str__(self) -> str:
        """Write the note as a sentence."""
        by = f"{self.fate.capitalize()} by {terms.compact(self.decision)} ({self.label})"
        return f"{by}: {self.thing}, {', '.join(self.claims)} [{tables.short_lines(self.lines)}]."


def notes(dataset: Dataset, saved: SavedQuery, bindings: dict[str, Term], given: QueryResult) -> list[Note]:
    """List the decisions on which an answer from the local graph depends, as `judged` does."""
    text = query.with_values(saved, bindings)

    def ask(lines: Sequence[str]) -> QueryResult:
        found = dataset.store.query(text, default_graph=[ox.DefaultGraph(), *(ox.NamedNode(line) for line in lines)])
        assert isinstance(found, ox.QuerySolutions)
        return query.collect(saved, [variable.value for variable in found.variables], [tuple(row) for row in found])

    return judged(dataset.store, saved, bindings, given, ask)


def judged(store: ox.Store, saved: SavedQuery, bindings: dict[str, Term], given: QueryResult, ask: Ask) -> list[Note]:
    """Note each decision that sets aside or prefers a claim whose property the question reads, if the answer depends on it.

    It does if a row about the entity would differ with the claim in use: `ask` answers the question with all that
    some lines state in addition to the default graph. And it does if a row shows the value claimed and cites its line.
    """
    read = [one for one in decisions.decided_claims(store) if one.relation != decisions.KEEPS and _reads(saved, one)]
    lines = sorted({terms.text_of(one.quad.graph_name) for one in read if one.aside})
    changed = set(given.rows) ^ set(ask(lines).rows) if lines else set()
    asked = set(saved.values(bindings).values())
    shown = list(zip(given.rows, given.citations, strict=True))
    found: dict[tuple[str, str, str], list[ox.Quad]] = {}
    for one in read:
        differs = one.aside and any(_about(one, row, asked) for row in changed)
        showing = [
            row for row, cited in shown if one.quad.object in row and terms.text_of(one.quad.graph_name) in cited
        ]
        if differs or any(_about(one, row, asked) for row in showing):
            key = (one.decision.value, one.fate, terms.text_of(one.quad.subject))
            found.setdefault(key, []).append(one.quad)
    return [_note(store, key, quads) for key, quads in found.items()]


def _note(store: ox.Store, key: tuple[str, str, str], quads: list[ox.Quad]) -> Note:
    def name(term: Term) -> str:
        return terms.name(store, term.value) if isinstance(term, ox.NamedNode) else terms.text_of(term)

    claims = dict.fromkeys(f"{name(quad.predicate)} {name(quad.object)}" for quad in quads)
    lines = {terms.text_of(quad.graph_name) for quad in quads}
    decision, fate, thing = key
    return Note(
        decision,
        name(ox.NamedNode(decision)),
        fate,
        name(ox.NamedNode(thing)),
        tuple(claims),
        tuple(sorted(lines, key=terms.line_order)),
    )


def _reads(saved: SavedQuery, one: DecidedClaim) -> bool:
    """Return whether the text of a question names the property of a claim."""
    predicate = one.quad.predicate.value
    return re.search(rf"{re.escape(terms.compact(predicate))}\b|<{re.escape(predicate)}>", saved.text) is not None


def _about(one: DecidedClaim, row: Iterable[Term | None], asked: set[Term]) -> bool:
    """Return whether a row, or the value of a parameter, names the entity that the claim is about."""
    return one.quad.subject in row or one.quad.subject in asked
