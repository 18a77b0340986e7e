"""The command `diff`: list what changed between two versions of the data."""

from collections import Counter
from dataclasses import asdict

import click

from oewg_kg import diff as differences
from oewg_kg import paths, query, tables, terms
from oewg_kg.cli.common import formats_option, output_option, put, put_json, tell
from oewg_kg.diff import KINDS, Change, Difference


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@formats_option("md", "json", default="md")
@output_option
@click.pass_obj
def diff(root: str | None, old: str, new: str | None, format: str, output: str | None) -> None:
    """Compare two versions of the data, for a changelog.

    OLD and NEW are each a git revision, a folder with sources, or an exported file; NEW defaults to the current sources.
    Lists the changed facts (by class and source), the changed terms, and the changed answers row by row.

    Example: oewg diff HEAD
    """
    data_root = paths.find(root)
    tell(f"opening {old}")
    before = differences.opened(old, data_root)
    after = differences.opened(new or str(data_root.folder), data_root)
    tell("comparing")
    found = differences.compare(before, after, query.load(data_root.queries).values())
    tell("done")
    if format == "json":
        put_json(asdict(found), output)
    else:
        put(_markdown(found), output)


def _markdown(found: Difference) -> str:
    """Write the difference as three parts of a changelog."""
    counts = Counter((change.cls or "other", change.source, change.kind) for change in found.facts)
    rows = sorted({(cls, source) for cls, source, _ in counts})
    table = [[cls, source, *(str(counts[cls, source, kind]) for kind in KINDS)] for cls, source in rows]
    parts = ["## Data\n"]
    parts.append(tables.write_markdown(["class", "source", *KINDS], table) if table else "No fact changed.\n")
    parts += map(_fact, found.facts)
    parts.append("\n## Ontology\n")
    changed = {"Added": found.terms_added, "Withdrawn": found.terms_withdrawn, "Deprecated": found.terms_deprecated}
    parts += [f"- {name}: {', '.join(map(terms.compact, iris))}" for name, iris in changed.items() if iris]
    parts.append("\n## Answers\n")
    for change in found.answers:
        parts += [f"- {change.question}", *_listed("removed:", change.gone), *_listed("new:", change.come)]
    parts += [] if found.answers else ["No answer to a saved question changed."]
    return "\n".join(parts) + "\n"


def _fact(change: Change) -> str:
    subject = terms.compact(change.subject) if "://" in change.subject else change.subject
    where = tables.short_lines([change.graph]) if "#L" in change.graph else change.source
    before, after = ("; ".join(map(_short, values)) for values in (change.before, change.after))
    value = f"{before} → {after}" if change.kind == "changed" else after or before
    return f"- {change.kind}: {subject} {terms.compact(change.predicate)} {value} ({where})"


def _short(value: str) -> str:
    return terms.compact(value[1:-1]) if value.startswith("<") else value.partition("^^")[0]


def _listed(sign: str, rows: tuple[tuple[str, ...], ...]) -> list[str]:
    return [f"  - {sign} {' | '.join(terms.compact(cell) if '://' in cell else cell for cell in row)}" for row in rows]
