"""The command `compare`: show two to four actors side by side."""

import click

from oewg_kg.cli.common import formats_option, opened, output_option, put, put_measure, wanted, with_option
from oewg_kg.measures import comparison, pictures
from oewg_kg.paths import Beside


@click.command()
@click.argument("actors", nargs=-1, required=True)
@with_option
@formats_option("table", "csv", "tsv", "json", "md", "svg")
@output_option
@click.pass_obj
def compare(
    root: str | None, actors: tuple[str, ...], beside: Beside | None, format: str | None, output: str | None
) -> None:
    """Compare two to four states, groups or stakeholders.

    Each list, draft or vote in which at least one of them appears is a row, with the source lines; -f svg draws a picture. If an
    actor has no entry, the cell says why: not listed, not covered, not stated, or no list exists.

    Example: oewg compare IRN EST SGP
    """
    data_root, dataset = opened(root, beside)
    found, format = comparison.of(dataset, data_root.queries, actors), wanted(format, output)
    if format == "svg":
        put(pictures.comparison(found.result, found.sentence), output)
    else:
        put_measure(found, format, output)
