"""Write Turtle and TriG laid out for reading: prefixes, one block for each subject, grouped by class."""

import re
from collections.abc import Iterable
from itertools import groupby
from textwrap import indent

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.export import order as layout
from oewg_kg.vocabulary import PREFIXES, RDF_TYPE

WIDTH = 120
XSD = PREFIXES["xsd"]
INTEGER = re.compile(r"[+-]?\d+\Z")


def write(quads: Iterable[ox.Quad], head: str) -> bytes:
    """Write quads as Turtle or TriG: a head comment, the default graph by classes, then named graphs, files before source lines."""
    graphs: dict[str, list[ox.Quad]] = {}
    all_quads = list(quads)
    for quad in all_quads:
        graphs.setdefault(terms.text_of(quad.graph_name).removeprefix("DEFAULT"), []).append(quad)
    class_of = layout.classes(all_quads)
    curies: dict[str, str] = {}
    pieces = [f"# {head}\n", "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())]
    for class_iri, members in groupby(layout.entities(graphs.pop("", []), class_of), lambda entity: entity[1]):
        pieces.append(f"\n# {terms.compact(class_iri) if class_iri else 'without a class'}\n")
        pieces += [f"\n{_block(subject, facts, curies)}" for subject, _, facts in members]
    for graph in sorted(graphs, key=lambda iri: ("#L" in iri, terms.line_order(iri))):
        entities = layout.entities(graphs[graph], class_of, graph)  # first what is said about the line itself
        blocks = [indent(_block(subject, facts, curies), "    ") for subject, _, facts in entities]
        pieces.append(f"\n{_turtle_term(ox.NamedNode(graph), curies)} {{\n" + "\n".join(blocks) + "}\n")
    return "".join(pieces).encode()


def _block(subject: object, facts: layout.Facts, curies: dict[str, str]) -> str:
    lines = []
    for predicate, quads in facts.items():
        values = [_turtle_term(quad.object, curies) for quad in quads]
        start = "a" if predicate == RDF_TYPE else _turtle_term(quads[0].predicate, curies)
        statement = f"{start} {' , '.join(values)}"
        if len(statement) >= WIDTH - 6 and len(values) > 1:
            statement = f"{start}\n        " + " ,\n        ".join(values)
        lines.append(statement)
    first_line, other_lines = lines[0], "".join(f" ;\n    {line}" for line in lines[1:])
    return f"{_turtle_term(subject, curies)} {first_line}{other_lines} .\n"


def _turtle_term(term: object, curies: dict[str, str]) -> str:
    """Write a term: IRIs as CURIEs, integers bare, datatypes as CURIEs; `names` caches what was written before."""
    if isinstance(term, ox.NamedNode):
        if term.value not in curies:
            curies[term.value] = terms.compact(term.value)
        return curies[term.value]
    if not isinstance(term, ox.Literal) or term.language or term.datatype.value == XSD + "string":
        return str(term)
    if term.datatype.value == XSD + "integer" and INTEGER.match(term.value):
        return term.value
    return f"{ox.Literal(term.value)}^^{_turtle_term(term.datatype, curies)}"
