"""What is taken home: the same bytes on every run, and the same content in other people's tools."""

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result
from pyld import jsonld as pyld

import external
from ask_rdflib import oxigraph_term
from conftest import ROOT, one_line
from oewg_kg import dataset as datasets
from oewg_kg import terms
from oewg_kg.cli import main
from oewg_kg.cli.export import EXTENSIONS, FORMATS
from oewg_kg.export import jsonld
from oewg_kg.export import rdf as export
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.safety import blank_nodes
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES, RDF_TYPE, RESOLVED, iris

pytestmark = pytest.mark.slow

TABLES = sorted(path.stem for path in (ROOT / "queries" / "tables").glob("*.rq"))
THINGS = ("state:EST", "document:oewg1-zero-draft", "event:oewg1-session-1", "process:ict-oewg-2019-2021")
FILES = {
    "turtle": "all.ttl",
    "trig": "all.trig",
    "ntriples": "all.nt",
    "nquads": "all.nq",
    "rdfxml": "all.rdf",
    "jsonld": "all.jsonld",
    "sqlite": "all.db",
    "xlsx": "all.xlsx",
    "matrix": "matrix.csv",
    "context": "context.jsonld",
    "csv": "csv",
    "parquet": "parquet",
    "parquet-quads": "quads",
    "graphml": "graphml",
    "gexf": "gexf",
}
OF_TRIPLES = ("turtle", "ntriples", "rdfxml", "jsonld")
# Exports everything in one process, which opens the graph and fills the tables once for all formats.
SCRIPT = """
import sys
from oewg_kg.cli import export, main
from oewg_kg.export import tables
def once(do):
    done = []
    return lambda *given, **named: (done or done.append(do(*given, **named)) or done)[0]
export.open_graph, tables.load = once(export.open_graph), once(tables.load)
root, folder, *jobs = sys.argv[1:]
for job in jobs:
    options, _, name = job.rpartition(" ")
    main(["--root", root, "export", *options.split(), "-o", folder + "/" + name], standalone_mode=False)
"""
JOBS = [
    *(f"-f {format} {name}" for format, name in FILES.items()),
    *(f"-f jsonld --thing {thing} {thing.partition(':')[2]}.jsonld" for thing in THINGS),
    "-f turtle --thing state:EST EST.ttl",
]
Quads = set[ox.Quad]
Do = Callable[..., Result]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Write every export twice at once, by two processes with hash seeds of their own."""
    external.module("polars", "polars")
    folders = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(ROOT), str(folder), *JOBS], env=os.environ | {"PYTHONHASHSEED": seed}
        )
        for seed, folder in zip("12", folders, strict=True)
    ]
    assert [process.wait() for process in running] == [0, 0]
    return folders


@pytest.fixture(scope="module")
def out(both: tuple[Path, Path]) -> Path:
    return both[0]


@pytest.fixture(scope="module")
def resolved(kg: KnowledgeGraph) -> Quads:
    """The resolved view with its lines, canonical."""
    return canonical(export.resolved(kg.dataset))


@pytest.fixture(scope="module")
def everything(kg: KnowledgeGraph) -> Quads:
    return canonical(kg.dataset.store)


@pytest.fixture
def do() -> Do:
    return lambda *args: CliRunner().invoke(main, ["--root", str(ROOT), "export", *args])


@pytest.fixture
def do_small(mini: Path) -> Do:
    """Export the small world, for what does not depend on what is exported."""
    shutil.copytree(ROOT / "queries" / "tables", mini / "queries" / "tables")
    return lambda *args: CliRunner().invoke(main, ["--root", str(mini), "export", *args])


def canonical(quads: object) -> Quads:
    return set(blank_nodes.canonical(quads))  # type: ignore[arg-type]


def read(text: str | bytes, format: ox.RdfFormat = ox.RdfFormat.N_QUADS) -> Quads:
    return canonical(ox.parse(input=text, format=format))


def same(found: Quads, wanted: Quads) -> None:
    assert len(found) == len(wanted)
    assert not found ^ wanted


def test_the_same_bytes_under_another_hash_seed(both: tuple[Path, Path]) -> None:
    one, two = both
    names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(two) for path in two.rglob("*") if path.is_file())
    assert len(names) > 60
    assert not [str(name) for name in names if (one / name).read_bytes() != (two / name).read_bytes()]


def test_no_export_tells_a_day_or_a_place_of_this_machine(out: Path) -> None:
    telling = re.compile(rb"lastmodified|/home/|/tmp/|" + re.escape(str(ROOT).encode()))
    assert not [path.name for path in out.rglob("*") if path.is_file() and telling.search(path.read_bytes())]


@pytest.mark.parametrize("format", OF_TRIPLES)
def test_a_format_without_graphs_holds_the_resolved_view(out: Path, resolved: Quads, format: str) -> None:
    same(canonical(ox.parse(path=out / FILES[format])), resolved)


@pytest.mark.parametrize("format", export.WITH_GRAPHS)
def test_a_format_with_graphs_holds_everything(out: Path, everything: Quads, format: str) -> None:
    same(canonical(ox.parse(path=out / FILES[format])), everything)


def test_the_n_quads_are_their_own_canonical_form(out: Path) -> None:
    # rdf-canonize 5.0.0 orders the two equal tails of lists otherwise than PyLD and Oxigraph do.
    lines = (out / FILES["nquads"]).read_text(encoding="utf-8").splitlines(keepends=True)
    nameless = "".join(line for line in lines if "_:" in line)
    how = {"inputFormat": "application/n-quads", "format": "application/n-quads", "algorithm": "URDNA2015"}
    assert len(nameless.splitlines()) > 200
    assert pyld.normalize(nameless, how) == nameless
    assert lines == sorted(set(lines))


@pytest.mark.parametrize("format", ["turtle", "rdfxml"])
def test_rdflib_reads_the_same_triples(out: Path, resolved: Quads, format: str) -> None:
    import rdflib

    graph = rdflib.Graph().parse(out / FILES[format], format="xml" if format == "rdfxml" else format)
    same(canonical(ox.Quad(*(term for term in _triple(triple))) for triple in graph), resolved)


def _triple(triple: object) -> tuple[object, object, object]:
    subject, predicate, value = map(oxigraph_term, triple)  # type: ignore[call-overload]
    return subject, predicate, value


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:rdflib")
def test_rdflib_reads_the_same_quads(out: Path, everything: Quads) -> None:
    import rdflib

    whole = rdflib.Dataset()
    whole.parse(out / FILES["trig"], format="trig")
    found = [
        ox.Quad(
            *_triple((s, p, o)), ox.NamedNode(str(g)) if g is not None and str(g) != "urn:x-rdflib:default" else None
        )
        for s, p, o, g in whole.quads()
    ]
    same(canonical(found), everything)


@pytest.mark.parametrize("format", ["turtle", "ntriples", "rdfxml"])
def test_rapper_reads_the_same_triples(out: Path, resolved: Quads, format: str) -> None:
    same(read(external.rapper(out / FILES[format], format)), resolved)


@pytest.mark.parametrize("format", export.WITH_GRAPHS)
def test_rapper_reads_the_same_quads(out: Path, everything: Quads, format: str) -> None:
    same(read(external.rapper(out / FILES[format], format)), everything)


# Not JSON-LD 1.1: for that, Jena needs a parser of JSON (Parsson) that Debian 12 does not have.
FOR_JENA = ["turtle", "ntriples", "rdfxml", *export.WITH_GRAPHS]


@pytest.fixture(scope="module")
def by_jena(out: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Have Jena read the file of each format, in one process."""
    told = external.riot(tmp_path_factory.mktemp("riot"), [out / FILES[format] for format in FOR_JENA])
    return dict(zip(FOR_JENA, told, strict=True))


