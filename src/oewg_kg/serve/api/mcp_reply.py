"""The reply to an assistant, as Markdown and as data, limited in size, with text from pages escaped."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oewg_kg import __version__, tables, terms, texts
from oewg_kg.answers import empty
from oewg_kg.knowledge_graph import python_value
from oewg_kg.query import QueryResult
from oewg_kg.serve.lookups import Explorer
from oewg_kg.vocabulary import BASE

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("mcp.json").read_text(encoding="utf-8"))
MOST_ROWS, MOST_BYTES, LONGEST, CELL = 50, 48_000, 2000, 400
# Variation selectors are marks, and can carry any text.
SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# What Markdown would read as a link, a picture, code or markup.
MARKS = re.compile(r"([\[\]<>`])")


@dataclass(frozen=True)
class Told:
    """The result of a tool before it is written: the rows, what they mean, and everything else to report about them."""

    asked: str
    definition: str
    kind: str
    found: QueryResult = field(default_factory=lambda: QueryResult((), (), ()))
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    aside: Sequence[Mapping[str, Any]] = ()
    readings: Sequence[Mapping[str, Any]] = ()
    nearest: Sequence[str] = ()
    start: int = 0
    receipt: Mapping[str, Any] = field(default_factory=dict)


def result(explorer: Explorer, told: Told) -> dict[str, Any]:
    """Write a reply as a tool result, with as many rows as fit."""
    count = MOST_ROWS
    while True:
        part = slice(told.start, told.start + count)
        shown = QueryResult(told.found.columns, told.found.rows[part], told.found.citations[part])
        data = walked(_data(explorer, told, shown), visible)
        text = _text(explorer, told, shown, data)
        if count == 1 or len(json.dumps(data)) + len(text) < MOST_BYTES:
            failed = told.kind == empty.NO_ANSWER
            return {"content": [{"type": "text", "text": text}], "structuredContent": data, "isError": failed}
        count //= 2


def _data(explorer: Explorer, told: Told, shown: QueryResult) -> dict[str, Any]:
    lines = sorted({line for cited in shown.citations for line in cited}, key=terms.line_order)
    rows = [dict(zip(shown.columns, map(_short, map(python_value, row)), strict=True)) for row in shown.rows]
    return {
        "asked": told.asked,
        "parameters": told.parameters,
        "definition": told.definition,
        "columns": shown.columns,
        "rows": [row | {"lines": cited} for row, cited in zip(rows, shown.citations, strict=True)],
        "total": len(told.found.rows),
        "start": told.start,
        "cut": len(rows) < len(told.found.rows),
        "lines": [_place(explorer, line) for line in lines],
        "absence": {"class": told.kind, "meaning": TABLE["absence"][told.kind], "reason": told.reason},
        "setAside": told.aside,
        "readings": told.readings,
        "nearest": told.nearest,
        "release": {
            "version": __version__,
            "digest": explorer.endpoint.fingerprint,
            "iri": f"{BASE}release/{__version__}",
        },
        "receipt": told.receipt,
        "data": TABLE["data"],
    }


def _place(explorer: Explorer, line: str) -> dict[str, Any]:
    """Describe where a line is: page, number, title, address and publisher (None where they are not recorded)."""
    found, (page, _, number) = explorer.places.of(line), line.partition("#L")
    place = {"iri": line, "page": page.rpartition("/")[2], "number": int(number) if number.isdigit() else None}
    return place | {"title": found.title, "address": found.address or None, "publisher": found.publisher or None}


def _text(explorer: Explorer, told: Told, shown: QueryResult, data: Mapping[str, Any]) -> str:
    """Write the same in Markdown, with labels in place of IRIs."""
    labels = {iri: explorer.label(iri)[0] for iri in tables.iris(shown.columns, shown.rows)}
    names, cells = tables.for_people(shown.columns, shown.rows, shown.citations, labels)
    return texts.filled(
        "reply.md",
        told=walked(data, inert),
        table=tables.write_markdown(names, [[inert(_short(visible(cell))) for cell in row] for row in cells])
        * bool(cells),
        total="No answer" if told.kind == empty.NO_ANSWER else tables.row_count(told.found.columns, told.found.rows),
        pages=walked({line["page"]: line for line in data["lines"]}, inert).values(),
    )


def _short(value: Any) -> Any:
    return f"{value[:CELL]}…" if isinstance(value, str) and len(value) > CELL else value


def walked(value: Any, write: Callable[[str], str]) -> Any:
    """Rewrite every text inside a value."""
    if isinstance(value, str):
        return write(value)
    if isinstance(value, Mapping):
        return {name: walked(one, write) for name, one in value.items()}
    return [walked(one, write) for one in value] if isinstance(value, list | tuple) else value


def inert(text: str) -> str:
    """Write text of the data as one line of Markdown, with any markup escaped, and cut if it is very long."""
    return MARKS.sub(r"\\\1", " ".join((f"{text[:LONGEST]}…" if len(text) > LONGEST else text).split()))


def visible(text: str) -> str:
    """Replace invisible characters, and those that change text direction, with their numbers; line ends become spaces."""
    return "".join(
        " " if c.isspace() else c if c.isprintable() and not SELECTORS.match(c) else ascii(c)[1:-1] for c in text
    )
