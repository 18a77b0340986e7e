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
BARE = re.compile(r"[+-]?\d+\Z")


def write(quads: Iterable[ox.Quad], head: str) -> bytes:
    """Write quads as Turtle or TriG: a head comment, the default graph by classes, then named graphs, files before source lines."""
    graphs: dict[str, list[ox.Quad]] = {}
    everything = list(quads)
    for quad in everything:
        graphs.setdefault(terms.text_of(quad.graph_name).removeprefix("DEFAULT"), []).append(quad)
    kinds = layout.classes(everything)
    names: dict[str, str] = {}
    parts = [f"# {head}\n", "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())]
    for kind, found in groupby(layout.entities(graphs.pop("", []), kinds), lambda entity: entity[1]):
        parts.append(f"\n# {terms.compact(kind) if kind else 'without a class'}\n")
        parts += [f"\n{_block(subject, facts, names)}" for subject, _, facts in found]
    for graph in sorted(graphs, key=lambda iri: ("#L" in iri, terms.line_order(iri))):
        entities = layout.entities(graphs[graph], kinds, graph)  # first what is said about the line itself
        blocks = [indent(_block(subject, facts, names), "    ") for subject, _, facts in entities]
        parts.append(f"\n{_name(ox.NamedNode(graph), names)} {{\n" + "\n".join(blocks) + "}\n")
    return "".join(parts).encode()


def _block(subject: object, facts: layout.Facts, names: dict[str, str]) -> str:
    lines = []
    for predicate, quads in facts.items():
        values = [_name(quad.object, names) for quad in quads]
        start = "a" if predicate == RDF_TYPE else _name(quads[0].predicate, names)
        one = f"{start} {' , '.join(values)}"
        lines.append(
            one if len(one) < WIDTH - 6 or len(values) == 1 else f"{start}\n        " + " ,\n        ".join(values)
        )
    first, rest = lines[0], "".join(f" ;\n    {line}" for line in lines[1:])
    return f"{_name(subject, names)} {first}{rest} .\n"


def _name(term: object, names: dict[str, str]) -> str:
    """Write a term: IRIs as CURIEs, integers bare, datatypes as CURIEs; `names` caches what was written before."""
    if isinstance(term, ox.NamedNode):
        if term.value not in names:
            names[term.value] = terms.compact(term.value)
        return names[term.value]
    if not isinstance(term, ox.Literal) or term.language or term.datatype.value == XSD + "string":
        return str(term)
    if term.datatype.value == XSD + "integer" and BARE.match(term.value):
        return term.value
    return f"{ox.Literal(term.value)}^^{_name(term.datatype, names)}"
