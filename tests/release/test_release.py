"""A release: whole, described by itself, its sums right, and the same bytes on every run."""

import csv
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tomllib
from collections import Counter
from importlib import metadata
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from packaging.requirements import Requirement

import external
from conftest import OEWG, ROOT, Run, one_line
from oewg_kg import mappings as link
from oewg_kg import paths
from oewg_kg.cli import main
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.release import build as release
from oewg_kg.release import packing
from oewg_kg.release.build import SUMS
from oewg_kg.release.metadata import FILE_LISTS
from oewg_kg.version import __version__
from oewg_kg.vocabulary import BASE, PREFIXES, RDF_TYPE
from oewg_kg.vocabulary import OEWG as ONTOLOGY

pytestmark = pytest.mark.slow

DAY = "2025-07-11"
NAME = f"oewg-kg-{__version__}"
RELEASE = f"{BASE}release/{__version__}"
DCAT, VOID, SPDX = "http://www.w3.org/ns/dcat#", "http://rdfs.org/ns/void#", "http://spdx.org/rdf/terms#"
VOCABULARIES = PREFIXES | {"dcat": DCAT, "foaf": "http://xmlns.com/foaf/0.1/", "spdx": SPDX, "void": VOID}
DESCRIPTIONS = ("dataset.ttl", "dataset.schema.jsonld", "ro-crate-metadata.json")
DISTRIBUTIONS = ("graph", "tables", "networks")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a release of the real graph, once, as a process of its own."""
    place = tmp_path_factory.mktemp("release") / "real"
    done = subprocess.run(
        [OEWG, "--root", ROOT, "release", place, "--date", DAY], capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith(f"{NAME}: ")
    return place


@pytest.fixture(scope="module")
def folder(made: Path) -> Path:
    return made / NAME


@pytest.fixture(scope="module")
def described(folder: Path) -> ox.Store:
    store = ox.Store()
    store.load(path=folder / "dataset.ttl", format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture
def small(mini: Path) -> Path:
    """Make the small world a checkout: with the papers, and the queries of the tables."""
    for name in FILE_LISTS["papers"]:
        shutil.copy(ROOT / name, mini / name)
    shutil.copytree(ROOT / "queries" / "tables", mini / "queries" / "tables")
    return mini


def values(store: ox.Store, subject: str, predicate: str) -> set[str]:
    found = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None)
    return {quad.object.value for quad in found}


def names(place: Path) -> set[str]:
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}


def test_it_holds_everything_that_was_promised(folder: Path) -> None:
    found = names(folder)
    assert {f"graph/oewg-kg.{end}" for end in ("ttl", "trig", "nq", "nt", "jsonld", "rdf")} <= found
    assert {"graph/oewg-kg-claims.ttl", "tables/oewg-kg.db", "tables/draft-actor-matrix.csv"} <= found
    assert {"queries/questions.ttl", "tables/csv-metadata.json", *DESCRIPTIONS, SUMS, *FILE_LISTS["papers"]} <= found
    sources = {"ontology": "*.ttl", "shapes": "*.ttl", "queries": "*.rq", "links": "*.tsv"}
    for name, pattern in sources.items():
        place = ROOT / ("data/links" if name == "links" else name)
        wanted = {f"{name}/{path.relative_to(place).as_posix()}" for path in place.rglob(pattern)}
        assert len(wanted) > 4 or name == "ontology"
        assert wanted <= found
    assert {Path(name).suffix for name in found if name.startswith("networks/")} == {".graphml", ".gexf"}
    assert not [name for name in found if name.endswith(".parquet")]


def test_the_alignments_are_next_to_the_ontology_with_their_reasons(folder: Path) -> None:
    file = folder / "ontology" / "alignments.ttl"
    rows = link.read(ROOT / "data" / "links" / "ontology.sssom.tsv", "ontology.sssom.tsv").mappings
    wanted = {(row.subject, row.predicate, row.object) for row in rows if not row.negated}
    triples = ox.parse(path=file, format=ox.RdfFormat.TURTLE)
    assert {(t.subject.value, t.predicate.value, t.object.value) for t in triples} == wanted
    above = dict(reversed(pair) for pair in pairwise(file.read_text(encoding="utf-8").splitlines()))
    reasons = [above[line] for line in above if line.endswith(" .") or line.startswith("# Not: ")]
    assert sorted(reasons) == sorted(f"# {row.comment}" for row in rows)


def test_every_question_has_its_answer_with_citations(folder: Path, kg: KnowledgeGraph) -> None:
    questions = sorted(path.stem for path in (ROOT / "queries").glob("*.rq"))
    assert sorted(path.stem for path in (folder / "answers").iterdir()) == questions
    with (folder / "answers" / "states-on-both-drafts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(kg.ask("states-on-both-drafts"))
    assert all("#L" in row["lines"] for row in rows)


def test_the_sums_are_those_of_the_files(folder: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "-c", "--quiet", "--strict", SUMS], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout
    listed = [line.split("  ")[1] for line in (folder / SUMS).read_text().splitlines()]
    assert set(listed) == names(folder) - {SUMS}
    assert listed == sorted(listed)


def test_the_archive_holds_the_same_files_and_tells_nothing_of_this_machine(made: Path, folder: Path) -> None:
    packed = (made / f"{NAME}.tar.gz").read_bytes()
    assert packed[3:8] == bytes(5), "gzip tells a name or an hour"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as tar:
        entries = tar.getmembers()
        assert [entry.name for entry in entries] == sorted(f"{NAME}/{name}" for name in names(folder))
        assert {(e.mtime, e.uid, e.gid, e.uname, e.gname, e.mode) for e in entries} == {
            (packing.LONG_AGO, 0, 0, "", "", 0o644)
        }
        for entry in entries:
            file = tar.extractfile(entry)
            assert file is not None
            assert file.read() == (made / entry.name).read_bytes()


def test_the_version_is_in_one_place_and_all_others_follow_it(kg: KnowledgeGraph, described: ox.Store) -> None:
    ontology = ONTOLOGY.removesuffix("#")
    assert values(kg.dataset.store, ontology, PREFIXES["owl"] + "versionIRI") == {f"{ontology}/{__version__}"}
    assert values(kg.dataset.store, ontology, PREFIXES["owl"] + "versionInfo") == {__version__}
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert values(described, RELEASE, DCAT + "version") == {__version__}
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dynamic"]


def test_the_statistics_are_those_of_the_n_triples(folder: Path, described: ox.Store) -> None:
    triples = list(ox.parse(path=folder / "graph" / "oewg-kg.nt", format=ox.RdfFormat.N_TRIPLES))
    assert values(described, RELEASE, VOID + "triples") == {str(len(triples))}
    assert values(described, RELEASE, VOID + "distinctSubjects") == {str(len({t.subject for t in triples}))}
    assert values(described, RELEASE, VOID + "distinctObjects") == {str(len({t.object for t in triples}))}
    entities = {t.subject for t in triples if str(t.subject).startswith("<https://w3id.org/oewg-kg/")}
    assert values(described, RELEASE, VOID + "entities") == {str(len(entities))}
    by_property = Counter(triple.predicate.value for triple in triples)
    by_class = Counter(t.object.value for t in triples if t.predicate.value == RDF_TYPE)
    assert values(described, RELEASE, VOID + "properties") == {str(len(by_property))}
    assert values(described, RELEASE, VOID + "classes") == {str(len(by_class))}
    for partition, term, count, wanted in (
        ("propertyPartition", "property", "triples", by_property),
        ("classPartition", "class", "entities", by_class),
    ):
        parts = values(described, RELEASE, VOID + partition)
        told = {
            iri: int(number)
            for part in parts
            for iri in values(described, part, VOID + term)
            for number in values(described, part, VOID + count)
        }
        assert len(parts) == len(wanted), "two parts share a name"
        assert told == wanted


def test_the_parts_of_the_pages_are_those_of_the_n_quads(folder: Path, described: ox.Store) -> None:
    quads = ox.parse(path=folder / "graph" / "oewg-kg.nq", format=ox.RdfFormat.N_QUADS)
    counted = Counter(str(quad.graph_name).partition("#L")[0][1:] for quad in quads if "#L" in str(quad.graph_name))
    told = {
        page: int(*values(described, part, VOID + "triples"))
        for part in values(described, RELEASE, VOID + "subset")
        for page in values(described, part, PREFIXES["dcterms"] + "source")
    }
    assert len(counted) == 5
    assert told == counted
    assert values(described, RELEASE, PREFIXES["dcterms"] + "source") == counted.keys()


def test_the_linksets_hold_every_mapping_once(described: ox.Store) -> None:
    root = paths.find(str(ROOT))
    mappings = {
        (m.subject, m.predicate, m.object)
        for path in root.mappings()
        for m in link.read(path, path.name).mappings
        if not m.negated
    }
    linksets = {
        quad.subject.value
        for quad in described.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(VOID + "Linkset"))
    }
    assert len(linksets) > 5
    assert sum(int(*values(described, one, VOID + "triples")) for one in linksets) == len(mappings)
    spaces = [space for one in linksets for space in values(described, one, VOID + "objectsTarget")]
    assert all(values(described, space, VOID + "uriSpace") for space in spaces)


def test_each_distribution_tells_media_type_size_and_sum(folder: Path, described: ox.Store) -> None:
    sums = dict(reversed(line.split("  ")) for line in (folder / SUMS).read_text().splitlines())
    told = set()
    for one in values(described, RELEASE, DCAT + "distribution"):
        (url,) = values(described, one, DCAT + "downloadURL")
        path = url.removeprefix(RELEASE + "/")
        told.add(path)
        assert values(described, one, DCAT + "byteSize") == {str((folder / path).stat().st_size)}
        (check,) = values(described, one, SPDX + "checksum")
        assert values(described, check, SPDX + "checksumValue") == {sums[path]}
        (media_type,) = values(described, one, DCAT + "mediaType")
        assert media_type.removeprefix("https://www.iana.org/assignments/media-types/") not in ("", "text/plain")
    assert told == {name for name in names(folder) if name.startswith(DISTRIBUTIONS)}
    dumps = {iri.removeprefix(RELEASE + "/") for iri in values(described, RELEASE, VOID + "dataDump")}
    assert dumps == {name for name in told if name.startswith("graph/")}


def test_the_description_has_no_blank_node_and_its_prefixes_are_ordered(folder: Path, described: ox.Store) -> None:
    assert not [q for q in described if isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode)]
    prefixes = [line for line in (folder / "dataset.ttl").read_text().splitlines() if line.startswith("@prefix")]
    assert prefixes == sorted(prefixes)


def test_ro_crate_lists_every_file(folder: Path) -> None:
    crate = json.loads((folder / "ro-crate-metadata.json").read_text())
    things = {thing["@id"]: thing for thing in crate["@graph"]}
    assert len(things) == len(crate["@graph"])
    assert things["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    root = things["./"]
    assert root["datePublished"] == DAY
    assert {"name", "description", "license"} <= root.keys()
    listed = {part["@id"] for part in root["hasPart"]}
    assert listed == names(folder) - {"ro-crate-metadata.json"}
    sums = dict(reversed(line.split("  ")) for line in (folder / SUMS).read_text().splitlines())
    for path in listed - {SUMS}:
        assert things[path]["@type"] == "File"
        assert things[path]["contentSize"] == str((folder / path).stat().st_size)
        assert things[path]["sha256"] == sums[path]
    for part in (root["author"], root["publisher"], *root["isBasedOn"], root["license"]):
        assert part["@id"] in things


WARM = """
import io, sys
from importlib.resources import files
import requests, requests_cache, urllib3
class Stored(requests.adapters.BaseAdapter):
    def send(self, request, **options):
        told = files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes()
        found = requests.Response()
        found.status_code, found.url, found.request = 200, request.url, request
        found.headers["Content-Type"] = "application/ld+json"
        found.raw = urllib3.HTTPResponse(io.BytesIO(told), status=200, preload_content=False)
        return found
    def close(self):
        pass
