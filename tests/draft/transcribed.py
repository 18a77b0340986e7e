"""Our own transcription of a page, as rows that a draft can be compared with."""

from collections import defaultdict

import pyoxigraph as ox

from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES

DATE = PREFIXES["dcterms"] + "date"


def contributions(store: ox.Store, prefix: str, first: int, last: int) -> dict[int, list[dict[str, str]]]:
    """Gather the contributions that the lines of a page state, in the order of their names."""
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    for number in range(first, last + 1):
        graph = ox.NamedNode(f"{PREFIXES[prefix]}{number}")
        given = {
            quad.subject for quad in store.quads_for_pattern(None, ox.NamedNode(OEWG + "submittedBy"), None, graph)
        }
        for thing in sorted(given, key=lambda node: node.value):

            def values(predicate: str, thing: ox.NamedNode = thing, graph: ox.NamedNode = graph) -> list[str]:
                quads = store.quads_for_pattern(thing, ox.NamedNode(predicate), None, graph)
                return sorted(quad.object.value.removeprefix(BASE).rpartition("#")[2] for quad in quads)

            dates = values(DATE) or [*values(OEWG + "earliestDate"), *values(OEWG + "latestDate")]
            actors = ["authors" if actor.startswith("authors/") else actor for actor in values(OEWG + "submittedBy")]
            found[number].append(
                {
                    "in_the_name_of": "",
                    "date_latest": "",
                    "actors": "|".join(actors),
                    "kind": "|".join(kind.removeprefix("kind/") for kind in values(OEWG + "kind")),
                    "target": "|".join(values(OEWG + "addresses")),
                    "date": "..".join(dates),
                    "languages": " ".join(
                        sorted(tag.rpartition("/")[2] for tag in values(PREFIXES["dcterms"] + "language"))
                    ),
                }
            )
    return found


def comparable(store: ox.Store, prefix: str, row: Row) -> dict[str, str]:
    """Write a proposal as the transcription would: authors without a code, texts by their documents, dates in one cell."""
    authors = row.actors.startswith("NEW:") and row.check == "yes"
    targets = [sorted(_documents(store, prefix, one)) or [one] for one in row.target.split("|")]
    return {
        "actors": "authors" if authors else row.actors,
        "in_the_name_of": row.in_the_name_of,
        "kind": row.kind,
        "target": "|".join(min(target) for target in targets),
        "date": "..".join(filter(None, (row.date, row.date_latest))),
        "date_latest": "",
        "languages": row.languages,
        "check": row.check,
    }


def _documents(store: ox.Store, prefix: str, target: str) -> set[str]:
    """Find the drafts that a line of the page names; a code is its own."""
    if not target.startswith("L"):
        return {target.replace("document:", "document/").replace("not-stated", "TargetNotStated")}
    graph = ox.NamedNode(f"{PREFIXES[prefix]}{target[1:]}")
    kinds = (ox.NamedNode(OEWG + "Draft"), ox.NamedNode(OEWG + "Document"))
    for kind in kinds:
        found = {
            quad.subject.value.removeprefix(BASE)
            for quad in store.quads_for_pattern(None, ox.NamedNode(PREFIXES["rdf"] + "type"), kind, graph)
        }
        if found:
            return found
    return set()