@pytest.mark.parametrize("format", ["turtle", "ntriples", "rdfxml"])
def test_jena_reads_the_same_triples(by_jena: dict[str, str], resolved: Quads, format: str) -> None:
    same(read(by_jena[format]), resolved)


@pytest.mark.parametrize("format", export.WITH_GRAPHS)
def test_jena_reads_the_same_quads(by_jena: dict[str, str], everything: Quads, format: str) -> None:
    same(read(by_jena[format]), everything)


@pytest.mark.parametrize(("format", "media_type"), [("turtle", "text/turtle"), ("ntriples", "application/n-triples")])
def test_n3_reads_the_same_triples(out: Path, resolved: Quads, format: str, media_type: str) -> None:
    same(read(external.node("quads.js", out / FILES[format], media_type)), resolved)


@pytest.mark.parametrize(("format", "media_type"), [("trig", "application/trig"), ("nquads", "application/n-quads")])
def test_n3_reads_the_same_quads(out: Path, everything: Quads, format: str, media_type: str) -> None:
    same(read(external.node("quads.js", out / FILES[format], media_type)), everything)


def by_pyld(document: object) -> str:
    pyld = external.module("pyld", "PyLD").jsonld

    def refuse(url: str, options: object) -> None:
        raise AssertionError(f"the document asks for {url}: it must stand alone")

    found = pyld.to_rdf(document, {"format": "application/n-quads", "documentLoader": refuse})
    assert isinstance(found, str)
    return found