session = requests_cache.CachedSession(sys.argv[1], backend="sqlite", expire_after=-1)
session.mount("https://", Stored())
session.get("https://w3id.org/ro/crate/1.2/context").raise_for_status()
"""


LACKING = {f"ro-crate-1.2_{number}" for number in ("51.1", "89.0", "90.1", "93.0")}


def some_of_each_kind(folder: Path, place: Path) -> Path:
    """Copy a crate with one file of each folder and media type; every file has to be described by the same properties."""
    crate = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    files = [thing for thing in crate["@graph"] if thing["@type"] == "File"]
    assert len(files) > 200 and len({frozenset(file) for file in files if file["@id"] != "SHA256SUMS"}) == 1
    kept = {(file["@id"].rpartition("/")[0], file["encodingFormat"]): file["@id"] for file in files}.values()
    crate["@graph"] = [thing for thing in crate["@graph"] if thing["@type"] != "File" or thing["@id"] in kept]
    (root,) = (thing for thing in crate["@graph"] if thing["@id"] == "./")
    root["hasPart"] = [{"@id": name} for name in kept]
    for name in kept:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / name, place / name)
    (place / "ro-crate-metadata.json").write_text(json.dumps(crate), encoding="utf-8")
    return place


def test_a_validator_of_ro_crate_has_nothing_to_say(folder: Path, tmp_path: Path) -> None:
    """Without a network: for the context of RO-Crate 1.2 stands the later one that the package `rocrate` brings along.

    The validator takes a minute and a half for all files; each is described by the same code, so one of each kind shows as much.
    """
    external.output(external.others("python"), "-c", WARM, tmp_path / "cache")
    options = ["--offline", "--cache-path", tmp_path / "cache", "--requirement-severity", "RECOMMENDED"]
    report = tmp_path / "report.json"
    crate = some_of_each_kind(folder, tmp_path / "crate")
    command = [external.others("rocrate-validator"), "-y", "validate", *options, "-f", "json", "-o", report, crate]
    subprocess.run(command, capture_output=True, check=False)
    told = json.loads(report.read_text(encoding="utf-8"))
    # a server that answers at w3id.org, and an organization with a ROR and a contact, which this one has not
    assert {issue["check"]["identifier"] for issue in told["issues"]} == LACKING
    assert told["statistics"]["total_passed_checks"] > 50


def test_the_description_tells_what_dcat_ap_makes_mandatory(described: ox.Store) -> None:
    """No package brings the shapes of DCAT-AP 3.0 along; these are its mandatory properties of what is described here."""
    mandatory = {
        DCAT + "Dataset": ["dcterms:title", "dcterms:description"],
        DCAT + "Distribution": ["dcat:accessURL"],
        "http://xmlns.com/foaf/0.1/Agent": ["foaf:name"],
        SPDX + "Checksum": ["spdx:algorithm", "spdx:checksumValue"],
    }
    for cls, properties in mandatory.items():
        things = list(described.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(cls)))
        assert things, cls
        for thing in things:
            for curie in properties:
                prefix, _, name = curie.partition(":")
                assert values(described, thing.subject.value, VOCABULARIES[prefix] + name), f"{thing.subject}: {curie}"
    (publisher,) = values(described, RELEASE, PREFIXES["dcterms"] + "publisher")
    assert values(described, publisher, VOCABULARIES["foaf"] + "name") == {"The oewg-kg authors"}


def test_the_description_says_what_the_name_of_a_graph_denotes(described: ox.Store) -> None:
    predicate = ox.NamedNode(PREFIXES["skos"] + "scopeNote")
    (note,) = described.quads_for_pattern(None, predicate, None)
    assert note.object.value.startswith("The name of a named graph denotes the line of a page")


def test_schema_org_lists_the_distributions(folder: Path) -> None:
    found = json.loads((folder / "dataset.schema.jsonld").read_text())
    assert found["@type"] == "Dataset"
    assert found["version"] == __version__
    assert found["datePublished"] == DAY
    assert 50 <= len(found["description"]) <= 5000, "what search engines ask for"
    urls = {one["contentUrl"].removeprefix(RELEASE + "/") for one in found["distribution"]}
    assert urls == {name for name in names(folder) if name.startswith(DISTRIBUTIONS)}
    first, last = found["temporalCoverage"].split("/")
    assert first < "2004" < last


def test_no_file_tells_a_place_of_this_machine(folder: Path) -> None:
    places = [str(ROOT).encode(), str(Path.home()).encode() + b"/"]
    made_here = (path for path in folder.rglob("*") if path.is_file() and path.name not in FILE_LISTS["papers"])
    assert not [path.name for path in made_here if any(place in path.read_bytes() for place in places)]


def test_its_readme_names_what_is_there_its_limits_and_how_to_cite_it(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    table = {
        name
        for row in text.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`([^`]*)`", row.split("|")[1])
    }
    assert table == {path.name + ("/" if path.is_dir() else "") for path in folder.iterdir()} - {"README.md"}
    assert "](" not in text, "a link that may be dead where this is read"
    assert "What anyone argued" in text and "(2025): *oewg-kg" in text and f"<{RELEASE}>" in text


def test_the_tables_are_sound_for_frictionless(folder: Path) -> None:
    tables = sorted((folder / "tables").glob("*.csv"))
    assert len(tables) > 15
    command = external.others("frictionless")
    told = json.loads(external.output(command, "validate", "--json", "--trusted", *tables))
    assert told["valid"] and told["stats"]["tasks"] == len(tables)


def test_a_deposit_has_what_zenodo_and_dataverse_ask_for(small: Path, oewg: Run, tmp_path: Path) -> None:
    """The fields that the deposit API of Zenodo requires, and those of Dataverse's citation block that creation requires."""
    done = oewg("release", str(tmp_path / "out"), "--deposit", "--date", DAY)
    assert done.exit_code == 0 and "add a contact" in done.stdout
    place = tmp_path / "out" / "deposit"
    assert {path.name for path in place.iterdir()} == {f"{NAME}.tar.gz", "README.md", "zenodo.json", "dataverse.json"}
    assert (place / f"{NAME}.tar.gz").read_bytes() == (tmp_path / "out" / f"{NAME}.tar.gz").read_bytes()
    asked = json.loads((place / "zenodo.json").read_text(encoding="utf-8"))["metadata"]
    assert {
        "title",
        "upload_type",
        "publication_date",
        "creators",
        "description",
        "access_right",
        "license",
    } <= asked.keys()
    assert (asked["publication_date"], asked["version"]) == (DAY, __version__)
    version = json.loads((place / "dataverse.json").read_text(encoding="utf-8"))["datasetVersion"]
    fields = {one["typeName"]: one["value"] for one in version["metadataBlocks"]["citation"]["fields"]}
    assert fields["subject"] == ["Social Sciences", "Law"] and "datasetContact" not in fields
    assert fields["author"][0]["authorName"]["value"] == "The oewg-kg authors"
    assert oewg("release", str(tmp_path / "out"), "--deposit").exit_code == 0, "an earlier one is replaced"


