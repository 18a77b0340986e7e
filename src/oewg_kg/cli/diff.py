"""The command `diff`: list what changed between two versions of the data."""

from collections import Counter
from dataclasses import asdict

from oewg_kg import diff as differences
from oewg_kg import paths, query, tables, terms, texts
from oewg_kg.cli.common import tell
from oewg_kg.cli.output import put, put_json
from oewg_kg.diff import KINDS, Change, Difference


def command(root: str | None, old: str, new: str | None, format: str, output: str | None) -> None:
    """Compare two versions of the data, for a changelog."""
    data_root = paths.find(root)
    tell(f"opening {old}")
    before = differences.opened(old, data_root)
    after = differences.opened(new or str(data_root.folder), data_root)
    tell("comparing")
    found = differences.compare(before, after, query.load(data_root.queries).values())
    if format == "json":
        put_json(asdict(found), output)
    else:
        put(_markdown(found), output)


def _markdown(found: Difference) -> str:
    """Write the difference as three parts of a changelog."""
    counts = Counter((change.cls or "other", change.source, change.kind) for change in found.facts)
    rows = sorted({(cls, source) for cls, source, _ in counts})
    cells = [[cls, source, *(str(counts[cls, source, kind]) for kind in KINDS)] for cls, source in rows]
    table = tables.write_markdown(["class", "source", *KINDS], cells) if cells else ""
    return texts.filled("cli/diff.md.jinja", found=found, table=table, fact=_fact, short=_short)


def _fact(change: Change) -> str:
    where = tables.short_lines([change.graph]) if "#L" in change.graph else change.source
    before, after = ("; ".join(map(_value, values)) for values in (change.before, change.after))
    value = f"{before} → {after}" if change.kind == "changed" else after or before
    return f"{change.kind}: {_short(change.subject)} {terms.compact(change.predicate)} {value} ({where})"


def _value(value: str) -> str:
    return terms.compact(value[1:-1]) if value.startswith("<") else value.partition("^^")[0]


def _short(cell: str) -> str:
    return terms.compact(cell) if "://" in cell else cell