def test_pyld_reads_the_same_triples(out: Path, resolved: Quads) -> None:
    same(read(by_pyld(json.loads((out / FILES["jsonld"]).read_text(encoding="utf-8")))), resolved)


def test_jsonld_js_reads_the_same_triples(out: Path, resolved: Quads) -> None:
    text = external.node("canonical.js", out / FILES["jsonld"])
    same(set(ox.parse(input=text, format=ox.RdfFormat.N_QUADS)), resolved)


@pytest.mark.parametrize("thing", THINGS)
def test_the_document_of_one_thing_holds_its_description(out: Path, kg: KnowledgeGraph, thing: str) -> None:
    named = ox.NamedNode(terms.expand(thing) or "")
    wanted = canonical(export.description(kg.dataset, named))
    file = out / f"{thing.partition(':')[2]}.jsonld"
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["id"] == named.value
    same(canonical(ox.parse(path=file)), wanted)
    same(read(by_pyld(document)), wanted)
    same(read(external.node("canonical.js", file)), wanted)


def test_a_web_developer_finds_what_a_state_gave(out: Path) -> None:
    document = json.loads((out / "EST.jsonld").read_text(encoding="utf-8"))
    assert document["prefLabel"]["en"] == "Estonia"
    assert document["type"][0] == "State"
    given = {item["prefLabel"]["en"]: item for item in document["submitted"]}
    assert given["Estonia: opening statement in the panel discussion on the regional consultations of the GGE"][
        "wasDerivedFrom"
    ]
    assert all(item["submittedBy"] == document["id"] for item in given.values())


def test_the_votes_of_other_sources_are_not_in_the_description_of_a_state(kg: KnowledgeGraph) -> None:
    estonia = ox.NamedNode(PREFIXES["state"] + "EST")
    ways = iris("oewg:votedYes oewg:votedNo oewg:abstained oewg:didNotVote oewg:voterInFavor oewg:voterAgainst")
    votes = [quad for quad in export.description(kg.dataset, estonia) if quad.predicate.value in ways]
    assert votes
    assert {str(quad.object) for quad in votes} == {str(estonia)}


def test_the_published_context_is_that_of_the_ontology(kg: KnowledgeGraph) -> None:
    code = "import sys; sys.path.insert(0, 'docs'); import context; sys.stdout.buffer.write(context.published())"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True).stdout
    assert jsonld.published() == made, "run: python docs/context.py"
    document = json.loads(made)
    version = kg.query("SELECT ?v WHERE { <https://w3id.org/oewg-kg/ontology> owl:versionInfo ?v }")
    assert document["@id"] == f"{BASE}context/{version.column('v')[0]}"  # type: ignore[union-attr]


def test_every_property_of_the_ontology_is_a_term_of_the_context(kg: KnowledgeGraph) -> None:
    named = {d["@id"] if isinstance(d, dict) else d for d in jsonld.context().values() if not isinstance(d, float)}
    rows = kg.query(
        "SELECT DISTINCT ?p WHERE { VALUES ?kind { owl:ObjectProperty owl:DatatypeProperty } "
        "?p a ?kind FILTER (STRSTARTS(STR(?p), STR(oewg:))) }"
    )
    assert len(rows) > 60  # type: ignore[arg-type]
    assert not [p for (p,) in rows.rows if terms.compact(str(p)) not in named]  # type: ignore[union-attr]


