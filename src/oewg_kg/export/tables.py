"""Fill the export tables by the queries of `queries/tables/`, their solutions grouped by key; and the matrix of actors by draft."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from oewg_kg import terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import ParseError, UsageError, from_syntax_error
from oewg_kg.export import networks, table_files
from oewg_kg.export import order as layout
from oewg_kg.export.table_files import Cell, Column, ExportTable, Value, csv_bytes
from oewg_kg.paths import read_text

COLUMN_HEADER = re.compile(
    r"#\+ column (\w+): (iri|string|date|time|integer|boolean)( key)?( many)?(?: -> ([\w-]+))? \| (.+)\Z"
)

SUMMARY, ORDER = re.compile(r"^#\+ summary: (.*)$", re.MULTILINE), re.compile(r"\nORDER BY .*\Z", re.DOTALL)


def load(dataset: Dataset, folder: Path) -> dict[str, ExportTable]:
    """Fill the table of each query in a folder that has rows; raises ParseError for an invalid header or two values in one cell."""
    tables = (fill_table(dataset, name, text) for name, text in _queries(folder))
    return {table.name: table for table in tables if table.rows}


def with_rows(dataset: Dataset, folder: Path) -> dict[str, str]:
    """Return the summary of each table that has rows, without filling it: it stops at the first row."""
    return {
        name: "".join(SUMMARY.findall(text))
        for name, text in _queries(folder)
        if any(True for _ in select(dataset.store, ORDER.sub("", text) + " LIMIT 1"))
    }


def _queries(folder: Path) -> Iterable[tuple[str, str]]:
    for path in sorted(folder.glob("*.rq")):
        yield path.stem, read_text(path, f"queries/tables/{path.name}")


def fill_table(dataset: Dataset, name: str, text: str) -> ExportTable:
    """Ask one table's query and gather its solutions into a row for each key."""
    file = f"queries/tables/{name}.rq"
    columns = []
    for number, line in enumerate(text.splitlines(), 1):
        header = COLUMN_HEADER.match(line)
        if header:
            columns.append(Column(header[1], header[2], bool(header[3]), bool(header[4]), header[5] or "", header[6]))
        elif line.startswith("#+") and not SUMMARY.match(line):
            advice = "use '#+ column NAME: TYPE [key] [many] [-> TABLE] | what it is'"
            raise ParseError("invalid header line", f"{file}:{number}:1", advice)
    try:
        solutions = select(dataset.store, text)
    except SyntaxError as error:
        raise from_syntax_error(error, file) from error
    variables = [variable.value for variable in solutions.variables]
    if variables != [column.name for column in columns] or not any(column.key for column in columns):
        what = "the columns differ from those in the header, or no column identifies the rows"
        raise ParseError(what, file, "list the same columns in the same order")
    rows = tuple(_gather(columns, list(map(tuple, solutions)), file))
    return ExportTable(name, "".join(SUMMARY.findall(text)), tuple(columns), rows)


def _gather(columns: Sequence[Column], solutions: Sequence[tuple[Any, ...]], file: str) -> Iterable[tuple[Cell, ...]]:
    """Make one row of all solutions that share a key; values of one group stay together."""
    key_indices = [index for index, column in enumerate(columns) if column.key]
    groups = list(_groups(columns))
    rows: dict[tuple[str, ...], list[dict[tuple[Value, ...], None]]] = {}
    for solution in solutions:
        solution_values = [_value(column, term) for column, term in zip(columns, solution, strict=True)]
        row = rows.setdefault(tuple(str(solution_values[index]) for index in key_indices), [{} for _ in groups])
        for cell_values, group in zip(row, groups, strict=True):
            value_group = tuple(solution_values[index] for index in group)
            if any(value is not None for value in value_group):
                cell_values[value_group] = None
    for key in sorted(
        rows,
        key=lambda key: [terms.line_order(text) if "#L" in text else ("", 0, text) for text in key],
    ):
        cells: list[Cell] = [None] * len(columns)
        for cell_values, group in zip(rows[key], groups, strict=True):
            many = columns[group[0]].many
            if len(cell_values) > 1 and not many:
                what = f"{terms.compact(key[0])} has {len(cell_values)} values of {columns[group[0]].name}"
                advice = "add 'many' to its header line, or record an editorial decision on the claims"
                raise ParseError(what, file, advice)
            sorted_groups = sorted(cell_values, key=_pair_order)
            for position, index in enumerate(group):
                column_values = tuple(values[position] for values in sorted_groups)
                cells[index] = column_values if many else next(iter(column_values), None)
        yield tuple(cells)


