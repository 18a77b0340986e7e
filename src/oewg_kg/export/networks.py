"""Networks for Gephi and networkx (GraphML, GEXF): which actors contributed to which documents, who hosts events together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from oewg_kg import texts

FORMATS = ("graphml", "gexf")
CLASSES = ("unGroup", "region", "subregion", "ldc", "lldc", "sids")  # columns of the table `states`
NAMES = ("actors-by-document", "co-hosting")
Rows = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Network:
    """An undirected network: label and class of each node, classes of each state, weight and evidence of each edge."""

    title: str
    evidence: str
    things: Mapping[str, tuple[str, str]]
    classes: Mapping[str, Mapping[str, str]]
    edges: Mapping[tuple[str, str], tuple[int, str]]


def of_states(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Read the classes of each state from the table `states`, by name."""
    return {row["state"]: {name: str(row[name]) for name in CLASSES if row[name] not in (None, "")} for row in rows}


def networks(rows: Rows) -> dict[str, Network]:
    """Make both networks from the rows of the tables `contributions`, `documents`, `states` and `co-hosts`, if there are any."""
    classes = of_states(rows.get("states", ()))
    return {"actors-by-document": _by_document(rows, classes), "co-hosting": _co_hosting(rows, classes)}


def _by_document(rows: Rows, classes: Mapping[str, Mapping[str, str]]) -> Network:
    """Join each actor to the documents that it contributed to."""
    kinds = {row["document"]: row["class"] for row in rows.get("documents", ())}
    things: dict[str, tuple[str, str]] = {}
    given: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows.get("contributions", ()):
        actors = zip(row["submittedBy"], row["submittedByLabel"], row["submittedByClass"], strict=True)
        documents = list(zip(row["addresses"], row["addressesLabel"], strict=True))
        for (actor, *named), (document, title) in product(actors, documents):
            things[actor], things[document] = (named[0], named[1]), (title, kinds.get(document, "document"))
            given.setdefault((actor, document), []).append(row)
    edges = {
        pair: (len({row["contribution"] for row in found}), _joined(line for row in found for line in row["lines"]))
        for pair, found in given.items()
    }
    return Network("Actors by document", "lines", things, classes, edges)


def _co_hosting(rows: Rows, classes: Mapping[str, Mapping[str, str]]) -> Network:
    """Join actors that host events together."""
    hosts: dict[str, dict[str, tuple[str, str]]] = {}
    for row in rows.get("co-hosts", ()):
        if row["role"] == "co-host":
            hosts.setdefault(row["event"], {})[row["actor"]] = (row["actorLabel"], row["actorClass"])
    together: dict[tuple[str, str], list[str]] = {}
    for event, actors in sorted(hosts.items()):
        for pair in combinations(sorted(actors), 2):
            together.setdefault(pair, []).append(event)
    things = {iri: named for actors in hosts.values() for iri, named in actors.items()}
    edges = {pair: (len(events), _joined(events)) for pair, events in together.items()}
    return Network("Co-hosting of side events", "events", things, classes, edges)


def _joined(iris: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(iris))


def write(network: Network, format: str) -> bytes:
    """Write one network as GraphML 1.0 or GEXF 1.2, nodes and edges in the order of their IRIs."""
    ordered = {"things": sorted(network.things.items()), "edges": sorted(network.edges.items())}
    return texts.filled(f"export/network.{format}.jinja", network=network, classes=CLASSES, **ordered).encode()
