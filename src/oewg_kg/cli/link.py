"""The command `link`: find identifiers in other datasets, as candidates for a person to confirm."""

from pathlib import Path

import click

from oewg_kg import paths, terms
from oewg_kg.cli.boundary import say
from oewg_kg.cli.common import FILE, open_graph, progress
from oewg_kg.cli.output import file_option, put
from oewg_kg.cli.reconcile import class_iri


@click.command("link")
@click.argument("class_name", metavar="[CLASS]", default="Stakeholder")
@click.option("--service", "services", multiple=True, metavar="NAME|URL", default=("wikidata", "ror"), show_default=True,
              help="Service to ask: wikidata, ror, or the URL of another reconciliation service; repeatable.")  # fmt: skip
@click.option("--pause", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds between two requests.")
@click.option("--again", is_flag=True, help="Repeat requests that an earlier run made.")
@click.option("--accept", "review", type=FILE, metavar="FILE", help="Add the rows that name a reviewer to data/links/.")
@file_option
@click.pass_obj
def link(
    root: str | None,
    class_name: str,
    services: tuple[str, ...],
    pause: float,
    again: bool,
    review: Path | None,
    output: str | None,
) -> None:
    """Find identifiers in other datasets, for you to confirm.

    Asks reconciliation services about the entities of CLASS (default: Stakeholder) that have no identifier from them yet,
    and writes candidates as a table (SSSOM), each with a score and a reason. Nothing is linked automatically: write your
    name in the column reviewer_label of the rows that you have checked (and the word Not in the column predicate_modifier
    if the candidate is a different entity), then run --accept. An interrupted run continues where it stopped.

    Example: oewg link Stakeholder -o candidates.sssom.tsv
    """
    from oewg_kg.reconcile import linking

    if review:
        added = linking.accept(paths.find(root), review)
        for name, count in added.items():
            say(f"{name}: {count} row{'' if count == 1 else 's'} added")
        say("now remove outdated entries from data/reference/unmapped.ttl" if added else "no new row has a reviewer")
        return
    from oewg_kg.remote.reconciliation import ReconciliationService

    data_root, dataset = open_graph(root)
    entity_class, known_pairs = class_iri(dataset, class_name), linking.mapped_pairs(data_root)
    rows: list[list[str]] = []
    for service_name in services:
        service = ReconciliationService(service_name, data_root.home / "link", pause, again, say)
        unlinked = linking.unlinked(dataset, entity_class, str(service.host))
        show_progress = progress(service.name)
        for position, (iri, names) in enumerate(unlinked.items()):
            show_progress(position, len(unlinked))
            rows += linking.candidate_rows(dataset, service, iri, names, known_pairs)
        matched = {row[0] for row in rows if row[8] == f"web:{service.host}/"}
        say(f"{service.name}: names sent: {len(unlinked)}, with candidates: {len(matched)}")
    columns = [*linking.COLUMNS, linking.REVIEWER]
    put(linking.sssom_table("candidates", f"Candidates for {terms.compact(entity_class)}", rows, columns, {}), output)
