"""The command `conflicts`: list conflicting claims and the decisions on them."""

import textwrap

import click

from oewg_kg import tables, terms
from oewg_kg.cli.common import opened, put, put_rows, said, table_options, tell, wanted
from oewg_kg.dataset import Dataset
from oewg_kg.disagreements import conflicts as contested
from oewg_kg.disagreements.candidates import Candidate, undecided
from oewg_kg.disagreements.conflicts import Conflict, Variant
from oewg_kg.errors import UsageError

NAMES = ["about", "claim", "source line", "editorial decision", "answers that would change", "type", "reason"]


@click.command()
@click.argument("text", required=False)
@click.option("--candidates", is_flag=True, help="Instead, show possible conflicts that no decision covers.")
@table_options
@click.pass_obj
def conflicts(root: str | None, text: str | None, candidates: bool, format: str | None, output: str | None) -> None:
    """List conflicting facts and the editorial decisions on them.

    Shows which claim the answers use and why, and which answers would change if another claim were right. TEXT limits
    the list to decisions with TEXT in their title or in the name of something they concern. With --candidates,
    shows possible conflicts that no decision covers yet, each with a decision to paste into data/decisions.ttl and complete.

    Example: oewg conflicts 75/240
    """
    data_root, dataset = opened(root, often=True)
    if candidates:
        format = wanted(format or (None if output else "table"), output)
        put_candidates(dataset, undecided(data_root, dataset), text or "", format, output)
        return
    found = contested.register(dataset)
    found = found if text is None else contested.about(dataset, found, text)
    if not found and text is not None:
        raise UsageError(f"no editorial decision matches {text!r}", advice="see `oewg conflicts` for all of them")
    found = contested.consequences(data_root, dataset, found, tell)
    tell("done")
    format = wanted(format, output)
    if format == "table":
        count = f"{len(found)} editorial decision{'' if len(found) == 1 else 's'}"
        put("\n".join(_paragraph(dataset, conflict) for conflict in found) + f"\n{count}\n", output)
    else:
        put_rows(NAMES, [row for conflict in found for row in _rows(dataset, conflict)], format, output)


def put_candidates(dataset: Dataset, found: list[Candidate], text: str, format: str, output: str | None) -> None:
    """Write the possible conflicts, of entities with TEXT in their name if it is given: each with a decision to paste."""
    named = [(one, terms.name(dataset.store, one.subject)) for one in found]
    named = [(one, name) for one, name in named if terms.folded(text) in terms.folded(f"{name} {one.subject}")]
    if format == "table":
        count = f"{len(named)} possible conflict{'' if len(named) == 1 else 's'} that no decision covers"
        blocks = [
            f"# {name}: {one.name}: {one.summary}\n# {tables.short_lines(one.lines)}\n{one.block}"
            for one, name in named
        ]
        put("\n".join([*blocks, f"# {count}\n"]), output)
    else:
        rows = [[one.name, name, tables.short_lines(one.lines), one.block] for one, name in named]
        put_rows(["query", "about", "source lines", "decision"], rows, format, output)


def _paragraph(dataset: Dataset, conflict: Conflict) -> str:
    """Write a decision as a paragraph: variants with their lines and fates, the reason, and what would change."""
    lines = [f"{conflict.label} ({conflict.reason})"]
    for variant in conflict.variants:
        lines.append(f"  {variant.fate:10}  {_claim(dataset, variant)}  [{_line(variant)}]")
        if variant.changes is not None:
            changes = (
                f"these answers would change: {_changes(variant)}" if variant.changes else "no answer would change"
            )
            lines.append(f"              if this were right, {changes}")
    if conflict.lines:
        lines.append(f"  lines: {tables.short_lines(conflict.lines)}")
    lines += [
        textwrap.fill(text, 100, initial_indent="  ", subsequent_indent="  ")
        for text in (conflict.why, *conflict.sources)
    ]
    return "\n".join(lines) + "\n"


def _claim(dataset: Dataset, variant: Variant) -> str:
    """Write what a variant claims: subject, property, value."""
    quad = variant.quad
    names = [terms.name(dataset.store, terms.text_of(end)) for end in (quad.subject, quad.predicate)]
    return f"{', '.join(names)}: {said(dataset, quad.object)}"


def _line(variant: Variant) -> str:
    return tables.short_lines([terms.text_of(variant.quad.graph_name)])


def _rows(dataset: Dataset, conflict: Conflict) -> list[list[str]]:
    """Lay a conflict out: a row for each variant, or one for the lines when it has none."""
    because = "; ".join([conflict.why, *conflict.sources])
    if not conflict.variants:
        return [[conflict.label, "", tables.short_lines(conflict.lines), "", "", conflict.reason, because]]
    rows = []
    for variant in conflict.variants:
        about = [conflict.label, _claim(dataset, variant), _line(variant), variant.fate, _changes(variant)]
        rows.append([*about, conflict.reason, because])
    return rows


def _changes(variant: Variant) -> str:
    return "" if variant.changes is None else ", ".join(variant.changes) or "none"
