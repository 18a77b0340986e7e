"""The export tables (typed columns, keys, references), and how they are written as files: CSV and CSVW, XLSX, SQLite, Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from oewg_kg import texts
from oewg_kg.errors import UsageError
from oewg_kg.export import jsonld, workbooks
from oewg_kg.vocabulary import BASES

SEPARATOR = "|"
SQL_TYPES = {"integer": "INTEGER", "boolean": "INTEGER"}
Value = str | int | bool | None
Cell = Value | tuple[Value, ...]


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it is part of the key, whether a cell may hold several values, the table it refers to."""

    name: str
    type: str
    key: bool
    many: bool
    references: str
    description: str


@dataclass(frozen=True)
class ExportTable:
    """One table: a row for each key, in the order of the keys; a cell with several values is a tuple."""

    name: str
    summary: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def column_names(self) -> list[str]:
        """Return the names of the columns."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> list[Cell]:
        """Return one column."""
        index = self.column_names.index(name)
        return [row[index] for row in self.rows]

    @property
    def keys(self) -> list[str]:
        """Return the names of the columns that make the key."""
        return [column.name for column in self.columns if column.key]

    def mappings(self) -> list[dict[str, Any]]:
        """Return the rows as mappings from column to cell."""
        return [dict(zip(self.column_names, row, strict=True)) for row in self.rows]


def _cell_text(cell: Cell, separator: str = SEPARATOR) -> str:
    if isinstance(cell, tuple):
        return separator.join(_cell_text(value) for value in cell)
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def write_csv(table: ExportTable) -> bytes:
    """Write RFC 4180 in UTF-8; several values in a cell are separated by a bar."""
    return csv_bytes([table.column_names, *([_cell_text(cell) for cell in row] for row in table.rows)])


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows of text as CSV, lines ended by CR LF."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()


def write_csvw(tables: Mapping[str, ExportTable]) -> bytes:
    """Describe the CSV files (CSV on the Web, Metadata Vocabulary for Tabular Data)."""
    described = [(table, _links(table, tables)) for table in tables.values()]
    template_values = {"tables": described, "base": BASES[-1], "separator": SEPARATOR}
    return jsonld.json_bytes(json.loads(texts.filled("export/csv-metadata.json.jinja", **template_values)))


def _links(table: ExportTable, tables: Mapping[str, ExportTable]) -> list[tuple[str, ExportTable]]:
    """List the columns that name a row of another table; validators report an empty cell as a broken reference (Tabular Data Model 4.6)."""
    return [
        (column.name, tables[column.references])
        for column in table.columns
        if column.references in tables and not column.many and None not in table.column(column.name)
    ]


def write_xlsx(tables: Mapping[str, ExportTable]) -> bytes:
    """Write one workbook: a sheet for each table, its columns explained in notes; several values in a cell joined by "; "."""
    notes = [[f"{BASES[-1]}: several values of one cell are separated by a semicolon."]]
    notes.append(
        ["pandas changes NA (Namibia) and 004 unless you use read_excel(file, dtype=str, keep_default_na=False)"]
    )
    sheets = {}
    for table in tables.values():
        typed_rows = [
            [
                _cell_text(cell, "; ") if isinstance(cell, tuple) else _as_date(column, cell)
                for column, cell in zip(table.columns, row, strict=True)
            ]
            for row in table.rows
        ]
        sheets[table.name] = (table.column_names, typed_rows)
        notes.append([f"{table.name}: {table.summary}"])
        notes += [[f"{table.name}, {column.name}: {column.description}"] for column in table.columns]
    return workbooks.write(sheets, notes)


def _as_date(column: Column, cell: Value) -> Value | date:
    return date.fromisoformat(cell) if column.type == "date" and isinstance(cell, str) else cell


def write_sqlite(tables: Mapping[str, ExportTable]) -> bytes:
    """Write one SQLite database: a table for each, with foreign keys, and `<table>_<column>` for columns with several entities."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    links = [_link_table(table, column) for table in tables.values() for column in table.columns if _is_link(column)]
    with connection:
        for table in [*tables.values(), *(link for link in links if link)]:
            column_indices = [index for index, column in enumerate(table.columns) if not _is_link(column)]
            definitions = [_sql_column(table.columns[index], tables) for index in column_indices]
            definitions.append(f"PRIMARY KEY ({', '.join(_sql_name(key) for key in table.keys)})")
            connection.execute(f"CREATE TABLE {_sql_name(table.name)} ({', '.join(definitions)})")
            placeholders = ", ".join("?" * len(column_indices))
            rows = [[_sql_value(row[index]) for index in column_indices] for row in table.rows]
            connection.executemany(f"INSERT INTO {_sql_name(table.name)} VALUES ({placeholders})", rows)
    content = connection.serialize()
    connection.close()
    return content


def _is_link(column: Column) -> bool:
    return column.many and column.type == "iri"


def _link_table(table: ExportTable, column: Column) -> ExportTable | None:
    """Make the table of a column of many things: the key of the row, and a thing; None where several columns make the key."""
    if len(table.keys) > 1:
        return None
    key = table.keys[0]
    key_column = Column(key, "string", True, False, table.name, "")
    name = column.name if column.name != key else f"{key}_2"
    entity_column = Column(name, "string", True, False, column.references, "")
    cells = zip(table.column(key), table.column(column.name), strict=True)
    links = ((row, entity) for row, values in cells if isinstance(values, tuple) for entity in dict.fromkeys(values))
    rows = tuple(link for link in links if link[1] is not None)
    return ExportTable(f"{table.name}_{column.name}", "", (key_column, entity_column), rows)


def _sql_value(cell: Cell) -> str | int | None:
    if isinstance(cell, tuple):
        return "; ".join(_cell_text(value) for value in dict.fromkeys(cell)) or None
    return int(cell) if isinstance(cell, bool) else cell


def _sql_name(name: str) -> str:
    return '"' + name.replace("-", "_") + '"'


def _sql_column(column: Column, tables: Mapping[str, ExportTable]) -> str:
    sql_type = "TEXT" if column.many else SQL_TYPES.get(column.type, "TEXT")
    target = tables.get(column.references)
    reference = f" REFERENCES {_sql_name(target.name)}({_sql_name(target.keys[0])})" if target else ""
    return f"{_sql_name(column.name)} {sql_type}{' NOT NULL' if column.key else ''}{reference}"


def load_polars() -> Any:
    """Import polars; raises UsageError when the extra `parquet` is not installed."""
    try:
        import polars
    except ImportError as error:
        raise UsageError(
            "Parquet needs the Python package polars", advice="run `pip install 'oewg-kg[parquet]'`"
        ) from error
    return polars


def write_parquet(table: ExportTable) -> bytes:
    """Write one table as Parquet, lists if a cell holds several values; polars must be installed (the extra `parquet`)."""
    polars = load_polars()
    types: dict[str, Any] = {"integer": polars.Int64, "boolean": polars.Boolean, "date": polars.Date}
    series = {}
    for column in table.columns:
        polars_type = types.get(column.type, polars.String)
        cells = [
            [_as_date(column, value) for value in cell] if isinstance(cell, tuple) else _as_date(column, cell)
            for cell in table.column(column.name)
        ]
        dtype = polars.List(polars_type) if column.many else polars_type
        series[column.name] = polars.Series(column.name, cells, dtype=dtype)
    buffer = io.BytesIO()
    polars.DataFrame(series).write_parquet(buffer)
    return buffer.getvalue()
