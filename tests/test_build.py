"""A snapshot is what its sources say: the same bytes each time, noticed when damaged or out of date, never half-written."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

import oewg_kg
from conftest import OEWG, ROOT, Run, Start, one_line
from oewg_kg import build, ondisk, paths
from oewg_kg.errors import OewgError, StorageError
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import INFERRED

SEEDS = ("0", "1", "4242")


def snapshot(folder: Path) -> Path:
    return folder / "build" / "snapshot.nq"


def left_over(folder: Path) -> list[str]:
    made, opened = folder / "build", folder / "build" / "opened"
    unfinished = [p.name for p in opened.iterdir() if p.name.startswith(".")] if opened.exists() else []
    return [p.name for p in made.iterdir() if p.name not in ("snapshot.nq", "opened")] + unfinished


def edit(folder: Path) -> None:
    """Change a source of the small world."""
    place = folder / "data" / "actors" / "actors.ttl"
    place.write_text(place.read_text() + '\nstate:FIN a oewg:State ;\n    skos:prefLabel "Finland"@en .\n')


def knows_finland(folder: Path) -> bool:
    return oewg_kg.load(str(folder)).query("ASK { state:FIN a oewg:State }") is True


def test_the_same_sources_give_the_same_bytes_whatever_the_hash_seed(mini: Path, oewg_process: Start) -> None:
    found = set()
    for seed in SEEDS:
        snapshot(mini).unlink(missing_ok=True)
        assert oewg_process("build", env={"PYTHONHASHSEED": seed}).returncode == 0
        found.add(snapshot(mini).read_bytes())
    assert len(found) == 1


@pytest.mark.slow
def test_the_real_data_give_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    for name in ("ontology", "data", "queries"):
        (tmp_path / name).symlink_to(ROOT / name)
    found = set()
    for seed in SEEDS[:2]:
        subprocess.run(
            [OEWG, "--root", tmp_path, "build"],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        )
        found.add(snapshot(tmp_path).read_bytes())
    assert len(found) == 1


def test_a_snapshot_holds_what_was_built(mini: Path) -> None:
    root = paths.find(str(mini))
    made, counts = build.build(root)
    opened = build.load(root)
    assert set(opened.store) == set(made.store)
    assert opened.files == made.files
    assert counts.quads == len(made.store) == len(opened.store)
    assert counts.set_aside == 1
    assert build.load(root).files == made.files, "read back from the snapshot"


def test_a_file_with_a_space_in_its_name_is_read_back(mini: Path) -> None:
    (mini / "data" / "two words.ttl").write_text("<http://a/a> <http://a/b> <http://a/c> .")
    root = paths.find(str(mini))
    assert build.load(root).files == build.load(root).files
    assert "data/two words.ttl" in build.load(root).files.values()


def test_a_snapshot_is_not_written_again_when_nothing_changed(mini: Path) -> None:
    oewg_kg.load(str(mini))
    before = snapshot(mini).stat()
    oewg_kg.load(str(mini))
    assert (snapshot(mini).stat().st_mtime_ns, snapshot(mini).stat().st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize("part", [0.0, 0.001, 0.01, 0.3, 0.6, 0.999])
def test_a_snapshot_cut_short_is_noticed_and_made_again(part: float, mini: Path) -> None:
    oewg_kg.load(str(mini))
    whole = snapshot(mini).read_bytes()
    snapshot(mini).write_bytes(whole[: int(len(whole) * part)])
    oewg_kg.load(str(mini))
    assert snapshot(mini).read_bytes() == whole


def test_a_snapshot_cut_at_the_end_of_a_line_is_noticed(mini: Path) -> None:
    oewg_kg.load(str(mini))
    whole = snapshot(mini).read_bytes()
    lines = whole.splitlines(keepends=True)
    for kept in (1, 2, len(lines) // 2, len(lines) - 1):
        snapshot(mini).write_bytes(b"".join(lines[:kept]))
        oewg_kg.load(str(mini))
        assert snapshot(mini).read_bytes() == whole


@pytest.mark.parametrize("part", [0.0, 0.001, 0.02, 0.5, 0.9999])
def test_a_bit_turned_over_is_noticed_and_the_snapshot_made_again(part: float, mini: Path) -> None:
    oewg_kg.load(str(mini))
    whole = snapshot(mini).read_bytes()
    turned = bytearray(whole)
    turned[int(len(whole) * part)] ^= 1
    snapshot(mini).write_bytes(turned)
    oewg_kg.load(str(mini))
    assert build.read(snapshot(mini), build.fingerprint(paths.find(str(mini)))) is not None
    # The first word of the first line is only a greeting; all that is read is guarded.
    assert snapshot(mini).read_bytes() == (whole if part else bytes(turned))


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n\n", b"# oewg-kg snapshot\n", b"\xff\x00" * 50])
def test_an_invalid_snapshot_is_made_again(content: bytes, mini: Path) -> None:
    snapshot(mini).parent.mkdir()
    snapshot(mini).write_bytes(content)
    assert oewg_kg.load(str(mini)).query("ASK { state:EST a oewg:Actor }") is True
    assert len(snapshot(mini).read_bytes()) > 10_000


@pytest.mark.parametrize("always_read", [ondisk.ALWAYS_READ, 0], ids=["small", "large"])
def test_large_sources_are_read_again_only_when_a_size_or_a_time_changed(
    mini: Path, monkeypatch: pytest.MonkeyPatch, always_read: int
) -> None:
    monkeypatch.setattr(ondisk, "ALWAYS_READ", always_read)
    root, digest = paths.find(str(mini)), re.compile("[0-9a-f]{64}")
    first, note = build.fingerprint(root), root.home / "fingerprint.json"
    assert note.exists() == (always_read == 0)
    if always_read == 0:
        note.write_text(note.read_text().replace(first, "taken from the note"))
        assert build.fingerprint(root) == "taken from the note"
    for path in (mini / "data" / "actors" / "actors.ttl", mini / "queries" / "rules" / "prp-trp.rq"):
        content = path.read_bytes()
        path.write_bytes(content.replace(b"e", b"a", 1))  # of the same size
        assert digest.fullmatch(build.fingerprint(root)) and build.fingerprint(root) != first
        path.write_bytes(content)
        assert build.fingerprint(root) == first
    note.parent.mkdir(exist_ok=True)
    for broken in ("", "[]", "{", "{}"):
        note.write_text(broken)
        assert build.fingerprint(root) == first


@pytest.mark.filterwarnings("ignore::oewg_kg.errors.QueryWarning")  # the answer is meant to be empty
def test_an_edit_is_seen_by_the_next_question(mini: Path) -> None:
    assert not knows_finland(mini)
    edit(mini)
    assert knows_finland(mini)


def test_a_new_a_renamed_and_a_removed_file_and_a_rule_change_the_fingerprint(mini: Path) -> None:
    root = paths.find(str(mini))
    marks = [build.fingerprint(root)]
    (mini / "data" / "new.ttl").write_text("")
    marks.append(build.fingerprint(root))
    (mini / "data" / "new.ttl").rename(mini / "data" / "newer.ttl")
    marks.append(build.fingerprint(root))
    (mini / "queries" / "rules" / "prp-trp.rq").unlink()
    marks.append(build.fingerprint(root))
    assert len(set(marks)) == 4
    (mini / "shapes" / "more.ttl").write_text("")
    assert build.fingerprint(root) == marks[-1], "shapes and questions are no part of the snapshot"


@pytest.mark.filterwarnings("ignore::oewg_kg.errors.QueryWarning")  # the answer is meant to be empty
def test_without_inference_no_inferred_triple_is_there(mini: Path, oewg_process: Start) -> None:
    assert b" 0 triples inferred" in oewg_process("build", "--no-inference").stdout
    opened = oewg_kg.load(str(mini))
    assert not list(opened.dataset.store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED)))
    assert opened.query("ASK { state:EST a oewg:Actor }") is False
    assert opened.query("ASK { state:EST a oewg:State }") is True
    oewg_process("build")
    assert oewg_kg.load(str(mini)).query("ASK { state:EST a oewg:Actor }") is True


def test_several_builds_at_once_all_end_well(mini: Path) -> None:
    oewg_kg.load(str(mini))
    whole = snapshot(mini).read_bytes()
    snapshot(mini).unlink()
    command = [OEWG, "--root", mini]
    runs = [
        subprocess.Popen([*command, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for args in (["build"], ["build"], ["ask", "adoptions"], ["info"])
    ]
    ends = [(*run.communicate(), run.returncode) for run in runs]
    assert [code for _, _, code in ends] == [0] * 4
    assert all(err == b"" for _, err, _ in ends)
    assert snapshot(mini).read_bytes() == whole
    assert left_over(mini) == []


def test_a_place_that_cannot_be_written_is_said_in_one_line(mini: Path, oewg_process: Start) -> None:
    (mini / "build").write_text("a file where a folder should be")
    for args in (["build"], ["ask", "adoptions"], ["show", "state:EST"]):
        done = oewg_process(*args)
        assert done.returncode == 5
        assert done.stdout == b""
        assert str(mini / "build") in one_line(done.stderr.decode())


def test_a_snapshot_that_is_a_folder_is_said_in_one_line(mini: Path, oewg_process: Start) -> None:
    snapshot(mini).mkdir(parents=True)
    done = oewg_process("ask", "adoptions")
    assert done.returncode == 5
    assert "snapshot.nq" in one_line(done.stderr.decode())


def test_a_full_disk_leaves_the_old_snapshot_as_it_was(mini: Path) -> None:
    oewg_kg.load(str(mini))
    before = snapshot(mini).read_bytes()
    edit(mini)
    command = ["sh", "-c", 'ulimit -f 8 && exec "$@"', "sh", OEWG, "--root", mini, "build"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 5
    assert str(snapshot(mini)) in one_line(done.stderr.decode())
    assert snapshot(mini).read_bytes() == before
    assert left_over(mini) == []
    assert knows_finland(mini)


@pytest.mark.skipif(
    os.geteuid() == 0, reason="this machine runs tests as root, whom the rights of a folder do not bind"
)
def test_a_read_only_folder_leaves_the_old_snapshot_as_it_was(mini: Path, oewg_process: Start) -> None:
    oewg_kg.load(str(mini))
    before = snapshot(mini).read_bytes()
    edit(mini)
    (mini / "build").chmod(0o555)
    done = oewg_process("build")
    (mini / "build").chmod(0o755)
    assert done.returncode == 5
    one_line(done.stderr.decode())
    assert snapshot(mini).read_bytes() == before


def test_a_read_only_place_with_a_fresh_snapshot_answers(mini: Path) -> None:
    """An installed wheel: the snapshot fits its sources, so nothing is ever written."""
    oewg_kg.load(str(mini))
    before = sorted((p.name, p.stat().st_mtime_ns) for p in (mini / "build").iterdir())
    assert len(oewg_kg.load(str(mini)).ask("adoptions")) == 1
    assert sorted((p.name, p.stat().st_mtime_ns) for p in (mini / "build").iterdir()) == before


@pytest.mark.parametrize("error", ["data/wrong.ttl", "queries/rules/wrong.rq"])
def test_an_error_in_a_source_leaves_the_old_snapshot_as_it_was(error: str, mini: Path, oewg_process: Start) -> None:
    oewg_kg.load(str(mini))
    before = snapshot(mini).read_bytes()
    (mini / error).write_text("CONSTRUCT nonsense")
    done = oewg_process("build")
    assert done.returncode == 3
    assert f"{error}:1:" in one_line(done.stderr.decode())
    assert snapshot(mini).read_bytes() == before
    assert left_over(mini) == []


@pytest.mark.parametrize("name", ["../up", "state/..", "a/./b", "%2e%2E/up", ".#x"])
def test_an_iri_of_ours_with_a_segment_of_dots_is_refused(name: str, mini: Path, oewg: Run) -> None:
    """RFC 3986, 5.2.4: who resolves such an IRI gets another one, and a file named by it stands elsewhere."""
    actors = mini / "data" / "actors" / "more.ttl"
    actors.write_text(f'<https://w3id.org/oewg-kg/{name}> <http://a/p> "x" .\n')
    done = oewg("build")
    assert done.exit_code == 3
    assert "data/actors/more.ttl: the path of this IRI contains . or .." in one_line(done.stderr)
    actors.write_text("<https://w3id.org/oewg-kg/state/..x> <http://a/p> <https://a.example/../b> .\n")
    assert oewg("build").exit_code == 0


# Sends itself a signal before the n-th change of a file or folder under build/: at the same place whatever the speed of the machine.
STOPPED = """
import os, signal, sys
from oewg_kg.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
folder, number, left = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def before(event, arguments):
    global left
    writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if (writes or event.startswith(("os.", "tempfile.", "shutil."))) and os.path.join(folder, "build") in str(arguments[:1]):
        left -= event not in ("os.listdir", "os.scandir")
        if not left:
            os.kill(os.getpid(), number)
