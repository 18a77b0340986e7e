"""Validate data, ours or a user's, against the shapes (SHACL, by pyshacl) and the checks in `queries/checks/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from oewg_kg import dataset as datasets
from oewg_kg import formats, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError, from_syntax_error
from oewg_kg.paths import read_text
from oewg_kg.safety import blank_nodes, query_guard
from oewg_kg.vocabulary import BASE, BASES, OEWG, PREFIXES, RDF_TYPE

if TYPE_CHECKING:
    import rdflib

SH = PREFIXES["sh"]
# Terms that would fetch or run something: never followed, always reported.
INERT_TERMS = {PREFIXES["owl"] + "imports": "owl:imports is not followed: pass the imported file too"} | {
    SH + name: f"sh:{name} is ignored: only SHACL Core is supported"
    for name in ("js", "sparql", "rule", "target", "validator", "nodeValidator", "propertyValidator")
}
TRIPLE_TERM = "a triple term (RDF 1.2) is not validated: SHACL does not support it"
SH_VALUE = ox.NamedNode(SH + "value")
RESULT_PROPERTIES = ("focusNode", "resultPath", "value", "resultSeverity", "resultMessage", "sourceShape")


@dataclass(frozen=True)
class ValidationResult:
    """One finding: file and line of the focus node, its label, path, value, severity, a message in plain words, and the shape or check."""

    file: str
    focus: str
    label: str
    path: str
    value: str
    severity: str
    message: str
    shape: str


@dataclass(frozen=True)
class ValidationReport:
    """The findings, sorted; for each shape the number of focus nodes it matched; and the report as a graph."""

    results: tuple[ValidationResult, ...]
    matched: dict[str, int]
    graph: rdflib.Graph


def shapes_graph(folder: Path) -> list[ox.Quad]:
    """Parse all shape files of a folder; raises ParseError with `file:line:column`."""
    return [quad for path in sorted(folder.glob("*.ttl")) for quad in datasets.parse(path, f"shapes/{path.name}")]


def read_shapes(folder: Path, name: str) -> list[ox.Quad]:
    """Parse the shapes for data in any namespace: `core`, or `closed`; raises ParseError, StorageError."""
    file = f"any-namespace/{name}.ttl"
    return datasets.parse(folder / file, f"shapes/{file}")


def report(
    dataset: Dataset, folder: Path, every_shape: bool = True, written: Sequence[ox.Quad] = (), core: bool = False
) -> ValidationReport:
    """Validate the default graph against the shapes of a folder, literals as `written`; `core` leaves our rules out. Raises ParseError."""
    parsed = read_shapes(folder, "core") if core else shapes_graph(folder)
    shapes = accept_bases([quad for quad in parsed if quad.predicate.value not in INERT_TERMS])
    data = as_written(datasets.default_graph(dataset), written)
    with datasets.quiet():
        graph = run_pyshacl(datasets.to_rdflib(data), datasets.to_rdflib(move_targets(shapes)))
    results = [*_warn_inert(dataset, parsed, "shapes"), *_warn_inert(dataset, data), *_read_results(dataset, graph)]
    focus_counts = focus_nodes(dataset.store, shapes)
    if every_shape:
        message = "this shape matched no focus node: correct its target, or remove the shape"
        for shape in (terms.compact(shape) for shape, count in focus_counts.items() if not count):
            results.append(ValidationResult("shapes", shape, "", "", "", "Violation", message, shape))
    results.sort(key=lambda result: (result.file, result.focus, result.path, result.value, result.message))
    return ValidationReport(tuple(results), focus_counts, graph)


def focus_nodes(store: ox.Store, shapes: Iterable[ox.Quad]) -> dict[str, int]:
    """Count the focus nodes of each shape that has a target (SHACL 2.1.3), over the default graph."""
    nodes_by_shape: dict[str, set[object]] = {}
    for quad in shapes:
        target, value = quad.predicate.value.removeprefix(SH), cast("ox.NamedNode", quad.object)
        if target not in ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf"):
            continue
        nodes_of_shape = nodes_by_shape.setdefault(terms.text_of(quad.subject), set())
        if target == "targetNode":
            nodes_of_shape.add(value)
            continue
        predicate, focus_class = (ox.NamedNode(RDF_TYPE), value) if target == "targetClass" else (value, None)
        matches = store.quads_for_pattern(None, predicate, focus_class, ox.DefaultGraph())
        nodes_of_shape.update(match.object if target == "targetObjectsOf" else match.subject for match in matches)
    return {shape: len(shape_nodes) for shape, shape_nodes in sorted(nodes_by_shape.items())}


def accept_bases(shapes: list[ox.Quad]) -> list[ox.Quad]:
    """Let IRI patterns also accept the entities of a root under its own base."""
    bases = f"({'|'.join(map(re.escape, BASES))})"
    return [
        ox.Quad(quad.subject, quad.predicate, ox.Literal(quad.object.value.replace(BASE, bases)))
        if quad.predicate == ox.NamedNode(SH + "pattern") and isinstance(quad.object, ox.Literal) and len(BASES) > 1
        else quad
        for quad in shapes
    ]


def relevant_results(dataset: Dataset, results: Iterable[ValidationResult], our_root: bool) -> list[ValidationResult]:
    """Leave out findings about lines of a page without recorded lines (a check reports it once), and those that only `our` root has."""
    unrecorded_pages = {*terms.things(dataset.store, RDF_TYPE, OEWG + "Source")}
    unrecorded_pages -= {page for _, page in terms.pairs(dataset.store, OEWG + "ofSource")}
    unrecorded = tuple(f"{page}#L" for page in unrecorded_pages)

    def on_unrecorded_line(result: ValidationResult) -> bool:
        message = result.message if result.shape == "dangling-reference-violation" else ""
        return (terms.expand(result.focus) or "").startswith(unrecorded) or any(page in message for page in unrecorded)

    def only_ours(result: ValidationResult) -> bool:
        # The pages of another root need not name the shared actors, and shared topics cite lines of ours.
        cites_ours = result.shape == "dangling-reference-violation" and result.file.startswith("ontology/")
        return not our_root and (result.shape.endswith("-name-in-source") or cites_ours)

    return [result for result in results if not on_unrecorded_line(result) and not only_ours(result)]


def misspelt(dataset: Dataset, folder: Path, user_quads: Iterable[ox.Quad]) -> list[ValidationResult]:
    """Report as information the properties in a user's own data that no shape of the class describes."""
    shapes = datasets.to_rdflib(read_shapes(folder, "closed"))
    with datasets.quiet():
        return _read_results(dataset, run_pyshacl(datasets.to_rdflib(user_quads), shapes))


