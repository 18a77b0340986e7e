"""`oewg link` against played services with the quirks of the real ones, and against our own; and what a person signs."""

import csv
import email.utils
import http.server
import json
import re
import shutil
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conftest import ROOT, one_line
from listening import Quiet, listening
from oewg_kg import mappings, paths
from oewg_kg.cli import main
from oewg_kg.reconcile import linking
from oewg_kg.remote import reconciliation
from served import serving

pytestmark = pytest.mark.slow

# What the services know: identifiers made up for these tests, but the real ones of the African Union Commission and Temple University.
WIKIDATA = {
    "Access Now": [("Q9000001", "Access Now", "non-profit organization"), ("Q9000002", "Access Nowhere", "")],
    "DiploFoundation": [("Q9000003", "DiploFoundation", "Malta and Geneva")],
    "Stimson Center": [("Q9000004", "Stimson Center", "think tank")],
    "Paris Peace Forum": [("Q9000005", "Paris Peace Forum", "event\nin Paris")],
    "CyberPeace Institute": [("Q9000006", "Cyberpeace Institute", "")],
    "Kaspersky": [("Q9000007", "Something else altogether", "")],
}
ROR = {"Stimson Center": [("https://ror.org/0aaaaaa00", "Stimson Center", "")]}


class Played:
    """A service that is played: what it was asked, and what it does before it answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.quirks: list[tuple[int, dict[str, str], bytes]] = []
        self.url = ""


def handler(
    played: Played, known: dict[str, list[tuple[str, str, str]]], ror: bool
) -> type[http.server.BaseHTTPRequestHandler]:
    class Service(Quiet):
        def reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            kind = {"id": "/ror/organization" if ror else "Q35120", "name": "Organization"}
            space = "http://ror.org/organization" if ror else "http://www.wikidata.org/entity/"
            told = {"name": "ROR" if ror else "Wikidata (en)", "identifierSpace": space, "defaultTypes": [kind]}
            self.reply(200, {"Content-Type": "application/json"}, json.dumps(told).encode())

        def do_POST(self) -> None:
            form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            query = json.loads(form["queries"][0])["q0"]
            played.asked.append(query["query"])
            played.agents.add(self.headers["User-Agent"])
            if played.quirks:
                self.reply(*played.quirks.pop(0))
                return
            if ror and "type" not in query:
                self.reply(200, {}, b"{}")
                return
            found = [
                {
                    "id": iri,
                    "name": name,
                    "description": about,
                    "score": 20 if ror else 100,
                    "match": "false" if ror else True,
                }
                for iri, name, about in known.get(query["query"], [])
            ]
            self.reply(200, {}, json.dumps({"q0": {"result": found}}).encode())

    return Service


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Played]]:
    played = {"wikidata": Played(), "ror": Played()}
    with (
        listening(handler(played["wikidata"], WIKIDATA, ror=False)) as wikidata,
        listening(handler(played["ror"], ROR, ror=True)) as ror,
    ):
        for name, address in (("wikidata", wikidata), ("ror", ror)):
            played[name].url = f"{address}/en/api"
            monkeypatch.setitem(reconciliation.SERVICES, name, played[name].url)
        yield played


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Copy what a clone has, with its snapshot, so that a test may change it."""
    for name in ("data", "ontology", "queries", "shapes"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(
        ROOT / "build", tmp_path / "build", ignore=lambda folder, names: [n for n in names if n != "snapshot.nq"]
    )
    return tmp_path


def link(root: Path, *options: str, pause: str = "0") -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "link", "--pause", pause, *options])