def test_turtle_is_laid_out_for_reading(out: Path) -> None:
    text = (out / FILES["turtle"]).read_text(encoding="utf-8")
    prefixes = re.findall(r"^PREFIX (\w+): <(.+)>$", text, re.MULTILINE)
    assert dict(prefixes) == PREFIXES
    sections = re.findall(r"^# (\S+)$", text, re.MULTILINE)
    assert sections[:3] == ["oewg:Process", "oewg:Session", "oewg:Meeting"]
    assert len(sections) == len(set(sections)), "things of one class stand together"
    block = text.partition("\ncontribution:oewg1-zd-RUS-4 ")[2].partition(" .\n")[0]
    order = [line.split()[0] for line in block.split(" ;\n")]
    assert order[:5] == ["a", "skos:prefLabel", "oewg:submittedBy", "oewg:putForwardBy", "oewg:kind"]
    assert order[-2:] == ["dcterms:language", "prov:wasDerivedFrom"]
    blocks = re.findall(r"^([\w-]+:\S+|<\S+>) ", text, re.MULTILINE)
    assert len(blocks) == len(set(blocks)), "one block for each subject"


def test_trig_has_a_graph_for_each_line_in_the_order_of_the_pages(out: Path, kg: KnowledgeGraph) -> None:
    text = (out / FILES["trig"]).read_text(encoding="utf-8")
    names = re.findall(r"^(\S+) \{$", text, re.MULTILINE)
    assert len(names) == len(set(names)) == len(list(kg.dataset.store.named_graphs()))
    lines = [int(name[3:]) for name in names if name.startswith("p1:")]
    assert lines == sorted(lines) and len(lines) > 250


def test_each_thing_names_the_lines_it_comes_from(resolved: Quads, kg: KnowledgeGraph) -> None:
    sources = {(quad.subject, quad.object) for quad in resolved if quad.predicate == export.DERIVED}
    named = {subject for subject, _ in sources}
    for quad in kg.dataset.store.quads_for_pattern(
        None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "Contribution"), ox.DefaultGraph()
    ):
        assert quad.subject in named, f"{quad.subject}: no line"
    assert (
        ox.NamedNode(PREFIXES["contribution"] + "oewg1-zd-RUS-4"),
        ox.NamedNode(PREFIXES["source"] + "oewg-2019-2021#L62"),
    ) in sources


def test_claims_are_one_for_each_statement_of_a_line(kg: KnowledgeGraph) -> None:
    quads = canonical(export.claims(kg.dataset))
    assert not [q for q in quads if isinstance(q.subject, ox.BlankNode)]
    parts: dict[object, dict[str, object]] = {}
    for quad in quads:
        parts.setdefault(quad.subject, {})[quad.predicate.value] = quad.object
    claims = {subject: about for subject, about in parts.items() if OEWG + "statedIn" in about}
    names = [PREFIXES["rdf"] + "subject", PREFIXES["rdf"] + "predicate", PREFIXES["rdf"] + "object", OEWG + "statedIn"]
    told = {tuple(about[name] for name in names) for about in claims.values()}
    lines = {graph for graph in kg.dataset.store.named_graphs() if "#L" in terms.text_of(graph)}
    stated = {(q.subject, q.predicate, q.object, q.graph_name) for q in kg.dataset.store if q.graph_name in lines}
    assert told == stated and len(told) > 5000
    decided = {q.object for q in quads if q.predicate.value in (OEWG + "prefers", OEWG + "setsAside", OEWG + "keeps")}
    assert decided and decided <= set(claims), "a decision names the claim by the name it has here"


def test_graphs_are_chosen_by_name(do: Do, kg: KnowledgeGraph) -> None:
    line = read(do("-f", "nquads", "--graph", "p1:33").stdout_bytes)
    assert {q.graph_name for q in line} == {ox.NamedNode(PREFIXES["source"] + "oewg-2019-2021#L33")}
    page = read(do("-f", "nquads", "--graph", "source:oewg-2019-2021").stdout_bytes)
    assert line < page and len({q.graph_name for q in page}) > 250
    whole = read(do("-f", "nquads", "--graph", "graph:resolved").stdout_bytes)
    assert {q.graph_name for q in whole} == {ox.NamedNode(RESOLVED)}
    assert len(whole) == len(list(datasets.default_graph(kg.dataset)))
    assert all(
        q.graph_name == ox.DefaultGraph()
        for q in read(do("-f", "turtle", "--graph", "p1:33").stdout_bytes, ox.RdfFormat.TURTLE)
    )


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_each_query_of_a_table_makes_a_csv_file(out: Path) -> None:
    assert len(TABLES) >= 18
    assert sorted(path.stem for path in (out / "csv").glob("*.csv")) == TABLES


