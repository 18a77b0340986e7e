"""The command `serve`: start the website and a SPARQL endpoint, with a log on standard error."""

import logging
import sys
from pathlib import Path

import click

from oewg_kg.cli import terminal
from oewg_kg.cli.boundary import say
from oewg_kg.cli.common import FILE, pages_option, show_step, with_option
from oewg_kg.errors import UsageError
from oewg_kg.paths import Beside


class PlainFormatter(logging.Formatter):
    """A log formatter whose lines contain no control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a line."""
        return terminal.escape_controls(super().format(record))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, help="Port to listen on.")
@click.option("--host-name", "hosts", multiple=True, help="Another host name to accept, besides localhost; repeatable.")
@click.option("--root-path", default="", help="Path prefix added by a reverse proxy.")
@click.option(
    "--workers", type=click.IntRange(0, 64), default=0, help="Worker processes for queries; 0 for one per core."
)
@click.option("--seconds", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Time limit for a query.")
@click.option(
    "--memory",
    type=click.IntRange(16),
    default=512,
    show_default=True,
    help="Memory limit for a query, in MiB, not counting the data.",
)
@click.option("--data", multiple=True, type=FILE, help="Serve your own RDF files instead of this dataset.")
@click.option("--endpoint", metavar="URL", help="Serve the data published to this SPARQL endpoint instead.")
@click.option("--shared", is_flag=True, help="With --data: allow other websites to read the files (CORS).")
@click.option("--log-queries", is_flag=True, help="Also log the text of each query.")
@with_option
@pages_option
@click.pass_obj
def serve(
    root: str | None,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    root_path: str,
    workers: int,
    seconds: float,
    memory: int,
    data: tuple[Path, ...],
    endpoint: str | None,
    shared: bool,
    log_queries: bool,
    beside: Beside | None,
    pages: Path | None,
) -> None:
    """Start the website and a SPARQL endpoint on this machine.

    Example: oewg serve --port 8765
    """
    from oewg_kg.serve import launch
    from oewg_kg.serve.workers.limits import Limits, Settings

    if beside and beside.votes and beside.files:
        raise UsageError("--with votes and FILE can be combined only in `oewg ask`", advice="give --with only once")
    if sum(map(bool, (data, beside, endpoint))) > 1:
        raise UsageError("--data, --with and --endpoint cannot be combined", advice="give only one of them")
    if pages and endpoint:
        raise UsageError("--pages and --endpoint cannot be combined", advice="give only one of them")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    logging.getLogger().handlers[0].setFormatter(PlainFormatter("%(message)s"))
    settings = Settings(
        workers=workers or Settings.workers,
        limits=Limits(seconds=seconds, memory=memory),
        hosts=frozenset({*hosts, host}),
        root_path=root_path,
        query_log=logging.INFO if log_queries else logging.WARNING,
        shared=shared or not data,
    )
    logging.getLogger("oewg.queries").setLevel(settings.query_log)

    def announce() -> None:
        say(f"http://{host}:{port}{root_path}/ (stop with Ctrl-C)")

    launch.serve(launch.GraphSource(root, data, beside, endpoint, pages), settings, (host, port), announce, show_step)
