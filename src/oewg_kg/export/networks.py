"""Networks for Gephi and networkx (GraphML, GEXF): which actors contributed to which documents, who hosts events together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from oewg_kg import texts

NETWORK_FORMATS = ("graphml", "gexf")
GROUPINGS = ("unGroup", "region", "subregion", "ldc", "lldc", "sids")  # columns of the table `states`
NETWORK_NAMES = ("actors-by-document", "co-hosting")
Rows = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Network:
    """An undirected network: label and class of each node, classes of each state, weight and evidence of each edge."""

    title: str
    evidence: str
    nodes: Mapping[str, tuple[str, str]]
    classes: Mapping[str, Mapping[str, str]]
    edges: Mapping[tuple[str, str], tuple[int, str]]


def classes_of_states(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Read the classes of each state from the table `states`, by name."""
    return {row["state"]: {name: str(row[name]) for name in GROUPINGS if row[name] not in (None, "")} for row in rows}


def networks(rows: Rows) -> dict[str, Network]:
    """Make both networks from the rows of the tables `contributions`, `documents`, `states` and `co-hosts`, if there are any."""
    classes = classes_of_states(rows.get("states", ()))
    return {"actors-by-document": _by_document(rows, classes), "co-hosting": _co_hosting(rows, classes)}


def _by_document(rows: Rows, classes: Mapping[str, Mapping[str, str]]) -> Network:
    """Join each actor to the documents that it contributed to."""
    class_of = {row["document"]: row["class"] for row in rows.get("documents", ())}
    nodes: dict[str, tuple[str, str]] = {}
    rows_of_edge: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows.get("contributions", ()):
        actors = zip(row["submittedBy"], row["submittedByLabel"], row["submittedByClass"], strict=True)
        documents = list(zip(row["addresses"], row["addressesLabel"], strict=True))
        for (actor, label, class_name), (document, title) in product(actors, documents):
            nodes[actor], nodes[document] = (label, class_name), (title, class_of.get(document, "document"))
            rows_of_edge.setdefault((actor, document), []).append(row)
    edges = {
        edge: (len({row["contribution"] for row in rows}), _joined(line for row in rows for line in row["lines"]))
        for edge, rows in rows_of_edge.items()
    }
    return Network("Actors by document", "lines", nodes, classes, edges)


def _co_hosting(rows: Rows, classes: Mapping[str, Mapping[str, str]]) -> Network:
    """Join actors that host events together."""
    hosts: dict[str, dict[str, tuple[str, str]]] = {}
    for row in rows.get("co-hosts", ()):
        if row["role"] == "co-host":
            hosts.setdefault(row["event"], {})[row["actor"]] = (row["actorLabel"], row["actorClass"])
    events_of_hosts: dict[tuple[str, str], list[str]] = {}
    for event, actors in sorted(hosts.items()):
        for hosts_of_event in combinations(sorted(actors), 2):
            events_of_hosts.setdefault(hosts_of_event, []).append(event)
    nodes = {iri: label_and_class for actors in hosts.values() for iri, label_and_class in actors.items()}
    edges = {host_pair: (len(events), _joined(events)) for host_pair, events in events_of_hosts.items()}
    return Network("Co-hosting of side events", "events", nodes, classes, edges)


def _joined(iris: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(iris))


def write(network: Network, format: str) -> bytes:
    """Write one network as GraphML 1.0 or GEXF 1.2, nodes and edges in the order of their IRIs."""
    graph = {"nodes": sorted(network.nodes.items()), "edges": sorted(network.edges.items())}
    return texts.filled(f"export/network.{format}.jinja", network=network, classes=GROUPINGS, **graph).encode()
