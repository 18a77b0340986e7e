"""The map: one square for each state, shaded by its contributions, or by its place in a group or a vote; and the table behind it."""

from functools import cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.query import QueryResult
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.pages import table
from oewg_kg.serve.pages.presentation import WORDS, View
from oewg_kg.vocabulary import OEWG

# What is shown without a choice: its query and its title.
WITHOUT = {
    "contributions": ("map-contributions", "States by number of contributions"),
    "gge": ("map-experts", "Countries of the experts of the GGE 2019-2021"),
}
# What can be chosen, by query: the heading of the choices, and the title of the map.
CHOICES = {
    "map-contributions": ("Contributions to a draft", "Contributions of states to the {}"),
    "map-members": ("Members", "Members of {}"),
    "map-votes": ("Votes", "The vote on {}"),
}
# What a map shows of a state: its color class, its sign, and words.
Shade = tuple[str, str, str]


def world(request: Request) -> Response:
    """Answer with the map of squares: who contributed, who has a GGE seat, a group's members, or a vote; and the table."""
    explorer, view = explorer_of(request), View.of(request)
    show, choices = request.query_params.get("show") or "contributions", table.choices(request)
    title, result = _shown(request, show, choices)
    shades = {terms.text_of(state): _shade(terms.text_of(value)) for state, value in result.rows}
    cited = {terms.text_of(row[0]): lines for row, lines in zip(result.rows, result.citations, strict=True)}
    places = {
        iri: place for iri in explorer.instances(OEWG + "State") if (place := squares().get(iri.rpartition("/")[2]))
    }
    states = sorted(places, key=lambda iri: (view.label(iri), iri))
    rows = [
        table.row([iri], iri.rpartition("/")[2], shades[iri][2], cited=cited[iri]) for iri in states if iri in shades
    ]
    values = {shade for shade in shades.values() if not shade[1].isdigit()}
    return table.answer(
        request,
        table.Table(request, title, ["state", "code", "shown"], rows, "sources"),
        "map",
        "map.html",
        title=title,
        legend=[_shade(value) for value in WORDS["map"]["values"] if _shade(value) in values]
        or [tuple(shade) for _, *shade in WORDS["map"]["numbers"]],
        squares={iri: (*places[iri], *shades.get(iri, ("", "", ""))) for iri in states},
        width=max((x for x, _ in squares().values()), default=0) + 1,
        height=max((y for _, y in squares().values()), default=0) + 1,
        show=show,
        choices={heading: choices.get(query, {}) for query, (heading, _) in CHOICES.items()},
    )


@cache
def squares() -> dict[str, tuple[int, int]]:
    """Read the map as code (ISO 3166-1 alpha-3) -> column and row, counted from 0."""
    rows = WORDS["map"]["squares"].split()
    codes = {row[at : at + 3]: (at // 3, y) for y, row in enumerate(rows) for at in range(0, len(row), 3)}
    return {code: position for code, position in codes.items() if code != "___"}


def _shown(request: Request, show: str, choices: dict[str, dict[str, str]]) -> tuple[str, QueryResult]:
    """Answer the query of `queries/pages` for what is shown: `contributions`, `gge`, a draft, a group, or a resolution."""
    if show in WITHOUT:
        query, title = WITHOUT[show]
        return title, saved_question.listed(request, query)
    iri = terms.expand(show) or ""
    curie = terms.compact(iri)
    query = next((query for query in CHOICES if curie in choices.get(query, {})), "")
    result = saved_question.listed(request, query, iri)
    if query == "map-members" and not result.rows:
        raise HTTPException(404)
    return CHOICES[query][1].format(choices[query][curie]), result


def _shade(value: str) -> Shade:
    """Choose how a value is shown; numbers are shaded by their size."""
    if not value.isdigit():
        color, sign = WORDS["map"]["values"][value].split()
        return color, sign, value
    color = next(color for least, color, _, _ in WORDS["map"]["numbers"] if int(value) >= least)
    return color, value, f"{value} contribution{'s' * (value != '1')}"
