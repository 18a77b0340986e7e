"""Networks for Gephi and networkx (GraphML, GEXF): which actors contributed to which documents, who hosts events together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
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
    by_document: dict[tuple[str, str], list[str]] = {}
    things: dict[str, tuple[str, str]] = {}
    for row in rows.get("contributions", ()):
        for actor, label, kind in zip(
            row["submittedBy"], row["submittedByLabel"], row["submittedByClass"], strict=True
        ):
            for document, title in zip(row["addresses"], row["addressesLabel"], strict=True):
                things[actor], things[document] = (label, kind), (title, "document")
                by_document.setdefault((actor, document), []).extend(row["lines"])
                by_document[actor, document].append(row["contribution"])
    kinds = {row["document"]: row["class"] for row in rows.get("documents", ())}
    things |= {iri: (label, kinds.get(iri, kind)) for iri, (label, kind) in things.items()}
    given = {
        pair: (len({iri for iri in iris if "#L" not in iri}), _joined(iri for iri in iris if "#L" in iri))
        for pair, iris in by_document.items()
    }
    hosts: dict[str, dict[str, tuple[str, str]]] = {}
    for row in rows.get("co-hosts", ()):
        if row["role"] == "co-host":
            hosts.setdefault(row["event"], {})[row["actor"]] = (row["actorLabel"], row["actorClass"])
    together: dict[tuple[str, str], list[str]] = {}
    for event, actors in sorted(hosts.items()):
        for pair in combinations(sorted(actors), 2):
            together.setdefault(pair, []).append(event)
    hosting = {pair: (len(events), _joined(events)) for pair, events in together.items()}
    about = {iri: named for actors in hosts.values() for iri, named in actors.items()}
    return {
        "actors-by-document": Network("Actors by document", "lines", things, classes, given),
        "co-hosting": Network("Co-hosting of side events", "events", about, classes, hosting),
    }


def _joined(iris: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(iris))


def write(network: Network, format: str) -> bytes:
    """Write one network as GraphML 1.0 or GEXF 1.2, nodes and edges in the order of their IRIs."""
    name, things, edges = (
        f"export/network.{format}.jinja",
        sorted(network.things.items()),
        sorted(network.edges.items()),
    )
    return texts.filled(name, network=network, things=things, edges=edges, classes=CLASSES).encode()
