"""The command `why`: list the claims about an entity with line, heading and decision, and derive those that are inferred."""

from collections.abc import Iterator
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import paths, tables, terms
from oewg_kg.cli.ask import ask
from oewg_kg.cli.common import full_name, open_graph, pages_option, quotations, receipt_option
from oewg_kg.cli.output import Output, output_options
from oewg_kg.cli.show import claim_rows
from oewg_kg.dataset import Dataset
from oewg_kg.errors import NegativeFinding, UsageError
from oewg_kg.evidence.claims import Claim, claims_about
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
    data_root, dataset = open_graph(context.obj, pages=pages)
    iri = by_name.resolve_name(dataset, subject)
    if document and not predicate:
        values = {"actor": iri.value, "document": by_name.resolve_name(dataset, document).value}
        settings = tuple(f"{name}={value}" for name, value in values.items())
        options = {"receipt": receipt, "pages": pages, "format": out.format, "output": out.file}
        context.invoke(ask, name="lists-searched", params=settings, cite=True, **options)
        return
    if receipt or document:
        raise UsageError(
            "--receipt needs --on, and --on takes no PROPERTY", advice="give only SUBJECT and --on DOCUMENT"
        )
    claims = claims_about(dataset, iri, by_name.resolve_property(dataset, predicate) if predicate else None)
    if not claims:
        name = terms.compact(iri.value)
        raise NegativeFinding("no source states this fact", name, f"`oewg show {name}` shows what is recorded about it")
    reasons = Reasons(data_root, dataset, claims)
    if out.format in CITATION_FORMATS:
        cited_claims = [claim for claim in claims if reasons.lines(claim)]
        sentences = [
            f"{full_name(dataset, iri)}, {row[0]}: {row[1]}{' (our words, about this line)' if claim.ours else ''}"
            for claim, row in zip(cited_claims, claim_rows(dataset, cited_claims), strict=True)
        ]
        out.put_citations(dataset, sentences, [reasons.lines(claim) for claim in cited_claims], None)
        return
    columns = ["property", "value", "stated in", "under heading", "decision"]
    rows = [[*row[:3], tables.short_lines([row[3]]) if row[3] else "", row[4]] for row in claim_rows(dataset, claims)]
    for claim, row in zip(claims, rows, strict=True):
        row[2] = reasons.inferred_from(claim) if row[2] == "inferred" else row[2]
    if out.for_people:
        lines = {line for claim in claims for line in reasons.lines(claim)}
        quotes = "\n".join(quotations(dataset, lines, links=True)) if predicate else ""
        tree = reasons.derivation_tree() if predicate else ""
        sections = tree + (f"Read it on the page:\n{quotes}\n" if quotes else "")
        out.put_rows(columns, rows, full_name(dataset, iri), sections)
    else:
        full_rows = [[*row, reasons.inline_derivations(claim)] for claim, row in zip(claims, rows, strict=True)]
        out.put_rows([*columns, "follows from"], full_rows)


class Reasons:
    """The derivations of the inferred claims of one answer, one or more for each claim."""

    def __init__(self, root: paths.Root, dataset: Dataset, claims: list[Claim]) -> None:
        """Derive each inferred claim."""
        self.dataset = dataset
        self.steps_by_claim: dict[Claim, list[Step]] = {}
        derivations = Derivations(dataset, root) if any(claim.graph == INFERRED for claim in claims) else None
        for claim in claims:
            if derivations and claim.graph == INFERRED and isinstance(claim.subject, ox.NamedNode):
                self.steps_by_claim[claim] = derivations.why(ox.Triple(claim.subject, claim.predicate, claim.object))

    def _source_graphs(self, claim: Claim) -> set[str]:
        return {graph for step in self.steps_by_claim.get(claim, ()) for graph in step.sources()}

    def lines(self, claim: Claim) -> list[str]:
        """List the source lines that state a claim, or that an inferred one follows from."""
        graphs = {claim.graph} if claim.graph != INFERRED else self._source_graphs(claim)
        return sorted((graph for graph in graphs if "#L" in graph), key=terms.line_order)

    def inferred_from(self, claim: Claim) -> str:
        """Summarize where an inferred claim comes from."""
        graphs = self._source_graphs(claim)
        files = sorted({self.dataset.files.get(graph, "") for graph in graphs if "#L" not in graph})
        origin = tables.short_lines(self.lines(claim)) or ", ".join(files)
        return f"inferred from {origin}" if origin else "inferred"

    def inline_derivations(self, claim: Claim) -> str:
        """Write the derivations in one line: the rule, then what it follows from, each with its place in brackets."""
        return " OR ".join(self._inline_step(step) for step in self.steps_by_claim.get(claim, ()))

    def derivation_tree(self) -> str:
        """Write the derivations as an indented list, each fact below the rule or place it belongs to."""
        steps = [step for claim_steps in self.steps_by_claim.values() for step in claim_steps]
        return "".join(f"{line}\n" for step in steps for line in self._tree_lines(step, 0))

    def _tree_lines(self, step: Step, depth: int) -> Iterator[str]:
        yield f"{'  ' * depth}{'- ' if depth else ''}{self._fact_sentence(step.fact)}: {self._step_source(step)}"
        for premise in self._visible_premises(step):
            yield from self._tree_lines(premise, depth + 1)

    def _inline_step(self, step: Step) -> str:
        premises = []
        for premise in self._visible_premises(step):
            source = self._inline_step(premise) if premise.rule else self._step_source(premise)
            premises.append(f"{self._fact_sentence(premise.fact)} [{source}]")
        return f"{step.rule}: {'; '.join(premises)}"

    def _visible_premises(self, step: Step) -> list[Step]:
        """Leave out the RDF of lists: for a chain of properties, the axiom is enough."""
        return [premise for premise in step.premises if not isinstance(premise.fact.subject, ox.BlankNode)]

    def _step_source(self, step: Step) -> str:
        if step.rule:
            return f"inferred by {step.rule}, {step.summary}"
        lines = sorted((graph for graph in step.graphs if "#L" in graph), key=terms.line_order)
        others = (graph for graph in step.graphs if "#L" not in graph)
        files = sorted({self.dataset.files.get(graph, terms.compact(graph)) for graph in others})
        return "; ".join(filter(None, [tables.short_lines(lines), *files]))

    def _fact_sentence(self, fact: ox.Triple) -> str:
        entity_names = [
            "a list" if isinstance(term, ox.BlankNode) else full_name(self.dataset, term)
            for term in (fact.subject, fact.object)
        ]
        return f"{entity_names[0]}, {terms.name(self.dataset.store, fact.predicate.value)}, {entity_names[1]}"