def table(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


def test_candidates_have_scores_and_reasons_and_nothing_is_linked(root: Path, services: dict[str, Played]) -> None:
    before = {path.name: path.read_bytes() for path in (root / "data" / "links").iterdir()}
    done = link(root)
    assert done.exit_code == 0, done.output
    rows = {(row["subject_id"], row["object_id"]): row for row in table(done.stdout)}
    assert set(rows) == {
        ("stakeholder:accessnow", "wikidata:Q9000001"),
        ("stakeholder:accessnow", "wikidata:Q9000002"),
        ("stakeholder:cyberpeace", "wikidata:Q9000006"),
        ("stakeholder:diplo", "wikidata:Q9000003"),
        ("stakeholder:parispeaceforum", "wikidata:Q9000005"),
        ("stakeholder:stimson", "ror:0aaaaaa00"),
        ("stakeholder:stimson", "wikidata:Q9000004"),
    }
    best = rows["stakeholder:accessnow", "wikidata:Q9000001"]
    assert best["confidence"] == "0.80" and best["mapping_justification"] == "semapv:LexicalMatching"
    assert best["comment"] == "Wikidata (en): same name, score 100, marked as a match; non-profit organization"
    # 2 · 10 letters in common of 10 + 14
    assert rows["stakeholder:accessnow", "wikidata:Q9000002"]["confidence"] == "0.67"
    assert rows["stakeholder:stimson", "ror:0aaaaaa00"]["comment"] == "ROR: same name, score 20"
    assert not any(row["reviewer_label"] for row in rows.values())
    assert before == {path.name: path.read_bytes() for path in (root / "data" / "links").iterdir()}
    asked = services["wikidata"].asked
    assert "African Union" not in asked and "Microsoft" not in asked, "these are linked"
    assert all(agent.startswith("oewg-kg/") and "https://" in agent for agent in services["wikidata"].agents)
    # Of 42 stakeholders, data/links has a match in Wikidata for eight and in ROR for four.
    assert done.stderr.splitlines() == [
        "Wikidata (en): names sent: 34, with candidates: 5",
        "ROR: names sent: 38, with candidates: 1",
    ]


def test_a_service_that_is_busy_moves_or_fails_is_treated_politely(root: Path, services: dict[str, Played]) -> None:
    played = services["wikidata"]
    soon = email.utils.formatdate(time.time() + 1, usegmt=True)
    played.quirks = [
        (429, {"Retry-After": "1"}, b"slow down"),
        (503, {"Retry-After": soon}, b"<html>later</html>"),
        (307, {"Location": "/moved/api"}, b""),
        (502, {"Content-Type": "text/html"}, b"<html>Bad Gateway</html>"),
    ]
    begun = time.monotonic()
    done = link(root, "--service", "wikidata")
    assert done.exit_code == 0 and time.monotonic() - begun > 1
    assert "returned status 429; waiting 1 s" in done.stderr and "has moved to" in done.stderr
    assert played.asked[:5] == [played.asked[0]] * 5, "asked again, not passed over"
    assert len(table(done.stdout)) == 6


QUIRKS: list[tuple[tuple[int, dict[str, str], bytes], int, str]] = [
    ((200, {}, b"<!DOCTYPE html><title>Welcome</title>"), 5, "not a JSON object"),
    ((200, {}, b'{"status": "error", "message": "invalid query"}'), 5, "invalid query"),
    ((200, {}, b'{"q0": {"result": [{"name": "without an id"}]}}'), 5, "returned no valid candidates"),
    ((429, {"Retry-After": "3600"}, b""), 5, "wait 3600 s"),
    ((404, {}, b"<html>not here</html>"), 5, "returned status 404"),
    ((302, {"Location": "ftp://elsewhere.example/"}, b""), 2, "is not a valid server URL"),
]


def test_what_is_not_an_answer_is_one_line_and_the_next_run_goes_on(root: Path, services: dict[str, Played]) -> None:
    played, file, threads = services["wikidata"], root / "out.tsv", threading.active_count()
    link(root, "--service", "wikidata", "-o", str(root / "first.tsv"))
    count = len(played.asked)
    for quirk, code, says in QUIRKS:
        shutil.rmtree(root / "build" / "link")
        file.unlink(missing_ok=True)
        played.quirks, played.asked = [quirk], []
        done = link(root, "--service", "wikidata", "-o", str(file))
        assert done.exit_code == code and says in one_line(done.stderr) and not file.exists()
        assert link(root, "--service", "wikidata", "-o", str(file)).exit_code == 0
        assert len(played.asked) == count + 1, "only what had no answer is asked again"
        assert threading.active_count() == threads
    assert link(root, "--service", "wikidata").exit_code == 0 and len(played.asked) == count + 1
    assert link(root, "--service", "wikidata", "--again").exit_code == 0 and len(played.asked) == 2 * count + 1
    assert threading.active_count() == threads


def test_requests_come_one_at_a_time_with_a_pause(root: Path, services: dict[str, Played]) -> None:
    begun = time.monotonic()
    assert link(root, "--service", "ror", pause="0.01").exit_code == 0
    assert time.monotonic() - begun >= 0.01 * (1 + len(services["ror"].asked))


def test_where_nobody_answers_is_said(root: Path) -> None:
    for service, code in (("http://127.0.0.1:1/", 5), ("nonsense", 2), ("http://me:secret@127.0.0.1:1/", 2)):
        done = link(root, "--service", service)
        assert done.exit_code == code and "secret" not in one_line(done.stderr)


def test_the_commands_of_the_page_link_five_stakeholders(
    root: Path, services: dict[str, Played], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "linking.md").read_text(encoding="utf-8")
    look, other, take_over, check = re.findall(r"^```sh\noewg --root \. (.+)\n```$", page, re.MULTILINE)
    monkeypatch.chdir(root)
    run = CliRunner().invoke
    assert run(main, ["--root", ".", *look.split(), "--pause", "0"]).exit_code == 0
    file = root / "candidates.sssom.tsv"
    right = {"Q9000001", "Q9000003", "Q9000004", "Q9000005", "Q9000006"}
    lines = file.read_text(encoding="utf-8").splitlines()
    for at, line in enumerate(lines):
        cells = line.split("\t")
        if cells[-1] == "" and cells[4].removeprefix("wikidata:") in right:
            lines[at] = line + "A. Reader"
        elif "Access Nowhere" in line:
            cells[3], cells[-1] = "Not", "A. Reader"
            lines[at] = "\t".join(cells)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert other.split()[:2] == ["link", "Person"]
    done = run(main, ["--root", ".", *take_over.split()])
    assert done.exit_code == 0 and "data/links/stakeholders.sssom.tsv: 6 rows added" in done.stderr, done.output
    home = root / "data" / "links" / "stakeholders.sssom.tsv"
    new = set(home.read_text("utf-8").splitlines()) - set(
        (ROOT / "data/links/stakeholders.sssom.tsv").read_text("utf-8").splitlines()
    )
    assert len(new) == 6 and all("semapv:ManualMappingCuration\tA. Reader" in line for line in new)
    assert "no new row has a reviewer" in run(main, ["--root", ".", *take_over.split()]).stderr
    found = {
        (one.subject.rpartition("/")[2], one.object.rpartition("/")[2], one.negated)
        for one in mappings.read(home, "x").mappings
    }
    assert found >= {("accessnow", "Q9000001", False), ("accessnow", "Q9000002", True), ("stimson", "Q9000004", False)}
    assert ("stimson", "0aaaaaa00", False) not in found, "not signed"
    assert run(main, ["--root", ".", *look.split(), "--pause", "0"]).exit_code == 0
    assert {row["object_id"] for row in table(file.read_text("utf-8"))} == {"ror:0aaaaaa00"}, (
        "settled pairs do not come again"
    )
    assert check == "validate" and run(main, ["--root", ".", "validate"]).exit_code == 0


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (("0.80", "0,9"), 3, ":11:1: '0,9' is not a valid confidence; use a number from 0 to 1, such as 0.8"),
        (("wikidata:Q1", "wd:Q1"), 3, ":11:1: object_id 'wd:Q1' is not a CURIE with a known prefix"),
        (("\t\twikidata", "\tno\twikidata"), 3, "'no' is not a valid predicate_modifier"),
        (("object_id", "object"), 3, "the column object_id is missing"),
        (("", ""), 0, ""),
    ],
)
def test_signed_rows_that_are_faulty_are_refused_and_nothing_is_written(
    root: Path, change: tuple[str, str], code: int, says: str
) -> None:
    home, file = root / "data" / "links" / "stakeholders.sssom.tsv", root / "signed.sssom.tsv"
    row = [
        "stakeholder:apc",
        "APC",
        "skos:exactMatch",
        "",
        "wikidata:Q1",
        "A",
        "semapv:LexicalMatching",
        "",
        "x:",
        "0.80",
        "c",
    ]
    text = linking.sssom_table(
        "candidates", "C", [[*row[:8], "web:x/", *row[9:], "A. Reader"]], [*linking.COLUMNS, linking.REVIEWER], {}
    )
    file.write_text(text.replace(*change) if change[0] else text, encoding="utf-8")
    before = home.read_bytes()
    done = link(root, "--accept", str(file))
    assert done.exit_code == code and (home.read_bytes() == before) == bool(code)
    assert says in (one_line(done.stderr) if code else "")