sys.addaudithook(before)
main(["--root", folder, "build"])
"""


@pytest.mark.parametrize(("number", "every"), [(signal.SIGKILL, 3), (signal.SIGINT, 6)])
@pytest.mark.slow
def test_a_build_that_is_stopped_leaves_a_complete_snapshot(number: signal.Signals, every: int, mini: Path) -> None:
    """Stopped before it writes, before and after it puts the snapshot and the store in place, and in between."""
    oewg_kg.load(str(mini))
    before, outcomes = snapshot(mini).read_bytes(), []
    edit(mini)
    for moment in itertools.count(2 if every == 3 else 5, every):
        snapshot(mini).write_bytes(before)
        shutil.rmtree(mini / "build" / "opened", ignore_errors=True)
        command = [sys.executable, "-c", STOPPED, str(mini), str(int(number)), str(moment)]
        done = subprocess.run(command, capture_output=True, check=False)
        stopped = snapshot(mini).read_bytes()
        assert knows_finland(mini), "the next run works"
        assert stopped in (before, snapshot(mini).read_bytes()), "a snapshot is the old one or the new one"
        if done.returncode == 0:
            break
        outcomes.append(stopped == before)
    assert len(outcomes) >= 3 and set(outcomes) == {True, False}, "stopped before and after the snapshot was replaced"


def test_a_folder_without_sources_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        OewgError,
        match=r"this folder has no ontology/oewg\.ttl; give the folder of a copy of the repository, or of a dataset of your own",
    ):
        oewg_kg.load(str(tmp_path))
    with pytest.raises(StorageError, match="no sources found; reinstall oewg-kg, or name a copy of the repository"):
        build.load(paths.Root(tmp_path, tmp_path / "build" / "snapshot.nq"))


def test_the_root_may_be_in_the_environment(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OEWG_ROOT", str(mini))
    assert oewg_kg.load().root.folder == mini
    assert paths.find(str(ROOT)).folder == ROOT


def test_each_step_is_shown(mini: Path) -> None:
    steps: list[str] = []
    build.load(paths.find(str(mini)), steps.append)
    assert steps == ["reading the sources", "resolving", "inferring", "writing the snapshot"]


def test_files_of_ones_own_are_read_beside_the_graph(mini: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_text("<http://a/a> a <https://w3id.org/oewg-kg/ontology#State> .")
    dataset, own = build.with_external_files(paths.find(str(mini)), [tmp_path / "mine.ttl"])
    found = KnowledgeGraph(paths.find(str(mini)), dataset)
    assert found.query("ASK { <http://a/a> a oewg:Actor }") is True
    assert found.query("ASK { state:EST a oewg:State }") is True
    assert [quad.subject.value for quad in own] == ["http://a/a"]
