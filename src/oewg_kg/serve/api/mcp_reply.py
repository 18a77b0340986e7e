"""The reply to an assistant: the same as Markdown and as data, limited in size, with text from pages escaped."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oewg_kg import __version__, tables, terms
from oewg_kg.answers import absence
from oewg_kg.knowledge_graph import plain
from oewg_kg.serve.lookups import Explorer
from oewg_kg.terms import Term
from oewg_kg.vocabulary import BASE, PREFIXES

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("mcp.json").read_text(encoding="utf-8"))
MOST_ROWS, MOST_BYTES, LONGEST = 50, 48_000, 400
HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
# Variation selectors are marks, and can carry any text.
SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# What Markdown would take for a link, a picture, code or markup.
MARKS = re.compile(r"([\[\]<>`])")


@dataclass(frozen=True)
class Told:
    """What a tool found, before it is written: rows of terms, for each its lines, and what they mean."""

    asked: str
    definition: str
    kind: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Term | None]] = ()
    cited: Sequence[Sequence[str]] = ()
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    aside: Sequence[Mapping[str, Any]] = ()
    readings: Sequence[Mapping[str, Any]] = ()
    nearest: Sequence[str] = ()
    start: int = 0
    receipt: Mapping[str, Any] = field(default_factory=dict)


def result(explorer: Explorer, told: Told, digest: str) -> dict[str, Any]:
    """Write a reply as a tool result, with as many rows as fit."""
    rows = len(told.rows[told.start :][:MOST_ROWS])
    while True:
        data, text = _data(explorer, told, digest, rows), _text(explorer, told, rows)
        if rows < 2 or len(json.dumps(data)) + len(text) < MOST_BYTES:
            break
        rows //= 2
    text = visible(text + _below(data))
    failed = told.kind == absence.NO_ANSWER
    return {"content": [{"type": "text", "text": text}], "structuredContent": shown(data), "isError": failed}


def _data(explorer: Explorer, told: Told, digest: str, count: int) -> dict[str, Any]:
    rows, cited = told.rows[told.start : told.start + count], told.cited[told.start : told.start + count]
    lines = sorted({line for one in cited for line in one}, key=terms.line_order)
    return {
        "asked": told.asked,
        "parameters": told.parameters,
        "definition": told.definition,
        "columns": told.columns,
        "rows": [
            {**dict(zip(told.columns, map(_short, row), strict=True)), "lines": one}
            for row, one in zip(rows, cited, strict=True)
        ],
        "total": len(told.rows),
        "start": told.start,
        "cut": len(rows) < len(told.rows),
        "lines": [place(explorer, line) for line in lines],
        "absence": {"class": told.kind, "meaning": TABLE["absence"][told.kind], "reason": told.reason},
        "setAside": told.aside,
        "readings": told.readings,
        "nearest": told.nearest,
        "release": {"version": __version__, "digest": digest, "iri": f"{BASE}release/{__version__}"},
        "receipt": told.receipt,
        "data": TABLE["data"],
    }


def place(explorer: Explorer, line: str) -> dict[str, Any]:
    """Say where a line stands: the page, the number, the page's title, address and publisher (None where they are not recorded)."""
    found, (page, _, number) = explorer.places.of(line), line.partition("#L")
    return {
        "iri": line,
        "page": page.rpartition("/")[2],
        "number": int(number) if number.isdigit() else None,
        "title": found.title,
        "address": found.address or None,
        "publisher": found.publisher or None,
    }


def _short(term: Term | None) -> str | int | float | None:
    value = plain(term)
    return f"{value[:LONGEST]}…" if isinstance(value, str) and len(value) > LONGEST else value


def _text(explorer: Explorer, told: Told, count: int) -> str:
    """Write what was asked, the rows with their lines, and how many there are."""
    rows, cited = told.rows[told.start : told.start + count], told.cited[told.start : told.start + count]
    labels = {iri: explorer.label(iri)[0] for iri in tables.iris(told.columns, rows)}
    names, cells = tables.for_people(told.columns, rows, cited, labels)
    cells = [[inert(cell, LONGEST) for cell in row] for row in cells]
    total = tables.counted(told.columns, told.rows) if told.kind != absence.NO_ANSWER else "No answer"
    until = told.start + len(rows)
    part = f" (rows {told.start + 1} to {until} are shown; ask on with `start`)" if len(rows) < len(told.rows) else ""
    table = tables.write_markdown(names, cells) + "\n" if rows else ""
    reason = f": {inert(told.reason)}".rstrip(".") if told.reason else ""
    return f"**{inert(told.asked)}**\n\n{table}{total}{part}{reason}.\n"


def _below(data: Mapping[str, Any]) -> str:
    """Write what the rows mean, what was counted, other readings, decisions, the pages, and the release."""
    kind = data["absence"]
    pages = {one["page"]: one for one in data["lines"]}
    known = (
        f"{inert(one['title'])}, {one['publisher'] or 'publisher not recorded'}, <{one['address'] or PREFIXES['source'] + one['page']}>"
        for one in pages.values()
    )
    said = [
        f"What this means: {kind['class']}. {kind['meaning']}",
        f"Counted: {data['definition']}.",
        *(
            f"Other ways to count: {inert(one['name'])}: {one['rows']} ({one['parameters']})."
            for one in data["readings"]
        ),
        *(f"Editorial decision: {inert(one['note'])}" for one in data["setAside"]),
        *([f"Did you mean: {inert(', '.join(data['nearest']))}?"] if data["nearest"] else []),
        *(f"Page {page}: {where}." for page, where in zip(pages, known, strict=True)),
        f"Release: oewg-kg {data['release']['version']}, {data['release']['digest'][:12]}. {data['data']}",
    ]
    return "".join(f"\n{line}\n" for line in said)


def inert(text: str, most: int = 2000) -> str:
    """Write a text of the data in one line of Markdown, where none of it is markup, and cut where it is very long."""
    return MARKS.sub(r"\\\1", " ".join((f"{text[:most]}…" if len(text) > most else text).split()))


def shown(value: Any) -> Any:
    """Make control characters visible in every text of a reply."""
    if isinstance(value, str):
        return visible(value).replace("\n", " ")
    if isinstance(value, Mapping):
        return {name: shown(one) for name, one in value.items()}
    return [shown(one) for one in value] if isinstance(value, list | tuple) else value


def visible(text: str) -> str:
    """Write characters that are not seen, or that turn the direction of text, as their numbers; line ends stay."""
    return "".join(
        f"\\u{ord(c):04x}" if c != "\n" and (unicodedata.category(c) in HIDDEN or SELECTORS.match(c)) else c
        for c in text
    )
