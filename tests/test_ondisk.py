"""The store on disk is the snapshot again: the same quads, labels and answers, opened quickly, noticed when damaged or out of date."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from conftest import OEWG, Start
from oewg_kg import build, ondisk, paths, query
from oewg_kg.dataset import Dataset
from oewg_kg.paths import Root

FLIPS = 60
SEED = 2021
Record = Callable[[str, object], None]
FINLAND = '\nstate:FIN a oewg:State ;\n    skos:prefLabel "Finland"@en .\n'


def kept(root: Root) -> Path:
    """Have the store made, and return its folder."""
    build.load(root)
    build.opened(root)
    (folder,) = (root.home / "opened").glob("graph-*")
    return folder


def later(folder: Path) -> None:
    """Wait until a file that is written has another time than those of a folder: clocks of file systems may tick every 16 milliseconds."""
    latest, probe = max(path.stat().st_mtime_ns for path in folder.iterdir()), folder.parent / "probe"
    while not probe.exists() or probe.stat().st_mtime_ns <= latest:
        probe.write_bytes(b"")
    probe.unlink()


def knows_finland(dataset: Dataset) -> bool:
    return bool(dataset.store.query("ASK { ?x <http://www.w3.org/2004/02/skos/core#prefLabel> 'Finland'@en }"))


@pytest.mark.slow
def test_every_question_has_the_same_answer_from_disk_and_from_memory(checkout: Path) -> None:
    root = paths.find(str(checkout))
    disk, memory = ondisk.opened(kept(root)), build.load(root)
    assert disk is not None
    questions = query.load(root.queries).values()
    assert len(questions) > 100
    assert [one.name for one in questions if query.run(disk, one, {}) != query.run(memory, one, {})] == []


def test_a_store_on_disk_holds_the_quads_labels_and_files_of_the_build(mini: Path) -> None:
    root = paths.find(str(mini))
    (mini / "data" / "blank.ttl").write_text("<http://a/a> <http://a/b> [ <http://a/c> [] ] .")
    made, _ = build.build(root)
    disk = ondisk.opened(kept(root))
    assert disk is not None
    assert any(isinstance(quad.object, ox.BlankNode) for quad in disk.store)
    assert set(disk.store) == set(made.store) and disk.files == made.files


def test_the_first_question_after_a_build_makes_it_and_the_next_changes_nothing(
    mini: Path, oewg_process: Start
) -> None:
    opened = mini / "build" / "opened"
    first = oewg_process("ask", "adoptions")
    assert not list(opened.glob("graph-*")), "who edits and asks in turn does not wait for it"
    second = oewg_process("ask", "adoptions")
    (folder,) = opened.glob("graph-*")
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    third = oewg_process("ask", "adoptions")
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert first.returncode == 0 and first.stdout == second.stdout == third.stdout
    assert not [path.name for path in folder.iterdir() if path.name.startswith(("LOG", "OPTIONS"))]


@pytest.mark.parametrize("always_read", [ondisk.ALWAYS_READ, 0], ids=["small", "large"])
def test_a_bit_turned_over_in_a_store_is_noticed(
    always_read: int, mini: Path, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    """Flips of all kinds of files: also a large one, of which nothing is read while its size and times are as they were."""
    monkeypatch.setattr(ondisk, "ALWAYS_READ", always_read)
    root = paths.find(str(mini))
    folder = kept(root)
    whole = {path: path.read_bytes() for path in folder.iterdir() if path.stat().st_size}
    later(folder)
    damage = random.Random(SEED)
    for turn in range(FLIPS):
        path = damage.choices(list(whole), [len(content) if turn % 2 else 1 for content in whole.values()])[0]
        turned = bytearray(whole[path])
        turned[damage.randrange(len(turned))] ^= 1 << damage.randrange(8)
        path.write_bytes(turned)
        assert ondisk.opened(folder) is None, f"{path.name} is damaged"
        path.write_bytes(whole[path])
    assert ondisk.intact(folder)
    record_property("figure", f"{FLIPS} flips, all noticed")


def test_a_store_cut_short_or_with_other_files_is_not_opened(mini: Path) -> None:
    folder = kept(paths.find(str(mini)))
    for path in list(folder.iterdir()):
        whole = path.read_bytes()
        for damaged in (whole[: len(whole) // 2], b""):
            path.write_bytes(damaged)
            assert ondisk.opened(folder) is None or damaged == whole
        path.unlink()
        assert ondisk.opened(folder) is None
        path.write_bytes(whole)
    (folder / "more.sst").write_bytes(b"")
    assert ondisk.opened(folder) is None


@pytest.mark.slow
def test_a_damaged_store_is_made_again_by_the_next_question_by_build_and_by_validate(
    mini: Path, oewg_process: Start
) -> None:
    root = paths.find(str(mini))
    folder = kept(root)
    answer = oewg_process("ask", "adoptions").stdout
    for command in (["ask", "adoptions"], ["build"], ["validate"]):
        largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
        largest.write_bytes(largest.read_bytes()[:-1] + b"!")
        assert ondisk.opened(folder) is None
        oewg_process(*command)
        assert oewg_process("ask", "adoptions").stdout == answer
        assert ondisk.opened(folder) is not None, command


def test_an_edit_is_seen_and_who_reads_the_old_store_keeps_it(mini: Path) -> None:
    root = paths.find(str(mini))
    kept(root)
    before = build.opened(root)
    with (mini / "data" / "actors" / "actors.ttl").open("a") as file:
        file.write(FINLAND)
    for _ in range(2):
        assert knows_finland(build.opened(root))
    assert len(list((root.home / "opened").glob("graph-*"))) == 1, "the earlier one is gone"
    assert not knows_finland(before) and len(list(before.store)) == len(before.store) > 100


def test_a_store_of_other_rules_of_inference_is_not_taken(mini: Path, oewg_process: Start) -> None:
    asked = ("query", "-q", "ASK { state:EST a oewg:Actor }", "-f", "csv")
    for command, answer in ((["build", "--no-inference"], b"false"), (["build"], b"true")):
        oewg_process(*command)
        assert [oewg_process(*asked).stdout.strip() for _ in range(2)] == [answer] * 2


def test_several_processes_make_and_open_one_store(mini: Path) -> None:
    build.load(paths.find(str(mini)))
    runs = [
        subprocess.Popen([OEWG, "--root", mini, "ask", "adoptions"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    ends = [(*run.communicate(timeout=60), run.returncode) for run in runs]
    assert len({out for out, _, _ in ends}) == 1
    assert [(error, code) for _, error, code in ends] == [(b"", 0)] * 4
    assert ondisk.opened(kept(paths.find(str(mini)))) is not None


def test_where_nothing_can_be_written_questions_are_answered_from_the_snapshot(mini: Path, oewg_process: Start) -> None:
    wanted = oewg_process("ask", "adoptions")
    (mini / "build" / "opened").write_text("a file where a folder should be")
    done = oewg_process("ask", "adoptions")
    assert (done.returncode, done.stdout, done.stderr) == (0, wanted.stdout, b"")


def test_an_installation_keeps_its_store_among_the_users_data(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    root = Root(mini, mini / "snapshot.nq")
    build.load(root)
    before = sorted(path for path in mini.rglob("*"))
    assert kept(root).is_relative_to(tmp_path / "data")
    monkeypatch.setattr(build, "load", lambda *_: pytest.fail("the snapshot is read"))
    assert len(build.opened(root).store) > 100
    assert sorted(path for path in mini.rglob("*")) == before, "nothing is written where it is installed"


def test_a_change_that_keeps_size_and_time_is_noticed(mini: Path) -> None:
    """As `touch -r` or a copy with times does it: the time of the change itself cannot be set."""
    root = paths.find(str(mini))
    mark, place = build.fingerprint(root), mini / "data" / "actors" / "actors.ttl"
    about, text = place.stat(), place.read_text()
    place.write_text(text.replace("Estonia", "Astonia"))
    os.utime(place, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert (place.stat().st_size, place.stat().st_mtime_ns) == (about.st_size, about.st_mtime_ns)
    assert build.fingerprint(root) != mark
    place.write_text(text)
    assert build.fingerprint(root) == mark, "the same contents, whatever the times"


def test_new_renamed_and_removed_files_are_noticed(mini: Path) -> None:
    root = paths.find(str(mini))
    marks = [build.fingerprint(root)]
    (mini / "data" / "new.ttl").write_text("")
    marks.append(build.fingerprint(root))
    (mini / "data" / "new.ttl").rename(mini / "data" / "newer.ttl")
    marks.append(build.fingerprint(root))
    (mini / "queries" / "rules" / "prp-trp.rq").unlink()
    marks.append(build.fingerprint(root))
    assert len(set(marks)) == 4


def test_too_few_open_files_are_no_obstacle(mini: Path) -> None:
    """The engine wants 96 of them for a store on disk."""
    kept(paths.find(str(mini)))
    command = ["sh", "-c", 'ulimit -n 64 && exec "$@"', "sh", sys.executable, OEWG, "--root", mini, "ask", "adoptions"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 2
