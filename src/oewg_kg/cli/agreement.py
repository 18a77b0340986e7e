"""The command `agreement`: compare how often states voted the same way."""

from oewg_kg import terms
from oewg_kg.cli.common import opened
from oewg_kg.cli.output import Output
from oewg_kg.export import networks, tables
from oewg_kg.measures import agreement as measured
from oewg_kg.paths import Beside


def command(
    root: str | None,
    states: tuple[str, ...],
    since: str,
    until: str,
    least: int,
    abstentions: str,
    beside: Beside | None,
    out: Output,
) -> None:
    """Compare how pairs of states voted."""
    data_root, dataset = opened(root, beside)
    for day in filter(None, (since, until)):
        terms.read_literal(day, "--since" if day == since else "--until", "date", ())
    found = measured.between(dataset, states, measured.Rule(since, until, least, abstentions))
    if out.format == "svg":
        out.put(measured.matrix(found))
    elif out.format in networks.FORMATS:
        states_of = tables.load(dataset, data_root.queries / "tables")["states"]
        network = measured.network(found, networks.of_states(states_of.mappings()))
        out.put(networks.write(network, out.format))
    else:
        out.put_measure(dataset, found)
