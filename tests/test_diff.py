"""What changed between two states of the graph: facts, terms and answers; and what is no state of the graph."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import external
from conftest import ROOT, Run, one_line
from oewg_kg.vocabulary import BASE, OEWG

LINE = BASE + "source/oewg-2019-2021#L"
EST, NEW = BASE + "contribution/mini-EST-1", BASE + "contribution/mini-NAM-1"
Git = Callable[..., None]
Found = dict[str, Any]


@pytest.fixture
def git(mini: Path) -> Git:
    """Make the small world a git repository with one commit, out of reach of the settings of this machine."""
    if not shutil.which("git"):
        external.missing("git", "apt-get install git")
    who = {f"GIT_{role}_{what}": "nobody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": str(mini.parent)}

    def run(*args: str) -> None:
        subprocess.run(["git", "-C", str(mini), *args], check=True, capture_output=True, env=os.environ | who | alone)

    run("init", "--quiet")
    run("add", "ontology", "data", "queries", "shapes")
    run("commit", "--quiet", "-m", "first")
    run("tag", "v1")
    return run


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def change(mini: Path) -> None:
    """Add, withdraw and change facts of the small world, and terms of its ontology."""
    page = mini / "data" / "sources" / "oewg-2019-2021.trig"
    edit(page, '"2020-04-01"^^xsd:date', '"2020-04-02"^^xsd:date')
    edit(page, ' ;\n        rdfs:comment "link to the top of the page"@en', "")
    edit(
        page,
        "p1:5 {",
        "p1:5 {\n    contribution:mini-NAM-1 a oewg:Contribution ;\n"
        '        skos:prefLabel "NAM: paper"@en ;\n'
        "        oewg:submittedBy group:NAM ;\n"
        "        oewg:addresses document:mini-zero-draft .\n",
    )
    edit(mini / "data" / "sources" / "oewg-2019-2021-monitor.trig", "2021-03-12", "2021-03-13")
    edit(mini / "data" / "decisions.ttl", "2021-03-12", "2021-03-13")
    ontology = mini / "ontology" / "oewg.ttl"
    edit(ontology, 'rdfs:label "name in source"@en', 'owl:deprecated true ;\n    rdfs:label "name in source"@en')
    edit(ontology, 'oewg:lineStatus a owl:ObjectProperty ;\n    rdfs:label "line status"@en .\n', "")
    with ontology.open("a") as file:
        file.write('\noewg:Vote a owl:Class ;\n    rdfs:label "vote"@en .\n')


def difference(oewg: Run, *sides: str) -> Found:
    done = oewg("diff", *sides, "-f", "json")
    assert done.exit_code == 0, done.stderr
    found: Found = json.loads(done.stdout)
    return found


def exported(oewg: Run, file: Path) -> str:
    done = oewg("export", "-o", str(file))
    assert done.exit_code == 0, done.stderr
    return str(file)


def facts(found: Found, subject: str) -> list[tuple[str, str, str, list[str], list[str]]]:
    return [
        (f["kind"], f["graph"], f["predicate"], f["before"], f["after"])
        for f in found["facts"]
        if f["subject"] == subject
    ]


def test_nothing_changed_since_the_last_commit(git: Git, oewg: Run) -> None:
    found = difference(oewg, "HEAD")
    assert not any(found.values()), found
    done = oewg("diff", "v1", "HEAD")
    assert done.exit_code == 0
    assert "No fact changed." in done.stdout
    assert "No answer to a saved question changed." in done.stdout


def test_facts_added_withdrawn_and_changed_since_a_revision(git: Git, oewg: Run, mini: Path) -> None:
    change(mini)
    found = difference(oewg, "v1")
    date = "http://purl.org/dc/terms/date"
    day = '"{}"^^<http://www.w3.org/2001/XMLSchema#date>'
    assert facts(found, EST) == [
        ("changed", LINE + "2", date, [day.format("2020-04-01")], [day.format("2020-04-02")]),
    ]
    (withdrawn,) = facts(found, LINE + "6")
    assert withdrawn[0] == "withdrawn"
    assert withdrawn[3:] == (['"link to the top of the page"@en'], [])
    added = facts(found, NEW)
    assert {kind for kind, *_ in added} == {"added"}
    assert {graph for _, graph, *_ in added} == {LINE + "5"}
    assert len(added) == 4
    (one, *_) = [fact for fact in found["facts"] if fact["subject"] == NEW]
    assert (one["cls"], one["source"]) == ("oewg:Contribution", "oewg-2019-2021")
    assert not [fact for fact in found["facts"] if "inferred" in fact["graph"]], "only what is stated is compared"


def test_terms_added_withdrawn_and_deprecated(git: Git, oewg: Run, mini: Path) -> None:
    change(mini)
    found = difference(oewg, "HEAD")
    assert found["terms_added"] == [OEWG + "Vote"]
    assert found["terms_withdrawn"] == [OEWG + "lineStatus"]
    assert found["terms_deprecated"] == [OEWG + "nameInSource"]


def test_answers_that_changed_row_by_row(git: Git, oewg: Run, mini: Path) -> None:
    change(mini)
    answers = {one["question"]: one for one in difference(oewg, "HEAD")["answers"]}
    assert answers.keys() == {"adoptions", "contributions-on"}
    report = BASE + "document/mini-report"
    assert answers["adoptions"]["gone"] == [[report, "Report of the small world", "2021-03-12"]]
    assert answers["adoptions"]["come"] == [[report, "Report of the small world", "2021-03-13"]]
    assert answers["contributions-on"]["gone"] == []
    assert [row[0] for row in answers["contributions-on"]["come"]] == [BASE + "group/NAM"]


def test_a_changelog_in_markdown(git: Git, oewg: Run, mini: Path) -> None:
    change(mini)
    done = oewg("diff", "HEAD")
    assert [line for line in done.stdout.splitlines() if line.startswith("## ")] == [
        "## Data",
        "## Ontology",
        "## Answers",
    ]
    assert "| oewg:Contribution | oewg-2019-2021 | 4 | 0 | 1 |" in done.stdout
    wanted = '- changed: contribution:mini-EST-1 dcterms:date "2020-04-01" → "2020-04-02" (oewg-2019-2021 2)'
    assert wanted in done.stdout.splitlines()
    assert "- Withdrawn: oewg:lineStatus" in done.stdout
    assert "- Deprecated: oewg:nameInSource" in done.stdout
    assert "  - removed: document:mini-report | Report of the small world | 2021-03-12" in done.stdout


@pytest.mark.parametrize(("first", "second"), [("trig", "nq"), ("nq", "trig"), ("ttl", "nt"), ("jsonld", "rdf")])
def test_two_exports_of_the_same_graph_do_not_differ(first: str, second: str, oewg: Run, tmp_path: Path) -> None:
    found = difference(oewg, exported(oewg, tmp_path / f"a.{first}"), exported(oewg, tmp_path / "b" / f"b.{second}"))
    assert not any(found.values()), found


@pytest.mark.parametrize(("first", "second"), [("trig", "nq"), ("nq", "nq")])
def test_two_exports_differ_as_their_sources_do(
    first: str, second: str, git: Git, oewg: Run, mini: Path, tmp_path: Path
) -> None:
    old = exported(oewg, tmp_path / f"old.{first}")
    change(mini)
    new = exported(oewg, tmp_path / f"new.{second}")
    wanted = difference(oewg, "HEAD")
    assert len(wanted["facts"]) > 8
    assert wanted["answers"]
    assert difference(oewg, old, new) == wanted
    assert difference(oewg, "v1", new) == wanted
    assert difference(oewg, old) == wanted


def test_two_exports_without_graphs_differ_in_the_resolved_view(oewg: Run, mini: Path, tmp_path: Path) -> None:
    old = exported(oewg, tmp_path / "old.ttl")
    change(mini)
    found = difference(oewg, old, exported(oewg, tmp_path / "new.ttl"))
    assert [kind for kind, *_ in facts(found, EST)] == ["changed"]
    assert {fact["source"] for fact in found["facts"]} == {"resolved"}
    assert found["terms_added"] == [OEWG + "Vote"]


def test_a_snapshot_and_a_folder_are_states_too(git: Git, oewg: Run, mini: Path, tmp_path: Path) -> None:
    assert oewg("build").exit_code == 0
    snapshot = shutil.copy(mini / "build" / "snapshot.nq", tmp_path / "snapshot.nq")
    change(mini)
    wanted = difference(oewg, "HEAD")
    assert difference(oewg, str(snapshot), str(mini)) == wanted


def test_an_export_without_graphs_is_not_compared_with_one_that_has_them(oewg: Run, tmp_path: Path) -> None:
    done = oewg("diff", exported(oewg, tmp_path / "a.ttl"))
    assert done.exit_code == 2
    assert "TriG or N-Quads" in one_line(done.stderr)


def test_a_changed_list_of_the_ontology_is_reported(git: Git, oewg: Run, mini: Path) -> None:
    edit(mini / "ontology" / "oewg.ttl", "( oewg:State oewg:StateGroup )", "( oewg:State oewg:Draft )")
    found = difference(oewg, "HEAD")
    assert {fact["source"] for fact in found["facts"]} == {"ontology/oewg"}


@pytest.mark.parametrize("name", ["nothing-here", "v9.9", "HEAD:data", "HEAD..v1", ""])
def test_a_name_that_is_not_a_state_exits_2(name: str, git: Git, oewg: Run) -> None:
    done = oewg("diff", name)
    assert done.exit_code == 2
    assert "no such folder, file or git revision" in one_line(done.stderr)
    assert done.stdout == ""


def test_a_name_is_never_an_option_of_git(git: Git, oewg: Run, tmp_path: Path) -> None:
    done = oewg("diff", "--", f"--output={tmp_path}/evil.tar")
    assert done.exit_code == 2
    assert "no such folder, file or git revision" in one_line(done.stderr)
    assert not (tmp_path / "evil.tar").exists()


def test_a_revision_without_a_repository_exits_2(oewg: Run, monkeypatch: pytest.MonkeyPatch, mini: Path) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(mini.parent))
    done = oewg("diff", "HEAD")
    assert done.exit_code == 2
    one_line(done.stderr)


def test_without_git_it_exits_2(oewg: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = oewg("diff", "HEAD")
    assert done.exit_code == 2
    assert "git is not installed" in one_line(done.stderr)


@pytest.mark.parametrize(
    ("file", "text", "code"), [("notes.txt", "x", 2), ("bad.ttl", "x y z", 3), ("bad.nq", "<a> <b> .", 3)]
)
def test_a_file_that_is_not_an_export_is_reported(file: str, text: str, code: int, oewg: Run, tmp_path: Path) -> None:
    (tmp_path / file).write_text(text)
    done = oewg("diff", str(tmp_path / file))
    assert done.exit_code == code
    assert file in one_line(done.stderr)


def test_a_folder_without_sources_exits_2(oewg: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = oewg("diff", str(tmp_path / "empty"))
    assert done.exit_code == 2
    one_line(done.stderr)


@pytest.mark.slow
def test_an_export_of_the_real_graph_is_the_state_of_its_sources(tmp_path: Path, oewg: Run) -> None:
    file = tmp_path / "all.nq"
    assert oewg("export", "-o", str(file), root=ROOT).exit_code == 0
    done = oewg("diff", str(file), "-f", "json", root=ROOT)
    assert done.exit_code == 0, done.stderr
    assert not any(json.loads(done.stdout).values())
