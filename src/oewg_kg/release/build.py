"""List and make the files of a release: exports, ontology, shapes, questions with answers; read CITATION.cff for their descriptions."""

import re
from collections.abc import Callable, Iterable
from functools import cache, partial

import pyoxigraph as ox

from oewg_kg import formats, identity, mappings, query, tables, terms
from oewg_kg.answers.cited_sources import CitedSources
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.errors import ParseError, UsageError
from oewg_kg.export import networks
from oewg_kg.export import order as layout
from oewg_kg.export import questions as examples
from oewg_kg.export import rdf as export
from oewg_kg.export import tables as export_tables
from oewg_kg.identity import Identity
from oewg_kg.paths import Root, read_bytes
from oewg_kg.query import SavedQuery
from oewg_kg.release import dcat, metadata, statistics
from oewg_kg.release.metadata import FILE_LISTS, File, ReleaseDescription
from oewg_kg.release.statistics import Statistics
from oewg_kg.version import __version__
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE

SUMS = "SHA256SUMS"
CFF = re.compile(r'^(\w[\w-]*): *"?(.*?)"? *$', re.MULTILINE)
Tell = Callable[[str], None]


def files(
    root: Root, dataset: Dataset, about: ReleaseDescription, counts: Statistics, tell: Tell = lambda step: None
) -> dict[str, bytes]:
    """Make every file of a release by path."""
    release = described_files(root, dataset)
    for file in release:
        tell(f"writing {file.path}")
        _ = file.content
    tell("describing")
    links = statistics.linksets(root)
    descriptions: dict[str, tuple[str, Callable[[], bytes]]] = {
        "README.md": ("What this is and how to use it", lambda: metadata.fill_text("release.md", about, counts)),
        "dataset.ttl": ("Description: DCAT and VoID", lambda: dcat.write(about, counts, links, release)),
        "dataset.schema.jsonld": ("Description: schema.org", lambda: metadata.schema_org(about, counts, release)),
        "ro-crate-metadata.json": ("Description: RO-Crate", lambda: metadata.ro_crate(about, counts, release, SUMS)),
    }
    for name, (title, make) in descriptions.items():
        file = File(name, title, make)
        _ = file.content  # before this description is among the files that the next one describes
        release.append(file)
    sums = "".join(f"{file.sha256}  {file.path}\n" for file in sorted(release, key=lambda file: file.path))
    return {file.path: file.content for file in release} | {SUMS: sums.encode()}


def described_files(root: Root, dataset: Dataset) -> list[File]:
    """List the files of a release by path, except those that describe the others; only tables are made in advance."""
    files = [*_texts(root), *_graphs(root, dataset), *_tables(root, dataset), *_answers(root, dataset)]
    return sorted(files, key=lambda file: layout.natural(file.path))


def describe_release(root: Root, dataset: Dataset, issued: str) -> ReleaseDescription:
    """Read CITATION.cff and the graph for the descriptions, all of one version with the code; raises UsageError, ParseError."""
    identity_of_dataset = identity.of(dataset.store)
    is_ours = identity_of_dataset == Identity()
    missing_papers = [name for name in FILE_LISTS["papers"] if is_ours and not (root.folder / name).is_file()]
    if not identity_of_dataset.version or not identity_of_dataset.creator:
        advice = "add owl:versionInfo and dcterms:creator"
        raise UsageError("the version or the author is missing", f"{root.folder}/data/dataset.ttl", advice)
    if missing_papers:
        advice = "run this in a copy of the repository, or name one with --root"
        raise UsageError(f"{missing_papers[0]} not found", str(root.folder), advice)
    text = read_bytes(root.folder / "CITATION.cff", "a file of the release").decode() if is_ours else ""
    cff = dict(CFF.findall(text))
    ontology = ox.NamedNode(OEWG.removesuffix("#"))
    versions = {cff.get("version", ""): "CITATION.cff"} if is_ours else {}
    for name, start in (("versionInfo", ""), ("versionIRI", ontology.value + "/")):
        for stated_version in terms.values(dataset.store, ontology, PREFIXES["owl"] + name):
            versions[stated_version.removeprefix(start)] = f"ontology/oewg.ttl, owl:{name}"
    for version, where in versions.items():
        if version != __version__:
            what = f"the version is {version or 'missing'}, not {__version__}"
            raise ParseError(what, where, "use the same version in both places")
    issued = issued or cff.get("date-released", "" if is_ours else identity_of_dataset.issued)
    if issued and not terms.is_date(issued):
        raise UsageError(f"{issued!r} is not a valid date", advice="use YYYY-MM-DD, such as 2025-07-11")
    places = CitedSources(dataset)
    pages = {
        page: places.of(f"{page}#L1").title.strip("[]")
        for page in terms.things(dataset.store, RDF_TYPE, OEWG + "Source")
    }
    (days,) = select(dataset.store, own_query("first-and-last-day"))
    _, _, keyword_lines = text.partition("\nkeywords:\n")
    return ReleaseDescription(
        cff.get("title", identity_of_dataset.title),
        tuple(re.findall(r'^ +- name: "(.*)"$', text, re.MULTILINE)) or (identity_of_dataset.creator,),
        tuple(re.findall(r"^ +- (.*)$", keyword_lines, re.MULTILINE)),
        issued,
        pages,
        (terms.text_of(days["first"]), terms.text_of(days["last"])),
        identity_of_dataset,
    )


