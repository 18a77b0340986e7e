"""The command `build`: the graph from its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oewg_kg import build, paths
from oewg_kg.cli.common import tell

if TYPE_CHECKING:
    pass


@click.command("build")
@click.option(
    "--reasoner",
    type=click.Choice(["rules", "owlrl"]),
    default="rules",
    show_default=True,
    help="rules is fast; owlrl is slow and used to check it.",
)
@click.option("--no-inference", is_flag=True, help="Leave out inferred facts; the next build restores them.")
@click.pass_obj
def build_command(root: str | None, reasoner: str, no_inference: bool) -> None:
    """Build the dataset from its sources.

    Example: oewg build
    """
    place = paths.find(root)
    mark = build.fingerprint(place)
    dataset, counts = build.build(place, "none" if no_inference else reasoner, tell)
    tell("writing the snapshot")
    build.write(dataset, mark, place.snapshot)
    build.keep(place, mark, dataset)
    tell("done")
    click.echo(
        f"{counts.stated} quads stated, {counts.set_aside} claims set aside, "
        f"{counts.inferred} triples inferred, {counts.quads} quads in total"
    )