def _read_results(dataset: Dataset, graph: rdflib.Graph) -> list[ValidationResult]:
    """Read the results of a report."""
    from rdflib import RDF, URIRef

    results = []
    for node in graph.subjects(RDF.type, URIRef(SH + "ValidationResult")):
        values = {name: graph.value(node, URIRef(SH + name)) for name in RESULT_PROPERTIES}
        results.append(_to_result(dataset, {name: str(value) for name, value in values.items() if value is not None}))
    return results


def as_written(stored: Iterable[ox.Quad], written: Sequence[ox.Quad]) -> list[ox.Quad]:
    """Restore each literal as written: the store makes "012"^^xsd:short the number 12, an xsd:integer."""
    literals = list({quad.object for quad in written if isinstance(quad.object, ox.Literal)})
    store = ox.Store()
    store.extend(ox.Quad(ox.NamedNode(f"urn:{index}"), SH_VALUE, literal) for index, literal in enumerate(literals))
    stored_forms: dict[object, Any] = {literals[int(terms.text_of(quad.subject)[4:])]: quad.object for quad in store}
    written_forms: dict[ox.Triple, list[ox.Quad]] = {}
    for quad in dict.fromkeys(ox.Quad(*quad.triple) for quad in written):
        if quad.object in stored_forms:
            stored_triple = ox.Triple(quad.subject, quad.predicate, stored_forms[quad.object])
            written_forms.setdefault(stored_triple, []).append(quad)
    return [form for quad in stored for form in written_forms.get(quad.triple, [quad])]


def _warn_inert(dataset: Dataset, quads: Iterable[ox.Quad], file: str = "") -> list[ValidationResult]:
    """Warn of each statement that asks to fetch or run something, or that SHACL ignores."""
    results = []
    for quad in quads:
        if message := TRIPLE_TERM if isinstance(quad.object, ox.Triple) else INERT_TERMS.get(quad.predicate.value):
            properties = dict(zip(RESULT_PROPERTIES, map(terms.text_of, quad.triple), strict=False))
            properties |= {"resultMessage": message, "resultSeverity": "#Warning"}
            results.append(_to_result(dataset, properties, file))
    return results


