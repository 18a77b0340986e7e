"""The command `export`: write the graph as files for other tools."""

import sys
from pathlib import Path

import click

from oewg_kg import files, formats
from oewg_kg.cli import terminal
from oewg_kg.cli.common import opened, with_option
from oewg_kg.cli.output import by_extension, needs_file, put, standard_output
from oewg_kg.errors import UsageError
from oewg_kg.export import jsonld, networks, quad_partitions, tables
from oewg_kg.export import rdf as export
from oewg_kg.find import by_name
from oewg_kg.paths import Beside

FOLDERS = ("csv", "parquet", "parquet-quads", *networks.NETWORK_FORMATS)
TABLES = ("csv", "xlsx", "sqlite", "parquet", "parquet-quads", *networks.NETWORK_FORMATS, "matrix")
KNOWN = (*formats.GRAPH_FORMATS, *TABLES, "context")
OF_RDF = {f.extension: f.name for f in formats.FORMATS if f.rdf}
EXTENSIONS = dict(sorted({**OF_RDF, "db": "sqlite", "sqlite": "sqlite", "xlsx": "xlsx"}.items()))


@click.command("export")
@click.option(
    "-f", "--format", metavar="FORMAT", help=f"{', '.join(KNOWN)}. Default: from the extension of FILE, else turtle."
)
@click.option("-o", "--output", metavar="FILE", help=f"File to write; a folder for {', '.join(FOLDERS)}.")
@click.option(
    "--graph",
    "names",
    multiple=True,
    metavar="IRI",
    help="Only this named graph, or all lines of this page; repeatable.",
)
@click.option("--thing", metavar="NAME", help="Only one entity, by IRI, short name (CURIE) or label.")
@with_option
@click.pass_obj
def export_command(
    root: str | None,
    format: str | None,
    output: str | None,
    names: tuple[str, ...],
    thing: str | None,
    beside: Beside | None,
) -> None:
    """Write the data for other tools: as RDF, tables or networks.

    TriG and N-Quads contain everything: the resolved view (what answers are based on) in the default graph, and a
    named graph for each source line. The other RDF formats contain the resolved view, with the source lines of each
    entity. If your server uses the union of all graphs as its default graph, use --graph graph:resolved.

    Example: oewg export -f jsonld --thing state:EST
    """
    chosen = format or by_extension(output, EXTENSIONS) or "turtle"
    if chosen not in KNOWN:
        raise UsageError(f"unknown format {chosen!r}", advice="use one of " + ", ".join(KNOWN))
    if names and thing:
        raise UsageError("--graph and --thing cannot be combined", advice="give only one of them")
    if chosen in FOLDERS and not output:
        raise UsageError(f"{chosen} writes several files", advice="name a folder with -o FOLDER")
    needs_file(chosen, output)
    if chosen not in formats.GRAPH_FORMATS and (names or thing):
        raise UsageError(f"--graph and --thing only work with RDF formats, not with {chosen}", advice="leave them out")
    large = bool(beside and beside.votes and not thing)  # all votes are written as they are read
    if beside and beside.files and not names and chosen not in export.STREAMED:
        what = f"{'--thing' if thing else chosen} does not include your files"
        raise UsageError(what, advice=f"use -f {', -f '.join(export.STREAMED)}, or --graph graph:beside/FILE")
    if large and chosen not in export.STREAMED:
        what = f"with the votes included, the data are too large for {chosen}"
        raise UsageError(what, advice=f"use -f {', -f '.join(export.STREAMED)} or --thing NAME")
    if large and not output and terminal.attached(sys.stdout):
        what = "with the votes included, the data are too large for a terminal"
        raise UsageError(what, advice="name a file with -o FILE")
    data_root, dataset = opened(root, beside, often=True)
    if large:
        with files.replacing(Path(output)) if output else standard_output() as out:
            export.stream(dataset, names, chosen, out)
    elif chosen == "context":
        put(jsonld.published(), output)
    elif chosen == "parquet-quads":
        files.write_folder(Path(str(output)), quad_partitions.write(dataset))
    elif thing:
        described = by_name.resolve_name(dataset, thing)
        put(export.serialize(dataset, export.description(dataset, described), chosen, described), output)
    elif chosen in formats.GRAPH_FORMATS:
        quads = export.graphs(dataset, names, chosen) if names else export.everything(dataset, chosen)
        put(export.serialize(dataset, quads, chosen), output)
    else:
        content = tables.files(tables.load(dataset, data_root.queries / "tables"), chosen)
        if chosen in FOLDERS:
            files.write_folder(Path(str(output)), content)
        else:
            put(content[chosen], output)
