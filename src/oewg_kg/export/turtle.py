"""Write Turtle and TriG laid out for reading: prefixes, one block for each subject, grouped by class."""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

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
    for kind, found in groupby(_blocks(graphs.pop("", []), kinds, names), lambda block: block[0]):
        parts.append(f"\n# {terms.compact(kind) if kind else 'without a class'}\n")
        parts += [f"\n{block}" for _, block in found]
    for graph in sorted(graphs, key=lambda iri: ("#L" in iri, terms.line_order(iri))):
        blocks = [
            "".join(f"    {line}\n" for line in block.splitlines())
            for _, block in _blocks(graphs[graph], kinds, names, graph)
        ]
        parts.append(f"\n{_name(ox.NamedNode(graph), names)} {{\n" + "\n".join(blocks) + "}\n")
    return "".join(parts).encode()


def _blocks(
    quads: list[ox.Quad], kinds: Mapping[str, str], names: dict[str, str], graph: str = ""
) -> list[tuple[str, str]]:
    """Write one block for each subject, with its class: first those about the line itself, then by class and name."""
    found = layout.by_subject(quads)
    order = sorted(
        found,
        key=lambda s: (terms.text_of(s) != graph, layout.class_order(kinds.get(str(s), "")), layout.term_order(s)),
    )
    return [(kinds.get(str(subject), ""), _block(subject, found[subject], names)) for subject in order]


def _block(subject: object, facts: Mapping[str, list[ox.Quad]], names: dict[str, str]) -> str:
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
