"""The table of RDF and result formats (name, media type, extension), and how graphs and solutions are serialized in each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg.errors import UsageError
from oewg_kg.vocabulary import PREFIXES, RDF_TYPE

TYPED = re.compile(rb'"%s":\[((?:\{"@id":"[^"]*"\},?)+)\]' % re.escape(RDF_TYPE).encode())


@dataclass(frozen=True)
class Format:
    """A format of graphs (`rdf` set) or of solutions and booleans (`results` set)."""

    name: str
    media_type: str
    extension: str
    rdf: ox.RdfFormat | None = None
    results: ox.QueryResultsFormat | None = None


class UnwritableError(UsageError):
    """A graph that a format cannot represent: JSON-LD has no triple terms (RDF 1.2)."""

    def __init__(self, format: Format) -> None:
        """Name the format."""
        super().__init__(f"{format.media_type} cannot represent RDF 1.2 terms", advice="use Turtle or N-Triples")


FORMATS: tuple[Format, ...] = (
    Format("turtle", "text/turtle", "ttl", rdf=ox.RdfFormat.TURTLE),
    Format("trig", "application/trig", "trig", rdf=ox.RdfFormat.TRIG),
    Format("ntriples", "application/n-triples", "nt", rdf=ox.RdfFormat.N_TRIPLES),
    Format("nquads", "application/n-quads", "nq", rdf=ox.RdfFormat.N_QUADS),
    Format("rdfxml", "application/rdf+xml", "rdf", rdf=ox.RdfFormat.RDF_XML),
    Format("jsonld", "application/ld+json", "jsonld", rdf=ox.RdfFormat.JSON_LD),
    Format("json", "application/sparql-results+json", "srj", results=ox.QueryResultsFormat.JSON),
    Format("xml", "application/sparql-results+xml", "srx", results=ox.QueryResultsFormat.XML),
    Format("csv", "text/csv", "csv", results=ox.QueryResultsFormat.CSV),
    Format("tsv", "text/tab-separated-values", "tsv", results=ox.QueryResultsFormat.TSV),
)
CITATION_FORMATS = ("footnotes", "bibtex", "csl-json", "ris")
GRAPH_FORMATS = tuple(f.name for f in FORMATS if f.rdf)
RESULT_FORMATS = tuple(f.name for f in FORMATS if f.results)
# Other extensions of RDF files. N3 is read only as far as it is Turtle.
EXTENSIONS = {f.extension: f.name for f in FORMATS if f.rdf} | {
    "xml": "rdfxml",
    "owl": "rdfxml",
    "json": "jsonld",
    "n3": "turtle",
    "turtle": "turtle",
}


def by_name(name: str) -> Format:
    """Find a format by its name; raises UsageError with the available names."""
    for format in FORMATS:
        if format.name == name:
            return format
    raise UsageError(f"unknown format {name!r}", advice="use one of " + ", ".join(f.name for f in FORMATS))


def of_file(name: str) -> Format:
    """Find the RDF format of a file by its extension, before `.gz` if it is compressed; raises UsageError for others."""
    extension = name.lower().removesuffix(".gz").rpartition(".")[2]
    if extension not in EXTENSIONS:
        advice = f"give the file one of these extensions: .{' .'.join(sorted(EXTENSIONS))}"
        raise UsageError("unknown RDF format", name, advice)
    return by_name(EXTENSIONS[extension])


def of_output(name: str, is_graph: bool) -> Format | None:
    """Find the format that an output file's extension asks for, of a graph or of solutions; None if it asks for none."""
    extension = name.rpartition(".")[2].lower()
    format_name = {"xml": "rdfxml", "json": "jsonld"}.get(extension, extension) if is_graph else extension
    formats = (f for f in FORMATS if (f.rdf if is_graph else f.results) is not None)
    return next((f for f in formats if extension == f.extension or format_name == f.name), None)


def graph(triples: Iterable[ox.Triple], chosen: Format | None) -> bytes:
    """Serialize triples, by default as Turtle; raises UsageError for a format of solutions, UnwritableError for RDF 1.2 in JSON-LD."""
    format = chosen or by_name("turtle")
    if format.rdf is None:
        raise UsageError(f"a graph cannot be written as {format.name}", advice="use one of " + ", ".join(GRAPH_FORMATS))
    prefixes = PREFIXES if format.name in ("turtle", "trig", "rdfxml") else None
    try:
        document = ox.serialize(sorted(triples, key=str), format=format.rdf, prefixes=prefixes) or b""
        return with_type_keyword(document, format)
    except OSError as error:  # nothing is written to a file here
        raise UnwritableError(format) from error


def with_type_keyword(document: bytes, format: Format) -> bytes:
    """Write classes as `@type` if JSON-LD has them as values of rdf:type, which framing by type does not find."""
    if format.name != "jsonld":
        return document
    return TYPED.sub(lambda types: b'"@type":[%s]' % re.sub(rb'\{"@id":("[^"]*")\}', rb"\1", types[1]), document)


def results(answer: ox.QuerySolutions | ox.QueryBoolean, chosen: Format | None) -> bytes:
    """Serialize the answer of a SELECT or ASK, by default as CSV (an ASK as JSON); raises UsageError for a format of graphs."""
    format = chosen or by_name("json" if isinstance(answer, ox.QueryBoolean) else "csv")
    if format.results is None:
        raise UsageError(f"rows cannot be written as {format.name}", advice="use one of " + ", ".join(RESULT_FORMATS))
    return bytes(answer.serialize(format=format.results) or b"")
