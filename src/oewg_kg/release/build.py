"""A release: every export, ontology, shapes, questions with answers, and their descriptions, as a folder and an archive.

The same sources give the same bytes: no clock is read, and nothing is in the order of a set.
"""

import gzip
import io
import re
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import formats, mappings, query, tables, terms
from oewg_kg.answers import citations
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.errors import ParseError, UsageError, from_os_error
from oewg_kg.export import networks, table_files
from oewg_kg.export import order as layout
from oewg_kg.export import questions as examples
from oewg_kg.export import rdf as export
from oewg_kg.export import tables as export_tables
from oewg_kg.files import write_folder
from oewg_kg.mappings import Mapping as Link
from oewg_kg.paths import Root
from oewg_kg.release import dcat, sbom
from oewg_kg.release import metadata as release_metadata
from oewg_kg.release.metadata import About, File, Statistics
from oewg_kg.shacl import any_namespace, validate
from oewg_kg.version import __version__
from oewg_kg.vocabulary import OEWG, PREFIXES

NAME = f"oewg-kg-{__version__}"
SUMS = "SHA256SUMS"
PAPERS = {
    "README.md": "What this is and how to use it",
    "CHANGELOG.md": "What changed in each version",
    "CITATION.cff": "How to cite the dataset",
    "SECURITY.md": "What is promised, and how to report a hole",
    "constraints.txt": "The versions of other packages that are tested, with hashes",
    "LICENSE": "Licence of the code",
    "LICENSE-DATA": "Licence of the data, ontology, shapes and questions",
}
# The first day that every archive format can tell; a release has no hour.
LONG_AGO = 315532800
CFF = re.compile(r'^(\w[\w-]*): *"?(.*?)"? *$', re.MULTILINE)
Tell = Callable[[str], None]


def files(root: Root, dataset: Dataset, issued: str = "", tell: Tell = lambda step: None) -> dict[str, bytes]:
    """Make all files of a release by path; raises UsageError outside a checkout or for an invalid date, ParseError for other versions."""
    about = _about(root, dataset, issued)
    made = [
        *_papers(root),
        *_sources(root),
        *_any_namespace(root, dataset),
        *_graphs(root, dataset, tell),
        *_tables(root, dataset, tell),
    ]
    tell("answering the questions")
    made += _answers(root, dataset)
    made.sort(key=lambda file: layout.natural(file.path))
    tell("describing")
    counts = _statistics(dataset, about)
    made.append(File("dataset.ttl", "Description: DCAT and VoID", dcat.write(about, counts, _links(root), made)))
    page = release_metadata.schema_org(about, counts, made)
    made.append(File("dataset.schema.jsonld", "Description: schema.org", page))
    crate = release_metadata.ro_crate(about, counts, made, SUMS)
    made.append(File("ro-crate-metadata.json", "Description: RO-Crate", crate))
    sums = "".join(f"{file.sha256}  {file.path}\n" for file in sorted(made, key=lambda file: file.path))
    return {file.path: file.content for file in made} | {SUMS: sums.encode()}


