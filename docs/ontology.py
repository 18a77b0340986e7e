"""A page of all terms of the ontology, with a diagram for each part, from the ontology and the data alone.

Run as `python docs/ontology.py FILE` (make docs-ontology): no network, the same bytes each time.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pyoxigraph as ox
from markupsafe import Markup, escape

import oewg_kg
from oewg_kg import terms
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = BASE + "ontology"
OWL, RDF, RDFS, SKOS, XSD = (PREFIXES[name] for name in ("owl", "rdf", "rdfs", "skos", "xsd"))
# Each class of ours stands in one part; a test holds this.
PARTS = {
    "Processes and events": "Process Event Session Meeting SideEvent Place Deadline",
    "Texts": "Work Document DocumentPart Draft Resolution Provision Modality",
    "Contributions and lists": "Contribution List",
    "Actors": "Actor StateActor State StateGroup Observer Stakeholder UNBody Organ AuthorGroup Person FormerName",
    "Offices": "Post Tenure ExpertSeat",
    "Sources, claims and decisions": "Source SourceLine ReferenceGraph Silence Claim Decision",
    "Votes from outside the pages": "RollCall HistoricState UnresolvedVoter",
}
GROUPS = (
    ("Classes", "Class"),
    ("Properties between things", "ObjectProperty"),
    ("Values", "DatatypeProperty"),
    ("Annotations of terms", "AnnotationProperty"),
)
INDIVIDUALS = ("Individuals that say that a page is silent", "NamedIndividual")
LETTER, ROW, HEAD, GAP, MARGIN, LEFT = 7, 18, 26, 16, 12, 70


@dataclass(frozen=True)
class Term:
    """One term: its label and definition, what the ontology and the data say of its use, each a list of IRIs."""

    iri: str
    name: str
    label: str
    definition: str
    example: str
    wider: tuple[str, ...]
    domain: tuple[str, ...]
    range: tuple[str, ...]
    inverse: tuple[str, ...]
    subjects: tuple[str, ...]
    matches: tuple[tuple[str, str, str], ...]


def values(store: ox.Store, iri: str, predicate: str) -> tuple[str, ...]:
    """List the values of a property in the files of the ontology and the tables of mappings, sorted, without lists."""
    quads = store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None)
    found = {terms.text_of(q.object) for q in quads if _stated(q) and not isinstance(q.object, ox.BlankNode)}
    return tuple(sorted(found))


def _stated(quad: ox.Quad) -> bool:
    name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
    return name.startswith((BASE + "graph/ontology/", BASE + "graph/data/links/"))


def use(store: ox.Store) -> dict[str, tuple[str, ...]]:
    """Find for each property the classes of its subjects in the data; a class with a wider one beside it is left out."""
    found: dict[str, set[str]] = {}
    rows = store.query(f"SELECT DISTINCT ?p ?c WHERE {{ ?s ?p ?o . ?s a ?c FILTER STRSTARTS(STR(?c), '{OEWG}') }}")
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        found.setdefault(row["p"].value, set()).add(row["c"].value)
    wider = {iri: set(values(store, iri, RDFS + "subClassOf")) for classes in found.values() for iri in classes}
    return {p: tuple(sorted(c for c in classes if not wider[c] & classes)) for p, classes in found.items()}


def read(store: ox.Store, kind: str, subjects: dict[str, tuple[str, ...]]) -> list[Term]:
    """Read all terms of ours of one kind, sorted by name."""
    quads = store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), ox.NamedNode(OWL + kind))
    iris = sorted({terms.text_of(q.subject) for q in quads if terms.text_of(q.subject).startswith(OEWG)})
    return [_term(store, iri, subjects.get(iri, ())) for iri in iris]


def _term(store: ox.Store, iri: str, subjects: tuple[str, ...]) -> Term:
    first = {name: values(store, iri, name) for name in (RDFS + "label", SKOS + "definition", SKOS + "example")}
    label, definition, example = ((found or ("",))[0] for found in first.values())
    links = [
        (kind, target, terms.compact(target))
        for kind in ("close", "broad", "narrow", "related")
        for target in values(store, iri, f"{SKOS}{kind}Match")
    ]
    wider = values(store, iri, RDFS + "subClassOf") + values(store, iri, RDFS + "subPropertyOf")
    others = [values(store, iri, name) for name in (RDFS + "domain", RDFS + "range", OWL + "inverseOf")]
    return Term(iri, terms.compact(iri), label, definition, example, wider, *others, subjects, tuple(links))


def diagram(title: str, names: list[str], classes: dict[str, Term], properties: list[Term]) -> str:
    """Draw one part as SVG: a box for each class with its properties, arrows to the classes of their values and to wider ones."""
    boxes = [classes[OEWG + name] for name in names]
    rows = {box.iri: [p for p in properties if box.iri in (p.domain or p.subjects)] for box in boxes}
    lines = {iri: [_row(p) for p in own] for iri, own in rows.items()}
    width = LETTER * max(len(text) for box in boxes for text in (box.label, *lines[box.iri])) + 2 * MARGIN
    inside = {box.iri for box in boxes}
    targets = list(dict.fromkeys(v for box in boxes for p in rows[box.iri] for v in p.range if v in classes))
    targets += [v for box in boxes for v in box.wider if v in classes and v not in inside and v not in targets]
    top, place = MARGIN, {}
    starts: dict[str, list[int]] = {iri: [] for iri in targets}
    shapes: list[str] = []
    for box in boxes:
        place[box.iri] = top
        shapes += _box(LEFT, top, width, box, lines[box.iri])
        for number, prop in enumerate(rows[box.iri]):
            for iri in starts.keys() & set(prop.range):
                starts[iri].append(top + HEAD + ROW * number)
        for iri in starts.keys() & set(box.wider) - inside:
            starts[iri].append(top)
        top += HEAD + ROW * len(lines[box.iri]) + GAP
    right = LEFT + width + 150
    breadth = LETTER * max([len(classes[iri].label) for iri in targets] or [0]) + 2 * MARGIN
    spot = _spread(starts)
    for iri in targets:
        shapes += _box(right, spot[iri], breadth, classes[iri], [])
    arrows = []
    for box in boxes:
        for number, prop in enumerate(rows[box.iri]):
            start = place[box.iri] + HEAD + ROW * number + ROW // 2
            arrows += [_curve(LEFT + width, start, right, spot[v] + HEAD // 2, "uses") for v in prop.range if v in spot]
        middle = place[box.iri] + HEAD // 2
        arrows += [_bracket(middle, place[wide] + HEAD // 2) for wide in box.wider if wide in place]
        outer = [wide for wide in box.wider if wide in spot and wide not in place]
        arrows += [_curve(LEFT + width, middle, right, spot[wide] + HEAD // 2, "wider") for wide in outer]
    height = max([top, *(y + HEAD + GAP for y in spot.values())])
    across = right + breadth + MARGIN if targets else LEFT + width + MARGIN
    size = f'viewBox="0 0 {across} {height}" width="{across}" height="{height}"'
    return "\n".join([f'<svg {size} role="img" aria-label="Diagram: {escape(title)}">', *arrows, *shapes, "</svg>"])


def _spread(starts: dict[str, list[int]]) -> dict[str, int]:
    """Place each target beside the middle of what leads to it, so that few arrows cross, and none upon another."""
    middle = {iri: sum(from_y) // len(from_y) for iri, from_y in starts.items()}
    spot, free = {}, MARGIN
    for iri in sorted(middle, key=lambda iri: (middle[iri], iri)):
        spot[iri] = max(free, middle[iri] - HEAD // 2)
        free = spot[iri] + HEAD + GAP
    return spot


def _row(prop: Term) -> str:
    """Write a property in its box; a star where it has no stated domain, and the datatype of a value."""
    values_of = [terms.compact(value) for value in prop.range if value.startswith(XSD)]
    return f"{prop.label}{'' if prop.domain else ' *'}{' : ' + values_of[0] if values_of else ''}"


def _box(x: int, y: int, width: int, box: Term, lines: list[str]) -> list[str]:
    body = f'<rect x="{x}" y="{y}" width="{width}" height="{HEAD + ROW * len(lines)}" class="box"/>'
    head = f'<rect x="{x}" y="{y}" width="{width}" height="{HEAD}" class="head"/>'
    name = (
        f'<a href="#{_local(box.iri)}"><text x="{x + MARGIN}" y="{y + 18}" class="name">{escape(box.label)}</text></a>'
    )
    rows = [
        f'<text x="{x + MARGIN}" y="{y + HEAD + ROW * number + 13}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]
    return [body, head, name, *rows]


def _curve(x: int, y: int, to_x: int, to_y: int, kind: str) -> str:
    half = (x + to_x) // 2
    path = f"M{x} {y} C{half} {y} {half} {to_y} {to_x} {to_y}"
    return f'<path d="{path}" class="{kind}" marker-end="url(#{kind})"/>'


def _bracket(y: int, to_y: int) -> str:
    """Lead from a narrower class up to a wider one, outside the left edge of the boxes; the farther, the farther out."""
    out = max(8, LEFT - 12 - abs(y - to_y) // 8)
    path = f"M{LEFT} {y} C{out} {y} {out} {to_y} {LEFT} {to_y}"
    return f'<path d="{path}" class="wider" marker-end="url(#wider)"/>'


def _local(iri: str) -> str:
    return iri.removeprefix(OEWG)


def link(iri: str) -> Markup:
    """Link a term of ours inside the page, and any other thing by its IRI."""
    href = f"#{_local(iri)}" if iri.startswith(OEWG) else iri
    text = terms.compact(iri)
    return Markup('<a href="{}">{}</a>').format(href, text.strip("<>"))


def links(iris: Iterable[str]) -> Markup:
    """Link several terms, with commas between."""
    return Markup(", ").join(link(iri) for iri in iris)


def page() -> str:
    """Make the whole page."""
    store = oewg_kg.load(str(ROOT)).dataset.store
    subjects = use(store)
    groups = [(heading, kind, read(store, kind, subjects)) for heading, kind in (*GROUPS, INDIVIDUALS)]
    by_kind = {kind: found for _, kind, found in groups}
    classes = {term.iri: term for term in by_kind["Class"]}
    properties = by_kind["ObjectProperty"] + by_kind["DatatypeProperty"]
    parts = [(title, diagram(title, names.split(), classes, properties)) for title, names in PARTS.items()]
    about = {
        name: (values(store, ONTOLOGY, iri) or ("",))[0]
        for name, iri in {
            "title": PREFIXES["dcterms"] + "title",
            "description": PREFIXES["dcterms"] + "description",
            "creator": PREFIXES["dcterms"] + "creator",
            "created": PREFIXES["dcterms"] + "created",
            "modified": PREFIXES["dcterms"] + "modified",
            "licence": PREFIXES["dcterms"] + "license",
            "citation": PREFIXES["dcterms"] + "bibliographicCitation",
            "version": OWL + "versionIRI",
            "namespace": PREFIXES["vann"] + "preferredNamespaceUri",
            "prefix": PREFIXES["vann"] + "preferredNamespacePrefix",
        }.items()
    }
    about["creator"] = (values(store, about["creator"], SKOS + "prefLabel") or ("",))[0]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "docs"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    template = environment.get_template("ontology.html.jinja")
    shown = [(title, Markup(drawing)) for title, drawing in parts]
    return template.render(about=about, parts=shown, groups=groups, links=links, link=link, expand=terms.expand)


if __name__ == "__main__":
    file = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "docs" / "ontology.html")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(), encoding="utf-8")
    print(file)
