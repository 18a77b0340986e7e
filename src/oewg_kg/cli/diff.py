"""The command `diff`: list what changed between two versions of the data."""

from collections import Counter
from dataclasses import asdict

import click

from oewg_kg import diff as differences
from oewg_kg import paths, query, tables, terms, texts
from oewg_kg.cli.common import tell
from oewg_kg.cli.output import file_option, format_option, put, put_json
from oewg_kg.diff import KINDS, Change, Difference


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@format_option("md", "json", default="md")
@file_option
@click.pass_obj
def diff(root: str | None, old: str, new: str | None, format: str, output: str | None) -> None:
    """Compare two versions of the data, for a changelog.

    OLD and NEW are each a git revision, a folder with sources, or an exported file; NEW defaults to the current sources.
    Lists the changed facts (by class and source), the changed terms, and the changed answers row by row.

    Example: oewg diff HEAD
    """
    data_root = paths.find(root)
    tell(f"opening {old}")
    before = differences.open_version(old, data_root)
    after = differences.open_version(new or str(data_root.folder), data_root)
    tell("comparing")
    found = differences.compare_versions(before, after, query.load(data_root.queries).values())
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