def test_a_table_that_a_spreadsheet_program_saved_is_taken_over(root: Path, services: dict[str, Played]) -> None:
    """As LibreOffice 7.4 (cells of text in quotation marks) and Excel (Unicode text) save it: every line a row of the same width."""
    file, home = root / "candidates.sssom.tsv", root / "data" / "links" / "stakeholders.sssom.tsv"
    assert link(root, "-o", str(file)).exit_code == 0
    before = home.read_bytes()
    cells = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    for row in cells:
        row += [""] * (len(linking.COLUMNS) + 1 - len(row))
        row[-1] = "A. Reader" if row[0] == "stakeholder:diplo" else row[-1]
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        home.write_bytes(before)
        with file.open("w", encoding=encoding, newline="") as out:
            csv.writer(out, delimiter="\t", quoting=csv.QUOTE_ALL).writerows(cells)
        done = link(root, "--accept", str(file))
        assert (done.exit_code, "stakeholders.sssom.tsv: 1 row added" in done.stderr) == (0, True), done.output
        assert "stakeholder:diplo\tDiploFoundation\tskos:exactMatch\t\twikidata:Q9000003" in home.read_text("utf-8")


def test_tables_are_written_as_they_were_read() -> None:
    for path in paths.find(str(ROOT)).mappings():
        if set(mappings.read(path, path.name).mappings[0].row) == set(linking.COLUMNS):
            assert linking.with_rows(path, path.name, []) == path.read_text(encoding="utf-8"), path.name


def test_our_own_service_finds_each_stakeholder_by_its_name(root: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1") as server:
        done = link(root, "--service", f"{server.address}/reconcile")
    assert done.exit_code == 0, done.output
    best: dict[str, dict[str, Any]] = {}
    for row in table(done.stdout):
        best[row["subject_id"]] = max(best.get(row["subject_id"], row), row, key=lambda one: float(one["confidence"]))
    assert len(best) == 42 and all(row["object_id"] == subject for subject, row in best.items())
