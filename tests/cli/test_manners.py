"""How commands behave at their edges: time limits, closed outputs, wrong names, and what only a terminal is told."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from conftest import OEWG, ROOT, Run, Start, one_line

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.mark.parametrize(
    "text",
    [
        ENDLESS,
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?c",
        "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER (?a = ?d && ?a != ?d) }",
        "CONSTRUCT { ?a ?b ?l } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    ],
)
def test_a_query_stops_at_its_time_limit(oewg_process: Start, tmp_path: Path, text: str) -> None:
    file = tmp_path / "answer"
    file.write_text("before")
    done = oewg_process("query", "-q", text, "--seconds", "0.5", "-o", str(file), root=ROOT, timeout=60)
    assert (done.returncode, done.stdout) == (4, b"")
    assert "stopped after 0.5 s; ask for less data, or raise --seconds" in one_line(done.stderr.decode())
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["answer"]
    assert file.read_text() == "before"


def test_a_limit_that_is_not_reached_changes_nothing(oewg: Run) -> None:
    plain, limited = (
        oewg("query", "-q", "SELECT ?s { ?s a oewg:State } ORDER BY ?s", *more) for more in ((), ("--seconds", "60"))
    )
    assert plain.exit_code == limited.exit_code == 0
    assert plain.stdout == limited.stdout != ""
    assert oewg("query", "-q", "ASK {}", "--seconds", "0").exit_code == 2


def test_a_tag_that_no_question_has(oewg: Run) -> None:
    result = oewg("questions", "--tag", "nosuch", root=ROOT)
    assert result.exit_code == 2 and result.stdout == ""
    assert "no question has the tag 'nosuch'; use one of " in one_line(result.stderr) and ", drafts, " in result.stderr


@pytest.mark.parametrize("name", ["a.xyz", "graph.xml", "graph.TTLX"])
def test_export_refuses_a_name_that_tells_no_format(oewg: Run, tmp_path: Path, name: str) -> None:
    result = oewg("export", "-o", str(tmp_path / name))
    assert (
        result.exit_code == 2
        and "unknown file extension ." in one_line(result.stderr)
        and ".trig, .ttl" in result.stderr
    )
    assert not (tmp_path / name).exists()
    assert oewg("export", "-f", "nquads", "-o", str(tmp_path / name)).exit_code == 0
    assert oewg("export", "-o", str(tmp_path / "graph")).exit_code == 0, "a name without an extension is Turtle"


def test_an_answer_refuses_a_name_that_tells_no_format(oewg: Run, tmp_path: Path) -> None:
    file = tmp_path / "chairs.pdf"
    result = oewg("ask", "chairs", "-o", str(file), root=ROOT)
    assert (result.exit_code, file.exists()) == (2, False)
    assert "unknown file extension .pdf; give -f FORMAT, or use one of .txt" in one_line(result.stderr)
    assert oewg("ask", "chairs", "-f", "csv", "-o", str(file), root=ROOT).exit_code == 0


# All commands write by `put`, once or several times, but for those that stream.
@pytest.mark.parametrize("command", [["info"], ["query", "-q", "ASK {}"], ["export", "-f", "nquads"]])
@pytest.mark.slow
def test_closed_outputs_give_one_line_or_none(mini: Path, command: list[str]) -> None:
    def run(redirection: str) -> subprocess.CompletedProcess[bytes]:
        shell = ["sh", "-c", f'exec "$0" "$@" {redirection}', str(OEWG), "--root", str(mini), *command]
        return subprocess.run(shell, capture_output=True, timeout=60)

    no_output = run(">&-")
    assert no_output.returncode == 5
    assert "standard output is closed" in one_line(no_output.stderr.decode())
    no_errors = run("2>&-")
    assert no_errors.returncode == 0 and no_errors.stdout
    assert run(">&- 2>&-").returncode == 5


def test_who_leaves_a_pipe_ends_the_command_without_a_word() -> None:
    shell = f"{OEWG} --root {ROOT} export -f nquads | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", shell], capture_output=True, timeout=120)
    assert done.stdout.count(b"\n") == 1 and done.stderr == b""
    assert done.returncode == 128 + 13


def test_a_definition_beside_csv_is_shown_on_a_terminal_only(mini: Path, oewg: Run) -> None:
    name = next((mini / "queries").glob("*.rq")).stem
    ours, theirs = pty.openpty()
    try:
        command = [str(OEWG), "--root", str(mini), "ask", name, "-f", "csv"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, timeout=60)
        os.close(theirs)
        told = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
    assert "rows. Counted: " in told and b"Counted" not in done.stdout
    assert oewg("ask", name, "-f", "csv").stderr == ""
