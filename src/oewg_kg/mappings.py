"""Read and write the SSSOM tables of `data/links/`, which map our entities to other datasets; each is a named graph."""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError
from oewg_kg.paths import Root, read_bytes
from oewg_kg.vocabulary import BASE

ENDING = ".sssom.tsv"
WANTED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
PREFIX_LINE = re.compile(r"#\s+([A-Za-z][\w.-]*): *[\"']?(\S+?)[\"']?\s*\Z")


@dataclass(frozen=True)
class Mapping:
    """One row of a table: three IRIs, its justification, whether it says that the two are not the same, its line, its comment."""

    subject: str
    predicate: str
    object: str
    justification: str
    negated: bool
    line: int
    comment: str


def add(dataset: Dataset, root: Root) -> int:
    """Add the mappings of all tables but those with Not, a graph for each table; return their number. Raises ParseError, StorageError."""
    count = 0
    for path in root.mappings():
        name = root.relative(path)
        graph = ox.NamedNode(BASE + "graph/" + name.removesuffix(ENDING))
        dataset.files[graph.value] = name
        for mapping in read(path, name):
            if not mapping.negated:
                subject, predicate, target = map(ox.NamedNode, (mapping.subject, mapping.predicate, mapping.object))
                dataset.store.add(ox.Quad(subject, predicate, target, graph))
                count += 1
    return count


def read(path: Path, name: str) -> list[Mapping]:
    """Read the mappings of one SSSOM/TSV file; raises ParseError with the line of an invalid column, prefix or modifier, StorageError."""
    head, rows = parts(path, name)
    prefixes = curie_map(head)
    found = []
    for number, row in enumerate(rows, len(head) + 2):
        where, modifier = f"{name}:{number}:1", row.get("predicate_modifier") or ""
        if modifier not in ("", "Not"):
            raise ParseError(f"{modifier!r} is not a valid predicate_modifier", where, "use Not, or leave it empty")
        subject, predicate, target, why = (_expand(row[column], prefixes, column, where) for column in WANTED)
        found.append(Mapping(subject, predicate, target, why, bool(modifier), number, row.get("comment") or ""))
    return found


def parts(path: Path, name: str) -> tuple[list[str], list[dict[str, str]]]:
    """Read metadata lines and rows, by column, of an SSSOM/TSV file that a spreadsheet may have saved; raises ParseError, StorageError."""
    content = read_bytes(path, name)
    try:
        encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
        lines = content.decode(encoding).splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise ParseError("the file is not UTF-8 text", name, "save it as UTF-8") from error
    head = next((number for number, line in enumerate(lines) if not line.lstrip('"').startswith("#")), len(lines))
    table = csv.DictReader(io.StringIO("".join(lines[head:]), newline=""), delimiter="\t")
    missing = [column for column in WANTED if column not in (table.fieldnames or [])]
    if missing:
        raise ParseError(
            f"the column {missing[0]} is missing",
            f"{name}:{head + 1}:1",
            "use the column names of SSSOM, separated by tabs",
        )
    above = [cells[0] for cells in csv.reader(lines[:head], delimiter="\t")]
    return above, [{column: value or "" for column, value in row.items() if column} for row in table]


def curie(iri: str, prefixes: dict[str, str]) -> str:
    """Write an IRI as a CURIE with the longest matching namespace of a table; raises ValueError if none matches."""
    prefix, space = max(((p, s) for p, s in prefixes.items() if iri.startswith(s)), key=lambda pair: len(pair[1]))
    return f"{prefix}:{iri.removeprefix(space)}"


def write(path: Path, name: str) -> bytes:
    """Write the mappings of one table as Turtle, each reason as a comment, a Not as a comment alone; raises what `read` raises."""
    mappings = read(path, name)
    prefixes = curie_map(path.read_text(encoding="utf-8-sig").splitlines())
    used = {curie(iri, prefixes).partition(":")[0] for m in mappings for iri in (m.subject, m.predicate, m.object)}
    lines = [f"# Mappings, made from {name}, where each row has its certainty and author too."]
    lines += [f"PREFIX {prefix}: <{prefixes[prefix]}>" for prefix in sorted(used)]
    for mapping in mappings:
        triple = " ".join(curie(one, prefixes) for one in (mapping.subject, mapping.predicate, mapping.object))
        lines += ["", f"# {mapping.comment}", f"# Not: {triple}" if mapping.negated else f"{triple} ."]
    return ("\n".join(lines) + "\n").encode()


def curie_map(head: list[str]) -> dict[str, str]:
    """Read the prefixes from the metadata lines of a table, those indented below `#curie_map:`."""
    found: dict[str, str] = {}
    inside = False
    for line in head:
        bare = line.removeprefix("#")
        pair = PREFIX_LINE.match(line.rstrip("\n")) if inside and bare[:1].isspace() else None
        inside = pair is not None or bare.strip() == "curie_map:"
        if pair:
            found[pair[1]] = pair[2]
    return found


def _expand(curie: str | None, prefixes: dict[str, str], column: str, where: str) -> str:
    """Write a CURIE of the table as an IRI; raises ParseError for an unknown prefix or an invalid IRI."""
    prefix, colon, rest = (curie or "").partition(":")
    iri = terms.valid_iri(prefixes[prefix] + rest) if colon and prefix in prefixes else None
    if iri is None:
        raise ParseError(
            f"{column} {curie!r} is not a CURIE with a known prefix", where, "declare its prefix in the curie_map"
        )
    return iri