def _pair_order(values: tuple[Value, ...]) -> tuple[object, ...]:
    """Order values of one group by label, else by value; source lines by page and number."""
    text = str(values[-1 if len(values) == 1 else 1])
    return (terms.line_order(text) if "#L" in text else ("", 0, ""), layout.natural(text), str(values))


def _groups(columns: Sequence[Column]) -> Iterable[list[int]]:
    """Group the positions of columns that belong together: `actor`, `actorLabel`, `actorClass`."""
    grouped_indices: set[int] = set()
    for index, column in enumerate(columns):
        if index not in grouped_indices:
            names = {column.name + ending for ending in ("Label", "Class", "Code")}
            companions = [n for n, other in enumerate(columns) if other.name in names and other.many == column.many]
            grouped_indices.update(companions)
            yield [index, *companions]


def _value(column: Column, term: object) -> Value:
    if term is None:
        return None
    text = terms.text_of(term)
    if column.type == "integer":
        return int(text)
    return text == "true" if column.type == "boolean" else text


def files(tables: Mapping[str, ExportTable], format: str) -> dict[str, bytes]:
    """Write tables in one format: file names with their content; a single file is named after the format."""
    if format == "csv":
        csv_files = {f"{name}.csv": table_files.write_csv(table) for name, table in tables.items()}
        return csv_files | {"csv-metadata.json": table_files.write_csvw(tables)}
    if format == "parquet":
        return {f"{name}.parquet": table_files.write_parquet(table) for name, table in tables.items()}
    if format in FILE_WRITERS:
        return {format: FILE_WRITERS[format](tables)}
    drawn_networks = networks.networks({name: table.mappings() for name, table in tables.items()})
    return {f"{name}.{format}": networks.write(network, format) for name, network in drawn_networks.items()}


def write_matrix(tables: Mapping[str, ExportTable]) -> bytes:
    """Write the contributions of each actor to each draft, drafts by date; an empty cell means not listed, not that there were none."""
    if not {"documents", "contributions"} <= tables.keys():
        raise UsageError("this dataset has no contributions about documents", advice="export csv instead")
    drafts = [row for row in tables["documents"].mappings() if row["class"] == "draft"]
    drafts.sort(key=lambda row: (str(row["date"] or "later"), row["earlierVersions"], row["document"]))
    counts: Counter[tuple[tuple[str, str, str], str]] = Counter()
    for row in tables["contributions"].mappings():
        actors = zip(row["submittedByClass"], row["submittedByLabel"], row["submittedBy"], strict=True)
        counts.update(product(actors, row["addresses"]))
    targets = {target for _, target in counts}
    matrix_drafts = [row["document"] for row in drafts if row["document"] in targets]
    head = ["actor", "actorLabel", "actorClass", *(draft.rpartition("/")[2] for draft in matrix_drafts)]
    rows = [
        [actor, label, class_name, *(str(counts[(class_name, label, actor), draft] or "") for draft in matrix_drafts)]
        for class_name, label, actor in sorted({actor for actor, target in counts if target in matrix_drafts})
    ]
    return csv_bytes([head, *rows])


FILE_WRITERS: dict[str, Callable[[Mapping[str, ExportTable]], bytes]] = {
    "xlsx": table_files.write_xlsx,
    "sqlite": table_files.write_sqlite,
    "matrix": write_matrix,
}
