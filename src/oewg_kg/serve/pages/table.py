"""The HTML table of all pages, sorted, filtered by facets and cut to a part by its URL (`Table`); its rows as CSV, XLSX or JSON."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
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
from oewg_kg.serve.pages.presentation import View, integer_parameter
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

FACET_ROWS, FACET_VALUES = 8, 15  # the least rows and the most values for which a facet helps
MAX_ADDRESS = 1500  # the most characters of an address
GGE_LABEL = "the GGE 2019-2021 (experts’ countries)"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "xlsx": XLSX}
TEXT_DATATYPES = (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString")


@dataclass(frozen=True)
class Cell:
    """One value: the term, and its words if they differ from its label."""

    term: Term | None
    label: str = ""


Cells = tuple[Cell, ...]


@dataclass(frozen=True)
class Row:
    """The cells of a row, each with any number of values, the sources that state it, and the row of the answer that it shows."""

    cells: tuple[Cells, ...]
    sources: tuple[str, ...] = ()
    solution: tuple[Term | None, ...] = ()


def row(*cell_values: Term | str | list[str] | None, sources: tuple[str, ...] = ()) -> Row:
    """Make a row of terms, texts, and lists of IRIs."""
    cells = []
    for cell_value in cell_values:
        term = ox.Literal(cell_value) if isinstance(cell_value, str) else cell_value
        cells.append(tuple(Cell(ox.NamedNode(iri)) for iri in term) if isinstance(term, list) else (Cell(term),))
    return Row(tuple(cells), sources)


class Table:
    """Rows as an address chooses and sorts them: `only=column:value`, `members=group`, `match=text`, `sort=column` or `sort=-column`."""

    def __init__(
        self, request: Request, title: str, headings: list[str], rows: list[Row], sources: str = "", step: int = 80
    ) -> None:
        """Lay out rows under headings; `sources` is the heading of the lines that state them, `step` the rows on a page."""
        parameters = request.query_params
        self.request, self.view, self.title, self.source_heading = request, View.of(request), title, sources
        self.headings, self.all_rows = headings, rows
        self.total, self.start = len(rows), integer_parameter(request, "start")
        self.step = (len(rows) or 1) if self.view.frozen else step
        self.match, self.members = parameters.get("match", "")[:200], parameters.get("members", "")
        self.sort, self._folded_match = parameters.get("sort", ""), terms.folded(self.match)
        self._parameters = [pair for pair in parameters.multi_items() if pair[1] and pair[0] not in ("start", "as")]
        # Each link repeats the address, so the answer to a long query is sorted and filtered only by the script.
        self.linked = not self.view.frozen and request.method != "POST" and len(self.address()) < MAX_ADDRESS
        self._column_slugs = [re.sub(r"[^\w]+", "-", heading.casefold()).strip("-") for heading in headings]
        self._cell_texts = [[cell_text(self.view, cells) for cells in row.cells] for row in rows]
        self._group_members = _group_members(request, self.members)
        self._facet_choices: dict[str, set[str]] = {}
        for facet, colon, value in (choice.partition(":") for choice in parameters.getlist("only")):
            if colon:
                self._facet_choices.setdefault(facet, set()).add(value)

    def address(self, **changes: str) -> str:
        """Write the address of another view of the table."""
        unchanged = [pair for pair in self._parameters if pair[0] not in changes]
        return "?" + urlencode([*unchanged, *((name, value) for name, value in changes.items() if value)])

    @property
    def form_fields(self) -> list[tuple[str, str]]:
        """List what the form of the filter leaves as it is."""
        return [pair for pair in self._parameters if pair[0] not in ("match", "members")]

    @property
    def caption(self) -> str:
        """Write the title, and which rows are chosen."""
        return self.title + (f", {self.filter_text}" if self.filter_text else "")

    @property
    def sort_links(self) -> list[tuple[str, str]]:
        """List for each column the address that sorts by it, and how it is sorted now."""
        directions = {self.sort: "ascending"} | ({self.sort[1:]: "descending"} if self.sort.startswith("-") else {})
        return [
            (self.address(sort="-" * (self.sort == slug) + slug) if self.linked else "", directions.get(slug, ""))
            for slug in self._column_slugs
        ]

    @property
    def member_groups(self) -> dict[str, str]:
        """List the groups whose members can be chosen: CURIE -> label."""
        lists_states = self.linked and "region" in self._facet_values
        return {"gge": GGE_LABEL} | map_choices(self.request).get("map-members", {}) if lists_states else {}

    @property
    def rows(self) -> list[Row]:
        """Cut the chosen rows to those of this page."""
        return self.selected_rows[self.start : self.start + self.step]

    @property
    def shared_sources(self) -> tuple[str, ...]:
        """Find the sources that every row of a long table cites, so that they are not repeated in each row."""
        source_lists = {row.sources for row in self.selected_rows}
        return source_lists.pop() if len(source_lists) == 1 and len(self.selected_rows) >= FACET_ROWS else ()

    @cached_property
    def selected_rows(self) -> list[Row]:
        """Choose and sort rows; what is empty comes last."""
        selected = [(self.all_rows[n], self._cell_texts[n]) for n in range(self.total) if self._row_fits(n)]
        if (slug := self.sort.removeprefix("-")) in self._column_slugs:
            column, descending = self._column_slugs.index(slug), self.sort.startswith("-")
            selected.sort(key=lambda pair: _sort_key(pair[0].cells[column], pair[1][column]), reverse=descending)
            selected.sort(key=lambda pair: pair[1][column] == "")
        return [row for row, _ in selected]

    def _row_fits(self, row_number: int, except_facet: str = "") -> bool:
        """Return whether a row is chosen, by all facets but one."""
        facets = (self._facet_choices.keys() & self._facet_values.keys()) - {except_facet}
        row, row_texts = self.all_rows[row_number], self._cell_texts[row_number]
        return (
            all(self._facet_values[facet][row_number] in self._facet_choices[facet] for facet in facets)
            and (self._group_members is None or any(cell.term in self._group_members for cell in row.cells[0]))
            and (not self._folded_match or self._folded_match in terms.folded(" ".join(row_texts)))
        )

    @cached_property
    def facets(self) -> dict[str, list[tuple[str, int, str, bool]]]:
        """List the values of each facet: (value, rows that have it and fit all other filters, address, whether it is chosen)."""
        headings = dict(zip(self._column_slugs, self.headings, strict=True))
        return {headings.get(facet, facet): self._facet_counts(facet) for facet in self._facet_values}

    def _facet_counts(self, facet: str) -> list[tuple[str, int, str, bool]]:
        column, choices = self._facet_values[facet], []
        counts = Counter(value for row_number, value in enumerate(column) if self._row_fits(row_number, facet))
        for value in sorted({value for value in column if value is not None}, key=terms.folded):
            only = ("only", f"{facet}:{value}")
            is_chosen = only in self._parameters
            if counts[value] or is_chosen:
                toggled = [pair for pair in self._parameters if pair != only] + ([] if is_chosen else [only])
                choices.append((value, counts[value], "?" + urlencode(toggled), is_chosen))
        return choices

    @cached_property
    def _facet_values(self) -> dict[str, list[str | None]]:
        """Find the facets of the rows: regional group and class of the entities in the first column, and columns with few values."""
        rows, texts = self.all_rows, self._cell_texts
        if len(rows) < FACET_ROWS:
            return {}
        first_terms = [row.cells[0][0].term if row.cells[0] else None for row in rows]
        iris = [term.value if isinstance(term, ox.NamedNode) else None for term in first_terms]
        facets: dict[str, list[str | None]] = {
            "region": [self.view.explorer.regions.get(iri) if iri else None for iri in iris],
            "type": [self.view.class_label(iri) if iri else None for iri in iris],
        }
        for column, slug in enumerate(self._column_slugs):
            textual = all(len(row.cells[column]) == 1 and _is_textual(row.cells[column][0].term) for row in rows)
            if textual and len(rows) < 2 * sum(row_texts[column] != "" for row_texts in texts):
                facets[slug] = [row_texts[column] for row_texts in texts]
        most = min(FACET_VALUES, len(rows) // 2)
        return {facet: values for facet, values in facets.items() if 2 <= len({*values} - {None}) <= most}

    @cached_property
    def filter_text(self) -> str:
        """Write in words which rows are chosen; "" for all."""
        phrases = []
        for facet, choices in self.facets.items():
            values = errors.either([value or "none" for value, _, _, is_chosen in choices if is_chosen])
            phrases += [values if facet in ("region", "type") else f"{facet}: {values}"] if values else []
        if self.members:
            group = GGE_LABEL if self.members == "gge" else self.view.label(terms.expand(self.members) or "")
            phrases.append(f"members of {group}")
        if self._folded_match:
            phrases.append(f"rows containing “{' '.join(self.match.split())}”")
        return f"filtered to {' and '.join(phrases)}" if phrases else ""


def _is_textual(term: Term | None) -> bool:
    """Return whether a value is an entity or words."""
    return isinstance(term, ox.NamedNode) or (isinstance(term, ox.Literal) and term.datatype.value in TEXT_DATATYPES)


def _sort_key(cells: Cells, plain_text: str) -> tuple[float, str]:
    """Order numbers by value, and texts without their accents."""
    term = cells[0].term if len(cells) == 1 else None
    number = terms.value_of(term) if isinstance(term, ox.Literal) else plain_text
    return (float(number), "") if isinstance(number, int | float) else (0.0, terms.folded(plain_text))


def cell_text(view: View, cells: Iterable[Cell]) -> str:
    """Write a cell as plain text."""
    return ", ".join(view.plain_text(cell.term, cell.label) for cell in cells)


def answer_rows(view: View, result: QueryResult) -> tuple[list[str], list[Row], str]:
    """Lay out an answer: headings, rows in which an entity and its label are one cell, and the heading of the sources."""
    columns = tables.visible_columns(result.columns)
    rows = []
    for solution, lines in zip(result.rows, result.citations, strict=True):
        bindings = dict(zip(result.columns, solution, strict=True))
        cells = tuple((_entity_cell(view, bindings, column),) for column in columns)
        rows.append(Row(cells, tuple(lines), tuple(solution)))
    source_heading = tables.cited_heading(result.citations) if any(result.citations) else ""
    return [tables.heading(column) for column in columns], rows, source_heading


def _entity_cell(view: View, bindings: Mapping[str, Term | None], column: str) -> Cell:
    """Join an entity and its label in one cell; states have the name that the reader chose."""
    entity = bindings.get(column.removesuffix("Label"))
    if not column.endswith("Label") or not isinstance(entity, ox.NamedNode):
        return Cell(bindings[column])
    by_language = view.language != "en" or entity.value.startswith(PREFIXES["state"])
    return Cell(entity, "" if by_language else terms.text_of(bindings[column]))


def map_choices(request: Request) -> dict[str, dict[str, str]]:
    """List what maps and filters can be about, by the query of `queries/pages` that answers for it: CURIE -> label, by label."""
    explorer, choices = explorer_of(request), dict[str, dict[str, str]]()
    if "map-choices" in explorer.listings:
        rows = [map(terms.text_of, row) for row in saved_question.listed(request, "map-choices").rows]
        labels = [(explorer.label(iri)[0], terms.compact(iri), query_name) for query_name, iri in rows]
        for label, curie, query_name in sorted(labels):
            choices.setdefault(query_name, {})[curie] = label
    return choices


def _group_members(request: Request, group: str) -> set[Term | None] | None:
    """Find the members of a group, or for `gge` the countries of its experts; None if no group is named."""
    if not group:
        return None
    iri = "" if group == "gge" else terms.expand(group)
    if iri is None:
        raise HTTPException(404)
    return {row[0] for row in saved_question.listed(request, "map-members" if iri else "map-experts", iri).rows}


def respond(
    request: Request, table: Table | None, file_name: str, template: str, status: int = 200, **values: Any
) -> Response:
    """Answer with a page that shows a table, or with all chosen rows as the file that `as=` names."""
    extension = request.query_params.get("as")
    if table is None or not extension:
        return rendering.page(request, template, status, table=table, **values)
    if extension not in FILE_TYPES:
        raise HTTPException(404)
    headings, rows = _file_columns(table)
    if extension == "xlsx":
        body = workbooks.write({"table": (headings, rows)}, [[table.caption], [str(request.url)]])
    elif extension == "json":
        document = {"title": table.caption, "rows": [dict(zip(headings, row, strict=True)) for row in rows]}
        body = json.dumps(document, ensure_ascii=False, default=str, indent=1).encode()
    else:
        body = table_files.csv_bytes([headings, *([str(value) for value in row] for row in rows)])
    headers = {"Content-Disposition": f'attachment; filename="{file_name}.{extension}"'}
    return Response(body, headers=headers, media_type=FILE_TYPES[extension])


def _file_columns(table: Table) -> tuple[list[str], list[list[object]]]:
    """Lay the chosen rows out for a file: labels, IRIs in separate columns, and the lines."""
    headings, columns = list[str](), list[list[object]]()
    for index, heading in enumerate(table.headings):
        column = [row.cells[index] for row in table.selected_rows]
        headings.append(heading)
        columns.append([_file_value(table.view, cells) for cells in column])
        cell_iris = [[cell.term.value for cell in cells if isinstance(cell.term, ox.NamedNode)] for cells in column]
        if any(cell_iris):
            headings.append(f"{heading} IRI")
            columns.append([" ".join(iris) for iris in cell_iris])
    if table.source_heading:
        headings.append(table.source_heading)
        columns.append([" ".join(row.sources) for row in table.selected_rows])
    return headings, [list(row) for row in zip(*columns, strict=True)]


def _file_value(view: View, cells: Cells) -> object:
    literal = len(cells) == 1 and isinstance(cells[0].term, ox.Literal)
    return terms.value_of(cells[0].term) if literal else cell_text(view, cells)
