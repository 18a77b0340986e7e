"""From claims to the resolved view: the default graph is all claims less those that a decision sets aside.

Not for inference: `infer` adds what the ontology entails.
"""

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import ParseError
from oewg_kg.vocabulary import OEWG, PREFIXES

CLAIMS = f"""
SELECT ?claim ?relation ?s ?p ?o ?line WHERE {{
    GRAPH ?g {{
        ?decision ?relation ?claim .
        VALUES ?relation {{ <{OEWG}setsAside> <{OEWG}prefers> <{OEWG}keeps> }}
        ?claim <{PREFIXES["rdf"]}subject> ?s ;
            <{PREFIXES["rdf"]}predicate> ?p ;
            <{PREFIXES["rdf"]}object> ?o ;
            <{OEWG}statedIn> ?line .
    }}
}} ORDER BY ?claim"""


def resolve(dataset: Dataset) -> int:
    """Fill the default graph from the named graphs, as the decisions say; return the number of claims set aside.

    Raises ParseError when a decision is about a claim that its line does not make.
    """
    aside = set_aside(dataset)
    fill(dataset, aside)
    return len(aside)


def set_aside(dataset: Dataset) -> set[ox.Quad]:
    """Find the claims that the decisions set aside; raises ParseError for a claim that its line does not make."""
    aside: set[ox.Quad] = set()
    for row in select(dataset.store, CLAIMS):
        claim = ox.Quad(row["s"], row["p"], row["o"], row["line"])
        if claim not in dataset.store:
            raise ParseError(
                f"<{terms.text_of(row['claim'])}> is no claim that its line makes",
                dataset.files.get(terms.text_of(row["line"]), "data/decisions.ttl"),
                "correct subject, predicate, object or line of the claim",
            )
        if terms.text_of(row["relation"]) == OEWG + "setsAside":
            aside.add(claim)
    return aside


def fill(dataset: Dataset, aside: set[ox.Quad]) -> None:
    """Put every triple of the named graphs into the default graph, less the claims set aside."""
    dataset.store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    for claim in aside:
        everywhere = dataset.store.quads_for_pattern(claim.subject, claim.predicate, claim.object)
        if not any(isinstance(quad.graph_name, ox.NamedNode) and quad not in aside for quad in everywhere):
            dataset.store.remove(ox.Quad(*claim.triple))
