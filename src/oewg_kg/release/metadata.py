"""The list of files of a release, and its description as RO-Crate 1.2 and schema.org."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from oewg_kg import formats, terms
from oewg_kg.identity import Identity
from oewg_kg.release.statistics import Statistics

# What the tables record of each contribution, event and vote.
MEASURED = (
    "actor",
    "contribution",
    "kind of contribution",
    "draft addressed",
    "date",
    "session",
    "language",
    "vote",
    "source line",
)
CRATE = "ro-crate-metadata.json"
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
# Of the formats that IANA has no media type for (GraphML, GEXF), what they are in any case.
MEDIA_TYPES = {f.extension: f.media_type for f in formats.FORMATS if f.rdf} | {
    "cff": "application/yaml",
    "csv": "text/csv",
    "db": "application/vnd.sqlite3",
    "gexf": "application/xml",
    "graphml": "application/xml",
    "json": "application/json",
    "md": "text/markdown",
    "rq": "application/sparql-query",
    "tsv": "text/tab-separated-values",
}


@dataclass(frozen=True)
class File:
    """One file of a release: its path in the folder, what it is, how it is made, and whether it is the complete dataset or a view."""

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
        if self.path.endswith("csv-metadata.json"):
            return "application/csvm+json"
        if self.path.endswith(".cdx.json"):
            return "application/vnd.cyclonedx+json"
        return MEDIA_TYPES.get(self.path.rpartition("/")[2].rpartition(".")[2], "text/plain")

    @property
    def sha256(self) -> str:
        """Return the SHA-256 digest of the bytes, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class About:
    """What CITATION.cff says; the day of publication, or ""; the pages with their titles; the first and last day covered, or "" twice."""

    title: str
    creators: tuple[str, ...]
    keywords: tuple[str, ...]
    issued: str
    pages: Mapping[str, str]
    days: tuple[str, str]
    whole: Identity

    @property
    def iri(self) -> str:
        """Return the IRI of the release."""
        return f"{self.whole.base}release/{self.whole.version}"

    def part(self, kind: str, name: str = "") -> ox.NamedNode:
        """Name a part of the description: `<release>#class-oewg-State`."""
        short = terms.compact(name) if terms.valid_iri(name) else name
        return ox.NamedNode(f"{self.iri}#" + "-".join([kind, *re.findall(r"\w+", short)]))

    def description(self, triples: int, lines: int) -> str:
        """Describe the dataset in two sentences."""
        return (
            f"{self.whole.description}: processes, sessions, documents, contributions and actors, from {len(self.pages)} web pages. "
            f"{triples} triples; {lines} lines of the pages are named graphs, so that every fact cites the line that states it."
        )


def ro_crate(about: About, counts: Statistics, files: Sequence[File], also: str) -> bytes:
    """Describe the folder as an RO-Crate 1.2: every file with media type, size and digest; `also` names one that is yet to be written."""
    listed = [
        {
            "@id": file.path,
            "@type": "File",
            "name": file.title,
            "description": file.title,
            "encodingFormat": file.media_type,
            "contentSize": str(len(file.content)),
            "sha256": file.sha256,
        }
        for file in files
    ]
    what = "SHA-256 of every file"
    size = sum(len(f"{file.sha256}  {file.path}\n") for file in files) + len("  \n") + 64 + len(CRATE)
    summed = {"name": what, "description": what, "encodingFormat": "text/plain", "contentSize": str(size)}
    listed.append({"@id": also, "@type": "File", **summed})
    authors = [{"@id": about.part("creator", name).value} for name in about.creators]
    root = {
        "@id": "./",
        "@type": "Dataset",
        **_schema(about, counts),
        "identifier": {"@id": f"{about.iri}#identifier"},
        "license": {"@id": LICENSE},
        "author": authors if len(authors) > 1 else authors[0],  # no list of one, as RO-Crate 1.2 recommends
        "publisher": {"@id": about.part("creator", about.creators[0]).value},
        "isBasedOn": [{"@id": page} for page in about.pages],
        "hasPart": [{"@id": file["@id"]} for file in listed],
    }
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
            "about": {"@id": "./"},
        },
        root,
        {
            "@id": f"{about.iri}#identifier",
            "@type": "PropertyValue",
            "name": "IRI of the release",
            "propertyID": "URI",
            "value": about.iri,
            "url": about.iri,
        },
        {
            "@id": LICENSE,
            "@type": "CreativeWork",
            "name": "Creative Commons Attribution 4.0 International",
            "description": "Share and adapt for any purpose, with attribution.",
        },
        *(
            {"@id": about.part("creator", n).value, "@type": "Organization", "name": n, "url": about.whole.base}
            for n in about.creators
        ),
        *({"@id": page, "@type": "CreativeWork", "name": title} for page, title in about.pages.items()),
        *listed,
    ]
    context = ["https://w3id.org/ro/crate/1.2/context", {"sha256": "http://schema.org/sha256"}]
    return _json({"@context": context, "@graph": graph})


def schema_org(about: About, counts: Statistics, files: Iterable[File], measured: bool = True) -> bytes:
    """Describe the dataset for search engines, as a Dataset of schema.org in JSON-LD; sizes and digests where files are `measured`."""
    distributions = [
        {
            "@type": "DataDownload",
            "name": file.title,
            "contentUrl": f"{about.iri}/{file.path}",
            "encodingFormat": file.media_type,
            **({"contentSize": f"{len(file.content)} B", "sha256": file.sha256} if measured else {}),
        }
        for file in files
        if file.is_distribution
    ]
    found = {
        "@context": "https://schema.org/",
        "@id": about.iri,
        "@type": "Dataset",
        **_schema(about, counts),
        "license": LICENSE,
        "creator": [
            {"@type": "Organization", "@id": about.part("creator", n).value, "name": n} for n in about.creators
        ],
        "publisher": {
            "@type": "Organization",
            "@id": about.part("creator", about.creators[0]).value,
            "name": about.creators[0],
        },
        "isAccessibleForFree": True,
        "conditionsOfAccess": "public",
        "variableMeasured": list(MEASURED),
        "isBasedOn": [{"@id": page, "@type": "CreativeWork", "name": title} for page, title in about.pages.items()],
        "distribution": distributions,
    }
    return _json(found)


def _schema(about: About, counts: Statistics) -> dict[str, object]:
    """Return what both schema.org descriptions have in common."""
    period = {"temporalCoverage": f"{about.days[0]}/{about.days[1]}"} if about.days[0] else {}
    return {
        "name": about.title,
        "description": about.description(counts.triples, counts.lines),
        "identifier": about.iri,
        "url": about.whole.base,
        "version": about.whole.version,
        **({"datePublished": about.issued} if about.issued else {}),
        "keywords": list(about.keywords),
        "inLanguage": "en",
        **period,
    }


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