def test_the_columns_of_csv_are_those_of_its_metadata(out: Path) -> None:
    metadata = json.loads((out / "csv" / "csv-metadata.json").read_text(encoding="utf-8"))
    assert metadata["@context"][0] == "http://www.w3.org/ns/csvw"
    described = {table["url"]: table["tableSchema"] for table in metadata["tables"]}
    assert sorted(described) == [f"{name}.csv" for name in TABLES]
    for url, schema in described.items():
        found = rows(out / "csv" / url)
        names = [column["name"] for column in schema["columns"]]
        assert list(found[0]) == names, url
        keys = [tuple(row[key] for key in schema["primaryKey"]) for row in found]
        assert len(keys) == len(set(keys)), f"{url}: a key stands twice"
        assert all(all(key) for key in keys), f"{url}: a key is empty"
        for key in schema.get("foreignKeys", []):
            there = {
                row[key["reference"]["columnReference"]] for row in rows(out / "csv" / key["reference"]["resource"])
            }
            assert {row[key["columnReference"]] for row in found} - {""} <= there, f"{url}: {key['columnReference']}"


def test_a_validator_of_csv_on_the_web_accepts_the_tables_and_their_metadata(out: Path) -> None:
    told = external.output(external.others("csvwvalidate"), "-v", out / "csv" / "csv-metadata.json")
    assert "OK" in told and "FAIL" not in told


@pytest.mark.parametrize(
    ("table", "cls"),
    [("contributions", "Contribution"), ("events", "Event"), ("documents", "Document"), ("actors", "Actor"), ("states", "State"),
     ("provisions", "Provision"), ("side-events", "SideEvent"), ("tenures", "Tenure"), ("decisions", "Decision"), ("lists", "List"),
     ("processes", "Process"), ("deadlines", "Deadline"), ("expert-seats", "ExpertSeat"), ("lines", "SourceLine")],
)  # fmt: skip
def test_a_table_has_a_row_for_each_thing_of_its_class(out: Path, kg: KnowledgeGraph, table: str, cls: str) -> None:
    things = {
        q.subject
        for q in kg.dataset.store.quads_for_pattern(
            None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + cls), ox.DefaultGraph()
        )
    }
    found = rows(out / "csv" / f"{table}.csv")
    key = next(iter(found[0]))
    assert {row[key] for row in found} == {terms.text_of(thing) for thing in things}


def test_a_row_tells_what_its_line_says(out: Path) -> None:
    row = next(r for r in rows(out / "csv" / "contributions.csv") if r["contribution"].endswith("/oewg1-zd-RUS-4"))
    assert row["submittedByLabel"] == "Russian Federation"
    assert row["submittedByClass"] == "state"
    assert row["language"] == "en|ru"
    assert row["addresses"] == PREFIXES["document"] + "oewg1-zero-draft"
    assert row["lines"].split("|") == [PREFIXES["source"] + "oewg-2019-2021#L62"]


def test_each_vote_of_a_resolution_is_a_row(out: Path, kg: KnowledgeGraph) -> None:
    counted = kg.query(
        "SELECT (COUNT(*) AS ?n) WHERE { ?r oewg:votedYes|oewg:votedNo|oewg:abstained|oewg:didNotVote ?s . ?s a oewg:State }"
    )
    assert len(rows(out / "csv" / "votes.csv")) == counted.column("n")[0] > 3000  # type: ignore[union-attr,operator]


def test_pandas_reads_the_same_rows(out: Path) -> None:
    pandas = external.module("pandas", "pandas")
    for name in TABLES:
        frame = pandas.read_csv(out / "csv" / f"{name}.csv", dtype=str, keep_default_na=False)
        found = rows(out / "csv" / f"{name}.csv")
        assert frame.to_dict("records") == found


