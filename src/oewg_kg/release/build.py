"""Make the files of a release: every export, ontology, shapes, questions with answers, and their descriptions."""

import re
from collections.abc import Callable, Iterable
from functools import cache, partial

import pyoxigraph as ox

from oewg_kg import formats, identity, mappings, query, tables, terms
from oewg_kg.answers.places import Places
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.errors import ParseError, UsageError
from oewg_kg.export import networks, table_files
from oewg_kg.export import order as layout
from oewg_kg.export import questions as examples
from oewg_kg.export import rdf as export
from oewg_kg.export import tables as export_tables
from oewg_kg.export.table_files import Table
from oewg_kg.identity import Identity
from oewg_kg.paths import Root, read_bytes
from oewg_kg.query import SavedQuery
from oewg_kg.release import dcat, statistics
from oewg_kg.release import metadata as release_metadata
from oewg_kg.release.metadata import About, File
from oewg_kg.release.statistics import Statistics
from oewg_kg.shacl import any_namespace, validate
from oewg_kg.version import __version__
from oewg_kg.vocabulary import OEWG, PREFIXES

SUMS = "SHA256SUMS"
PAPERS = {
    "CHANGELOG.md": "What changed in each version",
    "CITATION.cff": "How to cite the dataset",
    "SECURITY.md": "What is promised, and how to report a vulnerability",
    "constraints.txt": "The versions of other packages that are tested, with hashes",
    "LICENSE": "Licence of the code",
    "LICENSE-DATA": "Licence of the data, ontology, shapes and questions",
}
CFF = re.compile(r'^(\w[\w-]*): *"?(.*?)"? *$', re.MULTILINE)
Tell = Callable[[str], None]


def files(
    root: Root, dataset: Dataset, known: About, counts: Statistics, tell: Tell = lambda step: None
) -> dict[str, bytes]:
    """Make every file of a release by path."""
    made = parts(root, dataset)
    for file in made:
        tell(f"writing {file.path}")
        _ = file.content
    tell("describing")
    written = release_metadata
    described: dict[str, tuple[str, Callable[[], bytes]]] = {
        "README.md": ("What this is and how to use it", lambda: written.filled("release.md", known, counts)),
        "dataset.ttl": ("Description: DCAT and VoID", lambda: dcat.write(known, counts, statistics.links(root), made)),
        "dataset.schema.jsonld": ("Description: schema.org", lambda: written.schema_org(known, counts, made)),
        "ro-crate-metadata.json": ("Description: RO-Crate", lambda: written.ro_crate(known, counts, made, SUMS)),
    }
    for name, (title, make) in described.items():
        file = File(name, title, make)
        _ = file.content  # before this description is among the files that the next one describes
        made.append(file)
    sums = "".join(f"{file.sha256}  {file.path}\n" for file in sorted(made, key=lambda file: file.path))
    return {file.path: file.content for file in made} | {SUMS: sums.encode()}


def parts(root: Root, dataset: Dataset) -> list[File]:
    """List the files of a release by path, except those that describe the others; only tables are made in advance."""
    made = [
        *_papers(root),
        *_sources(root),
        *_any_namespace(root, dataset),
        *_graphs(root, dataset),
        *_tables(root, dataset),
        *_answers(root, dataset),
    ]
    return sorted(made, key=lambda file: layout.natural(file.path))


def about(root: Root, dataset: Dataset, issued: str) -> About:
    """Read CITATION.cff and the graph for the descriptions, all of one version with the code; raises UsageError, ParseError."""
    described = identity.of(dataset.store)
    ours = described == Identity()
    missing = [name for name in PAPERS if ours and not (root.folder / name).is_file()]
    if not described.version or not described.creator:
        advice = "add owl:versionInfo and dcterms:creator"
        raise UsageError("no version or no author", f"{root.folder}/data/dataset.ttl", advice)
    if missing:
        advice = "run this in a clone of the repository, or name one with --root"
        raise UsageError(f"{missing[0]} not found", str(root.folder), advice)
    text = read_bytes(root.folder / "CITATION.cff", "a file of the release").decode() if ours else ""
    cff = dict(CFF.findall(text))
    ontology = ox.NamedNode(OEWG.removesuffix("#"))
    versions = {cff.get("version", ""): "CITATION.cff"} if ours else {}
    for name, start in (("versionInfo", ""), ("versionIRI", ontology.value + "/")):
        for quad in dataset.store.quads_for_pattern(ontology, ox.NamedNode(PREFIXES["owl"] + name), None):
            versions[terms.text_of(quad.object).removeprefix(start)] = f"ontology/oewg.ttl, owl:{name}"
    for version, where in versions.items():
        if version != __version__:
            raise ParseError(
                f"the version is {version or 'missing'}, not {__version__}", where, "use the same version there"
            )
    issued = issued or cff.get("date-released", "" if ours else described.issued)
    if issued and not terms.is_date(issued):
        raise UsageError(f"{issued!r} is not a valid date", advice="use YYYY-MM-DD, such as 2025-07-11")
    places = Places(dataset)
    pages = {page: places.of(f"{page}#L1").title.strip("[]") for page in places.pages}
    (days,) = select(dataset.store, own_query("first-and-last-day"))
    _, _, listed = text.partition("\nkeywords:\n")
    return About(
        cff.get("title", described.title),
        tuple(re.findall(r'^ +- name: "(.*)"$', text, re.MULTILINE)) or (described.creator,),
        tuple(re.findall(r"^ +- (.*)$", listed, re.MULTILINE)),
        issued,
        pages,
        (terms.text_of(days["first"]), terms.text_of(days["last"])),
        described,
    )


