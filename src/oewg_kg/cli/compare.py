"""The command `compare`: two to four actors side by side."""

import click

from oewg_kg.cli.common import opened, put_measure, table_options, wanted, with_option
from oewg_kg.measures import comparison
from oewg_kg.paths import Beside


@click.command()
@click.argument("actors", nargs=-1, required=True)
@with_option
@table_options
@click.pass_obj
def compare(
    root: str | None, actors: tuple[str, ...], beside: Beside | None, format: str | None, output: str | None
) -> None:
    """Compare two to four states, groups or stakeholders.

    There is a row for each list, draft and vote in which at least one of them appears, with the source lines. Where an
    actor has no entry, the cell says why: not listed, not covered, not stated, or no list exists.

    Example: oewg compare IRN EST SGP
    """
    place, dataset = opened(root, beside)
    put_measure(comparison.of(dataset, place.queries, actors), wanted(format, output), output)