def test_the_same_bytes_under_another_hash_seed(small: Path, tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [OEWG, "--root", small, "release", tmp_path / seed],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            stdout=subprocess.DEVNULL,
        )
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert [process.wait() for process in running] == [0, 0]
    found = names(tmp_path / "1")
    assert found == names(tmp_path / "2")
    assert len(found) > 30
    assert not [name for name in found if (tmp_path / "1" / name).read_bytes() != (tmp_path / "2" / name).read_bytes()]


def test_no_day_is_shown_unless_it_is_given(small: Path, oewg: Run, tmp_path: Path) -> None:
    cited = (small / "CITATION.cff").read_text()
    (small / "CITATION.cff").write_text(re.sub("date-released: .*\\n", "", cited))
    done = oewg("release", str(tmp_path / "out"))
    assert done.exit_code == 0, done.stderr
    assert "--date" in done.stdout
    for name in DESCRIPTIONS:
        text = (tmp_path / "out" / NAME / name).read_text()
        assert "datePublished" not in text
        assert "issued" not in text
    with (small / "CITATION.cff").open("a") as file:
        file.write("date-released: 2025-07-12\n")
    done = oewg("release", str(tmp_path / "out"))
    assert "--date" not in done.stdout
    assert 'dcterms:issued "2025-07-12"^^xsd:date' in (tmp_path / "out" / NAME / "dataset.ttl").read_text()


