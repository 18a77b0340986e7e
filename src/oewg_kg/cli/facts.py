"""Commands about one thing or the whole: show, search, why, info.

Not for saved questions: those are in `answers`.
"""

import difflib
import json
from collections import Counter

import click
import pyoxigraph as ox

from oewg_kg import __version__, build, decided, evidence, query, tables, terms
from oewg_kg.citations import CITATION_FORMATS
from oewg_kg.cli.common import citing_options, draw, opened, put, put_citations, said, table_options, wanted
from oewg_kg.cli.reasons import Reasons
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import NegativeFinding, UsageError
from oewg_kg.evidence import Claim
from oewg_kg.terms import Term
from oewg_kg.vocabulary import BASE, INFERRED, OEWG, PREFIXES, RDF_TYPE

MANY = 25  # values of one property: more are counted, not listed
# A property with an inverse is left out: the thing itself has that.
SAID_OF = f"""SELECT DISTINCT ?property ?other ?graph ?inverse WHERE {{
    {{
        GRAPH ?graph {{ ?other ?property ?thing }}
        FILTER (?graph != <{INFERRED}>)
        FILTER (?property NOT IN (<{RDF_TYPE}>, <{PREFIXES["rdf"]}subject>, <{PREFIXES["rdf"]}object>))
        FILTER NOT EXISTS {{ ?any <{PREFIXES["owl"]}inverseOf> ?property }}
        BIND (true AS ?inverse)
    }} UNION {{
        ?given <{OEWG}submittedBy> ?thing .
        GRAPH ?graph {{ ?given ?property ?other }}
        FILTER (?property = <{OEWG}hasAttachment>)
        BIND (false AS ?inverse)
    }}
}} ORDER BY ?property ?other ?graph"""


def rows_of(dataset: Dataset, found: list[Claim]) -> list[list[str]]:
    """Lay claims out: property, value, where stated, under which heading, what was decided."""
    rows = []
    for claim in found:
        where = "inferred" if claim.graph == INFERRED else place_of(dataset, claim.graph)
        decided = f"{claim.fate}: {claim.reason}" if claim.fate else ""
        rows.append(
            [
                terms.name(dataset.store, claim.predicate.value),
                said(dataset, claim.object),
                where,
                claim.heading or "",
                decided,
            ]
        )
    return rows


def place_of(dataset: Dataset, graph: str) -> str:
    """Name the line of a graph, or the file where it is not a line."""
    return tables.short_lines([graph]) if "#L" in graph else dataset.files.get(graph, "")


@click.command()
@click.argument("name")
@table_options
@click.pass_obj
def show(root: str | None, name: str, format: str | None, output: str | None) -> None:
    """Show the facts about an entity, or from a source line.

    NAME is a label, a short name such as state:EST, an IRI, or a source line such as p1:62. Each fact has its source
    lines.

    Example: oewg show "Zero Draft"
    """
    _, dataset = opened(root)
    thing = evidence.resolve_name(dataset, name)
    format = wanted(format, output)
    if "#L" in thing.value:
        fates = {one.quad: f"{one.fate}, {terms.compact(one.decision.value)}" for one in decided.claims(dataset.store)}
        stated = [
            [
                said(dataset, q.subject),
                terms.name(dataset.store, q.predicate.value),
                said(dataset, q.object),
                fates.get(q, ""),
            ]
            for q in in_line(dataset, thing)
        ]
        put_rows(["subject", "property", "value", "decision"], stated, (format, output), (said(dataset, thing), ""))
        return
    facts: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(dataset, evidence.claims(dataset, thing)):
        facts.setdefault((row[0], row[1]), []).append(row[2] + (f" [{row[4].partition(':')[0]}]" if row[4] else ""))
    for fact, where in said_of(dataset, thing):
        facts.setdefault(fact, []).append(where)
    cells = [[*fact, "; ".join(dict.fromkeys(where))] for fact, where in facts.items()]
    put_rows(["property", "value", "stated in"], cells, (format, output), (said(dataset, thing), ""))


