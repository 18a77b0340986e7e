"""The command `verify`: a receipt checked against the graph here."""

from pathlib import Path

import click

from oewg_kg.answers import receipts
from oewg_kg.cli.common import opened, put
from oewg_kg.errors import NegativeFinding, ParseError, from_os_error


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def verify(root: str | None, file: Path) -> None:
    """Check whether an answer still matches its receipt.

    FILE was written by `oewg ask NAME --receipt FILE`. Its question is answered again, without a network connection.
    The result is true, tampered or changed. Exits with 1 unless it is true.

    Example: oewg verify receipt.json
    """
    try:
        receipt = receipts.read(file.read_text(encoding="utf-8"), str(file))
    except OSError as error:
        raise from_os_error(error, "reading the receipt") from error
    except UnicodeDecodeError as error:
        raise ParseError("not UTF-8 text", str(file), "give a file that `oewg ask --receipt` wrote") from error
    place, dataset = opened(root)
    verdict = receipts.verify(place, dataset, receipt)
    first, *more = verdict.reasons
    put("".join([f"{verdict.state}: {first}\n", *(f"  {reason}\n" for reason in more)]), None)
    if verdict.state != "true":
        raise click.exceptions.Exit(NegativeFinding.exit_code)
