"""Write how an inferred fact was derived: in a cell, as a tree, or by its source lines."""

from collections.abc import Iterator

import pyoxigraph as ox

from oewg_kg import paths, tables, terms
from oewg_kg.cli.common import said
from oewg_kg.dataset import Dataset
from oewg_kg.derivation import Derivations, Step
from oewg_kg.evidence import Claim
from oewg_kg.vocabulary import INFERRED


class Reasons:
    """The derivations of the inferred claims of one answer, one or more for each claim."""

    def __init__(self, root: paths.Root, dataset: Dataset, claims: list[Claim]) -> None:
        """Derive each inferred claim."""
        self.dataset = dataset
        self.ways: dict[Claim, list[Step]] = {}
        derivations = Derivations(dataset, root) if any(claim.graph == INFERRED for claim in claims) else None
        for claim in claims:
            if derivations and claim.graph == INFERRED and isinstance(claim.subject, ox.NamedNode):
                self.ways[claim] = derivations.why(ox.Triple(claim.subject, claim.predicate, claim.object))

    def _sources(self, claim: Claim) -> set[str]:
        return {graph for step in self.ways.get(claim, ()) for graph in step.sources()}

    def lines(self, claim: Claim) -> list[str]:
        """List the source lines that state a claim, or that an inferred one follows from."""
        graphs = {claim.graph} if claim.graph != INFERRED else self._sources(claim)
        return sorted((graph for graph in graphs if "#L" in graph), key=terms.line_order)

    def where(self, claim: Claim) -> str:
        """Summarize where an inferred claim comes from."""
        files = sorted({self.dataset.files.get(graph, "") for graph in self._sources(claim) if "#L" not in graph})
        origin = tables.short_lines(self.lines(claim)) or ", ".join(files)
        return f"inferred from {origin}" if origin else "inferred"

    def cell(self, claim: Claim) -> str:
        """Write the derivations in one line: the rule, then what it follows from, each with its place in brackets."""
        return " OR ".join(self._inline(step) for step in self.ways.get(claim, ()))

    def tree(self) -> str:
        """Write the derivations as an indented list, each fact below the rule or place it belongs to."""
        steps = [step for ways in self.ways.values() for step in ways]
        return "".join(f"{line}\n" for step in steps for line in self._branches(step, 0))

    def _branches(self, step: Step, depth: int) -> Iterator[str]:
        yield f"{'  ' * depth}{'- ' if depth else ''}{self._sentence(step.fact)}: {self._place(step)}"
        for premise in self._premises(step):
            yield from self._branches(premise, depth + 1)

    def _inline(self, step: Step) -> str:
        facts = [
            f"{self._sentence(p.fact)} [{self._inline(p) if p.rule else self._place(p)}]" for p in self._premises(step)
        ]
        return f"{step.rule}: {'; '.join(facts)}"

    def _premises(self, step: Step) -> list[Step]:
        """Leave out how a list is written: of a chain of properties the axiom is enough."""
        return [premise for premise in step.premises if not isinstance(premise.fact.subject, ox.BlankNode)]

    def _place(self, step: Step) -> str:
        if step.rule:
            return f"inferred by {step.rule}, {step.summary}"
        lines = [graph for graph in step.graphs if "#L" in graph]
        files = sorted(
            {self.dataset.files.get(graph, terms.compact(graph)) for graph in step.graphs if "#L" not in graph}
        )
        return "; ".join(filter(None, [tables.short_lines(sorted(lines, key=terms.line_order)), *files]))

    def _sentence(self, fact: ox.Triple) -> str:
        ends = [
            "a list" if isinstance(end, ox.BlankNode) else said(self.dataset, end)
            for end in (fact.subject, fact.object)
        ]
        return f"{ends[0]}, {terms.name(self.dataset.store, fact.predicate.value)}, {ends[1]}"