def _papers(root: Root) -> list[File]:
    there = {name: title for name, title in PAPERS.items() if (root.folder / name).is_file()}
    papers = [File(name, title, partial(read_bytes, root.folder / name, name)) for name, title in there.items()]
    if "constraints.txt" not in there:  # a user's own root has no code
        return papers
    parts = partial(
        lambda path: release_metadata.bill_of_materials(read_bytes(path, path.name).decode()),
        root.folder / "constraints.txt",
    )
    return [*papers, File("sbom.cdx.json", "Software bill of materials: CycloneDX", parts)]


def _sources(root: Root) -> list[File]:
    """Include the ontology, shapes, questions and tables of mappings unchanged."""
    kinds = (
        ("ontology", "ontology", "*.ttl", "Ontology"),
        ("ontology", "ontology", "*.jsonld", "Context of JSON-LD"),
        ("ontology", "ontology", "*.md", "Ontology, about"),
        ("shapes", "shapes", "*.ttl", "Shapes"),
        ("queries", "queries", "*.rq", "Query"),
        ("data/links", "links", "*.sssom.tsv", "Mappings"),
    )
    found = [
        File(
            f"{name}/{path.relative_to(directory).as_posix()}",
            f"{title}: {path.name.partition('.')[0]}",
            partial(read_bytes, path, path.name),
        )
        for folder, name, pattern, title in kinds
        for directory in [root.folder / folder]
        for path in sorted(directory.rglob(pattern))
        if path.is_file()
    ]
    tables = [path for path in root.mappings() if path.name == "ontology.sssom.tsv"]
    title = "Alignments: our terms and those of other vocabularies"
    return found + [
        File("ontology/alignments.ttl", title, partial(mappings.write, path, root.relative(path))) for path in tables
    ]


def _any_namespace(root: Root, dataset: Dataset) -> list[File]:
    """Write the shapes that others use for data in any namespace."""

    def core() -> bytes:
        return validate.published(any_namespace.core(validate.shapes_graph(root.shapes))).encode()

    def closed() -> bytes:
        return validate.published(any_namespace.closed(validate.shapes_graph(root.shapes), dataset.store)).encode()

    return [
        File("shapes/any-namespace/core.ttl", "Shapes: core, for data under any namespace", core),
        File("shapes/any-namespace/closed.ttl", "Shapes: notes on misspelt properties", closed),
    ]


def _graphs(root: Root, dataset: Dataset) -> list[File]:
    stem = f"graph/{identity.of(dataset.store).file_name}"

    def graph(end: str, title: str, format: str, quads: Callable[[], Iterable[ox.Quad]]) -> File:
        return File(f"{stem}{end}", f"{format}: {title}", lambda: export.serialize(dataset, quads(), format), True)

    made = []
    for name in formats.GRAPH_FORMATS:
        title = "the resolved view, as used in answers"
        if name in export.WITH_GRAPHS:
            title = "everything, with a graph for each source line"
        everything = partial(export.everything, dataset, name)
        made.append(graph(f".{formats.by_name(name).extension}", title, name, everything))
    if root.bridge.is_file():
        title = "the resolved view in the terms of PROV, ORG, schema.org, DCTERMS and ELI-DL alone"
        translated = partial(export.in_standard_terms, dataset, root)
        made.append(graph("-standard-terms.ttl", title, "turtle", translated))
    claims = partial(export.claims, dataset)
    return [*made, graph("-claims.ttl", "each statement of a source line as a claim", "turtle", claims)]


def _tables(root: Root, dataset: Dataset) -> list[File]:
    """Write tables, the matrix and networks; a table without rows, and what is made of it, is left out."""
    folder = root.queries / "tables"
    found = export_tables.with_rows(dataset, folder)
    filled = cache(lambda: export_tables.load(dataset, folder))

    def made(path: str, title: str, write: Callable[[dict[str, Table]], bytes]) -> File:
        return File(path, title, lambda: write(filled()), True)

    def one(name: str, tables: dict[str, Table]) -> bytes:
        return table_files.write_csv(tables[name])

    def network(name: str, format: str, tables: dict[str, Table]) -> bytes:
        drawn = networks.networks({table.name: table.mappings() for table in tables.values()})
        return networks.write(drawn[name], format)

    files = [made(f"tables/{name}.csv", f"CSV: {summary}", partial(one, name)) for name, summary in found.items()]
    files.append(made("tables/csv-metadata.json", "CSV on the Web: the tables", table_files.write_csvw))
    database = f"tables/{identity.of(dataset.store).file_name}.db"
    files.append(made(database, "SQLite: all tables", table_files.write_sqlite))
    if {"documents", "contributions"} <= found.keys():
        title = "CSV: actors by drafts, number of contributions listed"
        files.append(made("tables/draft-actor-matrix.csv", title, export_tables.write_matrix))
    return files + [
        made(f"networks/{name}.{format}", f"{format}: {name.replace('-', ' ')}", partial(network, name, format))
        for name in networks.NAMES
        for format in networks.FORMATS
    ]


def _answers(root: Root, dataset: Dataset) -> list[File]:
    """Answer each saved question with its default parameters, each row with the lines that support it; and write the questions as RDF."""
    saved_queries = query.load(root.queries)

    def described() -> bytes:
        return formats.graph(examples.triples(saved_queries.values()), formats.by_name("turtle"))

    def answered(saved: SavedQuery) -> bytes:
        result = query.run(dataset, saved, {})
        return tables.write_csv(*tables.for_machines(result.columns, result.rows, result.citations)).encode()

    made = [File("queries/questions.ttl", "Queries as RDF, each with the URL of its rows", described)]
    return made + [
        File(f"answers/{saved.name}.csv", f"Answer: {saved.summary}", partial(answered, saved))
        for saved in saved_queries.values()
    ]
