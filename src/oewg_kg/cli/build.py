"""The command `build`: build the graph from its sources."""

import click

from oewg_kg import build, paths
from oewg_kg.cli.common import show_step
from oewg_kg.cli.output import put


@click.command("build")
@click.option("--no-inference", is_flag=True, help="Leave out inferred facts; the next build restores them.")
@click.pass_obj
def build_command(root: str | None, no_inference: bool) -> None:
    """Build the dataset from its sources.

    Example: oewg build
    """
    data_root = paths.find(root)
    fingerprint = build.fingerprint(data_root)
    dataset, counts = build.build(data_root, not no_inference, show_step)
    show_step("writing the snapshot")
    build.write(dataset, fingerprint, data_root.snapshot)
    build.keep_store(data_root, fingerprint, dataset)
    put(
        f"{counts.stated} quads stated, {counts.set_aside} claims set aside, "
        f"{counts.inferred} triples inferred, {counts.quads} quads in total\n"
    )
