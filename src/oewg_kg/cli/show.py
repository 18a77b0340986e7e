"""The command `show`: show the profile of an entity (questions with their first rows) or its facts, or what a source line says."""

import click
import pyoxigraph as ox

from oewg_kg import query, tables, terms
from oewg_kg.answers import readings
from oewg_kg.answers.places import Places
from oewg_kg.cli.common import opened, said
from oewg_kg.cli.output import Output, draw, output_options
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.evidence import claims
from oewg_kg.evidence import decisions as decided
from oewg_kg.evidence.claims import Claim
from oewg_kg.find import by_name, profiles
from oewg_kg.find.profiles import Panel
from oewg_kg.vocabulary import INFERRED, RDF_TYPE, RECORD

MANY = 25  # values of a property; more are counted, not listed


@click.command()
@click.argument("name")
@output_options()
@click.option("--all", "every", is_flag=True, help="Add every fact, with the lines that state it.")
@click.pass_obj
def show(root: str | None, name: str, every: bool, out: Output) -> None:
    """Show the facts about an entity, or those on a source line.

    NAME is a label, a short name such as state:EST, a web address (IRI), or a source line such as p1:62. With -f
    table, the output begins with an overview, for example of contributions and votes; --all adds every fact. The other
    formats contain only the facts.

    Example: oewg show "Zero Draft"
    """
    data_root, dataset = opened(root)
    thing = by_name.resolve_name(dataset, name)
    if "#L" in thing.value:
        on, ours = decided.judgements(dataset.store), terms.editorial(dataset.store)

        def order(quad: ox.Quad) -> tuple[str, bool, str]:
            return str(quad.subject), quad.predicate.value != RDF_TYPE, str(quad)

        stated = [
            [
                said(dataset, q.subject),
                terms.name(dataset.store, q.predicate.value) + (" (our words)" if q.predicate.value in ours else ""),
                said(dataset, q.object),
                "; ".join(f"{one.fate}, {terms.compact(one.decision.value)}" for one in on(q)),
            ]
            for q in sorted(dataset.store.quads_for_pattern(None, None, None, thing), key=order)
        ]
        out.put_rows(["subject", "property", "value", "decision"], stated, said(dataset, thing))
        return
    panels = profiles.of(data_root.queries, dataset, thing) if out.for_people else []
    above = "\n".join([said(dataset, thing), "", *(drawn(dataset, panel, out.format) for panel in panels)])
    if panels and not every:
        out.put(f"{above}\nEvery fact: oewg show {terms.compact(thing.value)} --all\n")
        return
    facts: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(dataset, claims.claims(dataset, thing)):
        facts.setdefault((row[0], row[1]), []).append(row[2] + (f" [{row[4].partition(':')[0]}]" if row[4] else ""))
    for fact, where in said_of(dataset, thing):
        facts.setdefault(fact, []).append(where)
    cells = [[*fact, "; ".join(dict.fromkeys(where))] for fact, where in facts.items()]
    out.put_rows(["property", "value", "stated in"], cells, above.strip())


def drawn(dataset: Dataset, panel: Panel, format: str) -> str:
    """Write a panel: a question, its first rows or why it has none, and the command that asks it."""
    result = panel.result
    rows, lines = result.rows[:MANY], result.citations[:MANY] if any(result.citations) else None
    labels = tables.labels(dataset.store, result.columns, rows)
    body = draw(format, *tables.for_people(result.columns, rows, lines, labels)) if rows else ""
    none = "" if rows else f"none: {panel.reason}\n"
    more = f"... {len(result.rows) - MANY} more: " if len(result.rows) > MANY else ""
    asked = " ".join(f"-p {name}={value}" for name, value in panel.values.items())
    asked_of = readings.asked(dataset.store, panel.saved, query.bind(dataset, panel.saved, panel.values))
    return f"{asked_of.heading}\n{body}{none}{more}oewg ask {panel.saved.name} {asked}\n"


def said_of(dataset: Dataset, thing: ox.NamedNode) -> list[tuple[tuple[str, str], str]]:
    """List the facts that have an entity as their value, and an actor's attachments; if many are alike, only their number."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in select(dataset.store, own_query("mentions").replace("?thing", str(thing))):
        name = ("mentioned under " if row["inverse"].value == "true" else "") + terms.name(
            dataset.store, row["property"].value
        )
        found.setdefault(name, {}).setdefault(said(dataset, row["other"]), []).append(row["graph"].value)
    return [
        ((name, value), place_of(dataset, graph))
        for name, others in sorted(found.items())
        for value, graphs in (others if len(others) <= MANY else {f"{len(others)} entities": [""]}).items()
        for graph in sorted(graphs, key=terms.line_order)
    ]


def rows_of(dataset: Dataset, found: list[Claim]) -> list[list[str]]:
    """Lay claims out: property, value, where stated, under which heading, what was decided."""
    rows, places = [], Places(dataset)
    for claim in found:
        proof = places.proof(terms.text_of(claim.subject), claim.graph, claim.predicate.value)
        where = "inferred" if proof == INFERRED else place_of(dataset, proof)
        where = f"our words, about {where}" if claim.ours else where
        decided = f"{claim.fate}: {claim.reason}" if claim.fate else ""
        name, value = terms.name(dataset.store, claim.predicate.value), said(dataset, claim.object)
        rows.append([name, value, where, claim.heading or "", decided])
    return rows


def place_of(dataset: Dataset, graph: str) -> str:
    """Name where a fact is stated: a line, a voting record, a reference with its file, or a file."""
    if "#L" in graph or graph.startswith(RECORD):
        return tables.short_lines([graph])
    file = dataset.files.get(graph, "")
    name = terms.label(dataset.store, graph) if file else ""
    return f"{name} ({file})" if name else file
