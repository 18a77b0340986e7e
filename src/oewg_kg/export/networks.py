"""Networks for Gephi and networkx: which actors gave contributions on which documents, and who hosts events together.

Not for the rows: `export_tables` gives them. A missing edge means that no page lists it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import combinations
from typing import Any

FORMATS = ("graphml", "gexf")
Rows = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Network:
    """An undirected network: label and kind of each thing by its IRI; for two things how often they meet, and what says so.

    `told` is the name under which an edge tells what says so: the lines of the pages, or the events.
    """

    title: str
    told: str
    things: Mapping[str, tuple[str, str]]
    edges: Mapping[tuple[str, str], tuple[int, str]]


def networks(rows: Rows) -> dict[str, Network]:
    """Make both networks of the rows of the tables `contributions`, `documents` and `co-hosts`, each row a mapping."""
    rows = {"contributions": [], "documents": [], "co-hosts": [], **rows}  # a table without rows is left out
    by_document: dict[tuple[str, str], list[str]] = {}
    things: dict[str, tuple[str, str]] = {}
    for row in rows["contributions"]:
        for actor, label, kind in zip(
            row["submittedBy"], row["submittedByLabel"], row["submittedByClass"], strict=True
        ):
            for document, title in zip(row["addresses"], row["addressesLabel"], strict=True):
                things[actor], things[document] = (label, kind), (title, "document")
                by_document.setdefault((actor, document), []).extend(row["lines"])
                by_document[actor, document].append(row["contribution"])
    kinds = {row["document"]: row["class"] for row in rows["documents"]}
    things |= {iri: (label, kinds.get(iri, kind)) for iri, (label, kind) in things.items()}
    given = {
        pair: (len({iri for iri in told if "#L" not in iri}), _joined(iri for iri in told if "#L" in iri))
        for pair, told in by_document.items()
    }
    hosts: dict[str, dict[str, tuple[str, str]]] = {}
    for row in rows["co-hosts"]:
        if row["role"] == "co-host":
            hosts.setdefault(row["event"], {})[row["actor"]] = (row["actorLabel"], row["actorClass"])
    together: dict[tuple[str, str], list[str]] = {}
    for event, actors in sorted(hosts.items()):
        for pair in combinations(sorted(actors), 2):
            together.setdefault(pair, []).append(event)
    hosting = {pair: (len(events), _joined(events)) for pair, events in together.items()}
    about = {iri: told for actors in hosts.values() for iri, told in actors.items()}
    return {
        "actors-by-document": Network("Actors by document", "lines", things, given),
        "co-hosting": Network("Co-hosting of side events", "events", about, hosting),
    }


def _joined(iris: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(iris))


def write(network: Network, format: str) -> bytes:
    """Write one network as GraphML 1.0 or GEXF 1.2, things and edges in the order of their IRIs."""
    return ("\n".join((_graphml if format == "graphml" else _gexf)(network)) + "\n").encode()


def _graphml(network: Network) -> Iterable[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    yield f" <desc>{escape(network.title)}</desc>"
    for where, name, kind in (
        ("node", "label", "string"),
        ("node", "kind", "string"),
        ("edge", "weight", "int"),
        ("edge", network.told, "string"),
    ):
        yield f' <key id="{name}" for="{where}" attr.name="{name}" attr.type="{kind}"/>'
    yield ' <graph edgedefault="undirected">'
    for iri, (label, kind) in sorted(network.things.items()):
        data = f'<data key="label">{escape(label)}</data><data key="kind">{escape(kind)}</data>'
        yield f'  <node id="{escape(iri)}">{data}</node>'
    for (one, other), (weight, told) in sorted(network.edges.items()):
        data = f'<data key="weight">{weight}</data><data key="{network.told}">{escape(told)}</data>'
        yield f'  <edge source="{escape(one)}" target="{escape(other)}">{data}</edge>'
    yield " </graph>"
    yield "</graphml>"


def _gexf(network: Network) -> Iterable[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">'
    yield f" <meta><creator>oewg-kg</creator><description>{escape(network.title)}</description></meta>"
    yield ' <graph defaultedgetype="undirected" mode="static">'
    for where, name in (("node", "kind"), ("edge", network.told)):
        attribute = f'<attribute id="{name}" title="{name}" type="string"/>'
        yield f'  <attributes class="{where}">{attribute}</attributes>'
    yield "  <nodes>"
    for iri, (label, kind) in sorted(network.things.items()):
        data = f'<attvalues><attvalue for="kind" value="{escape(kind)}"/></attvalues>'
        yield f'   <node id="{escape(iri)}" label="{escape(label)}">{data}</node>'
    yield "  </nodes>"
    yield "  <edges>"
    for at, ((one, other), (weight, told)) in enumerate(sorted(network.edges.items())):
        data = f'<attvalues><attvalue for="{network.told}" value="{escape(told)}"/></attvalues>'
        ends = f'source="{escape(one)}" target="{escape(other)}"'
        yield f'   <edge id="{at}" {ends} weight="{weight}">{data}</edge>'
    yield "  </edges>"
    yield " </graph>"
    yield "</gexf>"
