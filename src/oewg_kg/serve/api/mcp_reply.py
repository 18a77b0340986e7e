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

MCP_TEXTS: dict[str, Any] = json.loads(Path(__file__).with_name("mcp.json").read_text(encoding="utf-8"))
MOST_ROWS, MOST_BYTES, LONGEST_TEXT, LONGEST_CELL = 50, 48_000, 2000, 400
# Variation selectors are marks, and can carry any text.
VARIATIONS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# What Markdown would read as a link, a picture, code or markup.
MARKDOWN_MARKS = re.compile(r"([\[\]<>`])")


@dataclass(frozen=True)
class ToolAnswer:
    """The result of a tool before it is written: the rows, what they mean, and everything else to report about them."""

    question: str
    definition: str
    absence: str
    result: QueryResult = field(default_factory=lambda: QueryResult((), (), ()))
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    decisions: Sequence[Mapping[str, Any]] = ()
    readings: Sequence[Mapping[str, Any]] = ()
    suggestions: Sequence[str] = ()
    start: int = 0
    receipt: Mapping[str, Any] = field(default_factory=dict)


def tool_result(explorer: Explorer, answer: ToolAnswer) -> dict[str, Any]:
    """Write a reply as a tool result, with as many rows as fit."""
    count = MOST_ROWS
    while True:
        window = slice(answer.start, answer.start + count)
        excerpt = QueryResult(answer.result.columns, answer.result.rows[window], answer.result.citations[window])
        content = map_texts(_structured_content(explorer, answer, excerpt), show_invisible)
        markdown = _markdown(explorer, answer, excerpt, content)
        if count == 1 or len(json.dumps(content)) + len(markdown) < MOST_BYTES:
            failed = answer.absence == empty.NO_ANSWER
            return {"content": [{"type": "text", "text": markdown}], "structuredContent": content, "isError": failed}
        count //= 2


def _structured_content(explorer: Explorer, answer: ToolAnswer, excerpt: QueryResult) -> dict[str, Any]:
    lines = sorted({line for citations in excerpt.citations for line in citations}, key=terms.line_order)
    rows = [dict(zip(excerpt.columns, map(_short_cell, map(python_value, row)), strict=True)) for row in excerpt.rows]
    return {
        "asked": answer.question,
        "parameters": answer.parameters,
        "definition": answer.definition,
        "columns": excerpt.columns,
        "rows": [row | {"lines": citations} for row, citations in zip(rows, excerpt.citations, strict=True)],
        "total": len(answer.result.rows),
        "start": answer.start,
        "cut": len(rows) < len(answer.result.rows),
        "lines": [_described_line(explorer, line) for line in lines],
        "absence": {"class": answer.absence, "meaning": MCP_TEXTS["absence"][answer.absence], "reason": answer.reason},
        "setAside": answer.decisions,
        "readings": answer.readings,
        "nearest": answer.suggestions,
        "release": {
            "version": __version__,
            "digest": explorer.endpoint.fingerprint,
            "iri": f"{BASE}release/{__version__}",
        },
        "receipt": answer.receipt,
        "data": MCP_TEXTS["data"],
    }


def _described_line(explorer: Explorer, line: str) -> dict[str, Any]:
    """Describe where a line is: page, number, title, address and publisher (None where they are not recorded)."""
    source, (page, _, number) = explorer.places.of(line), line.partition("#L")
    position = {"iri": line, "page": page.rpartition("/")[2], "number": int(number) if number.isdigit() else None}
    return position | {"title": source.title, "address": source.address or None, "publisher": source.publisher or None}


def _markdown(explorer: Explorer, answer: ToolAnswer, excerpt: QueryResult, reply: Mapping[str, Any]) -> str:
    """Write the same in Markdown, with labels in place of IRIs."""
    labels = {iri: explorer.label(iri)[0] for iri in tables.iris(excerpt.columns, excerpt.rows)}
    headings, rows = tables.for_people(excerpt.columns, excerpt.rows, excerpt.citations, labels)
    rows = [[escape_markdown(_short_cell(show_invisible(cell))) for cell in row] for row in rows]
    total = tables.row_count(answer.result.columns, answer.result.rows)
    return texts.filled(
        "reply.md",
        reply=map_texts(reply, escape_markdown),
        table=tables.write_markdown(headings, rows) if rows else "",
        total="No answer" if answer.absence == empty.NO_ANSWER else total,
        pages=map_texts({line["page"]: line for line in reply["lines"]}, escape_markdown).values(),
    )


def _short_cell(value: Any) -> Any:
    return f"{value[:LONGEST_CELL]}…" if isinstance(value, str) and len(value) > LONGEST_CELL else value


def map_texts(value: Any, write: Callable[[str], str]) -> Any:
    """Rewrite every text inside a value."""
    if isinstance(value, str):
        return write(value)
    if isinstance(value, Mapping):
        return {key: map_texts(item, write) for key, item in value.items()}
    return [map_texts(item, write) for item in value] if isinstance(value, list | tuple) else value


def escape_markdown(text: str) -> str:
    """Write text of the data as one line of Markdown, with any markup escaped, and cut if it is very long."""
    short = f"{text[:LONGEST_TEXT]}…" if len(text) > LONGEST_TEXT else text
    return MARKDOWN_MARKS.sub(r"\\\1", " ".join(short.split()))


def show_invisible(text: str) -> str:
    """Replace invisible characters, and those that change text direction, with their numbers; line ends become spaces."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    visible = (c if c.isprintable() and not VARIATIONS.match(c) else ascii(c)[1:-1] for c in spaced)
    return "".join(visible)
