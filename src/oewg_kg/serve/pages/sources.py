"""The pages about the sources: each source page line by line, in parts, and the register of conflicts between them."""

from dataclasses import dataclass

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.answers import citations
from oewg_kg.dataset import select
from oewg_kg.disagreements.conflicts import READING
from oewg_kg.serve.api import graph_store
from oewg_kg.serve.lookups import Explorer, Fact, explorer_of
from oewg_kg.serve.pages import records, rendering
from oewg_kg.serve.pages import things as entities
from oewg_kg.serve.pages.presentation import PART, View, number_of, part_of
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import BASE, OEWG, PREF_LABEL, PREFIXES, RDF_TYPE

STEP = 30
SILENT = {OEWG + name for name in ("underHeading", "lineStatus", "continues")}

COUNTS = f"""
SELECT ?line (SUM(IF(?p = <{OEWG}lineStatus>, 1, 0)) AS ?marks) (SUM(IF(?s = ?line, 0, 1)) AS ?facts) WHERE {{{{
    ?line <{OEWG}ofSource> {{source}} .
    GRAPH ?line {{{{ ?s ?p ?o }}}}
}}}} GROUP BY ?line"""

SHACL = f"PREFIX sh: <{PREFIXES['sh']}> SELECT DISTINCT"
TARGETS = SHACL + " ?target { ?shape sh:targetClass|sh:targetSubjectsOf|sh:targetObjectsOf|sh:targetNode ?target }"
MESSAGES = (
    SHACL + " ?path ?message { ?shape sh:message ?message OPTIONAL { ?shape sh:path ?path FILTER (isIRI(?path)) } }"
)


@dataclass(frozen=True)
class Line:
    """One line of a source: its heading, the line it continues, its status, its facts about each entity, the decisions about it.

    `words` are given if the page is available, and `link` if the page can be opened at them.
    """

    number: int
    iri: str
    heading: str
    continues: str
    status: str
    about: tuple[tuple[str, tuple[Fact, ...]], ...]
    decisions: tuple[str, ...]
    words: str
    link: str


@dataclass(frozen=True)
class Page:
    """One source: the numbers of its lines, of those with facts, and of those marked as having none."""

    iri: str
    lines: int
    filled: int
    stating: int
    marked: int
    facts: int


def numbers(explorer: Explorer, source: str) -> dict[int, str]:
    """Find the lines of a source that are not blank, by number."""
    found = {}
    for quad in explorer.quads(None, OEWG + "ofSource", ox.NamedNode(source)):
        iri = terms.text_of(quad.subject)
        if iri.rpartition("#L")[2].isdigit():
            found[int(iri.rpartition("#L")[2])] = iri
    return dict(sorted(found.items()))


def counted(explorer: Explorer, source: str) -> Page:
    """Count the lines of a source by how they are accounted for."""
    lines = numbers(explorer, source)
    found = [
        (int(row["marks"].value), int(row["facts"].value))
        for row in select(explorer.store, COUNTS.format(source=ox.NamedNode(source)))
    ]
    marked, stating = sum(marks > 0 for marks, _ in found), sum(own > 0 for _, own in found)
    facts = sum(own for _, own in found)
    stated = explorer.values(source, OEWG + "lineCount")
    total = int(stated[0]) if stated and stated[0].isdigit() else max(lines, default=0)
    return Page(source, total, len(lines), stating, marked, facts)


def pages(explorer: Explorer) -> list[Page]:
    """Count the lines of every source."""
    return [counted(explorer, iri) for iri in sorted(explorer.members(OEWG + "Source"))]


