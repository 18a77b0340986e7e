"""The list of files of a release, its description as RO-Crate 1.2 and schema.org, and its software bill of materials."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from oewg_kg import formats, terms, texts
from oewg_kg.identity import Identity
from oewg_kg.paths import read_text
from oewg_kg.release.statistics import Statistics
from oewg_kg.version import __version__

CRATE = "ro-crate-metadata.json"
PINNED = re.compile(r"^([\w.-]+)==([\w.+!-]+)((?: *\\?\n +--hash=sha256:[0-9a-f]{64}| ;[^\\\n]*)*)", re.MULTILINE)
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
FILE_LISTS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("files.toml").read_text(encoding="utf-8"))
MEDIA_TYPES: dict[str, str] = FILE_LISTS["media-types"] | {f.extension: f.media_type for f in formats.FORMATS if f.rdf}


@dataclass(frozen=True)
class File:
    """One file of a release: its path, what it is, how it is made, and whether it is the complete dataset or a view."""

    path: str
    title: str
    make: Callable[[], bytes]
    is_distribution: bool = False

    @cached_property
    def content(self) -> bytes:
        """Make the bytes, once."""
        return self.make()

    @property
    def media_type(self) -> str:
        """Return the media type that fits the name."""
        name = self.path.rpartition("/")[2]
        endings = (name, name.partition(".")[2], name.rpartition(".")[2])
        return next((MEDIA_TYPES[ending] for ending in endings if ending in MEDIA_TYPES), "text/plain")

    @property
    def sha256(self) -> str:
        """Return the SHA-256 digest of the bytes, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class ReleaseDescription:
    """What CITATION.cff says; the day of publication, or ""; the pages with their titles; the first and last day covered, or "" twice."""

    title: str
    creators: tuple[str, ...]
    keywords: tuple[str, ...]
    issued: str
    pages: Mapping[str, str]
    days: tuple[str, str]
    identity: Identity

    @property
    def iri(self) -> str:
        """Return the IRI of the release."""
        return f"{self.identity.base}release/{self.identity.version}"

    def part(self, section: str, name: str = "") -> ox.NamedNode:
        """Name a part of the description: `<release>#class-oewg-State`."""
        short = terms.compact(name) if terms.valid_iri(name) else name
        return ox.NamedNode(f"{self.iri}#" + "-".join([section, *re.findall(r"\w+", short)]))

    def description(self, triples: int, lines: int) -> str:
        """Describe the dataset in two sentences."""
        return (
            f"{self.identity.description}: processes, sessions, documents, contributions and actors, from {len(self.pages)} web pages. "
            f"{triples} triples; {lines} lines of the pages are named graphs, so that every fact cites the line that states it."
        )


def ro_crate(about: ReleaseDescription, counts: Statistics, files: Sequence[File], sums: str) -> bytes:
    """Describe the folder as an RO-Crate 1.2: every file with media type, size and digest; `sums` is a file yet to be written."""
    size = sum(len(f"{file.sha256}  {file.path}\n") for file in files) + len("  \n") + 64 + len(CRATE)
    return fill_text("ro-crate.json", about, counts, files=files, crate=CRATE, sums=sums, size=size, plain=False)


def schema_org(about: ReleaseDescription, counts: Statistics, files: Iterable[File], measured: bool = True) -> bytes:
    """Describe the dataset for search engines, as a Dataset of schema.org in JSON-LD; sizes and digests if files are `measured`."""
    return fill_text("schema-org.json", about, counts, files=files, measured=measured)


def fill_text(name: str, about: ReleaseDescription, counts: Statistics, **extra: object) -> bytes:
    """Fill in a text about a release: its README, or metadata for a search engine or repository."""
    release_values = {"version": about.identity.version, "release": about.iri, "license": LICENSE}
    return texts.filled(name, about=about, counts=counts, **release_values, **extra).encode()


def bill_of_materials(constraints: Path) -> bytes:
    """Write the packages that `constraints.txt` pins, as CycloneDX; raises StorageError."""
    text = read_text(constraints, constraints.name)
    pinned = [(*pin[:2], re.findall("sha256:([0-9a-f]+)", pin[2])) for pin in PINNED.findall(text)]
    return texts.filled("sbom.cdx.json", version=__version__, pinned=pinned).encode()
