"""From claims to the resolved view: the default graph is all claims less those that a decision sets aside.

Not for inference: `infer` adds what the ontology entails.
"""

import pyoxigraph as ox

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
    aside: set[ox.Quad] = set()
    for row in select(dataset.store, CLAIMS):
        claim = ox.Quad(row["s"], row["p"], row["o"], row["line"])
        if claim not in dataset.store:
            raise ParseError(
                f"<{row['claim'].value}> is no claim that its line makes",
                dataset.files.get(row["line"].value, "data/decisions.ttl"),
                "correct subject, predicate, object or line of the claim",
            )
        if row["relation"].value == OEWG + "setsAside":
            aside.add(claim)
    dataset.store.extend([ox.Quad(q.subject, q.predicate, q.object) for q in dataset.store if q not in aside])
    return len(aside)
