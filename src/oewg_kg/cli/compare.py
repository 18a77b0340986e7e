"""The command `compare`: show two to four actors side by side."""

import click

from oewg_kg.cli.common import open_graph, with_option
from oewg_kg.cli.output import Output, output_options
from oewg_kg.measures import comparison, pictures
from oewg_kg.paths import Beside


@click.command()
@click.argument("actors", nargs=-1, required=True)
@with_option
@output_options("svg")
@click.pass_obj
def compare(root: str | None, actors: tuple[str, ...], beside: Beside | None, out: Output) -> None:
    """Compare two to four states, groups or stakeholders.

    Each list, draft or vote in which at least one actor appears is a row, with its source lines; -f svg draws a picture. If an
    actor has no entry, the cell says why: not listed, not covered, not stated, or no list exists.

    Example: oewg compare IRN EST SGP
    """
    data_root, dataset = open_graph(root, beside)
    measure = comparison.compare_actors(dataset, data_root.queries, actors)
    if out.format == "svg":
        out.put(pictures.draw_comparison(measure.result, measure.sentence))
    else:
        out.put_measure(measure)
