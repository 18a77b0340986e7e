"""The command `compare`: two to four actors side by side."""

import click

from oewg_kg import query, tables
from oewg_kg.cli.common import draw, opened, put, table_options, wanted, with_option
from oewg_kg.measures import comparison


@click.command()
@click.argument("actors", nargs=-1, required=True)
@with_option
@table_options
@click.pass_obj
def compare(
    root: str | None, actors: tuple[str, ...], beside: str | None, format: str | None, output: str | None
) -> None:
    """Compare two to four states, groups or stakeholders.

    Each list, draft and vote in which one of them appears is a row, with its source lines; an empty cell says why it is
    empty: not listed, not covered, not stated, no list exists.

    Example: oewg compare IRN EST SGP
    """
    place, dataset = opened(root, beside)
    result, format = comparison.of(dataset, place.queries, actors), wanted(format, output)
    if format == "json":
        about = {"measure": query.find(place.queries, "compare").definition, "rows": len(result.rows)}
        put(tables.write_json(result.columns, result.rows, result.citations, about), output)
    elif format in ("csv", "tsv"):
        put(draw(format, *tables.for_machines(result.columns, result.rows, result.citations)), output)
    else:
        _, cells = tables.for_people(result.columns, result.rows, result.citations)
        names = ["aspect", "item", *result.columns[3:], "source lines"]
        told = query.find(place.queries, "compare").definition
        put(draw(format, names, cells) + f"Counted: {told}.\n", output)
