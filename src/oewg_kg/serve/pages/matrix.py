"""Who said what on which draft, or in which list: actors by documents, each cell with its contributions."""

from dataclasses import dataclass

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.dataset import select
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import rendering, timeline
from oewg_kg.serve.pages.presentation import View, number_of
from oewg_kg.vocabulary import OEWG, PREFIXES

STEP = 70
CLASSES = {"": "all actors", "State": "states", "StateGroup": "groups of states", "Stakeholder": "stakeholders"}
COLUMNS = {"drafts": "drafts", "phases": "phases", "lists": "lists on the pages"}
# The five groups in which the United Nations elects; no class tells them from other groups of states.
REGIONS = ("group:african-group", "group:asia-pacific-group", "group:EEG", "group:GRULAC", "group:WEOG")
ORG, RDFS = PREFIXES["org"], PREFIXES["rdfs"]
NOT_STATED = OEWG + "TargetNotStated"
CELLS = {
    "drafts": f"""SELECT DISTINCT ?actor ?column ?contribution WHERE {{
    ?contribution <{OEWG}submittedBy> ?actor ; <{OEWG}addresses> ?column . ?column a <{OEWG}Draft> }}""",
    "phases": f"""SELECT DISTINCT ?actor ?column ?contribution WHERE {{
    ?contribution <{OEWG}submittedBy> ?actor .
    OPTIONAL {{ ?contribution <{OEWG}addresses> ?draft . ?draft a <{OEWG}Draft> }}
    OPTIONAL {{ ?contribution <{OEWG}ofEvent> ?event }}
    OPTIONAL {{ ?contribution <{OEWG}listedIn> ?list }}
    BIND (COALESCE(?draft, ?event, ?list) AS ?column) FILTER (BOUND(?column)) }}""",
    "lists": f"""SELECT DISTINCT ?actor ?column ?contribution WHERE {{
    ?contribution <{OEWG}submittedBy> ?actor ; <{OEWG}listedIn> ?column }}""",
}
ORDER = f"""SELECT ?column (MIN(?one) AS ?date) WHERE {{
    {{ ?column a <{OEWG}Draft> OPTIONAL {{ ?column <{PREFIXES["dcterms"]}date> ?one }} }}
    UNION {{ ?column a <{OEWG}Event> ; <{OEWG}heldStart>|<{OEWG}plannedStart> ?one }} }} GROUP BY ?column"""


@dataclass(frozen=True)
class Filters:
    """Which actors and columns are shown: a class, members of a regional group and of another, countries of GGE experts."""

    columns: str
    actors: str
    region: str
    member: str
    gge: bool

    @classmethod
    def of(cls, request: Request) -> "Filters":
        """Read the filters of a request; 404 for names that there are not."""
        asked = request.query_params
        found = cls(
            asked.get("columns") or "drafts",
            asked.get("actors", ""),
            asked.get("region", ""),
            asked.get("member", ""),
            asked.get("gge") == "yes",
        )
        if found.columns not in COLUMNS or found.actors not in CLASSES:
            raise HTTPException(404)
        return found

    def asked(self, **changes: str) -> dict[str, str]:
        """Write the filters as a query string, some of them changed."""
        values = {
            "columns": self.columns,
            "actors": self.actors,
            "region": self.region,
            "member": self.member,
            "gge": "yes" if self.gge else "",
        }
        return {name: value for name, value in (values | changes).items() if value and value != "drafts"}


def matrix(request: Request) -> Response:
    """Answer with the matrix under the filters, in parts of a page each."""
    explorer, view, filters = explorer_of(request), View.of(request), Filters.of(request)
    cells: dict[str, dict[str, list[str]]] = {}
    for row in select(explorer.store, CELLS[filters.columns]):
        actor, column, contribution = (terms.text_of(row[name]) for name in ("actor", "column", "contribution"))
        cells.setdefault(actor, {}).setdefault(column, []).append(contribution)
    allowed = _allowed(explorer, filters)
    actors = sorted((a for a in cells if allowed is None or a in allowed), key=lambda a: (view.label(a), a))
    start = number_of(request, "start")
    columns = _columns(explorer, filters, {column for actor in actors for column in cells[actor]})
    return rendering.page(
        request,
        "matrix.html",
        filters=filters,
        classes=CLASSES,
        kinds=COLUMNS,
        regions=[one for one in sorted(groups(explorer)) if one[1] in REGIONS],
        groups=[one for one in sorted(groups(explorer)) if one[1] not in REGIONS],
        columns=[(c, sum(len(cells[a].get(c, ())) for a in actors)) for c in columns],
        actors=actors[start : start + STEP],
        cells=cells,
        total=len(actors),
        start=start,
        step=STEP,
        words=words(explorer),
        unstated=_unstated(explorer, actors),
    )


