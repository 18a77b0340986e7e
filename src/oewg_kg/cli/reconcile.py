"""The command `reconcile`: match the names in a table to entities."""

from collections import Counter
from functools import partial
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.cli.boundary import say
from oewg_kg.cli.common import opened, standard_input
from oewg_kg.cli.output import file_option, needs_file, put
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.vocabulary import OEWG, RDF_TYPE

MOST_NOTES = 5


@click.command("reconcile")
@click.argument("file")
@click.option("--column", required=True, metavar="NAME", help="The heading of the column with the names.")
@click.option(
    "--class",
    "class_name",
    default="State",
    show_default=True,
    help="What the names are: State, StateGroup, Observer, Stakeholder, UNBody, Organ, or Actor (any).",
)
@click.option("--encoding", default="", metavar="NAME", help="Encoding of the file, e.g. cp1251. Default: detected.")
@click.option("-f", "--format", type=click.Choice(["csv", "xlsx"]), help="Default: xlsx for a FILE.xlsx, else csv.")
@file_option
@click.pass_obj
def reconcile_command(
    root: str | None, file: str, column: str, class_name: str, encoding: str, format: str | None, output: str | None
) -> None:
    """Match the names in a table to entities in this dataset.

    Adds an IRI, an ISO3 code, a score and a reason to each row. FILE is CSV or, if the `xlsx` extra is installed, a workbook;
    - is standard input. If FILE is not plain UTF-8 (files from Excel rarely are), the output begins with a mark (BOM) that
    Excel needs to show accented letters.

    Example: oewg reconcile survey.csv --column Country -o survey-with-iris.csv
    """
    from oewg_kg.reconcile import matcher, spreadsheet
    from oewg_kg.reconcile import output as matches

    chosen = format or ("xlsx" if (output or "").lower().endswith(".xlsx") else "csv")
    needs_file(chosen, output)
    content = standard_input() if file == "-" else Path(file).read_bytes()
    _, dataset = opened(root)
    index = matcher.index_class(dataset.store, class_iri(dataset, class_name))
    name = "standard input" if file == "-" else file
    table = spreadsheet.read(content, name, column, partial(matcher.name_weight, index), encoding)
    for note in table.notes[:MOST_NOTES]:
        say(f"{name}: {note}")
    if len(table.notes) > MOST_NOTES:
        say(f"{name}: ... and {len(table.notes) - MOST_NOTES} more")
    texts = table.texts
    codes, found = matcher.match_column(index, texts)
    put(matches.with_matches(dataset.store, table, [found[text] for text in texts], chosen), output)
    counts = Counter(matcher.match_status(found[text]) for text in texts)
    counted = ", ".join(f"{counts[status]} {status}" for status in ("matched", "ambiguous", "unmatched"))
    say(
        f"{len(texts)} row{'' if len(texts) == 1 else 's'}: {counted}{f'; read as a column of codes ({codes})' if codes else ''}"
    )


def class_iri(dataset: Dataset, name: str) -> str:
    """Find a class of actors by name, IRI or CURIE; raises UsageError with the available ones."""
    iri = terms.expand(name) or OEWG + name
    pattern = dataset.store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(iri), ox.DefaultGraph())
    if next(pattern, None) is None:
        known = "State, StateGroup, Observer, Stakeholder, UNBody, Organ, Actor"
        raise UsageError(f"unknown class {name!r}", advice=f"use one of {known}")
    return iri
