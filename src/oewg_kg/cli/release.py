"""The command `release`: write all files of a release, and an archive of them."""

from pathlib import Path

import click

from oewg_kg import identity
from oewg_kg.cli.common import open_graph, show_step
from oewg_kg.cli.output import put
from oewg_kg.release import build as release
from oewg_kg.release import packing
from oewg_kg.release.statistics import Statistics


@click.command("release")
@click.argument("folder")
@click.option(
    "--date", "issued", default="", metavar="DATE", help="Date of publication. Default: the date in CITATION.cff."
)
@click.option("--deposit", is_flag=True, help="Also write the files for Zenodo and Dataverse, in FOLDER/deposit.")
@click.pass_obj
def release_command(root: str | None, folder: str, issued: str, deposit: bool) -> None:
    """Write all files of a release, and an archive of them.

    FOLDER will contain all exports (except Parquet), the ontology, shapes, questions with their answers, and metadata:
    DCAT and VoID, RO-Crate, schema.org, SHA-256 sums. The same sources always produce identical files.

    Example: oewg release my-release --date 2025-07-11
    """
    data_root, dataset = open_graph(root, in_memory=True)
    publication, statistics = release.describe_release(data_root, dataset, issued), Statistics(dataset)
    files = release.files(data_root, dataset, publication, statistics, show_step)
    show_step("packing")
    deposit_files = packing.deposit(files, publication, statistics) if deposit else None
    name = identity.of(dataset.store).release_name
    packing.write(Path(folder), files, name, deposit_files)
    size = sum(map(len, files.values()))
    put(f"{name}: {len(files)} files, {size} bytes, and {name}.tar.gz in {folder}\n")
    if deposit_files:
        put("deposit: add a contact before you upload dataverse.json, since Dataverse requires one\n")
    if b'"datePublished"' not in files["ro-crate-metadata.json"]:
        put("no date of publication, which RO-Crate 1.2 requires; give one with --date\n")
