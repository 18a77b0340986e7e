"""The command `why`: list the claims about an entity with line, heading and decision, and derive those that are inferred."""

from collections.abc import Iterator
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import paths, tables, terms
from oewg_kg.cli.ask import ask
from oewg_kg.cli.common import opened, pages_option, quoted, receipt_option, said
from oewg_kg.cli.output import Output, output_options
from oewg_kg.cli.show import rows_of
from oewg_kg.dataset import Dataset
from oewg_kg.errors import NegativeFinding, UsageError
from oewg_kg.evidence import claims
from oewg_kg.evidence.claims import Claim
from oewg_kg.find import by_name
from oewg_kg.formats import CITATION_FORMATS
from oewg_kg.inference.derivation import Derivations, Step
from oewg_kg.vocabulary import INFERRED


@click.command()
@click.argument("subject")
@click.argument("predicate", required=False, metavar="[PROPERTY]")
@click.option("--on", "document", metavar="DOCUMENT", help="Search the lists about this document for SUBJECT.")
@pages_option
@receipt_option
@output_options(*CITATION_FORMATS)
@click.pass_context
def why(
    context: click.Context,
    subject: str,
    predicate: str | None,
    document: str | None,
    pages: Path | None,
    receipt: str | None,
    out: Output,
) -> None:
    """Show where a fact comes from: lines, headings, inference rules.

    An inferred fact is shown with the lines it follows from and, if you give a PROPERTY, with the rules used and
    the facts it was inferred from. Editorial decisions on conflicting claims are included.

    With --on DOCUMENT, shows which lists cover contributions to the document, and whether they include SUBJECT.

    Example: oewg why event:oewg1-session-3 oewg:heldStart
    """
    data_root, dataset = opened(context.obj, pages=pages)
    thing = by_name.resolve_name(dataset, subject)
    if document and not predicate:
        values = {"actor": thing.value, "document": by_name.resolve_name(dataset, document).value}
        params = tuple(f"{name}={value}" for name, value in values.items())
        how = {"receipt": receipt, "pages": pages, "format": out.format, "output": out.file}
        context.invoke(ask, name="lists-searched", params=params, cite=True, **how)
        return
    if receipt or document:
        raise UsageError(
            "--receipt needs --on, and --on takes no PROPERTY", advice="give only SUBJECT and --on DOCUMENT"
        )
    found = claims.claims(dataset, thing, by_name.resolve_property(dataset, predicate) if predicate else None)
    if not found:
        name = terms.compact(thing.value)
        raise NegativeFinding("no source states this fact", name, f"`oewg show {name}` shows what is recorded about it")
    because = Reasons(data_root, dataset, found)
    if out.format in CITATION_FORMATS:
        stated = [claim for claim in found if because.lines(claim)]
        rows = [
            f"{said(dataset, thing)}, {row[0]}: {row[1]}{' (our words, about this line)' if claim.ours else ''}"
            for claim, row in zip(stated, rows_of(dataset, stated), strict=True)
        ]
        out.put_citations(dataset, rows, [because.lines(claim) for claim in stated])
        return
    names = ["property", "value", "stated in", "under heading", "decision"]
    cells = [[*row[:3], tables.short_lines([row[3]]) if row[3] else "", row[4]] for row in rows_of(dataset, found)]
    for claim, row in zip(found, cells, strict=True):
        row[2] = because.where(claim) if row[2] == "inferred" else row[2]
    if out.for_people:
        lines = {line for claim in found for line in because.lines(claim)}
        read = "\n".join(quoted(dataset, lines, links=True)) if predicate else ""
        below = (because.tree() if predicate else "") + (f"Read it on the page:\n{read}\n" if read else "")
        out.put_rows(names, cells, said(dataset, thing), below)
    else:
        facts = [[*row, because.cell(claim)] for claim, row in zip(found, cells, strict=True)]
        out.put_rows([*names, "follows from"], facts)


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
        """Leave out the RDF of lists: for a chain of properties, the axiom is enough."""
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
