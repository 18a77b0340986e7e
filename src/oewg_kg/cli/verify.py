"""The command `verify`: check a receipt against the data."""

from pathlib import Path

import click

from oewg_kg import paths
from oewg_kg.answers import receipts
from oewg_kg.cli.common import FILE, opened
from oewg_kg.cli.output import put
from oewg_kg.errors import NegativeFinding


@click.command()
@click.argument("file", type=FILE)
@click.pass_obj
def verify(root: str | None, file: Path) -> None:
    """Check whether an answer still matches its receipt.

    FILE is a receipt, written with the option --receipt of `oewg ask` or `oewg why`. Its question is answered again,
    without a network connection. The result is true, tampered or changed. Exits with status 1 unless it is true.

    Example: oewg verify receipt.json
    """
    receipt = receipts.read(paths.read_text(file, str(file)), str(file))
    data_root, dataset = opened(root)
    verdict = receipts.verify(data_root, dataset, receipt)
    first, *more = verdict.reasons
    put("".join([f"{verdict.state}: {first}\n", *(f"  {reason}\n" for reason in more)]))
    if verdict.state != "true":
        raise click.exceptions.Exit(NegativeFinding.exit_code)
