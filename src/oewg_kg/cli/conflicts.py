"""The command `conflicts`: list conflicting claims and the decisions on them."""

from dataclasses import replace

import click

from oewg_kg import tables, terms, texts
from oewg_kg.cli.common import opened, said, tell
from oewg_kg.cli.output import Output, output_options
from oewg_kg.dataset import Dataset
from oewg_kg.disagreements import candidates as possible
from oewg_kg.disagreements import conflicts as contested
from oewg_kg.disagreements.conflicts import Conflict, Variant
from oewg_kg.errors import UsageError

NAMES = ["about", "claim", "source line", "editorial decision", "answers that would change", "type", "reason"]


@click.command()
@click.argument("text", required=False)
@click.option("--candidates", is_flag=True, help="Instead, show possible conflicts that no decision covers.")
@output_options()
@click.pass_obj
def conflicts(root: str | None, text: str | None, candidates: bool, out: Output) -> None:
    """List conflicting facts and the editorial decisions on them.

    Shows which claim the answers use and why, and which answers would change if another claim were right. TEXT limits
    the list to decisions with TEXT in their title or in the name of something they concern. With --candidates,
    shows possible conflicts that no decision covers yet, each with a draft decision to paste into data/decisions.ttl and complete.

    Example: oewg conflicts 75/240
    """
    data_root, dataset = opened(root, often=True)
    if candidates:
        undecided = possible.undecided(data_root, dataset)
        put_candidates(dataset, undecided, text or "", out if out.named or out.file else replace(out, format="table"))
        return
    found = contested.register(dataset)
    found = found if text is None else contested.about(dataset, found, text)
    if not found and text is not None:
        raise UsageError(f"no editorial decision matches {text!r}", advice="see `oewg conflicts` for all of them")
    found = contested.consequences(data_root, dataset, found, tell)

    def claim(variant: Variant) -> str:
        quad = variant.quad
        names = [terms.name(dataset.store, terms.text_of(end)) for end in (quad.subject, quad.predicate)]
        return f"{', '.join(names)}: {said(dataset, quad.object)}"

    def line(variant: Variant) -> str:
        return tables.short_lines([terms.text_of(variant.quad.graph_name)])

    def rows(conflict: Conflict) -> list[list[str]]:
        because = [conflict.reason, "; ".join([conflict.why, *conflict.sources])]
        if not conflict.variants:
            return [[conflict.label, "", tables.short_lines(conflict.lines), "", "", *because]]
        changes = ["" if one.changes is None else ", ".join(one.changes) or "none" for one in conflict.variants]
        return [
            [conflict.label, claim(one), line(one), one.fate, changed, *because]
            for one, changed in zip(conflict.variants, changes, strict=True)
        ]

    if out.format == "table":
        out.put(texts.filled("cli/conflicts.txt.jinja", found=found, claim=claim, line=line, lines=tables.short_lines))
    else:
        out.put_rows(NAMES, [row for conflict in found for row in rows(conflict)])


def put_candidates(dataset: Dataset, found: list[possible.Candidate], text: str, out: Output) -> None:
    """Write the possible conflicts, of entities with TEXT in their name if it is given: each with a draft decision to paste."""
    named = [(one, terms.name(dataset.store, one.subject)) for one in found]
    named = [(one, name) for one, name in named if terms.folded(text) in terms.folded(f"{name} {one.subject}")]
    if out.format == "table":
        out.put(texts.filled("cli/candidates.txt.jinja", found=named, lines=tables.short_lines))
    else:
        rows = [[one.name, name, tables.short_lines(one.lines), one.block] for one, name in named]
        out.put_rows(["query", "about", "source lines", "decision"], rows)
