"""The command `conflicts`: list conflicting claims and the decisions on them."""

from dataclasses import replace

import click

from oewg_kg import tables, terms, texts
from oewg_kg.cli.common import full_name, open_graph, show_step
from oewg_kg.cli.output import Output, output_options
from oewg_kg.dataset import Dataset
from oewg_kg.disagreements import candidates as possible_conflicts
from oewg_kg.disagreements import conflicts as conflict_register
from oewg_kg.disagreements.conflicts import Conflict, Variant
from oewg_kg.errors import UsageError

COLUMNS = ["about", "claim", "source line", "editorial decision", "answers that would change", "type", "reason"]


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
    data_root, dataset = open_graph(root, in_memory=True)
    if candidates:
        undecided = possible_conflicts.undecided_conflicts(data_root, dataset)
        put_candidates(dataset, undecided, text or "", out if out.named or out.file else replace(out, format="table"))
        return
    register = conflict_register.register(dataset)
    register = register if text is None else conflict_register.with_text(dataset, register, text)
    if not register and text is not None:
        raise UsageError(f"no editorial decision matches {text!r}", advice="see `oewg conflicts` for all of them")
    register = conflict_register.consequences(data_root, dataset, register, show_step)

    def claim_words(variant: Variant) -> str:
        quad = variant.quad
        labels = [terms.name(dataset.store, terms.text_of(term)) for term in (quad.subject, quad.predicate)]
        return f"{', '.join(labels)}: {full_name(dataset, quad.object)}"

    def line_name(variant: Variant) -> str:
        return tables.short_lines([terms.text_of(variant.quad.graph_name)])

    def conflict_rows(conflict: Conflict) -> list[list[str]]:
        reasons = [conflict.reason, "; ".join([conflict.why, *conflict.sources])]
        if not conflict.variants:
            return [[conflict.label, "", tables.short_lines(conflict.lines), "", "", *reasons]]
        rows = []
        for variant in conflict.variants:
            changes = "" if variant.changes is None else ", ".join(variant.changes) or "none"
            rows.append([conflict.label, claim_words(variant), line_name(variant), variant.fate, changes, *reasons])
        return rows

    if out.format == "table":
        words = {"claim": claim_words, "line": line_name, "lines": tables.short_lines}
        out.put(texts.filled("cli/conflicts.txt.jinja", register=register, **words))
    else:
        out.put_rows(COLUMNS, [row for conflict in register for row in conflict_rows(conflict)])


def put_candidates(dataset: Dataset, candidates: list[possible_conflicts.Candidate], text: str, out: Output) -> None:
    """Write the possible conflicts, of entities with TEXT in their name if it is given: each with a draft decision to paste."""
    pairs = [(candidate, terms.name(dataset.store, candidate.subject)) for candidate in candidates]
    pairs = [pair for pair in pairs if terms.folded(text) in terms.folded(f"{pair[1]} {pair[0].subject}")]
    if out.format == "table":
        out.put(texts.filled("cli/candidates.txt.jinja", candidates=pairs, lines=tables.short_lines))
    else:
        rows = [[found.name, label, tables.short_lines(found.lines), found.block] for found, label in pairs]
        out.put_rows(["query", "about", "source lines", "decision"], rows)
