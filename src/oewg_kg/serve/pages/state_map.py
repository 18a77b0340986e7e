"""The page of the map: a square for each state, shaded by its contributions, its vote or its membership of a group; and its table."""

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
DEFAULT_MAPS = {
    "contributions": ("map-contributions", "States by number of contributions"),
    "gge": ("map-experts", "Countries of the experts of the GGE 2019-2021"),
}
# What can be chosen, by query: the heading of the choices, and the title of the map.
MAPS_BY_CHOICE = {
    "map-contributions": ("Contributions to a draft", "Contributions of states to the {}"),
    "map-members": ("Members", "Members of {}"),
    "map-votes": ("Votes", "The vote on {}"),
}
# What a map shows of a state: its color class, its sign, and words.
Shade = tuple[str, str, str]


def map_page(request: Request) -> Response:
    """Answer with the map of squares: who contributed, who has a GGE seat, a group's members, or a vote; and the table."""
    explorer, view = explorer_of(request), View.of(request)
    show, choices = request.query_params.get("show") or "contributions", table.map_choices(request)
    title, result = _map_result(request, show, choices)
    shades = {terms.text_of(state): _shade_of(terms.text_of(value)) for state, value in result.rows}
    lines_by_state = {terms.text_of(row[0]): lines for row, lines in zip(result.rows, result.citations, strict=True)}
    codes = {state: state.rpartition("/")[2] for state in explorer.instances(OEWG + "State")}
    states = sorted((state for state in codes if codes[state] in squares()), key=lambda iri: (view.label(iri), iri))
    rows = [
        table.row([state], codes[state], shades[state][2], sources=lines_by_state[state])
        for state in states
        if state in shades
    ]
    used_shades = set(shades.values())
    return table.respond(
        request,
        table.Table(request, title, ["state", "code", "shown"], rows, "sources"),
        "map",
        "map.html",
        title=title,
        legend=[_shade_of(value) for value in WORDS["map"]["values"] if _shade_of(value) in used_shades]
        or [tuple(shade) for _, *shade in WORDS["map"]["numbers"]],
        squares={state: (*squares()[codes[state]], *shades.get(state, ("", "", ""))) for state in states},
        width=max((x for x, _ in squares().values()), default=0) + 1,
        height=max((y for _, y in squares().values()), default=0) + 1,
        show=show,
        choices={heading: choices.get(query, {}) for query, (heading, _) in MAPS_BY_CHOICE.items()},
    )


@cache
def squares() -> dict[str, tuple[int, int]]:
    """Read the map as code (ISO 3166-1 alpha-3) -> column and row, counted from 0."""
    lines = WORDS["map"]["squares"].split()
    codes = {line[x : x + 3]: (x // 3, y) for y, line in enumerate(lines) for x in range(0, len(line), 3)}
    return {code: square for code, square in codes.items() if code != "___"}


def _map_result(request: Request, show: str, choices: dict[str, dict[str, str]]) -> tuple[str, QueryResult]:
    """Answer the query of `queries/pages` for what is shown: `contributions`, `gge`, a draft, a group, or a resolution."""
    if show in DEFAULT_MAPS:
        query_name, title = DEFAULT_MAPS[show]
        return title, saved_question.listed(request, query_name)
    iri = terms.expand(show) or ""
    curie = terms.compact(iri)
    query_name = next((query_name for query_name in MAPS_BY_CHOICE if curie in choices.get(query_name, {})), "")
    result = saved_question.listed(request, query_name, iri)
    if query_name == "map-members" and not result.rows:
        raise HTTPException(404)
    return MAPS_BY_CHOICE[query_name][1].format(choices[query_name][curie]), result


def _shade_of(value: str) -> Shade:
    """Choose how a value is shown; numbers are shaded by their size."""
    if not value.isdigit():
        color, sign = WORDS["map"]["values"][value].split()
        return color, sign, value
    color = next(color for least, color, _, _ in WORDS["map"]["numbers"] if int(value) >= least)
    return color, value, f"{value} contribution{'s' * (value != '1')}"
