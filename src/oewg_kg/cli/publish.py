"""The command `publish`: load the dataset into a SPARQL server."""

from pathlib import Path

import click

from oewg_kg.cli.boundary import say
from oewg_kg.cli.common import opened, progress
from oewg_kg.cli.output import put
from oewg_kg.errors import UsageError
from oewg_kg.vocabulary import RESOLVED


@click.command("publish")
@click.option("--endpoint", metavar="URL", default="", help="URL of a SPARQL 1.1 Update endpoint.")
@click.option("--graph-store", metavar="URL", default="", help="URL of a Graph Store; preferred if both are given.")
@click.option("--auth-from-env", is_flag=True, help="Log in (user name in OEWG_USER, password in OEWG_PASSWORD).")
@click.option("-o", "--output", metavar="FILE", help="Write N-Quads for the bulk loader of a server instead.")
@click.pass_obj
def publish_command(root: str | None, endpoint: str, graph_store: str, auth_from_env: bool, output: str | None) -> None:
    """Load the complete dataset into a SPARQL server.

    Example: oewg publish --endpoint http://localhost:7878/update
    """
    from oewg_kg.remote import publish

    if output:
        if endpoint or graph_store:
            raise UsageError("-o cannot be combined with --endpoint or --graph-store", advice="give only one of them")
        graphs, triples = publish.write(opened(root)[1], Path(output))
        put(f"{graphs} graphs, {triples} triples; the resolved view is <{RESOLVED}>\n")
        return
    server = publish.Server(endpoint, graph_store, *(publish.user_from_environment() if auth_from_env else ("", "")))
    for host in server.exposed():
        say(f"oewg: the password would be sent to {host} unencrypted; use https")
    _, dataset = opened(root)
    graphs, triples, read_back = publish.publish(dataset, server, progress("publishing"))
    put(f"{graphs} graphs, {triples} triples; the resolved view is <{RESOLVED}>\n")
    if not read_back:
        what = "the upload could not be checked; try `oewg ask chairs --endpoint URL`"
        say(f"oewg: {what}")
