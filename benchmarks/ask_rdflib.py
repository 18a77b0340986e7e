"""A saved query on rdflib's own engine, with two helps by its own means, without which a quarter of the questions take minutes.

Not for other engines.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.plugins.sparql import CUSTOM_EVALS, evaluate

from oewg_kg import dataset, terms
from oewg_kg.query import SavedQuery

Solutions = tuple[list[str], list[tuple[terms.Term | None, ...]]]


def answer(whole: rdflib.Dataset, saved: SavedQuery, bindings: dict[str, terms.Term]) -> Solutions:
    """Return variables and solutions, every parameter bound at the start: rdflib joins each VALUES line too late."""
    text = saved.text
    for parameter in saved.parameters:
        text = re.sub(rf"(?m)^ *VALUES \?{parameter.variable} .*\n", "\n", text, count=1)
    CUSTOM_EVALS["help"] = help_rdflib
    try:
        result = whole.query(text, initBindings={name: rdflib_value(term) for name, term in bindings.items()})
        rows: list[tuple[terms.Term | None, ...]] = [
            tuple(None if term is None else oxigraph_term(term) for term in row)
            for row in result
            if isinstance(row, tuple)
        ]
    finally:
        del CUSTOM_EVALS["help"]
    return [str(variable) for variable in result.vars or ()], rows


def rdflib_value(term: terms.Term) -> Any:
    """Turn a value into an rdflib term; a text without its datatype, for rdflib takes "x" and "x"^^xsd:string for two terms."""
    value = dataset.rdflib_term(term)
    return rdflib.Literal(str(value)) if getattr(value, "datatype", None) == rdflib.XSD.string else value


def help_rdflib(ctx: Any, part: Any) -> Iterator[Any]:
    """Show rdflib's engine a shorter way to the same solutions, by its own means (`CUSTOM_EVALS`).

    Left alone it takes the triples of a pattern in an order fixed before parameters are bound, for `GRAPH ?line` tries all 600 graphs
    at each row, and of three patterns joins the third by comparing all its solutions with all others: minutes for a question.
    NotImplementedError hands a part back to it.
    """
    if part.name == "BGP":
        return evaluate.evalBGP(ctx, in_order(ctx, part.triples))
    if part.name == "Graph" and ctx[part.term] is None and part.p.name == "BGP":
        return in_graphs_that_may_match(ctx.clone(), part)
    if part.name == "Join" and is_triples(part.p2):
        return evaluate.evalLazyJoin(ctx, part)
    raise NotImplementedError


def is_triples(part: Any) -> bool:
    """Tell whether a part is triple patterns only, in one graph or none: then solutions may be put into it before it is evaluated."""
    return part.name == "BGP" or (part.name == "Graph" and is_triples(part.p))


def in_order(ctx: Any, triples: Iterable[Any]) -> list[Any]:
    """Order triples so that each has as many known terms as can be."""
    rest, ordered = list(triples), []
    known = {term for triple in rest for term in triple if ctx[term] is not None}
    while rest:
        best = max(
            rest, key=lambda triple: (sum(term in known for term in triple), isinstance(triple[1], rdflib.URIRef))
        )
        rest.remove(best)
        ordered.append(best)
        known.update(best)
    return ordered


def in_graphs_that_may_match(ctx: Any, part: Any) -> Iterator[Any]:
    """Evaluate a pattern in the graphs that hold its first triple."""
    before = ctx.graph
    first = tuple(ctx[term] for term in part.p.triples[0])
    names = {graph.identifier for _, found in ctx.dataset.store.triples(first) for graph in found if graph is not None}
    for name in sorted(names - {DATASET_DEFAULT_GRAPH_ID}):
        inner = ctx.pushGraph(ctx.dataset.get_context(name)).push()
        for solution in evaluate._join(evaluate.evalPart(inner, part.p), [{part.term: name}]):  # type: ignore[attr-defined]
            solution.ctx.graph = before
            yield solution


def oxigraph_term(node: object) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Turn an rdflib term into a pyoxigraph term."""
    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return (
            ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype))) if node.datatype else ox.Literal(str(node))
        )
    raise TypeError(f"no pyoxigraph term for {node!r}")
