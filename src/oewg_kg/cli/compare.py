"""The command `compare`: show two to four actors side by side."""

from oewg_kg.cli.common import opened
from oewg_kg.cli.output import Output
from oewg_kg.measures import comparison, pictures
from oewg_kg.paths import Beside


def command(root: str | None, actors: tuple[str, ...], beside: Beside | None, out: Output) -> None:
    """Compare two to four states, groups or stakeholders."""
    data_root, dataset = opened(root, beside)
    found = comparison.of(dataset, data_root.queries, actors)
    if out.format == "svg":
        out.put(pictures.comparison(found.result, found.sentence))
    else:
        out.put_measure(dataset, found)