def test_polars_reads_the_same_rows_from_parquet(out: Path) -> None:
    polars = external.module("polars", "polars")
    for name in TABLES:
        frame = polars.read_parquet(out / "parquet" / f"{name}.parquet")
        found = rows(out / "csv" / f"{name}.csv")
        assert frame.columns == list(found[0])
        assert frame.height == len(found)
        said = [
            [
                "|".join(map(str, c))
                if isinstance(c, list)
                else ""
                if c is None
                else str(c).lower()
                if isinstance(c, bool)
                else str(c)
                for c in row
            ]
            for row in frame.iter_rows()
        ]
        assert said == [list(row.values()) for row in found]


def test_sqlite_can_be_joined_and_no_foreign_key_leads_nowhere(out: Path) -> None:
    with sqlite3.connect(f"file:{out / FILES['sqlite']}?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert {name.replace("-", "_") for name in TABLES} <= tables
        for name in TABLES:
            (count,) = database.execute(f'SELECT COUNT(*) FROM "{name.replace("-", "_")}"').fetchone()
            assert count == len(rows(out / "csv" / f"{name}.csv"))
        both = """
            SELECT a.label FROM actors a WHERE a.class = 'state' AND (
                SELECT COUNT(DISTINCT t.addresses) FROM contributions_submittedBy s
                JOIN contributions_addresses t ON t.contribution = s.contribution
                WHERE s.submittedBy = a.actor AND t.addresses IN (?, ?)) = 2 ORDER BY a.label"""
        drafts = [PREFIXES["document"] + name for name in ("oewg1-pre-draft", "oewg1-zero-draft")]
        found = [label for (label,) in database.execute(both, drafts)]
        types = {row[1]: row[2] for row in database.execute("PRAGMA table_info(events)")}
    database.close()
    expected = (ROOT / "tests" / "answers" / "states-on-both-drafts.csv").read_text(encoding="utf-8")
    assert (
        found and len(found) == len([line for line in expected.splitlines() if line and not line.startswith("#")]) - 1
    )
    assert types["ordinal"] == "INTEGER"


def test_datasette_serves_the_tables(out: Path, kg: KnowledgeGraph) -> None:
    datasette, file = external.others("datasette"), out / FILES["sqlite"]
    sql = "select count(*) as n from contributions_submittedBy where submittedBy = :actor"
    query = urlencode({"sql": sql, "actor": PREFIXES["state"] + "EST", "_shape": "array"})
    wanted = kg.query("SELECT (COUNT(DISTINCT ?c) AS ?n) WHERE { ?c oewg:submittedBy state:EST }")
    told = json.loads(external.output(datasette, file, "--get", f"/all.json?{query}"))
    assert told[0]["n"] == wanted.column("n")[0] > 1  # type: ignore[union-attr,operator]
    page = external.output(datasette, file, "--get", "/all/actors?class=state&_sort=label")
    assert "Afghanistan" in page


def test_the_matrix_counts_what_is_listed_and_leaves_the_rest_empty(out: Path) -> None:
    found = rows(out / FILES["matrix"])
    drafts = list(found[0])[3:]
    assert drafts[0] == "oewg1-pre-draft"
    both = [r for r in found if r["actorClass"] == "state" and r["oewg1-pre-draft"] and r["oewg1-zero-draft"]]
    russia = next(r for r in found if r["actor"] == PREFIXES["state"] + "RUS")
    given = [
        r for r in rows(out / "csv" / "contributions.csv") if PREFIXES["state"] + "RUS" in r["submittedBy"].split("|")
    ]
    for draft in drafts:
        count = len([r for r in given if PREFIXES["document"] + draft in r["addresses"].split("|")])
        assert russia[draft] == (str(count) if count else "")
    assert len(both) > 5
    assert not [r for r in found if "0" in list(r.values())[3:]], "not listed is not nothing given"


@pytest.mark.parametrize("format", ["graphml", "gexf"])
def test_networkx_reads_the_networks(out: Path, format: str) -> None:
    networkx = external.module("networkx", "networkx")
    read_network = networkx.read_graphml if format == "graphml" else networkx.read_gexf
    actors = read_network(out / format / f"actors-by-document.{format}")
    listed = {
        (actor, document)
        for row in rows(out / "csv" / "contributions.csv")
        for actor in row["submittedBy"].split("|")
        for document in row["addresses"].split("|")
        if actor and document
    }
    assert {frozenset(edge) for edge in actors.edges} == {frozenset(pair) for pair in listed}
    assert {about["kind"] for _, about in actors.nodes(data=True)} > {"state", "stakeholder", "draft"}
    hosting = read_network(out / format / f"co-hosting.{format}")
    hosts = {row["actor"] for row in rows(out / "csv" / "co-hosts.csv") if row["role"] == "co-host"}
    assert set(hosting.nodes) == hosts
    netherlands, switzerland = PREFIXES["state"] + "NLD", PREFIXES["state"] + "CHE"
    assert all(int(about["weight"]) == len(about["events"].split()) for *_, about in hosting.edges(data=True))
    assert {netherlands, switzerland} & hosts


@pytest.mark.parametrize("format", ["graphml", "gexf"])
@pytest.mark.parametrize("name", ["actors-by-document", "co-hosting"])
def test_graphology_reads_what_networkx_reads(out: Path, format: str, name: str) -> None:
    networkx = external.module("networkx", "networkx")
    read_network = networkx.read_graphml if format == "graphml" else networkx.read_gexf
    network = read_network(out / format / f"{name}.{format}")
    found = json.loads(external.node("networks.js", out / format / f"{name}.{format}"))
    things = {(iri, about["label"], about["kind"]) for iri, about in network.nodes(data=True)}
    assert {tuple(thing) for thing in found["things"]} == things
    edges = {(frozenset((one, other)), about["weight"]) for one, other, about in network.edges(data=True)}
    assert {(frozenset((one, other)), weight) for one, other, weight in found["edges"]} == edges
    assert len(edges) > 100 and not list(networkx.selfloop_edges(network))


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["-f", "turtel"], "unknown format"),
        (["--graph", "p1:999"], "unknown graph"),
        (["--graph", "nonsense"], "unknown graph"),
        (["--thing", "state:ZZZ"], ""),
        (["--graph", "p1:33", "--thing", "state:EST"], "cannot be combined"),
        (["-f", "csv"], "-o FOLDER"),
        (["-f", "sqlite"], "-o FILE"),
        (["-f", "xlsx"], "-o FILE"),
        (["-f", "matrix", "--graph", "p1:33"], "matrix"),
    ],
)
def test_a_wrong_wish_is_reported_in_one_line(do: Do, args: list[str], says: str) -> None:
    result = do(*args)
    assert result.exit_code == 2
    assert says in one_line(result.stderr)
    assert not result.stdout


