"""The command `export`: write the graph as files for other tools."""

import sys
from pathlib import Path

import click

from oewg_kg import files, formats
from oewg_kg.cli import terminal
from oewg_kg.cli.common import open_graph, with_option
from oewg_kg.cli.output import format_of_extension, put, require_file, standard_output
from oewg_kg.errors import UsageError
from oewg_kg.export import jsonld, networks, quad_partitions, tables
from oewg_kg.export import rdf as export
from oewg_kg.find import by_name
from oewg_kg.paths import Beside

FOLDERS = ("csv", "parquet", "parquet-quads", *networks.NETWORK_FORMATS)
TABLES = ("csv", "xlsx", "sqlite", "parquet", "parquet-quads", *networks.NETWORK_FORMATS, "matrix")
FORMATS = (*formats.GRAPH_FORMATS, *TABLES, "context")
RDF_EXTENSIONS = {entry.extension: entry.name for entry in formats.FORMATS if entry.rdf}
EXTENSIONS = dict(sorted({**RDF_EXTENSIONS, "db": "sqlite", "sqlite": "sqlite", "xlsx": "xlsx"}.items()))


@click.command("export")
@click.option(
    "-f", "--format", metavar="FORMAT", help=f"{', '.join(FORMATS)}. Default: from the extension of FILE, else turtle."
)
@click.option("-o", "--output", metavar="FILE", help=f"File to write; a folder for {', '.join(FOLDERS)}.")
@click.option(
    "--graph",
    "graphs",
    multiple=True,
    metavar="IRI",
    help="Only this named graph, or all lines of this page; repeatable.",
)
@click.option("--thing", "entity", metavar="NAME", help="Only one entity, by IRI, short name (CURIE) or label.")
@with_option
@click.pass_obj
def export_command(
    root: str | None,
    format: str | None,
    output: str | None,
    graphs: tuple[str, ...],
    entity: str | None,
    beside: Beside | None,
) -> None:
    """Write the data for other tools: as RDF, tables or networks.

    TriG and N-Quads contain everything: the resolved view (what answers are based on) in the default graph, and a
    named graph for each source line. The other RDF formats contain the resolved view, with the source lines of each
    entity. If your server uses the union of all graphs as its default graph, use --graph graph:resolved.

    Example: oewg export -f jsonld --thing state:EST
    """
    format = format or format_of_extension(output, EXTENSIONS) or "turtle"
    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}", advice="use one of " + ", ".join(FORMATS))
    if graphs and entity:
        raise UsageError("--graph and --thing cannot be combined", advice="give only one of them")
    if format in FOLDERS and not output:
        raise UsageError(f"{format} writes several files", advice="name a folder with -o FOLDER")
    require_file(format, output)
    if format not in formats.GRAPH_FORMATS and (graphs or entity):
        raise UsageError(f"--graph and --thing only work with RDF formats, not with {format}", advice="leave them out")
    streams_votes = bool(beside and beside.votes and not entity)  # all votes are written as they are read
    if beside and beside.files and not graphs and format not in export.STREAMED:
        problem = f"{'--thing' if entity else format} does not include your files"
        raise UsageError(problem, advice=f"use -f {', -f '.join(export.STREAMED)}, or --graph graph:beside/FILE")
    if streams_votes and format not in export.STREAMED:
        problem = f"with the votes included, the data are too large for {format}"
        raise UsageError(problem, advice=f"use -f {', -f '.join(export.STREAMED)} or --thing NAME")
    if streams_votes and not output and terminal.is_terminal(sys.stdout):
        problem = "with the votes included, the data are too large for a terminal"
        raise UsageError(problem, advice="name a file with -o FILE")
    data_root, dataset = open_graph(root, beside, in_memory=True)
    if streams_votes:
        with files.replacing(Path(output)) if output else standard_output() as stream:
            export.stream(dataset, graphs, format, stream)
    elif format == "context":
        put(jsonld.published(), output)
    elif format == "parquet-quads":
        files.write_folder(Path(str(output)), quad_partitions.write(dataset))
    elif entity:
        iri = by_name.resolve_name(dataset, entity)
        put(export.serialize(dataset, export.description(dataset, iri), format, iri), output)
    elif format in formats.GRAPH_FORMATS:
        quads = export.graphs(dataset, graphs, format) if graphs else export.everything(dataset, format)
        put(export.serialize(dataset, quads, format), output)
    else:
        exports = tables.files(tables.load(dataset, data_root.queries / "tables"), format)
        if format in FOLDERS:
            files.write_folder(Path(str(output)), exports)
        else:
            put(exports[format], output)
