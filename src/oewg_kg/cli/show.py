"""The command `show`: show the profile of an entity (questions with their first rows) or its facts, or what a source line says."""

import click
import pyoxigraph as ox

from oewg_kg import query, tables, terms
from oewg_kg.answers import readings
from oewg_kg.answers.cited_sources import CitedSources
from oewg_kg.cli.common import full_name, open_graph
from oewg_kg.cli.output import Output, draw, output_options
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.evidence import decisions
from oewg_kg.evidence.claims import Claim, claims_about
from oewg_kg.find import by_name, profiles
from oewg_kg.find.profiles import Panel
from oewg_kg.vocabulary import INFERRED, RDF_TYPE, RECORD

MOST_VALUES = 25  # values of a property; more are counted, not listed


@click.command()
@click.argument("name")
@output_options()
@click.option("--all", "every", is_flag=True, help="Add every fact, with the lines that state it.")
@click.pass_obj
def show(root: str | None, name: str, every: bool, out: Output) -> None:
    """Show the facts about an entity, or those on a source line.

    NAME is a label, a short name such as state:EST, a web address (IRI), or a source line such as p1:62. The output is
    an overview, to which --all adds every fact. Formats for programs contain every fact, but no overview.

    Example: oewg show "Zero Draft"
    """
    data_root, dataset = open_graph(root)
    entity = by_name.resolve_name(dataset, name)
    if "#L" in entity.value:
        judgements, ours = decisions.judgements(dataset.store), terms.editorial(dataset.store)

        def order(quad: ox.Quad) -> tuple[str, bool, str]:
            return str(quad.subject), quad.predicate.value != RDF_TYPE, str(quad)

        rows = []
        for quad in sorted(dataset.store.quads_for_pattern(None, None, None, entity), key=order):
            predicate = quad.predicate.value
            label = terms.name(dataset.store, predicate) + (" (our words)" if predicate in ours else "")
            fates = [f"{claim.fate}, {terms.compact(claim.decision.value)}" for claim in judgements(quad)]
            rows.append([full_name(dataset, quad.subject), label, full_name(dataset, quad.object), "; ".join(fates)])
        out.put_rows(["subject", "property", "value", "decision"], rows, full_name(dataset, entity))
        return
    panels = profiles.of(data_root.queries, dataset, entity) if out.for_people else []
    overview = "\n".join(
        [full_name(dataset, entity), "", *(draw_panel(dataset, panel, out.format) for panel in panels)]
    )
    if panels and not every:
        out.put(f"{overview}\nEvery fact: oewg show {terms.compact(entity.value)} --all\n")
        return
    facts: dict[tuple[str, str], list[str]] = {}
    for row in claim_rows(dataset, claims_about(dataset, entity)):
        facts.setdefault((row[0], row[1]), []).append(row[2] + (f" [{row[4].partition(':')[0]}]" if row[4] else ""))
    for fact, source in mentions(dataset, entity):
        facts.setdefault(fact, []).append(source)
    fact_rows = [[*fact, "; ".join(dict.fromkeys(origins))] for fact, origins in facts.items()]
    out.put_rows(["property", "value", "stated in"], fact_rows, overview.strip())


def draw_panel(dataset: Dataset, panel: Panel, format: str) -> str:
    """Write a panel: a question, its first rows or why it has none, and the command that asks it."""
    result = panel.result
    rows, citations = result.rows[:MOST_VALUES], result.citations[:MOST_VALUES] if any(result.citations) else None
    labels = tables.labels(dataset.store, result.columns, rows)
    body = draw(format, *tables.for_people(result.columns, rows, citations, labels)) if rows else ""
    absence = "" if rows else f"none: {panel.reason}\n"
    more = f"... {len(result.rows) - MOST_VALUES} more: " if len(result.rows) > MOST_VALUES else ""
    settings = " ".join(f"-p {name}={value}" for name, value in panel.values.items())
    wording = readings.question_wording(dataset.store, panel.saved, query.bind(dataset, panel.saved, panel.values))
    return f"{wording.heading}\n{body}{absence}{more}oewg ask {panel.saved.name} {settings}\n"


def mentions(dataset: Dataset, entity: ox.NamedNode) -> list[tuple[tuple[str, str], str]]:
    """List the facts that have an entity as their value, and an actor's attachments; if many are alike, only their number."""
    facts: dict[str, dict[str, list[str]]] = {}
    for row in select(dataset.store, own_query("mentions").replace("?thing", str(entity))):
        label = terms.name(dataset.store, row["property"].value)
        label = f"mentioned under {label}" if row["inverse"].value == "true" else label
        facts.setdefault(label, {}).setdefault(full_name(dataset, row["other"]), []).append(row["graph"].value)
    return [
        ((label, value), origin(dataset, graph))
        for label, by_value in sorted(facts.items())
        for value, graphs in (by_value if len(by_value) <= MOST_VALUES else {f"{len(by_value)} entities": [""]}).items()
        for graph in sorted(graphs, key=terms.line_order)
    ]


def claim_rows(dataset: Dataset, claims: list[Claim]) -> list[list[str]]:
    """Lay claims out: property, value, where stated, under which heading, what was decided."""
    rows, sources = [], CitedSources(dataset)
    for claim in claims:
        proof = sources.proof(terms.text_of(claim.subject), claim.graph, claim.predicate.value)
        origin_text = "inferred" if proof == INFERRED else origin(dataset, proof)
        origin_text = f"our words, about {origin_text}" if claim.ours else origin_text
        decision = f"{claim.fate}: {claim.reason}" if claim.fate else ""
        name, value = terms.name(dataset.store, claim.predicate.value), full_name(dataset, claim.object)
        rows.append([name, value, origin_text, claim.heading or "", decision])
    return rows


def origin(dataset: Dataset, graph: str) -> str:
    """Name where a fact is stated: a line, a voting record, a reference with its file, or a file."""
    if "#L" in graph or graph.startswith(RECORD):
        return tables.short_lines([graph])
    file = dataset.files.get(graph, "")
    name = terms.label(dataset.store, graph) if file else ""
    return f"{name} ({file})" if name else file
