"""The command `diff`: list what changed between two versions of the data."""

from collections import Counter
from dataclasses import asdict

import click

from oewg_kg import diff as differences
from oewg_kg import paths, query, tables, terms, texts
from oewg_kg.cli.common import show_step
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
    show_step(f"opening {old}")
    older = differences.open_version(old, data_root)
    newer = differences.open_version(new or str(data_root.folder), data_root)
    show_step("comparing")
    difference = differences.compare_versions(older, newer, query.load(data_root.queries).values())
    if format == "json":
        put_json(asdict(difference), output)
    else:
        put(_markdown(difference), output)


def _markdown(difference: Difference) -> str:
    """Write the difference as three parts of a changelog."""
    counts = Counter((change.cls or "other", change.source, change.kind) for change in difference.facts)
    pairs = sorted({(class_name, source) for class_name, source, _ in counts})
    rows = [[name, source, *(str(counts[name, source, kind]) for kind in KINDS)] for name, source in pairs]
    table = tables.write_markdown(["class", "source", *KINDS], rows) if rows else ""
    return texts.filled("cli/diff.md.jinja", difference=difference, table=table, fact=_fact, short=_short_name)


def _fact(change: Change) -> str:
    origin = tables.short_lines([change.graph]) if "#L" in change.graph else change.source
    objects_before, objects_after = ("; ".join(map(_object_text, values)) for values in (change.before, change.after))
    claim = f"{objects_before} → {objects_after}" if change.kind == "changed" else objects_after or objects_before
    return f"{change.kind}: {_short_name(change.subject)} {terms.compact(change.predicate)} {claim} ({origin})"


def _object_text(term: str) -> str:
    return terms.compact(term[1:-1]) if term.startswith("<") else term.partition("^^")[0]


def _short_name(cell: str) -> str:
    return terms.compact(cell) if "://" in cell else cell