def test_an_earlier_release_is_replaced_and_other_files_are_left_alone(small: Path, tmp_path: Path) -> None:
    place = tmp_path / "out"
    packing.write(place, {"a/b.txt": b"one", SUMS: b"0  a/b.txt\n"}, NAME)
    packing.write(place, {"c.txt": b"two"}, NAME)
    assert names(place) == {f"{NAME}/c.txt", f"{NAME}.tar.gz"}
    (place / NAME / "mine.txt").write_text("mine")
    with pytest.raises(release.UsageError, match=r"mine\.txt"):
        packing.write(place, {"c.txt": b"three"}, NAME)
    assert (place / NAME / "c.txt").read_bytes() == b"two"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mini", "out"], "a temporary folder was left"


@pytest.mark.parametrize("day", ["yesterday", "2025-7-1", "20250711", "2025-02-30", ""])
def test_an_invalid_day_exits_2(day: str, small: Path, oewg: Run, tmp_path: Path) -> None:
    done = oewg("release", str(tmp_path / "out"), "--date", day or "x")
    assert done.exit_code == 2
    assert "use YYYY-MM-DD, such as 2025-07-11" in one_line(done.stderr)
    assert not (tmp_path / "out").exists()


def test_without_a_checkout_it_exits_2(oewg: Run, tmp_path: Path) -> None:
    done = oewg("release", str(tmp_path / "out"))
    assert done.exit_code == 2
    assert "CHANGELOG.md" in one_line(done.stderr)


