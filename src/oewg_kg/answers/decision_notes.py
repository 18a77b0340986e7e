"""Notes below an answer: the editorial decisions on which its rows depend."""

import re
from collections.abc import Callable, Sequence
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
        claims = f"{self.thing}, {', '.join(self.claims)} [{tables.short_lines(self.lines)}]"
        return f"{self.fate.capitalize()}: {claims}; see “{self.label}” ({terms.compact(self.decision)})."


def notes(dataset: Dataset, saved: SavedQuery, bindings: dict[str, Term], answer: QueryResult) -> list[Note]:
    """List the decisions on which an answer from the local graph depends, as `judged` does."""
    text = query.with_values(saved, bindings)

    def ask(lines: Sequence[str]) -> QueryResult:
        solutions = dataset.store.query(text, default_graph=[ox.DefaultGraph(), *map(ox.NamedNode, lines)])
        assert isinstance(solutions, ox.QuerySolutions)
        columns = [variable.value for variable in solutions.variables]
        return query.collect(saved, columns, [tuple(row) for row in solutions])

    return judged(dataset.store, saved, bindings, answer, ask)


def judged(store: ox.Store, saved: SavedQuery, bindings: dict[str, Term], answer: QueryResult, ask: Ask) -> list[Note]:
    """Note each decision that sets aside or prefers a claim whose property the question reads, if the answer depends on it.

    It does if a row about the entity would differ with the claim in use: `ask` answers the question with all that
    some lines state in addition to the default graph. And it does if a row shows the value claimed and cites its line.
    """
    claims = [claim for claim in decisions.decided_claims(store) if claim.relation != decisions.KEEPS]
    claims = [claim for claim in claims if _reads_property(saved, claim)]
    lines = sorted({terms.text_of(claim.quad.graph_name) for claim in claims if claim.aside})
    changed_rows = set(answer.rows) ^ set(ask(lines).rows) if lines else set()
    parameter_values = set(saved.values(bindings).values())
    cited_rows = list(zip(answer.rows, answer.citations, strict=True))
    quads_by_note: dict[tuple[str, str, str], list[ox.Quad]] = {}
    for claim in claims:
        line = terms.text_of(claim.quad.graph_name)
        rows = [row for row, cited in cited_rows if claim.quad.object in row and line in cited]
        rows += changed_rows if claim.aside else ()
        entity = claim.quad.subject
        if any(entity in row or entity in parameter_values for row in rows):
            key = (claim.decision.value, claim.fate, terms.text_of(entity))
            quads_by_note.setdefault(key, []).append(claim.quad)
    return [_note(store, *key, quads) for key, quads in quads_by_note.items()]


def _note(store: ox.Store, decision: str, fate: str, entity: str, quads: list[ox.Quad]) -> Note:
    def value_label(term: Term) -> str:
        return terms.name(store, term.value) if isinstance(term, ox.NamedNode) else terms.text_of(term)

    claims = dict.fromkeys(f"{terms.name(store, quad.predicate.value)} {value_label(quad.object)}" for quad in quads)
    lines = sorted({terms.text_of(quad.graph_name) for quad in quads}, key=terms.line_order)
    label, entity_label = (terms.name(store, iri) for iri in (decision, entity))
    return Note(decision, label, fate, entity_label, tuple(claims), tuple(lines))


def _reads_property(saved: SavedQuery, claim: DecidedClaim) -> bool:
    """Return whether the text of a question names the property of a claim."""
    predicate = claim.quad.predicate.value
    return re.search(rf"{re.escape(terms.compact(predicate))}\b|<{re.escape(predicate)}>", saved.text) is not None