def run_pyshacl(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """Run pyshacl (SHACL Core only) and return its report; raises ParseError if it cannot run these shapes."""
    import pyshacl
    import rdflib
    from pyshacl.errors import ReportableRuntimeError

    try:
        _, graph, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False, allow_warnings=True)
    except (ReportableRuntimeError, NotImplementedError, re.error) as error:  # re: a sh:pattern
        raise ParseError(f"pyshacl cannot run the shapes: {error}", "shapes", "correct the shape") from error
    if not isinstance(graph, rdflib.Graph):  # a failure, which pyshacl returns in place of a report
        raise ParseError(f"pyshacl cannot run the shapes: {graph}", "shapes", "correct the shape")
    return graph


def move_targets(shapes: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Give property shapes the targets of their node shape, in place of `sh:property` (SHACL 2.1.3, 4.8.1).

    pyshacl 0.40 evaluates a listed property shape again for each focus node, but one with a target only once: four times faster.
    Node shapes with other properties (the list could have a second meaning), or used by another shape, stay as they are.
    """
    quads = dict.fromkeys(shapes)
    store = ox.Store()
    store.extend(quads)
    movable: list[tuple[Any, ...]] = [*map(tuple, datasets.select(store, datasets.own_query("movable-shapes")))]
    for node_shape, property_shape, target, value in movable:
        quads.pop(ox.Quad(node_shape, ox.NamedNode(SH + "property"), property_shape), None)
        quads[ox.Quad(property_shape, target, value)] = None
    return list(quads)


def turtle(graph: rdflib.Graph) -> str:
    """Write a report as Turtle, the same for the same findings: blank nodes get canonical labels, and triples are sorted."""
    quads = blank_nodes.canonical(ox.parse(graph.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES))
    return formats.graph((quad.triple for quad in quads), formats.by_name("turtle")).decode()


def _to_result(dataset: Dataset, properties: dict[str, str], file: str = "") -> ValidationResult:
    """Make a finding of the properties of a SHACL result, by their names."""
    focus, path, value, severity, message, shape = (properties.get(name, "") for name in RESULT_PROPERTIES)
    has_iri = terms.valid_iri(focus) is not None
    return ValidationResult(
        file or file_and_line(dataset, focus, path),
        terms.compact(focus) if has_iri else "an entity without an IRI",
        (terms.label(dataset.store, focus) or "") if has_iri else "",
        terms.compact(path) if path.startswith("http") else "",
        terms.compact(value) if value.startswith("http") else value,
        severity.rpartition("#")[2],
        message,
        terms.compact(shape) if shape.startswith("http") else shape,
    )


def file_and_line(dataset: Dataset, focus: str, path: str) -> str:
    """Name the file and line that state something about a focus node, preferring one with the path."""
    if not terms.valid_iri(focus):
        return ""
    predicate_ranks, statements = {path: 0, RDF_TYPE: 1}, []
    for quad in dataset.store.quads_for_pattern(ox.NamedNode(focus), None, None):
        graph = terms.text_of(quad.graph_name)
        if graph in dataset.files:
            statements.append((predicate_ranks.get(quad.predicate.value, 2), terms.line_order(graph), graph))
    if not statements:
        return ""
    graph = min(statements)[2]
    _, is_line, number = graph.rpartition("#L")
    return dataset.files[graph] + (f" L{number}" if is_line else "")


def checks(dataset: Dataset, folder: Path) -> list[ValidationResult]:
    """Run the checks that must return nothing (`*-violation.rq`); each row `?focus ?message` is a finding."""
    results = []
    for check in sorted(folder.glob("*-violation.rq")):
        name = f"queries/checks/{check.name}"
        text = read_text(check, name)
        query_guard.check(text)
        try:
            solutions = datasets.select(dataset.store, text)
        except SyntaxError as error:
            raise from_syntax_error(error, name) from error
        if not {"focus", "message"} <= {variable.value for variable in solutions.variables}:
            raise ParseError("a check must return ?focus and ?message", name)
        for row in solutions:
            results.append(finding(dataset, terms.text_of(row["focus"]), terms.text_of(row["message"]), check.stem))
    return results


def finding(dataset: Dataset, focus: str, message: str, shape: str, severity: str = "Violation") -> ValidationResult:
    """Make a finding that does not come from a shape."""
    properties = {"focusNode": focus, "resultMessage": message, "resultSeverity": f"#{severity}", "sourceShape": shape}
    return _to_result(dataset, properties)
