"""The command `export`: write the graph as files for other tools."""

import sys
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import evidence, files, formats, paths
from oewg_kg.cli.common import needs_file, on_terminal, opened, put, standard_output, with_option
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.export import jsonld, networks, quad_partitions, table_files
from oewg_kg.export import rdf as export
from oewg_kg.export import tables as export_tables
from oewg_kg.paths import Beside

FOLDERS = ("csv", "parquet", "parquet-quads", *networks.FORMATS)
TABLES = ("csv", "xlsx", "sqlite", "parquet", "parquet-quads", *networks.FORMATS, "matrix")
KNOWN = (*formats.GRAPH_FORMATS, *TABLES, "context")
EXTENSIONS = {f.extension: f.name for f in formats.FORMATS if f.rdf} | {
    "db": "sqlite",
    "sqlite": "sqlite",
    "xlsx": "xlsx",
}


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
    entity. If your server takes the union of all graphs as its default graph, use --graph graph:resolved.

    Example: oewg export -f jsonld --thing state:EST
    """
    chosen = format or by_name(output)
    if chosen not in KNOWN:
        raise UsageError(f"unknown format {chosen!r}", advice="use one of " + ", ".join(KNOWN))
    if names and thing:
        raise UsageError("--graph and --thing cannot be combined", advice="give one of them")
    if chosen in FOLDERS and not output:
        raise UsageError(f"{chosen} writes several files", advice="name a folder with -o FOLDER")
    needs_file(chosen, output)
    if chosen not in formats.GRAPH_FORMATS and (names or thing):
        raise UsageError(f"--graph and --thing only work with RDF formats, not with {chosen}", advice="leave them out")
    votes = beside and beside.votes
    if beside and beside.files and not names and chosen not in export.STREAMED:
        what = f"{'--thing' if thing else chosen} does not include your files"
        raise UsageError(what, advice=f"use -f {', -f '.join(export.STREAMED)}, or --graph graph:beside/FILE")
    if votes and not thing and chosen not in export.STREAMED:
        raise UsageError(
            f"with the votes included, the data are too large for {chosen}",
            advice=f"use -f {', -f '.join(export.STREAMED)} or --thing NAME",
        )
    if votes and not thing and not output and on_terminal(sys.stdout):
        raise UsageError(
            "with the votes included, the data are too large for a terminal", advice="name a file with -o FILE"
        )
    data_root, dataset = opened(root, beside, often=True)
    if votes and not thing:
        with files.replacing(Path(output)) if output else standard_output() as out:
            export.stream(dataset, names, chosen, out)
    elif chosen == "context":
        put(jsonld.published(dataset.store), output)
    elif chosen == "parquet-quads":
        files.write_folder(Path(str(output)), quad_partitions.write(dataset))
    elif chosen in formats.GRAPH_FORMATS:
        put(rdf(dataset, chosen, names, thing), output)
    else:
        content = tables(data_root, dataset, chosen)
        if chosen in FOLDERS:
            files.write_folder(Path(str(output)), content)
        else:
            put(content[chosen], output)


def by_name(output: str | None) -> str:
    """Choose a format by the extension of a file, Turtle if it has none; raises UsageError with the available formats."""
    extension = Path(output or "").suffix.lower().removeprefix(".")
    if extension and extension not in EXTENSIONS:
        known = ", ".join(f".{name}" for name in sorted(EXTENSIONS))
        raise UsageError(f"unknown file extension .{extension}", advice=f"give -f FORMAT, or use one of {known}")
    return EXTENSIONS.get(extension, "turtle")


def rdf(dataset: Dataset, format: str, names: tuple[str, ...], thing: str | None) -> bytes:
    """Write everything, some graphs, or the description of one thing."""
    if thing:
        described: ox.NamedNode = evidence.resolve_name(dataset, thing)
        return export.serialize(dataset, export.description(dataset, described), format, described)
    quads = export.graphs(dataset, names, format) if names else export.everything(dataset, format)
    return export.serialize(dataset, quads, format)


def tables(root: paths.Root, dataset: Dataset, format: str) -> dict[str, bytes]:
    """Write the tables in one format: file names with their content; a single file is named after the format."""
    found = export_tables.load(dataset, root.queries / "tables")
    if format == "csv":
        written = {f"{table.name}.csv": table_files.write_csv(table) for table in found.values()}
        return {**written, "csv-metadata.json": table_files.write_csvw(found)}
    if format == "parquet":
        return {f"{table.name}.parquet": table_files.write_parquet(table) for table in found.values()}
    one_file = {
        "sqlite": table_files.write_sqlite,
        "xlsx": table_files.write_xlsx,
        "matrix": export_tables.write_matrix,
    }
    if format in one_file:
        return {format: one_file[format](found)}
    drawn = networks.networks({name: table.mappings() for name, table in found.items()})
    return {f"{name}.{format}": networks.write(network, format) for name, network in drawn.items()}