def said_of(dataset: Dataset, thing: ox.NamedNode) -> list[tuple[tuple[str, str], str]]:
    """List the facts whose value a thing is, and the attachments of what an actor gave; of many alike only their number."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in select(dataset.store, SAID_OF.replace("?thing", str(thing))):
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


def in_line(dataset: Dataset, line: ox.NamedNode) -> list[ox.Quad]:
    """List what a source line states, by subject."""
    return sorted(
        dataset.store.quads_for_pattern(None, None, None, line),
        key=lambda q: (str(q.subject), q.predicate.value != RDF_TYPE, str(q)),
    )


def put_rows(
    names: list[str], cells: list[list[str]], how: tuple[str, str | None], around: tuple[str, str] = ("", "")
) -> None:
    """Write rows; `how` is the format and the file, `around` a title above a table and text below it."""
    (format, output), (title, below) = how, around
    if format in ("table", "md"):
        names = [{"stated in": "source", "decision": "editorial decision"}.get(name, name) for name in names]
    if format == "json":
        put(
            json.dumps([dict(zip(names, row, strict=True)) for row in cells], ensure_ascii=False, indent=1) + "\n",
            output,
        )
    else:
        filled = [at for at in range(len(names)) if format != "table" or any(row[at] for row in cells)]
        names, cells = [names[at] for at in filled], [[row[at] for at in filled] for row in cells]
        above = f"{title}\n\n" if title and format in ("table", "md") else ""
        put(above + draw(format, names, cells) + (f"\n{below}" if below else ""), output)


@click.command()
@click.argument("subject")
@click.argument("predicate", required=False)
@click.argument("object", required=False)
@citing_options
@click.pass_obj
def why(
    root: str | None, subject: str, predicate: str | None, object: str | None, format: str | None, output: str | None
) -> None:
    """Show where a fact comes from: lines, headings and rules.

    An inferred fact is shown with the lines it follows from and, if you give a PREDICATE, with the rules and the facts
    it was inferred by. Editorial decisions on conflicting claims are included.

    Example: oewg why event:oewg1-session-3 oewg:heldStart
    """
    place, dataset = opened(root)
    thing = evidence.resolve_name(dataset, subject)
    found = evidence.claims(dataset, thing, predicate_of(dataset, predicate) if predicate else None)
    if object:
        found = [claim for claim in found if is_called(dataset, claim.object, object)]
    if not found:
        raise NegativeFinding(
            "no source states such a fact", terms.compact(thing.value), "see `oewg show` for its facts"
        )
    format = wanted(format, output)
    because = Reasons(place, dataset, found)
    if format in CITATION_FORMATS:
        stated = [claim for claim in found if because.lines(claim)]
        rows = [f"{said(dataset, thing)}, {row[0]}: {row[1]}" for row in rows_of(dataset, stated)]
        put_citations(dataset, rows, [because.lines(claim) for claim in stated], (format, output))
        return
    names = ["property", "value", "stated in", "under heading", "decision"]
    cells = [[*row[:3], tables.short_lines([row[3]]) if row[3] else "", row[4]] for row in rows_of(dataset, found)]
    for claim, row in zip(found, cells, strict=True):
        row[2] = because.where(claim) if claim.graph == INFERRED else row[2]
    if format in ("table", "md"):
        below = because.tree() if predicate else ""
        put_rows(names, cells, (format, output), (said(dataset, thing), below))
    else:
        told = [[*row, because.cell(claim)] for claim, row in zip(found, cells, strict=True)]
        put_rows([*names, "follows from"], told, (format, output))


def is_called(dataset: Dataset, term: Term, text: str) -> bool:
    """Tell whether a value is what the text says: the IRI, CURIE, label or literal."""
    value = terms.text_of(term)
    known = query.names_of(dataset.store, term) if isinstance(term, ox.NamedNode) else []
    names = {terms.folded(name) for name in (value, *known)}
    return value == (terms.expand(text) or text) or terms.folded(text) in names


def predicate_of(dataset: Dataset, text: str) -> ox.NamedNode:
    """Read a property as IRI, CURIE, local name or label; raises UsageError with the nearest names."""
    iri = terms.expand(text)
    used = {terms.text_of(row["p"]) for row in select(dataset.store, "SELECT DISTINCT ?p WHERE { ?s ?p ?o }")}
    known = {
        terms.folded(name): p
        for p in sorted(used)
        for name in (p.rpartition("#")[2].rpartition("/")[2], terms.label(dataset.store, p) or "")
    }
    found = iri if iri in used else known.get(terms.folded(text))
    if found is None:
        wanted = terms.folded((iri or text).rpartition("#")[2].rpartition("/")[2])
        near = difflib.get_close_matches(wanted, known, 4, 0.6) or [n for n in known if wanted in n or n in wanted][:4]
        advice = f"did you mean {', '.join(dict.fromkeys(terms.compact(known[name]) for name in near))}?"
        raise UsageError(
            f"unknown property {text!r}", advice=advice if near else "see `oewg show` for the properties of an entity"
        )
    return ox.NamedNode(found)


@click.command()
@click.argument("text")
@table_options
@click.pass_obj
def search(root: str | None, text: str, format: str | None, output: str | None) -> None:
    """Find entities by name, in any spelling used on a page.

    Exits with 1 if nothing is found.

    Example: oewg search iran
    """
    _, dataset = opened(root)
    found = evidence.search(dataset, text)
    if not found:
        raise NegativeFinding(f"no name matches {text!r}", advice="try part of the name")
    kinds = {m.iri: ", ".join(class_labels(dataset, m.iri)) for m in found}
    cells = [[terms.compact(m.iri), m.label, kinds[m.iri], m.matched if m.matched != m.label else ""] for m in found]
    put_rows(["short name", "label", "class", "found by"], cells, (wanted(format, output), output))


def class_labels(dataset: Dataset, iri: str) -> list[str]:
    """List the labels of the classes that a thing was given, inferred ones left out."""
    graphs = dataset.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(RDF_TYPE), None)
    given = {
        terms.text_of(q.object)
        for q in graphs
        if isinstance(q.graph_name, ox.NamedNode) and q.graph_name.value != INFERRED
    }
    return sorted(terms.name(dataset.store, c) for c in given)


@click.command()
@click.option("-f", "--format", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def info(root: str | None, format: str) -> None:
    """Show the version, contents and location of the data.

    Example: oewg info
    """
    place, dataset = opened(root)
    store = dataset.store
    classes: Counter[str] = Counter()
    for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None, ox.DefaultGraph()):
        if terms.text_of(quad.object).startswith(OEWG):
            classes[terms.text_of(quad.object)] += 1
    pages: dict[str, list[int]] = {}
    for graph in store.named_graphs():
        page, mark, _ = terms.text_of(graph).rpartition("#L")
        if mark:
            counts = pages.setdefault(page, [0, 0, 0])
            size = sum(1 for _ in store.quads_for_pattern(None, None, None, graph))
            marked = any(True for _ in store.quads_for_pattern(graph, ox.NamedNode(OEWG + "lineStatus"), None, graph))
            counts[0] += not marked
            counts[1] += marked
            counts[2] += size
    about = {
        "version": __version__,
        "folder": str(place.folder),
        "quads": len(store),
        "resolved": sum(1 for _ in store.quads_for_pattern(None, None, None, ox.DefaultGraph())),
        "inferred": sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED))),
        "fingerprint": build.fingerprint(place)[:16],
    }
    by_class = [
        [terms.label(store, c) or c, str(n)] for c, n in sorted(classes.items(), key=lambda item: (-item[1], item[0]))
    ]
    by_page = [[page.removeprefix(BASE + "source/"), *map(str, counts)] for page, counts in sorted(pages.items())]
    if format == "json":
        page_rows = [dict(zip(["page", "lines", "marked", "triples"], row, strict=True)) for row in by_page]
        put(
            json.dumps({**about, "classes": dict(by_class), "pages": page_rows}, ensure_ascii=False, indent=1) + "\n",
            None,
        )
        return
    put("".join(f"{name}: {value}\n" for name, value in about.items()) + "\n", None)
    put(
        draw("table", ["page", "lines with facts", "lines without facts", "statements"], by_page)
        + "\n"
        + draw("table", ["class", "entities"], by_class),
        None,
    )
