"""The closure by owlrl, the reference implementation of OWL 2 RL, to which our own rules are compared."""

import owlrl
import pyoxigraph as ox
import rdflib

from ask_rdflib import oxigraph_term
from oewg_kg import build, dataset
from oewg_kg.dataset import Dataset
from oewg_kg.inference import infer
from oewg_kg.paths import Root


def build_by_owlrl(root: Root) -> tuple[Dataset, int]:
    """Build a root with owlrl in the place of our rules, its trivial triples left out; return the number of inferred triples too."""
    found, _ = build.build(root, inference=False)
    with dataset.quiet():
        graph = dataset.to_rdflib(dataset.default_graph(found))
        known = set(graph)
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    fresh = (triple for triple in set(graph) - known if not isinstance(triple[0], rdflib.Literal))
    triples = [ox.Triple(*map(oxigraph_term, triple)) for triple in fresh]  # type: ignore[arg-type]
    count = infer.add_inferred(found.store, [triple for triple in triples if not infer.is_trivial(triple)])
    infer.check_contradictions(found, infer.rules(root.rules))
    return found, count