def _about(root: Root, dataset: Dataset, issued: str) -> About:
    """Read CITATION.cff and the graph for what the descriptions tell; every version told must be that of the code."""
    missing = [name for name in PAPERS if not (root.folder / name).is_file()]
    if missing:
        advice = "run this in a clone of the repository, or name one with --root"
        raise UsageError(f"{missing[0]} not found", str(root.folder), advice)
    text = _read(root.folder / "CITATION.cff").decode()
    told = dict(CFF.findall(text))
    ontology = ox.NamedNode(OEWG.removesuffix("#"))
    versions = {told.get("version", ""): "CITATION.cff"}
    for name, start in (("versionInfo", ""), ("versionIRI", ontology.value + "/")):
        for quad in dataset.store.quads_for_pattern(ontology, ox.NamedNode(PREFIXES["owl"] + name), None):
            versions[terms.text_of(quad.object).removeprefix(start)] = f"ontology/oewg.ttl, owl:{name}"
    for version, where in versions.items():
        if version != __version__:
            raise ParseError(
                f"the version is {version or 'missing'}, not {__version__}", where, "use the same version there"
            )
    issued = issued or told.get("date-released", "")
    if issued and not terms.is_date(issued):
        raise UsageError(f"{issued!r} is not a valid date", advice="use YYYY-MM-DD, such as 2025-07-11")
    pages = {iri: title.strip("“”[]") for iri, title in sorted(citations.titles(dataset.store).items())}
    (days,) = select(dataset.store, own_query("first-and-last-day"))
    _, _, listed = text.partition("\nkeywords:\n")
    return About(
        told["title"],
        tuple(re.findall(r'^ +- name: "(.*)"$', text, re.MULTILINE)),
        tuple(re.findall(r"^ +- (.*)$", listed, re.MULTILINE)),
        issued,
        pages,
        (terms.text_of(days["first"]), terms.text_of(days["last"])),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise from_os_error(error, "reading a file of the release") from error


def _papers(root: Root) -> list[File]:
    parts = sbom.write(_read(root.folder / "constraints.txt").decode())
    papers = [File(name, title, _read(root.folder / name)) for name, title in PAPERS.items()]
    return [*papers, File("sbom.cdx.json", "Software bill of materials: CycloneDX", parts)]


def _sources(root: Root) -> list[File]:
    """Take over ontology, shapes, questions and tables of mappings as they stand."""
    kinds = (
        ("ontology", "ontology", "*.ttl", "Ontology"),
        ("ontology", "ontology", "*.jsonld", "Context of JSON-LD"),
        ("ontology", "ontology", "*.md", "Ontology, about"),
        ("shapes", "shapes", "*.ttl", "Shapes"),
        ("queries", "queries", "*.rq", "Query"),
        ("data/links", "links", "*.sssom.tsv", "Mappings"),
    )
    found = [
        File(f"{name}/{path.relative_to(place).as_posix()}", f"{title}: {path.name.partition('.')[0]}", _read(path))
        for folder, name, pattern, title in kinds
        for place in [root.folder / folder]
        for path in sorted(place.rglob(pattern))
        if path.is_file()
    ]
    tables = [path for path in root.mappings() if path.name == "ontology.sssom.tsv"]
    title = "Alignments: our terms and those of other vocabularies"
    return found + [
        File("ontology/alignments.ttl", title, mappings.write(path, root.relative(path))) for path in tables
    ]


def _any_namespace(root: Root, dataset: Dataset) -> list[File]:
    """Write the shapes as others use them for data under any namespace."""
    core = validate.published(any_namespace.core(validate.shapes_graph(root.shapes)))
    closed = validate.published(validate.closed(dataset, root.shapes))
    return [
        File("shapes/any-namespace/core.ttl", "Shapes: core, for data under any namespace", core.encode()),
        File("shapes/any-namespace/closed.ttl", "Shapes: notes on misspelt properties", closed.encode()),
    ]


def _graphs(root: Root, dataset: Dataset, tell: Tell) -> list[File]:
    made = []
    for name in formats.GRAPH_FORMATS:
        tell(f"writing {name}")
        what = (
            "everything, with a graph for each source line"
            if name in export.WITH_GRAPHS
            else "the resolved view, as used in answers"
        )
        content = export.serialize(dataset, export.view(dataset, None, name), name)
        made.append(File(f"graph/oewg-kg.{formats.by_name(name).extension}", f"{name}: {what}", content, True))
    content = export.serialize(dataset, export.in_standard_terms(dataset, root), "turtle")
    title = "turtle: the resolved view in the terms of PROV, ORG, schema.org, DCTERMS and ELI-DL alone"
    made.append(File("graph/oewg-kg-standard-terms.ttl", title, content, True))
    tell("writing claims")
    content = export.serialize(dataset, export.view(dataset, "claims", "turtle"), "turtle")
    return [
        *made,
        File("graph/oewg-kg-claims.ttl", "turtle: each statement of a source line as a claim", content, True),
    ]


def _tables(root: Root, dataset: Dataset, tell: Tell) -> list[File]:
    """Write tables, the matrix and networks; a table without rows is left out, and what is made of it."""
    tell("writing tables")
    found = export_tables.load(dataset, root.queries / "tables")
    made = [
        File(f"tables/{table.name}.csv", f"CSV: {table.summary}", table_files.write_csv(table), True)
        for table in found.values()
    ]
    made.append(File("tables/csv-metadata.json", "CSV on the Web: the tables", table_files.write_csvw(found), True))
    made.append(File("tables/oewg-kg.db", "SQLite: all tables", table_files.write_sqlite(found), True))
    if {"documents", "contributions"} <= found.keys():
        title = "CSV: actors by drafts, number of contributions listed"
        made.append(File("tables/draft-actor-matrix.csv", title, export_tables.write_matrix(found), True))
    rows = {
        name: found[name].mappings() if name in found else [] for name in ("contributions", "documents", "co-hosts")
    }
    for name, network in networks.networks(rows).items():
        for format in networks.FORMATS:
            content = networks.write(network, format)
            made.append(File(f"networks/{name}.{format}", f"{format}: {name.replace('-', ' ')}", content, True))
    return made


def _answers(root: Root, dataset: Dataset) -> list[File]:
    """Answer each saved question with its default parameters, each row with the lines that prove it; and write them as RDF."""
    saved_queries = query.load(root.queries)
    described = formats.graph(examples.triples(saved_queries.values()), formats.by_name("turtle"))
    made = [File("queries/questions.ttl", "Queries as RDF, each with the URL of its rows", described)]
    for saved in saved_queries.values():
        result = query.run(dataset, saved, {})
        names, cells = tables.for_machines(result.columns, result.rows, result.citations)
        content = tables.write_csv(names, cells).encode()
        made.append(File(f"answers/{saved.name}.csv", f"Answer: {saved.summary}", content))
    return made


def _statistics(dataset: Dataset, about: About) -> Statistics:
    lines = {
        graph.value: sum(1 for _ in dataset.store.quads_for_pattern(None, None, None, graph))
        for graph in dataset.store.named_graphs()
        if isinstance(graph, ox.NamedNode) and "#L" in graph.value
    }
    of_page = {page: sum(n for line, n in lines.items() if line.startswith(page + "#L")) for page in about.pages}
    return Statistics(tuple(export.resolved(dataset)), of_page, len(lines))


def _links(root: Root) -> dict[str, list[Link]]:
    """Gather the mappings of all tables by the namespace into which they lead."""
    found: dict[str, list[Link]] = {}
    for path in root.mappings():
        spaces = mappings.curie_map(path.read_text(encoding="utf-8").splitlines()).values()
        for mapping in mappings.read(path, root.relative(path)):
            space = max((iri for iri in spaces if mapping.object.startswith(iri)), key=len)
            if not mapping.negated:
                found.setdefault(space, []).append(mapping)
    return found


def archive(content: Mapping[str, bytes]) -> bytes:
    """Pack files below one folder as a gzipped tar archive: sorted, without owners, hours or the name of a file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(content):
            entry = tarfile.TarInfo(f"{NAME}/{path}")
            entry.size, entry.mtime, entry.mode = len(content[path]), LONG_AGO, 0o644
            tar.addfile(entry, io.BytesIO(content[path]))
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as file:
        file.write(packed.getvalue())
    return out.getvalue()


def write(place: Path, content: Mapping[str, bytes]) -> None:
    """Write a release and its archive into a folder, replacing at most one of the same version; raises UsageError, StorageError."""
    sums = place / NAME / SUMS
    earlier = [line.partition("  ")[2] for line in sums.read_text().splitlines()] if sums.is_file() else []
    made = {f"{NAME}/{path}": data for path, data in content.items()} | {f"{NAME}.tar.gz": archive(content)}
    write_folder(place, made, [f"{NAME}/{path}" for path in (*earlier, SUMS)])
