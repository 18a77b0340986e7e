"""The command `serve`.

Not for what is served.
"""

import logging
import sys
from pathlib import Path

import click

from oewg_kg import build, paths
from oewg_kg.cli.common import opened, tell
from oewg_kg.errors import StorageError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, help="Port to listen on.")
@click.option(
    "--host-name", "names", multiple=True, help="A host name under which it is reached, besides the loopback ones."
)
@click.option("--root-path", default="", help="Path prefix of a proxy in front.")
@click.option(
    "--workers",
    type=click.IntRange(0, 64),
    default=0,
    help="Processes for queries; 0: one for each core.",
)
@click.option("--seconds", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Time limit of a query.")
@click.option(
    "--memory", type=click.IntRange(128), default=1024, show_default=True, help="Memory limit of a worker in MiB."
)
@click.option(
    "--data", multiple=True, type=click.Path(path_type=Path), help="RDF files of your own instead of the graph."
)
@click.pass_obj
def serve(
    root: str | None,
    host: str,
    port: int,
    names: tuple[str, ...],
    root_path: str,
    workers: int,
    seconds: float,
    memory: int,
    data: tuple[Path, ...],
) -> None:
    """Serve the explorer and a SPARQL endpoint.

    Example: oewg serve --port 8765
    """
    import uvicorn

    from oewg_kg.serve import app
    from oewg_kg.serve.pool import Limits

    place, dataset = (paths.find(root), build.files_alone(data)) if data else opened(root)
    fingerprint = build.fingerprint(place)
    tell("done")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    settings = app.Settings(
        workers=workers or app.Settings.workers,
        limits=Limits(seconds=seconds, memory=memory),
        hosts=frozenset({*names, host}),
        root_path=root_path,
    )
    application = app.create(place, dataset, fingerprint, settings)
    click.echo(f"http://{host}:{port}{root_path}/ (end with Ctrl-C)", err=True)
    config = uvicorn.Config(
        application, host, port, log_level="warning", access_log=False, root_path=root_path, server_header=False
    )
    try:
        uvicorn.Server(config).run()
    except SystemExit as error:
        raise StorageError(f"cannot listen on port {port}", host, "choose another with --port") from error
