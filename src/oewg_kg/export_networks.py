"""Networks for Gephi and networkx: which actors gave contributions on which documents, and who hosts events together.

Not for the rows: `export_tables` gives them. A missing edge means that no page lists it.
"""

import io
import re
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from oewg_kg.errors import UsageError

if TYPE_CHECKING:
    import networkx

FORMATS = ("graphml", "gexf")
# The date of today, which networkx writes into each GEXF file.
TODAY = re.compile(rb' lastmodifieddate="[^"]*"')
Rows = Mapping[str, list[dict[str, Any]]]


def networks(rows: Rows) -> dict[str, "networkx.Graph[str]"]:
    """Make both networks of the rows of the tables `contributions`, `documents` and `co-hosts`, each row a mapping.

    Raises UsageError when networkx is not installed (the extra `networks`).
    """
    try:
        import networkx
    except ImportError as error:
        raise UsageError("networks need networkx", advice="pip install 'oewg-kg[networks]'") from error
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
    hosts: dict[str, dict[str, tuple[str, str]]] = {}
    for row in rows["co-hosts"]:
        if row["role"] == "co-host":
            hosts.setdefault(row["event"], {})[row["actor"]] = (row["actorLabel"], row["actorClass"])
    together: dict[tuple[str, str], list[str]] = {}
    for event, actors in sorted(hosts.items()):
        for pair in combinations(sorted(actors), 2):
            together.setdefault(pair, []).append(event)
    drawn = networkx.Graph(name="actors by document")
    for iri in sorted(things):
        drawn.add_node(iri, label=things[iri][0], kind=things[iri][1])
    for (actor, document), told in sorted(by_document.items()):
        lines = [iri for iri in dict.fromkeys(told) if "#L" in iri]
        given = len({iri for iri in told if "#L" not in iri})
        drawn.add_edge(actor, document, weight=given, lines=" ".join(lines))
    hosting = networkx.Graph(name="co-hosting of side events")
    for iri, (label, kind) in sorted({a: about for actors in hosts.values() for a, about in actors.items()}.items()):
        hosting.add_node(iri, label=label, kind=kind)
    for (one, other), events in sorted(together.items()):
        hosting.add_edge(one, other, weight=len(events), events=" ".join(events))
    return {"actors-by-document": drawn, "co-hosting": hosting}


def write(network: "networkx.Graph[str]", format: str) -> bytes:
    """Write one network as GraphML or GEXF 1.2; the same bytes on every day."""
    import networkx

    out = io.BytesIO()
    if format == "graphml":
        networkx.write_graphml_xml(network, out)
        return out.getvalue()
    networkx.write_gexf(network, out)
    return TODAY.sub(b"", out.getvalue())
