"""The pages about the sources: each source page line by line, in parts, and the register of conflicts between them."""

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
from oewg_kg.vocabulary import BASE, OEWG, PREF_LABEL, PREFIXES, RDF_TYPE

STEP = 30
SILENT = {OEWG + name for name in ("underHeading", "lineStatus", "continues")}

SHACL = f"PREFIX sh: <{PREFIXES['sh']}> SELECT DISTINCT"
TARGETS = SHACL + " ?target { ?shape sh:targetClass|sh:targetSubjectsOf|sh:targetObjectsOf|sh:targetNode ?target }"
MESSAGES = (
    SHACL + " ?path ?message { ?shape sh:message ?message OPTIONAL { ?shape sh:path ?path FILTER (isIRI(?path)) } }"
)


@dataclass(frozen=True)
class Line:
    """One line of a source: its heading, the line it continues, its status, and its facts about each entity."""

    number: int
    iri: str
    heading: str
    continues: str
    status: str
    about: dict[str, list[Fact]]


def numbers(explorer: Explorer, source: str) -> dict[int, str]:
    """Find the lines of a source that are not blank, by number."""
    lines = [(iri.rpartition("#L")[2], iri) for iri in explorer.subjects(OEWG + "ofSource", source)]
    return dict(sorted((int(number), iri) for number, iri in lines if number.isdigit()))


def counts(explorer: Explorer) -> dict[str, dict[str, int]]:
    """Count for each source its lines, those `filled`, those `stating` facts or `marked` as without, and the facts."""
    found = select(explorer.store, own_query("lines-of-sources"))
    names = ("lines", "filled", "stating", "marked", "facts")
    return {terms.text_of(row["source"]): {name: int(row[name].value) for name in names} for row in found}


def sources(request: Request) -> Response:
    """Answer with the list of sources and how their lines are accounted for, and the related files."""
    return rendering.page(request, "sources.html", counts=explorer_of(request).cached("counts", counts))


def line_of(explorer: Explorer, number: int, iri: str) -> Line:
    """Collect what one line states."""
    term = ox.NamedNode(iri)
    things: dict[str, list[Fact]] = {}
    values = dict.fromkeys(("underHeading", "continues", "lineStatus"), "")
    subjects = {quad.subject for quad in explorer.store.quads_for_pattern(None, None, None, term)}
    for subject in sorted(subjects, key=str):
        if isinstance(subject, ox.Triple):
            continue
        facts = explorer.facts(subject, iri)
        if subject == term:
            values |= {fact.predicate.removeprefix(OEWG): terms.text_of(fact.value) for fact in facts}
            facts = [fact for fact in facts if fact.predicate not in SILENT]
        if facts:
            kinds = [fact for fact in facts if fact.predicate == RDF_TYPE]
            others = [fact for fact in facts if fact.predicate not in (RDF_TYPE, PREF_LABEL)]
            things[terms.text_of(subject)] = [*kinds, *others]
    return Line(number, iri, values["underHeading"], values["continues"], values["lineStatus"], things)


def source(request: Request) -> Response:
    """Answer with a part of the lines of one source, each with what it states; or the source and its lines as RDF."""
    explorer, name = explorer_of(request), request.path_params["name"]
    iri = explorer.iri_of_path(f"source/{name}")
    count = explorer.cached("counts", counts).get(iri)
    if count is None or rendering.negotiated_format(request) != "html":
        request.path_params["path"] = f"source/{name}"
        return entity_page.entity(request)
    lines = numbers(explorer, iri)
    if "line" in request.query_params:
        return line(request, iri, lines)
    first = first_line_of_part(max(integer_parameter(request, "from", 1), 1))
    shown = [line_of(explorer, number, line) for number, line in lines.items() if first <= number < first + PART_LINES]
    if not shown and lines:
        raise HTTPException(404)
    view = View.of(request)
    return rendering.page(
        request,
        "source.html",
        iri=iri,
        count=count,
        groups=entity_page.fact_groups(view, explorer.facts(ox.NamedNode(iri))),
        lines=shown,
        numbers=list(lines),
        first=first,
        step=PART_LINES,
        alternates=entity_page.alternates(iri),
    )


def line(request: Request, source: str, lines: dict[int, str]) -> Response:
    """Answer with one line: its position, its words or a link to them, the facts recorded from it, decisions, how to cite it."""
    explorer, view, number = explorer_of(request), View.of(request), integer_parameter(request, "line")
    if number not in lines:
        raise HTTPException(404)
    numbers, iri = list(lines), lines[number]
    at, above = numbers.index(number), [iri]
    while (heading := explorer.values(above[0], OEWG + "underHeading")) and heading[0] not in above:
        above.insert(0, heading[0])
    return rendering.page(
        request,
        "line.html",
        source=source,
        line=line_of(explorer, number, iri),
        above=above[:-1],
        before=numbers[at - 1] if at else 0,
        after=numbers[at + 1] if at + 1 < len(numbers) else 0,
        panels=[panel for panel in entity_page.question_panels(request, view, iri) if panel["rows"]],
    )


def conflicts(request: Request) -> Response:
    """Answer with the register of contested facts, by kind of reason; with `changes`, also the effects of other claims."""
    explorer = explorer_of(request)
    done = explorer.frozen or "changes" in request.query_params
    register = explorer.consequences if done else explorer.conflict_register
    counts = Counter(conflict.reason for conflict in register)
    reason = request.query_params.get("reason", "")
    if reason and reason not in counts:
        raise HTTPException(404)
    chosen = [c for c in register if reason in ("", c.reason)]
    chosen.sort(key=lambda c: (c.kind == READING, not any(v.aside for v in c.variants)))
    start = integer_parameter(request, "start")
    return rendering.page(
        request,
        "conflicts.html",
        conflicts=chosen[start : start + STEP],
        total=len(chosen),
        counts=counts,
        reason=reason,
        start=start,
        step=STEP,
        done=done,
        variants=sum(len(c.variants) for c in register),
    )


def shapes(request: Request) -> Response:
    """Answer with the SHACL shapes: what each applies to, and its message to the curator."""
    explorer, name = explorer_of(request), rendering.requested_format(request)
    if name != "html":
        return graph_store.graph([quad.triple for quad in validate.shapes_graph(explorer.root.shapes)], name)
    found = []
    for path in sorted(explorer.root.shapes.glob("*.ttl")):
        store = ox.Store()
        store.load(path=path, format=ox.RdfFormat.TURTLE, base_iri=BASE)
        targets = sorted(terms.text_of(row["target"]) for row in select(store, TARGETS))
        messages = sorted(
            (terms.text_of(row["path"]), terms.text_of(row["message"])) for row in select(store, MESSAGES)
        )
        found.append((path.stem, targets, messages))
    return rendering.page(request, "shapes.html", shapes=found, alternates=rendering.alternates("shapes"))
