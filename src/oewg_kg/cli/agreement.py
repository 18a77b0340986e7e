"""The command `agreement`: compare how often states voted the same way."""

import click

from oewg_kg import terms
from oewg_kg.cli.common import open_graph, with_option
from oewg_kg.cli.output import Output, output_options
from oewg_kg.export import networks, tables
from oewg_kg.measures import agreement as voting
from oewg_kg.paths import Beside


@click.command()
@click.argument("states", nargs=-1)
@click.option("--since", default="", metavar="DATE", help="Only votes on or after this date.")
@click.option("--until", default="", metavar="DATE", help="Only votes on or before this date.")
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Leave out pairs with fewer than this many votes in which both took part.",
)
@click.option("--abstentions", type=click.Choice(list(voting.RULES)), default="apart", show_default=True,
              help="An abstention matches only another one (apart), half matches yes or no (half), or is ignored.")  # fmt: skip
@with_option
@output_options("svg", "graphml", "gexf")
@click.pass_obj
def agreement(
    root: str | None,
    states: tuple[str, ...],
    since: str,
    until: str,
    least: int,
    abstentions: str,
    beside: Beside | None,
    out: Output,
) -> None:
    """Compare how pairs of states voted.

    Without STATES, all pairs are compared. One state is compared with all others, the most similar first; several are
    compared with one another. With -f svg, a matrix is drawn; graphml and gexf write a network.

    Example: oewg agreement Estonia --least 10
    """
    data_root, dataset = open_graph(root, beside)
    for day in filter(None, (since, until)):
        terms.read_literal(day, "--since" if day == since else "--until", "date", ())
    measure = voting.compare_states(dataset, states, voting.Rule(since, until, least, abstentions))
    if out.format == "svg":
        out.put(voting.matrix(measure))
    elif out.format in networks.NETWORK_FORMATS:
        states_table = tables.load(dataset, data_root.queries / "tables")["states"]
        network = voting.network(measure, networks.classes_of_states(states_table.mappings()))
        out.put(networks.write(network, out.format))
    else:
        out.put_measure(measure)
