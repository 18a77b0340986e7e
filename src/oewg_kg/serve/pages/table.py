"""One table for every page: sorted, filtered by facets and cut to a part as its URL says; on a page or as a file."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import errors, tables, terms
from oewg_kg.export import table_files, workbooks
from oewg_kg.query import QueryResult
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.pages import rendering
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
    """The cells of a row, each with any number of values, the sources that state it, and the row of the answer that it shows."""

    cells: tuple[tuple[Cell, ...], ...]
    cited: tuple[str, ...] = ()
    answer: tuple[Term | None, ...] = ()


def row(*values: Term | str | list[str] | None, cited: tuple[str, ...] = ()) -> Row:
    """Make a row of terms, texts, and lists of IRIs."""
    cells = []
    for value in values:
        term = ox.Literal(value) if isinstance(value, str) else value
        cells.append(tuple(Cell(ox.NamedNode(iri)) for iri in term) if isinstance(term, list) else (Cell(term),))
    return Row(tuple(cells), cited)


class Facet(NamedTuple):
    """A column whose values can be chosen: (value, rows that have it, address, whether it is chosen)."""

    name: str
    values: list[tuple[str, int, str, bool]]


class Table:
    """Rows as an address chooses and sorts them: `only=column:value`, `members=group`, `match=text`, `sort=column` or `sort=-column`."""

    def __init__(
        self, request: Request, title: str, headings: list[str], rows: list[Row], proven: str = "", step: int = STEP
    ) -> None:
        """Lay out rows under headings; `proven` is the heading of the places that state them, `step` the rows on a page."""
        asked = request.query_params
        self.request, self.view, self.title, self.proven = request, View.of(request), title, proven
        self.headings, self.everything = headings, rows
        self.total, self.start = len(rows), number_of(request, "start")
        self.step = len(rows) or 1 if self.view.frozen else step
        self.match, self.members = asked.get("match", "")[:200], asked.get("members", "")
        self.sort, self._match = asked.get("sort", ""), terms.folded(self.match)
        self._pairs = [(k, v) for k, v in asked.multi_items() if v and k not in ("start", "as")]
        # Each link repeats the address, so the answer to a long query is sorted and filtered only by the script.
        self.linked = not self.view.frozen and request.method != "POST" and len(self.address()) < LONG
        self._slugs = [re.sub(r"[^\w]+", "-", heading.casefold()).strip("-") for heading in headings]
        self._texts = [[text_of(self.view, cells) for cells in row.cells] for row in rows]
        self._inside = _members(request, self.members)
        self._only: dict[str, set[str]] = {}
        for name, colon, value in (one.partition(":") for one in asked.getlist("only")):
            if colon:
                self._only.setdefault(name, set()).add(value)

    def address(self, **changes: str) -> str:
        """Write the address of another view of the table."""
        unchanged = [pair for pair in self._pairs if pair[0] not in changes]
        return "?" + urlencode([*unchanged, *((k, v) for k, v in changes.items() if v)])

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """List what the form of the filter leaves as it is."""
        return [pair for pair in self._pairs if pair[0] not in ("match", "members")]

    @property
    def caption(self) -> str:
        """Write the title, and which rows are chosen."""
        return self.title + (f", {self.filter}" if self.filter else "")

    @property
    def links(self) -> list[tuple[str, str]]:
        """List for each column the address that sorts by it, and how it is sorted now."""
        ways = {self.sort: "ascending"} | ({self.sort[1:]: "descending"} if self.sort.startswith("-") else {})
        return [
            (self.address(sort="-" * (self.sort == slug) + slug) if self.linked else "", ways.get(slug, ""))
            for slug in self._slugs
        ]

    @property
    def groups(self) -> dict[str, str]:
        """List the groups whose members can be chosen: CURIE -> label."""
        states = self.linked and "region" in self._values
        return {"gge": GGE} | choices(self.request).get("map-members", {}) if states else {}

    @property
    def rows(self) -> list[Row]:
        """Cut the chosen rows to those of this page."""
        return self.chosen[self.start : self.start + self.step]

    @property
    def shared(self) -> tuple[str, ...]:
        """Find the sources that every row of a long table cites, so that they are not repeated in each row."""
        cited = {row.cited for row in self.chosen}
        return next(iter(cited)) if len(cited) == 1 and len(self.chosen) >= LEAST else ()

    @cached_property
    def chosen(self) -> list[Row]:
        """Choose and sort rows; what is empty comes last."""
        rows, texts = self.everything, self._texts
        chosen = [n for n in range(self.total) if self._fits(n)]
        if (column := self.sort.removeprefix("-")) in self._slugs:
            at = self._slugs.index(column)
            chosen.sort(key=lambda n: _order(rows[n].cells[at], texts[n][at]), reverse=self.sort.startswith("-"))
            chosen.sort(key=lambda n: texts[n][at] == "")
        return [rows[n] for n in chosen]

    def _fits(self, n: int, but: str = "") -> bool:
        """Return whether a row is chosen, by all facets but one."""
        only = {name: values for name, values in self._only.items() if name != but and name in self._values}
        return (
            all(self._values[name][n] in values for name, values in only.items())
            and (self._inside is None or any(cell.term in self._inside for cell in self.everything[n].cells[0]))
            and (not self._match or self._match in terms.folded(" ".join(self._texts[n])))
        )

    @cached_property
    def facets(self) -> list[Facet]:
        """Count the values of each facet among the rows that all other filters choose."""
        headings = dict(zip(self._slugs, self.headings, strict=True))
        return [Facet(headings.get(name, name), self._counted(name)) for name in self._values]

    def _counted(self, name: str) -> list[tuple[str, int, str, bool]]:
        counts = Counter(value for n, value in enumerate(self._values[name]) if self._fits(n, name))
        values = []
        for value in sorted({value for value in self._values[name] if value is not None}, key=terms.folded):
            pair = ("only", f"{name}:{value}")
            toggled = [p for p in self._pairs if p != pair] + ([] if pair in self._pairs else [pair])
            if counts[value] or pair in self._pairs:
                values.append((value, counts[value], "?" + urlencode(toggled), pair in self._pairs))
        return values

    @cached_property
    def _values(self) -> dict[str, list[str | None]]:
        """Find the facets of the rows: regional group and class of the entities in the first column, and columns with few values."""
        rows, texts = self.everything, self._texts
        if len(rows) < LEAST:
            return {}
        things = [row.cells[0][0].term if row.cells[0] else None for row in rows]
        iris = [thing.value if isinstance(thing, ox.NamedNode) else None for thing in things]
        found: dict[str, list[str | None]] = {
            "region": [self.view.explorer.regions.get(iri) if iri else None for iri in iris],
            "type": [self.view.kind(iri) if iri else None for iri in iris],
        }
        for at, slug in enumerate(self._slugs):
            words = all(len(row.cells[at]) == 1 and _worded(row.cells[at][0].term) for row in rows)
            if words and len(rows) < 2 * sum(text[at] != "" for text in texts):
                found[slug] = [text[at] for text in texts]
        return {n: own for n, own in found.items() if 2 <= len({*own} - {None}) <= min(MOST, len(rows) // 2)}

    @cached_property
    def filter(self) -> str:
        """Write in words which rows are chosen; "" for all."""
        told = []
        for facet in self.facets:
            values = errors.either([value or "none" for value, _, _, chosen in facet.values if chosen])
            told += [values if facet.name in ("region", "type") else f"{facet.name}: {values}"] if values else []
        if self.members:
            group = GGE if self.members == "gge" else self.view.label(terms.expand(self.members) or "")
            told.append(f"members of {group}")
        if self._match:
            told.append(f"rows containing “{' '.join(self.match.split())}”")
        return f"filtered to {' and '.join(told)}" if told else ""


def _worded(term: Term | None) -> bool:
    """Return whether a value is a thing or words."""
    return isinstance(term, ox.NamedNode) or (isinstance(term, ox.Literal) and term.datatype.value in TEXT)


def _order(cells: tuple[Cell, ...], text: str) -> tuple[float, str]:
    """Order numbers by value, and texts without their accents."""
    term = cells[0].term if len(cells) == 1 else None
    number = terms.value_of(term) if isinstance(term, ox.Literal) else text
    return (float(number), "") if isinstance(number, int | float) else (0.0, terms.folded(text))


def text_of(view: View, cells: Iterable[Cell]) -> str:
    """Write a cell as plain text."""
    return ", ".join(view.words(cell.term, cell.label) for cell in cells)


def joined(view: View, result: QueryResult) -> tuple[list[str], list[Row], str]:
    """Lay out an answer: headings, rows in which an entity and its label are one cell, and the heading of the sources."""
    columns = [at for at, name in enumerate(result.columns) if name in tables.visible_columns(result.columns)]
    rows = [
        Row(tuple((_cell(view, result, row, at),) for at in columns), tuple(cited), tuple(row))
        for row, cited in zip(result.rows, result.citations, strict=True)
    ]
    proven = tables.cited_heading(result.citations) if any(result.citations) else ""
    return [tables.heading(result.columns[at]) for at in columns], rows, proven


def _cell(view: View, result: QueryResult, row: Sequence[Term | None], at: int) -> Cell:
    """Join an entity and its label in one cell; states have the name that the reader chose."""
    name = result.columns[at]
    thing = row[result.columns.index(stem)] if (stem := name.removesuffix("Label")) in result.columns else None
    if stem == name or not isinstance(thing, ox.NamedNode):
        return Cell(row[at])
    own = view.language != "en" or thing.value.startswith(PREFIXES["state"])
    return Cell(thing, "" if own else terms.text_of(row[at]))


def choices(request: Request) -> dict[str, dict[str, str]]:
    """List what maps and filters can be about, by the query of `queries/pages` that answers for it: CURIE -> label, by label."""
    explorer, found = explorer_of(request), dict[str, list[tuple[str, str]]]()
    for name, thing in saved_question.listed(request, "map-choices").rows if "map-choices" in explorer.listings else ():
        iri = terms.text_of(thing)
        found.setdefault(terms.text_of(name), []).append((explorer.label(iri)[0], terms.compact(iri)))
    return {name: {curie: label for label, curie in sorted(things)} for name, things in found.items()}


def _members(request: Request, group: str) -> set[Term | None] | None:
    """Find the members of a group, or for `gge` the countries of its experts; None if no group is named."""
    if not group:
        return None
    iri = "" if group == "gge" else terms.expand(group)
    if iri is None:
        raise HTTPException(404)
    return {row[0] for row in saved_question.listed(request, "map-members" if iri else "map-experts", iri).rows}


def answer(
    request: Request, table: Table | None, name: str, template: str, status: int = 200, **values: Any
) -> Response:
    """Answer with a page that shows a table, or with all chosen rows as the file that `as=` names."""
    kind = request.query_params.get("as")
    if table is None or not kind:
        return rendering.page(request, template, status, table=table, **values)
    if kind not in FILES:
        raise HTTPException(404)
    heads, rows = _cells(table)
    if kind == "xlsx":
        body = workbooks.write({"table": (heads, rows)}, [[table.caption], [str(request.url)]])
    elif kind == "json":
        found = {"title": table.caption, "rows": [dict(zip(heads, row, strict=True)) for row in rows]}
        body = json.dumps(found, ensure_ascii=False, default=str, indent=1).encode()
    else:
        body = table_files.csv_bytes([heads, *([str(one) for one in row] for row in rows)])
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(body, headers=headers, media_type=FILES[kind])


def _cells(table: Table) -> tuple[list[str], list[list[object]]]:
    """Lay the chosen rows out for a file: labels, IRIs in separate columns, and the lines."""
    heads, columns = list[str](), list[list[object]]()
    for at, heading in enumerate(table.headings):
        column = [row.cells[at] for row in table.chosen]
        heads.append(heading)
        columns.append([_value(table.view, cells) for cells in column])
        iris = [[cell.term.value for cell in cells if isinstance(cell.term, ox.NamedNode)] for cells in column]
        if any(iris):
            heads.append(f"{heading} IRI")
            columns.append([" ".join(one) for one in iris])
    if table.proven:
        heads.append(table.proven)
        columns.append([" ".join(row.cited) for row in table.chosen])
    return heads, [list(row) for row in zip(*columns, strict=True)]


def _value(view: View, cells: tuple[Cell, ...]) -> object:
    plain = len(cells) == 1 and isinstance(cells[0].term, ox.Literal)
    return terms.value_of(cells[0].term) if plain else text_of(view, cells)
