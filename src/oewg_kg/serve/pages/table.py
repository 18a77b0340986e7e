"""One table for every page: sorted, filtered by facets and cut to a part as its URL says; on a page or as a file."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import tables, terms
from oewg_kg.export import table_files, workbooks
from oewg_kg.query import QueryResult
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages.presentation import View, number_of
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

STEP, LEAST, MOST = 80, 8, 15  # rows on a page; the least rows and most values for which a facet helps
LONG = 1500  # the most characters of an address
GGE = "the GGE 2019-2021 (experts’ countries)"
FILES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
FILES |= {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
TEXT = (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString")


@dataclass(frozen=True)
class Cell:
    """One value: the term, and its words if they differ from its label."""

    term: Term | None
    label: str = ""


@dataclass(frozen=True)
class Row:
    """The cells of a row, each with any number of values, and the sources that state it."""

    cells: tuple[tuple[Cell, ...], ...]
    cited: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facet:
    """A column whose values can be chosen: (value, rows that have it, address, whether it is chosen)."""

    name: str
    values: list[tuple[str, int, str, bool]]


@dataclass(frozen=True)
class Table:
    """A table as shown: the rows of this part, how many of all are chosen, and the addresses of its other views."""

    caption: str
    headings: list[str]
    links: list[tuple[str, str]]
    rows: list[Row]
    chosen: list[Row]
    total: int
    facets: list[Facet]
    groups: list[tuple[str, str]]
    hidden: list[tuple[str, str]]
    filter: str
    linked: bool
    match: str
    members: str
    start: int
    step: int
    address: Callable[..., str]
    proven: str

    @property
    def shared(self) -> tuple[str, ...]:
        """Find the sources that every row of a long table cites, so that they are not repeated in each row."""
        cited = {row.cited for row in self.chosen}
        return next(iter(cited)) if len(cited) == 1 and len(self.chosen) >= LEAST else ()


def text_of(view: View, cells: Iterable[Cell]) -> str:
    """Write a cell as plain text."""
    return ", ".join(view.words(cell.term, cell.label) for cell in cells)


def joined(view: View, result: QueryResult) -> tuple[list[str], list[Row]]:
    """Lay out an answer: headings, and rows in which an entity and its label are one cell."""
    columns = [at for at, name in enumerate(result.columns) if name in tables.shown(result.columns)]
    rows = [
        Row(tuple((_cell(view, result, row, at),) for at in columns), tuple(cited))
        for row, cited in zip(result.rows, result.citations, strict=True)
    ]
    return [tables.heading(result.columns[at]) for at in columns], rows


def filled(headings: list[str], rows: list[Row]) -> tuple[list[str], list[Row]]:
    """Leave out the columns in which no row has a value."""
    columns = [at for at in range(len(headings)) if any(c.term is not None for row in rows for c in row.cells[at])]
    return [headings[at] for at in columns], [Row(tuple(row.cells[at] for at in columns), row.cited) for row in rows]


def _cell(view: View, result: QueryResult, row: Sequence[Term | None], at: int) -> Cell:
    """Join an entity and its label in one cell; states have the name that the reader chose."""
    name = result.columns[at]
    thing = row[result.columns.index(stem)] if (stem := name.removesuffix("Label")) in result.columns else None
    if stem == name or not isinstance(thing, ox.NamedNode):
        return Cell(row[at])
    own = view.language != "en" or thing.value.startswith(PREFIXES["state"])
    return Cell(thing, "" if own else terms.text_of(row[at]))


def of(
    request: Request, caption: str, headings: list[str], rows: list[Row], proven: str = "", step: int = STEP
) -> Table:
    """Choose, sort and cut rows as the address says: `only=column:value`, `match=text`, `sort=column` or `sort=-column`."""
    view, asked = View.of(request), request.query_params
    slugs = [_slug(name) for name in headings]
    texts = {id(row): [text_of(view, cells) for cells in row.cells] for row in rows}
    valued = _values(view, slugs, rows, texts)
    members = asked.get("members", "")
    inside = _members(request, members)
    only = [tuple(one.split(":", 1)) for one in asked.getlist("only") if ":" in one]
    match, sort = terms.folded(asked.get("match", "")[:200]), asked.get("sort", "")

    def fits(row: Row, but: str = "") -> bool:
        wanted: dict[str, set[str]] = {}
        for name, value in only:
            wanted.setdefault(name, set()).add(value)
        fit = all(valued.get(n, {}).get(id(row)) in values for n, values in wanted.items() if n != but and n in valued)
        fit = fit and (inside is None or any(cell.term in inside for cell in row.cells[0]))
        return fit and (not match or match in terms.folded(" ".join(texts[id(row)])))

    chosen = [row for row in rows if fits(row)]
    if (column := sort.removeprefix("-")) in slugs:
        at = slugs.index(column)
        chosen.sort(key=lambda row: _order(row.cells[at], texts[id(row)][at]), reverse=sort.startswith("-"))
        chosen.sort(key=lambda row: texts[id(row)][at] == "")
    pairs = [(k, v) for k, v in asked.multi_items() if v and k not in ("start", "as")]

    def address(**changes: str) -> str:
        unchanged = [pair for pair in pairs if pair[0] not in changes]
        return "?" + urlencode([*unchanged, *((k, v) for k, v in changes.items() if v)])

    def facet(name: str, own: dict[int, str]) -> Facet:
        counts = dict.fromkeys(sorted(set(own.values()), key=terms.folded), 0)
        for row in rows:
            if id(row) in own and fits(row, name):
                counts[own[id(row)]] += 1
        values = []
        for value, count in counts.items():
            pair = ("only", f"{name}:{value}")
            if not count and pair not in pairs:
                continue
            toggled = [p for p in pairs if p != pair] + ([] if pair in pairs else [pair])
            values.append((value, count, "?" + urlencode(toggled), pair in pairs))
        return Facet(dict(zip(slugs, headings, strict=True)).get(name, name), values)

    facets = [facet(name, own) for name, own in valued.items()]
    told = _filter(view, facets, match and asked["match"], members)
    # Each link repeats the address, so the answer to a long query is sorted and filtered only by the script.
    linked = not view.frozen and request.method != "POST" and len(address()) < LONG
    start, step = number_of(request, "start"), len(rows) or 1 if view.frozen else step
    return Table(
        caption + (f", {told}" if told else ""),
        headings,
        [(address(sort=("-" if sort == slug else "") + slug) if linked else "", _way(sort, slug)) for slug in slugs],
        chosen[start : start + step],
        chosen,
        len(rows),
        facets,
        [(GGE, "gge"), *view.explorer.once("groups", groups)] if "region" in valued and linked else [],
        [pair for pair in pairs if pair[0] not in ("match", "members")],
        told,
        linked,
        asked.get("match", "")[:200],
        members,
        start,
        step,
        address,
        proven,
    )


def _filter(view: View, facets: list[Facet], match: str, members: str) -> str:
    """Write in words which rows are chosen; "" for all."""
    told = []
    for facet in facets:
        values = " or ".join(value or "none" for value, _, _, chosen in facet.values if chosen)
        told += [values if facet.name in ("region", "type") else f"{facet.name}: {values}"] if values else []
    if members:
        told.append(f"members of {GGE if members == 'gge' else view.label(terms.expand(members) or '')}")
    if match:
        told.append(f"rows containing “{' '.join(match[:200].split())}”")
    return f"filtered to {' and '.join(told)}" if told else ""


def listed(request: Request, name: str, value: str = "") -> QueryResult:
    """Answer a query of `queries/pages`, with an IRI for its parameter if one is given."""
    saved = explorer_of(request).listings.get(name)
    if saved is None:  # a root with other queries
        raise HTTPException(404)
    return saved_question.answer(request, saved, {p.variable: ox.NamedNode(value) for p in saved.parameters if value})


def groups(explorer: Explorer) -> list[tuple[str, str]]:
    """List the groups whose members are known: label, CURIE."""
    org = PREFIXES["org"]
    found = {terms.text_of(quad.object) for quad in explorer.quads(None, org + "organization", None)}
    found |= {terms.text_of(quad.subject) for quad in explorer.quads(None, org + "hasMember", None)}
    return sorted((explorer.label(iri)[0], terms.compact(iri)) for iri in found)


def _members(request: Request, group: str) -> set[Term | None] | None:
    """Find the members of a group, or for `gge` the countries of its experts; None if no group is named."""
    if not group:
        return None
    iri = "" if group == "gge" else terms.expand(group)
    if iri is None:
        raise HTTPException(404)
    return {row[0] for row in listed(request, "map-members" if iri else "map-experts", iri).rows}


def _slug(heading: str) -> str:
    return re.sub(r"[^\w]+", "-", heading.casefold()).strip("-")


def _way(sort: str, slug: str) -> str:
    return {slug: "ascending", f"-{slug}": "descending"}.get(sort, "")


def _order(cells: tuple[Cell, ...], text: str) -> tuple[float, str]:
    """Order numbers by value, and texts without their accents."""
    term = cells[0].term if len(cells) == 1 else None
    number = terms.value_of(term) if isinstance(term, ox.Literal) else text
    return (float(number), "") if isinstance(number, int | float) else (0.0, terms.folded(text))


def _values(view: View, slugs: list[str], rows: list[Row], texts: dict[int, list[str]]) -> dict[str, dict[int, str]]:
    """Find the facets of the rows: regional group and class of the entities in the first column, and columns with few values."""
    if len(rows) < LEAST:
        return {}
    found: dict[str, dict[int, str]] = {"region": {}, "type": {}}
    for row in rows:
        thing = row.cells[0][0].term if row.cells[0] else None
        if isinstance(thing, ox.NamedNode):
            found["region"][id(row)] = view.explorer.regions.get(thing.value, "")
            found["type"][id(row)] = view.kind(thing.value)
    found["region"] = {row: region for row, region in found["region"].items() if region}
    for at, slug in enumerate(slugs):
        column = [row.cells[at][0].term for row in rows if len(row.cells[at]) == 1]
        words = all(
            isinstance(t, ox.NamedNode) or (isinstance(t, ox.Literal) and t.datatype.value in TEXT) for t in column
        )
        filled = sum(texts[id(row)][at] != "" for row in rows)
        if words and len(column) == len(rows) < 2 * filled:
            found[slug] = {id(row): texts[id(row)][at] for row in rows}
    return {n: own for n, own in found.items() if 2 <= len(set(own.values())) <= min(MOST, len(rows) // 2)}


def file(request: Request, table: Table, name: str) -> Response | None:
    """Write all chosen rows as the file that `as=` names: labels, IRIs in separate columns, and the lines."""
    kind = request.query_params.get("as")
    if not kind:
        return None
    if kind not in FILES:
        raise HTTPException(404)
    view = View.of(request)
    named = [
        any(isinstance(cell.term, ox.NamedNode) for row in table.chosen for cell in row.cells[at])
        for at in range(len(table.headings))
    ]
    heads = [h for at, one in enumerate(table.headings) for h in ([one, f"{one} IRI"] if named[at] else [one])]
    rows: list[list[object]] = []
    for row in table.chosen:
        line: list[object] = []
        for at, cells in enumerate(row.cells):
            plain = len(cells) == 1 and isinstance(cells[0].term, ox.Literal)
            line.append(terms.value_of(cells[0].term) if plain else text_of(view, cells))
            iris = [cell.term.value for cell in cells if isinstance(cell.term, ox.NamedNode)]
            line += [" ".join(iris)] if named[at] else []
        rows.append([*line, " ".join(row.cited)] if table.proven else line)
    heads += [table.proven] if table.proven else []
    if kind == "xlsx":
        body = workbooks.write({"table": (heads, rows)}, [[table.caption], [str(request.url)]])
    elif kind == "json":
        found = {"title": table.caption, "rows": [dict(zip(heads, row, strict=True)) for row in rows]}
        body = json.dumps(found, ensure_ascii=False, default=str, indent=1).encode()
    else:
        body = table_files.csv_bytes([heads, *([str(one) for one in row] for row in rows)])
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(body, headers=headers, media_type=FILES[kind])