def sources(request: Request) -> Response:
    """Answer with the list of sources and how their lines are accounted for, and the related files."""
    explorer = explorer_of(request)
    files = [(graph, file) for graph, file in sorted(explorer.dataset.files.items()) if "#" not in graph]
    outside = explorer.members(OEWG + "ReferenceGraph")
    rows = [
        (page, explorer.places.of(f"{page.iri}#L1"), explorer.values(page.iri, OEWG + "kind"))
        for page in pages(explorer)
    ]
    return rendering.page(request, "sources.html", pages=rows, files=files, outside=outside)


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
    about = tuple((subject, tuple(facts)) for subject, facts in things.items())
    decisions = tuple(sorted(terms.text_of(quad.subject) for quad in explorer.quads(None, OEWG + "aboutLine", term)))
    words, link = explorer.dataset.words.get(iri, ""), explorer.places.link(iri)
    link = link if "#" in link else ""
    return Line(
        number, iri, values["underHeading"], values["continues"], values["lineStatus"], about, decisions, words, link
    )


def source(request: Request) -> Response:
    """Answer with a part of the lines of one source, each with what it states; or the source and its lines as RDF."""
    explorer, name = explorer_of(request), request.path_params["name"]
    iri = explorer.of_path(f"source/{name}")
    if not explorer.known(iri) or rendering.wanted(request) != "html":
        request.path_params["path"] = f"source/{name}"
        return entities.thing(request)
    lines = numbers(explorer, iri)
    if "line" in request.query_params:
        return line(request, iri, lines)
    first = part_of(max(number_of(request, "from", 1), 1))
    shown = [line_of(explorer, number, line) for number, line in lines.items() if first <= number < first + PART]
    if not shown and lines:
        raise HTTPException(404)
    view = View.of(request)
    last = max(lines, default=1)
    return rendering.page(
        request,
        "source.html",
        iri=iri,
        count=counted(explorer, iri),
        place=explorer.places.of(f"{iri}#L1"),
        kind="".join(explorer.values(iri, OEWG + "kind")),
        groups=entities.grouped(view, explorer.facts(ox.NamedNode(iri))),
        lines=shown,
        numbers=list(lines),
        portions=[(start, min(start + PART - 1, last)) for start in range(1, last + 1, PART)],
        first=first,
        step=PART,
        alternates=entities.alternates(iri),
    )


def line(request: Request, source: str, lines: dict[int, str]) -> Response:
    """Answer with one line: its position, its words or a link to them, the facts recorded from it, decisions, how to cite it."""
    explorer, view, number = explorer_of(request), View.of(request), number_of(request, "line")
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
        place=explorer.places.of(iri),
        panels=[one for one in entities.panels(request, view, iri) if one.rows],
        written=[write([iri], explorer.places) for write in citations.WRITERS.values()],
    )


def conflicts(request: Request) -> Response:
    """Answer with the register of contested facts, by kind of reason; with `changes`, also the effects of other claims."""
    explorer = explorer_of(request)
    done = explorer.frozen or "changes" in request.query_params
    register = explorer.consequences if done else explorer.register
    counts: dict[str, int] = {}
    for conflict in register:
        counts[conflict.reason] = counts.get(conflict.reason, 0) + 1
    reason = request.query_params.get("reason", "")
    if reason and reason not in counts:
        raise HTTPException(404)
    chosen = [c for c in register if reason in ("", c.reason)]
    chosen.sort(key=lambda c: (c.kind == READING, not any(v.aside for v in c.variants)))
    start = number_of(request, "start")
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
    explorer, wanted = explorer_of(request), rendering.wanted(request)
    wanted = records.SUFFIXES.get(request.url.path.rpartition("/shapes")[2], wanted)
    if wanted != "html":
        triples = [quad.triple for quad in validate.shapes_graph(explorer.root.shapes)]
        return graph_store.as_format(request, triples, wanted, explorer.mark)
    found = []
    for path in sorted(explorer.root.shapes.glob("*.ttl")):
        store = ox.Store()
        store.load(path=path, format=ox.RdfFormat.TURTLE, base_iri=BASE)
        targets = sorted(terms.text_of(row["target"]) for row in select(store, TARGETS))
        messages = sorted(
            (terms.text_of(row["path"]), terms.text_of(row["message"])) for row in select(store, MESSAGES)
        )
        found.append((path.stem, targets, messages))
    alternates = [(f.name, f.media_type, f"shapes.{f.extension}") for f in rendering.GRAPHS]
    return rendering.page(request, "shapes.html", shapes=found, alternates=alternates)
