"""Lay out an answer as headings and cells, for people or programs, and write it as CSV, TSV, JSON or Markdown, with its source lines."""

import json
from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from oewg_kg import terms

Row = Sequence[object]  # of terms, of plain values, and None
HEADINGS = {
    "decision": "editorial decision",
    "fromEarliest": "began no earlier than",
    "fromLatest": "began no later than",
    "heldEnd": "ended",
    "heldStart": "began",
    "labelInSource": "printed label",
    "lookedFor": "searched without success",
    "number": "line",
    "part": "role",
    "target": "about",
    "tenure": "term of office",
    "thing": "item",
    "untilEarliest": "ended no earlier than",
    "whole": "joint text",
    "zone": "time zone",
}


def visible_columns(columns: Sequence[str]) -> list[str]:
    """Leave out the columns that have a label column (`actor`, given `actorLabel`)."""
    return [name for name in columns if name + "Label" not in columns]


def heading(column: str) -> str:
    """Write a column's name for people: `actorLabel` as `actor`, `firstDate` as `first date`, `heldStart` as `began`."""
    if ": " in column:  # of a user's own file
        return column
    name = column.removesuffix("Label") or column
    if name in HEADINGS or name[:1].isupper():  # the name of an actor stays as it is
        return HEADINGS.get(name, name)
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).replace("_", " ").strip()


def cited_heading(cited: Sequence[Sequence[str]]) -> str:
    """Name the column of citations: source lines, or sources if none is a line of a page."""
    return "source lines" if not any(cited) or any("#L" in line for lines in cited for line in lines) else "sources"


def row_count(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Count the rows, and the entities they are about if these are fewer: `6 rows (5 contributions)`."""
    count = count_with_noun(len(rows), "row")
    entities = {row[0] for row in rows} if columns and columns[0] + "Label" in columns else set()
    if len(entities) in (0, len(rows)):
        return count
    noun = heading(columns[0])
    return f"{count} ({count_with_noun(len(entities), noun)})"


def count_with_noun(number: int, noun: str) -> str:
    """Write a number of things: `1 row`, `2 rows`."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Write the plural of a column's name or a class: contributions, countries, processes, groups of states."""
    if " or " in noun:
        return " or ".join(map(plural, noun.split(" or ")))
    if " of " in noun:
        head, _, modifier = noun.partition(" of ")
        return f"{plural(head)} of {modifier}"
    if noun.endswith("ry"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def for_people(
    columns: Sequence[str],
    rows: Sequence[Row],
    cited: Sequence[Sequence[str]] | None,
    labels: Mapping[str, str] | None = None,
) -> tuple[list[str], list[list[str]]]:
    """Lay an answer out for reading: headings, then cells; IRIs as labels or CURIEs; the lines in the last column."""
    visible = [column for column, name in enumerate(columns) if name in visible_columns(columns)]
    headings = [heading(columns[column]) for column in visible] + ([cited_heading(cited)] if cited is not None else [])
    cells = [
        [cell(row[column], labels or {}) for column in visible] + ([short_lines(cited[n])] if cited is not None else [])
        for n, row in enumerate(rows)
    ]
    return headings, cells


def cell(term: object, labels: Mapping[str, str]) -> str:
    """Write one value for people: an IRI by its label if it has one, else as a CURIE."""
    if isinstance(term, ox.NamedNode):
        return labels.get(term.value) or terms.compact(term.value)
    if isinstance(term, ox.Literal) and term.datatype.value.endswith("#decimal"):
        return f"{float(term.value):.3f}"
    return terms.text_of(term)


def iris(columns: Sequence[str], rows: Sequence[Row]) -> set[str]:
    """List the IRIs that an answer shows to people, except those with a label in a separate column."""
    visible = [column for column, name in enumerate(columns) if name in visible_columns(columns)]
    return {term.value for row in rows for column in visible if isinstance(term := row[column], ox.NamedNode)}


def labels(store: ox.Store, columns: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    """Name the IRIs that an answer shows to people."""
    return {iri: terms.name(store, iri) for iri in iris(columns, rows)}


def short_lines(lines: Sequence[str]) -> str:
    """Write lines by page: `oewg-2019-2021 33, 131`; anything else by its name."""
    pages: dict[str, list[str]] = {}
    for line in lines:
        page, _, number = line.rpartition("#L")
        pages.setdefault(page.rpartition("/")[2] or terms.line_name(line), []).append(number if page else "")
    return "; ".join(f"{page} {', '.join(numbers)}".rstrip() for page, numbers in pages.items())


def for_machines(
    columns: Sequence[str], rows: Sequence[Row], cited: Sequence[Sequence[str]] | None
) -> tuple[list[str], list[list[str]]]:
    """Lay an answer out for programs: every column, full IRIs, the lines joined by a space in a last column."""
    headings = list(columns) + (["lines"] if cited is not None else [])
    cells = [
        [terms.text_of(term) for term in row] + ([" ".join(cited[n])] if cited is not None else [])
        for n, row in enumerate(rows)
    ]
    return headings, cells


def for_spreadsheets(
    columns: Sequence[str], rows: Sequence[Row], cited: Sequence[Sequence[str]] | None
) -> tuple[list[str], list[list[object]]]:
    """Lay an answer out as for programs, with numbers, truth values and days typed."""
    headings, cells = for_machines(columns, rows, cited)
    return headings, [[*map(terms.value_of, row), *text[len(columns) :]] for row, text in zip(rows, cells, strict=True)]


def write_csv(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Write RFC 4180 with line ends CR LF, as SPARQL 1.1 CSV requires."""
    from oewg_kg.export import table_files

    return table_files.csv_bytes([headings, *cells]).decode()


def write_tsv(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Write tab-separated values; tabs and line ends inside a cell become spaces, one that begins with a quotation mark is quoted."""
    return "".join("\t".join(map(_tsv, row)) + "\n" for row in [headings, *cells])


def _tsv(text: str) -> str:
    # pandas, R and csv would read everything up to the next such mark as one cell.
    flat = " ".join(text.split()) if set(text) & set("\t\r\n") else text
    return '"' + flat.replace('"', '""') + '"' if flat.startswith('"') else flat


def write_markdown(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Write a table that GitHub and Pandoc read."""
    lines = [headings, ["---"] * len(headings), *cells]
    escaped = ([text.replace("|", "\\|").replace("\n", " ") for text in row] for row in lines)
    return "".join(f"| {' | '.join(row)} |\n" for row in escaped)


def write_json(
    columns: Sequence[str], rows: Sequence[Row], cited: Sequence[Sequence[str]] | None, question: Mapping[str, object]
) -> str:
    """Write SPARQL 1.1 results JSON; `question` and the lines of each row are extra members, which readers of that format ignore."""
    bindings = []
    for n, row in enumerate(rows):
        named = zip(columns, row, strict=True)
        binding: dict[str, object] = {name: json_term(term) for name, term in named if term is not None}
        bindings.append(binding)
        if cited is not None:
            binding["lines"] = {"type": "literal", "value": " ".join(cited[n])}
    head = {"vars": [*columns, *(["lines"] if cited is not None else [])]}
    document = {"head": head, "question": question, "results": {"bindings": bindings}}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def json_term(term: object) -> dict[str, str]:
    """Write a term as SPARQL 1.1 Query Results JSON 3.2.2 asks."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if not isinstance(term, ox.Literal):
        return {"type": "bnode", "value": terms.text_of(term)}
    if term.language:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    if term.datatype.value.endswith("#string"):
        return {"type": "literal", "value": term.value}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