def _texts(root: Root) -> list[File]:
    """Include papers, ontology, shapes, questions and tables of mappings as they are; and two of them in another format."""
    copies = [(root.folder / name, name, title) for name, title in FILE_LISTS["papers"].items()]
    for entry in FILE_LISTS["folders"]:
        folder = root.folder / entry["from"]
        for path in sorted(folder.glob(entry["pattern"])):
            name = f"{entry['to']}/{path.relative_to(folder).as_posix()}"
            copies.append((path, name, f"{entry['title']}: {path.name.partition('.')[0]}"))
    files = [File(name, title, partial(read_bytes, path, path.name)) for path, name, title in copies if path.is_file()]
    constraints, alignments = root.folder / "constraints.txt", root.folder / "data" / "links" / "ontology.sssom.tsv"
    if constraints.is_file():
        title = "Software bill of materials: CycloneDX"
        files.append(File("sbom.cdx.json", title, partial(metadata.bill_of_materials, constraints)))
    if alignments.is_file():
        title = "Alignments: our terms and those of other vocabularies"
        turtle = partial(mappings.write, alignments, root.relative(alignments))
        files.append(File("ontology/alignments.ttl", title, turtle))
    return files


def _graphs(root: Root, dataset: Dataset) -> list[File]:
    stem = f"graph/{identity.of(dataset.store).file_name}"

    def graph_file(suffix: str, title: str, format: str, quads: Callable[[], Iterable[ox.Quad]]) -> File:
        return File(f"{stem}{suffix}", f"{format}: {title}", lambda: export.serialize(dataset, quads(), format), True)

    graph_files = []
    for name in formats.GRAPH_FORMATS:
        title = "the resolved view, as used in answers"
        if name in export.WITH_GRAPHS:
            title = "everything, with a graph for each source line"
        everything = partial(export.everything, dataset, name)
        graph_files.append(graph_file(f".{formats.by_name(name).extension}", title, name, everything))
    if root.bridge.is_file():
        title = "the resolved view in the terms of PROV, ORG, schema.org, DCTERMS and ELI-DL alone"
        translated = partial(export.in_standard_terms, dataset, root)
        graph_files.append(graph_file("-standard-terms.ttl", title, "turtle", translated))
    claims = partial(export.claims, dataset)
    return [*graph_files, graph_file("-claims.ttl", "each statement of a source line as a claim", "turtle", claims)]


def _tables(root: Root, dataset: Dataset) -> list[File]:
    """Write tables, the matrix and networks; a table without rows, and what is made of it, is left out."""
    folder = root.queries / "tables"
    summaries = export_tables.with_rows(dataset, folder)
    load_tables = cache(lambda: export_tables.load(dataset, folder))
    write_format = cache(lambda format: export_tables.files(load_tables(), format))

    def table_file(path: str, title: str, format: str, name: str = "") -> File:
        return File(path, title, lambda: write_format(format)[name or format], True)

    tables = {f"{name}.csv": f"CSV: {summary}" for name, summary in summaries.items()}
    tables["csv-metadata.json"] = "CSV on the Web: the tables"
    files = [table_file(f"tables/{name}", title, "csv", name) for name, title in tables.items()]
    files.append(table_file(f"tables/{identity.of(dataset.store).file_name}.db", "SQLite: all tables", "sqlite"))
    if {"documents", "contributions"} <= summaries.keys():
        title = "CSV: actors by drafts, number of contributions listed"
        files.append(table_file("tables/draft-actor-matrix.csv", title, "matrix"))
    return files + [
        table_file(f"networks/{name}.{format}", f"{format}: {name.replace('-', ' ')}", format, f"{name}.{format}")
        for name in networks.NETWORK_NAMES
        for format in networks.NETWORK_FORMATS
    ]


def _answers(root: Root, dataset: Dataset) -> list[File]:
    """Answer each saved question with its default parameters, each row with the lines that support it; and write the questions as RDF."""
    saved_queries = query.load(root.queries)

    def questions_as_rdf() -> bytes:
        return formats.graph(examples.triples(saved_queries.values()), formats.by_name("turtle"))

    def answer_csv(saved: SavedQuery) -> bytes:
        result = query.run(dataset, saved, {})
        return tables.write_csv(*tables.for_machines(result.columns, result.rows, result.citations)).encode()

    questions = File("queries/questions.ttl", "Queries as RDF, each with the URL of its rows", questions_as_rdf)
    return [questions] + [
        File(f"answers/{saved.name}.csv", f"Answer: {saved.summary}", partial(answer_csv, saved))
        for saved in saved_queries.values()
    ]
