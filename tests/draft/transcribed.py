"""Our own transcription of a page, as rows that a draft can be compared with."""

from collections import defaultdict

import pyoxigraph as ox

from oewg_kg.vocabulary import BASE, OEWG, PREFIXES

DATE = PREFIXES["dcterms"] + "date"
COLUMNS = ("actors", "kind", "target", "date", "languages")


def contributions(store: ox.Store, prefix: str, first: int, last: int) -> dict[int, list[dict[str, str]]]:
    """Gather the contributions that the lines of a page state, in the order of their names."""
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    for number in range(first, last + 1):
        graph = ox.NamedNode(f"{PREFIXES[prefix]}{number}")
        given = {quad.subject for quad in store.quads_for_pattern(None, ox.NamedNode(OEWG + "submittedBy"), None, graph)}
        for thing in sorted(given, key=lambda node: node.value):

            def values(predicate: str, thing: ox.NamedNode = thing, graph: ox.NamedNode = graph) -> list[str]:
                quads = store.quads_for_pattern(thing, ox.NamedNode(predicate), None, graph)
                return sorted(quad.object.value.removeprefix(BASE).rpartition("#")[2] for quad in quads)

            dates = values(DATE) or [*values(OEWG + "earliestDate"), *values(OEWG + "latestDate")]
            actors = [
                "authors" if actor.startswith("authors/") else actor for actor in values(OEWG + "submittedBy")
            ]
            found[number].append({
                "actors": "|".join(actors),
                "kind": "|".join(kind.removeprefix("kind/") for kind in values(OEWG + "kind")),
                "target": "|".join(values(OEWG + "addresses")),
                "date": "..".join(dates),
                "languages": " ".join(sorted(tag.rpartition("/")[2] for tag in values(PREFIXES["dcterms"] + "language"))),
            })
    return found