@pytest.mark.parametrize(
    "args", [["--graph", "p1:1", "-o", "/proc/no/line.ttl"], ["-f", "csv", "-o", "/proc/no/tables"]]
)
def test_a_place_that_cannot_be_written_is_exit_5(do_small: Do, args: list[str]) -> None:
    result = do_small(*args)
    assert result.exit_code == 5
    assert "/proc/no" in one_line(result.stderr)


def test_a_folder_with_other_files_is_left_alone(do_small: Do, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "thesis.doc").write_text("mine", encoding="utf-8")
    result = do_small("-f", "csv", "-o", str(folder))
    assert result.exit_code == 2 and "thesis.doc" in one_line(result.stderr)
    assert [path.name for path in folder.iterdir()] == ["thesis.doc"]


def test_a_folder_of_an_earlier_export_is_replaced(do_small: Do, tmp_path: Path) -> None:
    place = tmp_path / "out" / "tables"
    place.mkdir(parents=True)
    (place / "actors.csv").write_text("old", encoding="utf-8")
    assert do_small("-f", "csv", "-o", str(place)).exit_code == 0
    assert (place / "actors.csv").read_text(encoding="utf-8").startswith("actor,label")
    assert [path.name for path in place.parent.iterdir()] == ["tables"], "nothing is left beside it"


def test_the_format_follows_the_name_of_the_file(do: Do, tmp_path: Path) -> None:
    for extension in ("trig", "nq", "nt"):
        assert do("--graph", "p1:33", "-o", str(tmp_path / f"line.{extension}")).exit_code == 0
        assert len(list(ox.parse(path=tmp_path / f"line.{extension}"))) > 5
    assert set(EXTENSIONS.values()) <= set(FORMATS)
    assert set(FILES) == set(FORMATS)
