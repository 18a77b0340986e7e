"""The command `build`: build the graph from its sources."""

from oewg_kg import build, paths
from oewg_kg.cli.common import tell
from oewg_kg.cli.output import put


def command(root: str | None, no_inference: bool) -> None:
    """Build the dataset from its sources."""
    data_root = paths.find(root)
    mark = build.fingerprint(data_root)
    dataset, counts = build.build(data_root, not no_inference, tell)
    tell("writing the snapshot")
    build.write(dataset, mark, data_root.snapshot)
    build.keep(data_root, mark, dataset)
    put(
        f"{counts.stated} quads stated, {counts.set_aside} claims set aside, "
        f"{counts.inferred} triples inferred, {counts.quads} quads in total\n"
    )
