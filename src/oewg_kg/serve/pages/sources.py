"""The pages about the sources: each source page line by line, single lines, the register of conflicts, and the SHACL shapes."""

from collections import Counter
from dataclasses import dataclass

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.dataset import own_query, select
from oewg_kg.disagreements.conflicts import READING
from oewg_kg.serve.api import graph_store
from oewg_kg.serve.lookups import Explorer, Fact, explorer_of
from oewg_kg.serve.pages import entity_page, rendering
from oewg_kg.serve.pages.presentation import PART_LINES, View, first_line_of_part, integer_parameter
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import BASE, OEWG, PREF_LABEL, RDF_TYPE

CONFLICTS_PER_PAGE = 30
LAYOUT_PROPERTIES = ("underHeading", "continues", "lineStatus")


@dataclass(frozen=True)
class SourceLine:
    """One line of a source: its heading, the line it continues, its status, and its facts about each entity."""

    number: int
    iri: str
    heading: str
    continues: str
    status: str
    facts_by_subject: dict[str, list[Fact]]


def line_counts(explorer: Explorer) -> dict[str, dict[str, int]]:
    """Count for each source its lines, those `filled`, those `stating` facts or `marked` as without, and the facts."""
    rows = select(explorer.store, own_query("lines-of-sources"))
    columns = ("lines", "filled", "stating", "marked", "facts")
    return {terms.text_of(row["source"]): {column: int(row[column].value) for column in columns} for row in rows}


def sources_page(request: Request) -> Response:
    """Answer with the list of sources and how their lines are accounted for, and the related files."""
    return rendering.page(request, "sources.html", counts=explorer_of(request).cached("counts", line_counts))


def source_line(explorer: Explorer, number: int, iri: str) -> SourceLine:
    """Collect what one line states."""
    term = ox.NamedNode(iri)
    facts_by_subject: dict[str, list[Fact]] = {}
    layout = dict.fromkeys(LAYOUT_PROPERTIES, "")
    subjects = {quad.subject for quad in explorer.store.quads_for_pattern(None, None, None, term)}
    for subject in sorted(subjects, key=str):
        if isinstance(subject, ox.Triple):
            continue
        facts = explorer.facts(subject, iri)
        if subject == term:
            layout |= {fact.predicate.removeprefix(OEWG): terms.text_of(fact.value) for fact in facts}
            facts = [fact for fact in facts if fact.predicate.removeprefix(OEWG) not in LAYOUT_PROPERTIES]
        if facts:
            class_facts = [fact for fact in facts if fact.predicate == RDF_TYPE]
            other_facts = [fact for fact in facts if fact.predicate not in (RDF_TYPE, PREF_LABEL)]
            facts_by_subject[terms.text_of(subject)] = [*class_facts, *other_facts]
    heading, continues, status = (layout[property_name] for property_name in LAYOUT_PROPERTIES)
    return SourceLine(number, iri, heading, continues, status, facts_by_subject)


def source_page(request: Request) -> Response:
    """Answer with a part of the lines of one source, each with what it states; or the source and its lines as RDF."""
    explorer, source_name = explorer_of(request), request.path_params["name"]
    iri = explorer.iri_of_path(f"source/{source_name}")
    line_count = explorer.cached("counts", line_counts).get(iri)
    if line_count is None or rendering.negotiated_format(request) != "html":
        request.path_params["path"] = f"source/{source_name}"
        return entity_page.entity(request)
    numbered = [(line.rpartition("#L")[2], line) for line in explorer.subjects(OEWG + "ofSource", iri)]
    lines = dict(sorted((int(number), line) for number, line in numbered if number.isdigit()))
    if "line" in request.query_params:
        return line_page(request, iri, lines)
    first_line = first_line_of_part(max(integer_parameter(request, "from", 1), 1))
    numbers_of_part = [number for number in lines if first_line <= number < first_line + PART_LINES]
    if not numbers_of_part and lines:
        raise HTTPException(404)
    return rendering.page(
        request,
        "source.html",
        iri=iri,
        count=line_count,
        groups=entity_page.fact_groups(View.of(request), explorer.facts(ox.NamedNode(iri))),
        lines=[source_line(explorer, number, lines[number]) for number in numbers_of_part],
        numbers=list(lines),
        first=first_line,
        step=PART_LINES,
        alternates=entity_page.alternates(iri),
    )


def line_page(request: Request, source: str, lines: dict[int, str]) -> Response:
    """Answer with one line: its position, its words or a link to them, the facts recorded from it, decisions, how to cite it."""
    explorer, view, number = explorer_of(request), View.of(request), integer_parameter(request, "line")
    if number not in lines:
        raise HTTPException(404)
    numbers, iri = list(lines), lines[number]
    index, headings = numbers.index(number), [iri]
    while (heading := explorer.values(headings[0], OEWG + "underHeading")) and heading[0] not in headings:
        headings.insert(0, heading[0])
    return rendering.page(
        request,
        "line.html",
        source=source,
        line=source_line(explorer, number, iri),
        headings=headings[:-1],
        previous_line=numbers[index - 1] if index else 0,
        next_line=numbers[index + 1] if index + 1 < len(numbers) else 0,
        panels=[panel for panel in entity_page.question_panels(request, view, iri) if panel["rows"]],
    )


def conflicts_page(request: Request) -> Response:
    """Answer with the register of contested facts, by kind of reason; with `changes`, also the effects of other claims."""
    explorer = explorer_of(request)
    with_changes = explorer.frozen or "changes" in request.query_params
    register = explorer.consequences if with_changes else explorer.conflict_register
    reasons = Counter(conflict.reason for conflict in register)
    reason = request.query_params.get("reason", "")
    if reason and reason not in reasons:
        raise HTTPException(404)
    listed = [conflict for conflict in register if reason in ("", conflict.reason)]
    listed.sort(key=lambda conflict: (conflict.kind == READING, not any(claim.aside for claim in conflict.variants)))
    start = integer_parameter(request, "start")
    return rendering.page(
        request,
        "conflicts.html",
        conflicts=listed[start : start + CONFLICTS_PER_PAGE],
        total=len(listed),
        counts=reasons,
        reason=reason,
        start=start,
        step=CONFLICTS_PER_PAGE,
        with_changes=with_changes,
        variants=sum(len(conflict.variants) for conflict in register),
    )


def shapes_page(request: Request) -> Response:
    """Answer with the SHACL shapes: what each applies to, and its message to the curator."""
    explorer, format_name = explorer_of(request), rendering.requested_format(request)
    if format_name != "html":
        return graph_store.graph([quad.triple for quad in validate.shapes_graph(explorer.root.shapes)], format_name)
    shape_files = []
    for file in sorted(explorer.root.shapes.glob("*.ttl")):
        store = ox.Store()
        store.load(path=file, format=ox.RdfFormat.TURTLE, base_iri=BASE)
        targets = [terms.text_of(row["target"]) for row in select(store, own_query("shape-targets"))]
        messages = [tuple(map(terms.text_of, row)) for row in select(store, own_query("shape-messages"))]
        shape_files.append((file.stem, targets, messages))
    return rendering.page(request, "shapes.html", shapes=shape_files, alternates=rendering.alternates("shapes"))
