"""Count the things to which each SHACL shape applies."""

from collections.abc import Iterable

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.vocabulary import PREFIXES, RDF_TYPE

SH = PREFIXES["sh"]


def focus_nodes(store: ox.Store, shapes: Iterable[ox.Quad]) -> dict[str, int]:
    """Count the focus nodes of each shape that has a target (SHACL 2.1.3), over the default graph."""
    default = ox.DefaultGraph()
    kind = ox.NamedNode(RDF_TYPE)
    targets: dict[str, set[str]] = {}
    for quad in shapes:
        shape, name = terms.text_of(quad.subject), quad.predicate.value.removeprefix(SH)
        pattern = {
            "targetClass": (None, kind, quad.object),
            "targetSubjectsOf": (None, quad.object, None),
            "targetObjectsOf": (None, quad.object, None),
        }.get(name)
        if name == "targetNode":
            targets.setdefault(shape, set()).add(terms.text_of(quad.object))
        elif pattern:
            nodes = targets.setdefault(shape, set())
            for found in store.quads_for_pattern(*pattern, default):  # type: ignore[arg-type]
                nodes.add(terms.text_of(found.object if name == "targetObjectsOf" else found.subject))
    return {shape: len(nodes) for shape, nodes in sorted(targets.items())}
