"""Write the files of a release as a folder, an archive, and a deposit for a repository."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from oewg_kg.files import fill_folder, refuse_foreign, replace_folder
from oewg_kg.release.build import SUMS
from oewg_kg.release.metadata import ReleaseDescription, fill_text
from oewg_kg.release.statistics import Statistics

# The first day that every archive format can store; a release has no time of day.
LONG_AGO = 315532800
DEPOSIT = "deposit"


def deposit(content: Mapping[str, bytes], about: ReleaseDescription, counts: Statistics) -> dict[str, bytes]:
    """Make the files to deposit: the archive, its README, and the metadata as Zenodo and Dataverse read them."""
    metadata = {file: fill_text(file, about, counts) for file in ("zenodo.json", "dataverse.json")}
    name = about.identity.release_name
    return {f"{name}.tar.gz": archive(content, name), "README.md": content["README.md"], **metadata}


def archive(content: Mapping[str, bytes], name: str) -> bytes:
    """Pack files below one folder as a gzipped tar archive: sorted, without owners, times or the name of a file."""
    tarball = io.BytesIO()
    with tarfile.open(fileobj=tarball, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(content):
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mtime, entry.mode = len(content[path]), LONG_AGO, 0o644
            tar.addfile(entry, io.BytesIO(content[path]))
    compressed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=compressed, mtime=0) as file:
        file.write(tarball.getvalue())
    return compressed.getvalue()


def write(folder: Path, content: Mapping[str, bytes], name: str, deposited: Mapping[str, bytes] | None = None) -> None:
    """Write the folder of a release, its archive and files for a deposit, all or nothing; raises UsageError if it has other files."""
    sums = folder / name / SUMS
    earlier = {line.partition("  ")[2] for line in sums.read_text().splitlines()} if sums.is_file() else set()
    release_paths = {f"{name}/{path}" for path in {*earlier, *content, SUMS}} | {f"{name}.tar.gz"}
    release_paths |= {f"{DEPOSIT}/{path}" for path in (f"{name}.tar.gz", "README.md", "zenodo.json", "dataverse.json")}
    refuse_foreign(folder, release_paths)

    def fill(fresh: Path) -> None:
        fill_folder(fresh / name, content)
        (fresh / f"{name}.tar.gz").write_bytes(archive(content, name))
        if deposited:
            fill_folder(fresh / DEPOSIT, deposited)

    replace_folder(folder, fill)
