"""Read and write the SSSOM tables of `data/links/`, which map our entities to other datasets; each is a named graph."""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms, texts
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError
from oewg_kg.paths import Root, read_bytes
from oewg_kg.vocabulary import BASE

ENDING = ".sssom.tsv"
REQUIRED_COLUMNS = ("subject_id", "predicate_id", "object_id", "mapping_justification")
PREFIX_LINE = re.compile(r"#\s+([A-Za-z][\w.-]*): *[\"']?(\S+?)[\"']?\s*\Z")


@dataclass(frozen=True)
class Mapping:
    """One row of a table: three IRIs, its justification, whether it says that the two are not the same, its line, its cells by column."""

    subject: str
    predicate: str
    object: str
    justification: str
    negated: bool
    line: int
    row: dict[str, str]

    @property
    def comment(self) -> str:
        """Return the reason that the row gives."""
        return self.row.get("comment", "")


@dataclass(frozen=True)
class MappingTable:
    """One table: its lines of metadata, the prefixes among them, and its rows."""

    head: list[str]
    prefixes: dict[str, str]
    mappings: list[Mapping]


def add(dataset: Dataset, root: Root) -> int:
    """Add the mappings of all tables but those with Not, a graph for each table; return their number. Raises ParseError, StorageError."""
    count = 0
    for path in root.mappings():
        name = root.relative(path)
        graph = ox.NamedNode(BASE + "graph/" + name.removesuffix(ENDING))
        dataset.files[graph.value] = name
        for mapping in read(path, name).mappings:
            if not mapping.negated:
                subject, predicate, target = map(ox.NamedNode, (mapping.subject, mapping.predicate, mapping.object))
                dataset.store.add(ox.Quad(subject, predicate, target, graph))
                count += 1
    return count


def read(path: Path, name: str) -> MappingTable:
    """Read one SSSOM/TSV file, as a spreadsheet may have saved it; raises ParseError with the line of what is invalid, StorageError."""
    content = read_bytes(path, name)
    try:
        encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
        lines = content.decode(encoding).splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise ParseError("the file is not UTF-8 text", name, "save it as UTF-8") from error
    metadata = [*takewhile(lambda line: line.lstrip('"').startswith("#"), lines)]
    rows = csv.DictReader(io.StringIO("".join(lines[len(metadata) :]), newline=""), delimiter="\t")
    missing = [column for column in REQUIRED_COLUMNS if column not in (rows.fieldnames or [])]
    if missing:
        what, advice = f"the column {missing[0]} is missing", "use the column names of SSSOM, separated by tabs"
        raise ParseError(what, f"{name}:{len(metadata) + 1}:1", advice)
    head = [cells[0] for cells in csv.reader(metadata, delimiter="\t")]
    prefixes = curie_map(head)
    mappings = []
    for number, cells in enumerate(rows, len(metadata) + 2):
        row = {column: value or "" for column, value in cells.items() if column}
        where, modifier = f"{name}:{number}:1", row.get("predicate_modifier", "")
        if modifier not in ("", "Not"):
            raise ParseError(f"{modifier!r} is not a valid predicate_modifier", where, "use Not, or leave it empty")
        iris = (_expand(row[column], prefixes, column, where) for column in REQUIRED_COLUMNS)
        subject, predicate, target, justification = iris
        mappings.append(Mapping(subject, predicate, target, justification, bool(modifier), number, row))
    return MappingTable(head, prefixes, mappings)


def curie(iri: str, prefixes: dict[str, str]) -> str:
    """Write an IRI as a CURIE with the longest matching namespace of a table; raises ValueError if none matches."""
    prefix, space = max(((p, s) for p, s in prefixes.items() if iri.startswith(s)), key=lambda pair: len(pair[1]))
    return f"{prefix}:{iri.removeprefix(space)}"


def write(path: Path, name: str) -> bytes:
    """Write the mappings of one table as Turtle, each reason as a comment, a Not as a comment alone; raises what `read` raises."""
    table = read(path, name)
    triples = [[mapping.row[column] for column in REQUIRED_COLUMNS[:3]] for mapping in table.mappings]
    used = sorted({curie.partition(":")[0] for triple in triples for curie in triple})
    return texts.filled("mappings.ttl", name=name, table=table, used=used).encode()


def curie_map(head: list[str]) -> dict[str, str]:
    """Read the prefixes from the metadata lines of a table, those indented below `#curie_map:`."""
    bare = [line.removeprefix("#").strip() for line in head]
    indented = head[bare.index("curie_map:") + 1 :] if "curie_map:" in bare else []
    declarations = takewhile(bool, map(PREFIX_LINE.match, indented))
    return {declaration[1]: declaration[2] for declaration in declarations if declaration}


def _expand(curie: str, prefixes: dict[str, str], column: str, where: str) -> str:
    """Write a CURIE of the table as an IRI; raises ParseError for an unknown prefix or an invalid IRI."""
    prefix, colon, local_name = curie.partition(":")
    iri = terms.valid_iri(prefixes[prefix] + local_name) if colon and prefix in prefixes else None
    if iri is None:
        what = f"{column} {curie!r} is not a CURIE with a known prefix"
        raise ParseError(what, where, "declare its prefix in the curie_map")
    return iri