def _columns(explorer: Explorer, filters: Filters, used: set[str]) -> list[str]:
    """Order the columns: drafts and events by their first day, then what has none; of drafts also those without any cell."""
    days = {row["column"].value: terms.text_of(row["date"]) for row in select(explorer.store, ORDER)}
    shown = used | set(explorer.members(OEWG + "Draft")) if filters.columns == "drafts" else used
    lists = set(explorer.members(OEWG + "List"))
    return sorted(shown, key=lambda iri: (days.get(iri) or "9999", iri in lists, explorer.label(iri)[0], iri))


def _allowed(explorer: Explorer, filters: Filters) -> set[str] | None:
    """Find the actors that the filters let through; None when they let all."""
    sets = []
    if filters.actors:
        sets.append(set(explorer.members(OEWG + filters.actors)))
    for asked in filter(None, (filters.region, filters.member)):
        group = terms.expand(asked) or ""
        if group not in {iri for _, _, iri in groups(explorer)}:
            raise HTTPException(404)
        sets.append(set(members(explorer, group)))
    if filters.gge:
        seats = {terms.text_of(quad.object) for quad in explorer.quads(None, OEWG + "country", None)}
        sets.append(seats)
    return set.intersection(*sets) if sets else None


def groups(explorer: Explorer) -> list[tuple[str, str, str]]:
    """List the groups whose members are known: label, CURIE, IRI."""
    found = {terms.text_of(quad.object) for quad in explorer.quads(None, ORG + "organization", None)}
    found |= {terms.text_of(quad.subject) for quad in explorer.quads(None, ORG + "hasMember", None)}
    return [(explorer.label(iri)[0], terms.compact(iri), iri) for iri in found]


def members(explorer: Explorer, group: str) -> dict[str, tuple[str, ...]]:
    """Find who is, or was at some time, a member of a group, and the graphs that state it."""
    found = {}
    for member in explorer.values(group, ORG + "hasMember"):
        found[member] = timeline.explorer_lines(explorer, group, ORG + "hasMember", member)
    for quad in explorer.quads(None, ORG + "organization", ox.NamedNode(group)):
        membership = terms.text_of(quad.subject)
        for member in explorer.values(membership, ORG + "member"):
            found[member] = timeline.explorer_lines(explorer, membership, ORG + "member")
    return found


def words(explorer: Explorer) -> dict[str, str]:
    """Find the short name of each contribution: its label in the source, with its kind where that is a mere number; else its kind."""
    found = {}
    for quad in explorer.quads(None, OEWG + "kind", None):
        found[terms.text_of(quad.subject)] = explorer.label(terms.text_of(quad.object))[0]
    printed: dict[str, str] = {}
    for quad in explorer.quads(None, OEWG + "labelInSource", None):
        subject, text = terms.text_of(quad.subject), terms.text_of(quad.object)
        printed[subject] = min(printed.get(subject, text), text)
    return found | {
        one: f"{found.get(one, '')} {text}".strip() if text.isdigit() else text for one, text in printed.items()
    }


def _unstated(explorer: Explorer, actors: list[str]) -> int:
    """Count the contributions of these actors that name no document."""
    silent = {
        terms.text_of(quad.subject) for quad in explorer.quads(None, OEWG + "addresses", ox.NamedNode(NOT_STATED))
    }
    wanted = set(actors)
    return sum(
        1
        for quad in explorer.quads(None, OEWG + "submittedBy", None)
        if terms.text_of(quad.subject) in silent and terms.text_of(quad.object) in wanted
    )
