"""The command `build`: build the graph from its sources."""

import click

from oewg_kg import build, paths
from oewg_kg.cli.common import tell
from oewg_kg.cli.output import put


@click.command("build")
@click.option("--no-inference", is_flag=True, help="Leave out inferred facts; the next build restores them.")
@click.pass_obj
def build_command(root: str | None, no_inference: bool) -> None:
    """Build the dataset from its sources.

    Example: oewg build
    """
    data_root = paths.find(root)
    mark = build.fingerprint(data_root)
    dataset, counts = build.build(data_root, not no_inference, tell)
    tell("writing the snapshot")
    build.write(dataset, mark, data_root.snapshot)
    build.keep_store(data_root, mark, dataset)
    put(
        f"{counts.stated} quads stated, {counts.set_aside} claims set aside, "
        f"{counts.inferred} triples inferred, {counts.quads} quads in total\n"
    )