def test_a_version_that_differs_exits_3(small: Path, oewg: Run, tmp_path: Path) -> None:
    text = (small / "CITATION.cff").read_text()
    (small / "CITATION.cff").write_text(text.replace(f"version: {__version__}", "version: 9.9.9"))
    done = oewg("release", str(tmp_path / "out"))
    assert done.exit_code == 3
    assert "9.9.9" in one_line(done.stderr)


def test_a_place_that_cannot_be_written_exits_5(small: Path, oewg: Run) -> None:
    done = oewg("release", "/proc/none/out")
    assert done.exit_code == 5
    one_line(done.stderr)


def test_make_has_a_target_for_it() -> None:
    assert "oewg release build/release" in (ROOT / "Makefile").read_text()
    assert "release" in main.list_commands(None)  # type: ignore[arg-type]


def test_the_bill_of_materials_names_every_package_that_an_installation_takes(folder: Path) -> None:
    """CycloneDX 1.5; the packages are those that the metadata of the installed ones ask for, one after the other."""
    told = json.loads((folder / "sbom.cdx.json").read_text())
    assert (told["bomFormat"], told["specVersion"], told["metadata"]["component"]["version"]) == (
        "CycloneDX",
        "1.5",
        __version__,
    )
    named = {re.sub(r"[-_.]+", "-", one["name"]).lower(): one for one in told["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted, known = [Requirement(text) for text in project["dependencies"]], set()
    while wanted:
        one = wanted.pop()
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        if name in known or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        known.add(name)
        assert named[name]["version"] in one.specifier, f"{one} is not what constraints.txt has"
        assert named[name]["purl"] == f"pkg:pypi/{named[name]['name']}@{named[name]['version']}"
        assert all(len(each["content"]) == 64 for each in named[name]["hashes"]) and named[name]["hashes"]
        wanted += [Requirement(text) for text in metadata.requires(name) or ()]
    assert len(known) > 15
