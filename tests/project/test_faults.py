"""What goes wrong outside: processes killed at any moment, full and read-only disks, bits turned over, other clocks and places."""

import contextlib
import itertools
import multiprocessing
import multiprocessing.connection
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from conftest import OEWG, ROOT
from oewg_kg import build, paths
from oewg_kg.cli import main
from oewg_kg.errors import OewgError
from oewg_kg.votes import store as imports

pytestmark = pytest.mark.slow

RUNS = 7  # five are killed at some moment of their work, and two end
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.utime", "os.link", "os.symlink")
FLIPS = 50
SEED = 1998
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["oewg_kg.cli", "oewg_kg.votes.importer", "oewg_kg.votes.store"])
Check = Callable[[], str]
Record = Callable[[str, object], None]


def work(
    ready: multiprocessing.connection.Connection, args: list[str], step: int | None = None, limit: int | None = None
) -> None:
    """Run one command in this process, which already holds the program, so that a kill meets its work and not its start.

    With a step, the process kills itself just before it changes the file system for that time; with a limit, the system kills it
    as soon as it has written that many bytes to one file.
    """
    ready.send("begun")
    if step is not None:
        sys.addaudithook(killer(step))
    if limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with Path(os.devnull).open("w") as away, contextlib.redirect_stdout(away), contextlib.redirect_stderr(away):
        sys.exit(main(args, standalone_mode=False))


def killer(step: int) -> Callable[[str, tuple[object, ...]], None]:
    """Count what changes the file system, and end this process before the change of a number.

    Of removals in a row, as of the files of a former store, only two count: whichever are left, the folder is half removed.
    """
    changes, removed = itertools.count(), 0

    def hook(event: str, given: tuple[object, ...]) -> None:
        nonlocal removed
        changing = event in CHANGES or (event == "open" and isinstance(given[2], int) and given[2] & WRITING)
        if not changing or given[0] == os.devnull:
            return
        removed = removed + 1 if event == "os.remove" else 0
        if removed <= 2 and next(changes) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def finished(args: list[str], step: int | None = None, limit: int | None = None) -> int | None:
    """Run a command to its end, or until its step or limit ends it, and return the exit code (a signal below zero)."""
    here, there = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=work, args=(there, args, step, limit))
    process.start()
    process.join()
    here.close()
    there.close()
    return process.exitcode


def kill_at_each_step(args: list[str], before: Callable[[], object], check: Check) -> Counter[str]:
    """Run a command again and again, and kill it before its first change of the file system, its second, and so on to its end."""
    found: Counter[str] = Counter()
    for step in itertools.count():
        before()
        code = finished(args, step)
        found[check()] += 1
        if code == 0:
            return found
        assert code == -signal.SIGKILL, f"{args} ended with {code} at step {step}"
    raise AssertionError


def kill_while_writing(args: list[str], file: Path, size: int, check: Check) -> str:
    """Kill a command when it has written half of a file; return what is left, after the half that nobody reads is removed."""
    assert finished(args, limit=size // 2) == -signal.SIGXFSZ
    (half,) = [path for path in file.parent.iterdir() if path.name.startswith(f".{file.name}.")]
    assert half.stat().st_size == size // 2
    half.unlink()
    return check()


def run(args: list[str], seconds: float | None) -> float:
    """Run a command and kill it after some seconds (None: let it end); return how long it ran."""
    here, there = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=work, args=(there, args))
    process.start()
    assert here.recv() == "begun"
    begun = time.perf_counter()
    process.join(seconds)
    process.kill()
    process.join()
    here.close()
    there.close()
    assert seconds is not None or process.exitcode == 0, f"{args} ended with {process.exitcode}"
    return time.perf_counter() - begun


def kill_often(args: Callable[[int], list[str]], check: Check) -> Counter[str]:
    """Run a command, killing it at random moments of its work; `check` looks at what is left and gives it a name.

    Which runs end does not depend on the machine: the third and the last.
    """
    whole = max(run(args(turn), None) for turn in range(2))
    moments = random.Random(SEED)
    found: Counter[str] = Counter()
    for turn in range(RUNS):
        run(args(turn), None if turn in (2, RUNS - 1) else moments.uniform(0, whole))
        found[check()] += 1
    for turn in range(2):
        run(args(turn), None)
        found[check()] += 1
    return found


def test_a_build_killed_at_any_moment_leaves_a_complete_snapshot(mini: Path, record_property: Record) -> None:
    root = paths.find(str(mini))
    extra = mini / "data" / "places-more.ttl"
    states = [
        b"",
        b"<https://w3id.org/oewg-kg/place/none> <http://www.w3.org/2000/01/rdf-schema#comment> 'one more' .\n",
    ]
    wholes = {}
    for name, content in zip(("before", "after"), states, strict=True):
        extra.write_bytes(content)
        run(["--root", str(mini), "build"], None)
        wholes[root.snapshot.read_bytes()] = name
    assert len(wholes) == 2

    def args(turn: int) -> list[str]:
        extra.write_bytes(states[turn % 2])
        return ["--root", str(mini), "build"]

    def check() -> str:
        content = root.snapshot.read_bytes()
        assert content in wholes, "a snapshot is the old one or the new one, never a part"
        return wholes[content]

    assert kill_while_writing(args(0), root.snapshot, root.snapshot.stat().st_size, check) == "after"
    found = kill_often(args, check)
    extra.unlink()
    assert found.total() == RUNS + 2
    assert found["before"] and found["after"]
    assert left_over(root.snapshot.parent) <= RUNS
    age(root.snapshot.parent)
    build.write(build.load(root), build.fingerprint(root), root.snapshot)
    assert left_over(root.snapshot.parent) == 0, "what killed runs left is swept away by a later one"
    record_property(
        "figure",
        f"{RUNS} runs, five of them killed: {found['before']} x one of two snapshots, {found['after']} x the other, none broken",
    )


def test_an_export_killed_at_any_moment_leaves_no_half_file(
    mini: Path, tmp_path: Path, record_property: Record
) -> None:
    build.load(paths.find(str(mini)))
    place = tmp_path / "all.nq"
    command = ["--root", str(mini), "export", "-f", "nquads", "-o", str(place)]
    run(command, None)
    whole = place.read_bytes()

    def args(turn: int) -> list[str]:
        if turn % 2 == 0:
            place.unlink(missing_ok=True)
        return command

    def check() -> str:
        if not place.exists():
            return "nothing"
        assert place.read_bytes() == whole, "what is there is whole"
        return "whole"

    assert kill_while_writing(command, place, len(whole), check) == "whole"
    assert kill_while_writing(args(0), place, len(whole), check) == "nothing"
    found = kill_often(args, check)
    assert found.total() == RUNS + 2
    assert found["whole"]
    told = f"{RUNS} runs, five of them killed, of `nquads`: {found['nothing']} x nothing, {found['whole']} x the whole, no half"
    record_property("figure", told)


def test_an_import_killed_at_any_moment_leaves_the_former_or_the_new_one(
    mini: Path, tmp_path: Path, record_property: Record
) -> None:
    root = paths.find(str(mini))
    (mini / "data" / "reference").mkdir()
    for name in ("actors/states.ttl", "reference/states.ttl", "reference/historic-states.csv"):
        shutil.copy(ROOT / "data" / name, mini / "data" / name)
    build.load(root)
    calls, counts = tmp_path / "calls.csv", (600, 800)
    calls.write_text(
        "rcid,session,importantvote,date,unres,amend,para,short,descr\n"
        + "".join(f"{call},75.0,0,2020-12-07,R/75/{call},0,0,A,B\n" for call in range(1, 401))
    )
    codes = ["EE,Estonia", "RU,Russia"]
    for turn, count in enumerate(counts):
        rows = ((at % 400 + 1, *codes[at // 400].split(",")) for at in range(count))
        lines = (f"{call},{name},{code},yes\n" for call, code, name in rows)
        (tmp_path / f"votes{turn}.csv").write_text("rcid,country,country_code,vote\n" + "".join(lines))

    def args(turn: int) -> list[str]:
        votes = str(tmp_path / f"votes{turn % 2}.csv")
        return ["--root", str(mini), "import", "votes", votes, "--roll-calls", str(calls)]

    sizes: dict[int, int] = {}

    def check() -> str:
        found = imports.find_import(root)
        assert found is not None
        rows, size = found.report["rows"], len(ox.Store.read_only(str(found.folder)))
        assert size == sizes.setdefault(rows, size) > rows
        return str(rows)

    for turn in range(2):
        run(args(turn), None)
        check()
    assert set(sizes) == set(counts)

    def before() -> None:
        if check() != str(counts[1]):
            run(args(1), None)

    steps = kill_at_each_step(args(0), before, check)
    assert steps[str(counts[1])] >= 3 and steps[str(counts[0])] >= 1
    found = kill_often(args, check)
    assert found.total() == RUNS + 2
    assert len(found) == 2
    age(imports.home(root))
    run(args(0), None)
    run(args(1), None)
    assert len(imports.load(root).store) > sizes[counts[1]]
    assert left_over(imports.home(root)) == 0, "what killed runs left is swept away by a later one"
    one, other = found.values()
    record_property(
        "figure",
        f"{RUNS} runs, five of them killed: {one} x one of two imports, {other} x the other, none broken; "
        f"killed before each of {steps.total() - 1} changes of the file system",
    )


def test_a_build_killed_at_each_of_its_steps_leaves_a_complete_snapshot(mini: Path, record_property: Record) -> None:
    root = paths.find(str(mini))
    extra, wholes = next((mini / "data").rglob("*.ttl")), {}
    text = extra.read_bytes()
    for name, added in (
        ("after", b"\n<urn:x:one> <http://www.w3.org/2000/01/rdf-schema#comment> 'more' .\n"),
        ("before", b""),
    ):
        extra.write_bytes(text + added)
        run(["--root", str(mini), "build"], None)
        wholes[root.snapshot.read_bytes()] = name
    former = root.snapshot.read_bytes()
    extra.write_bytes(text + b"\n<urn:x:one> <http://www.w3.org/2000/01/rdf-schema#comment> 'more' .\n")
    found = kill_at_each_step(
        ["--root", str(mini), "build"],
        lambda: root.snapshot.write_bytes(former),
        lambda: wholes[root.snapshot.read_bytes()],
    )
    assert found["before"] >= 3 and found["after"] >= 1, (
        "the renaming makes it the new one; the store on disk comes after it"
    )
    record_property("figure", f"killed before each of {found.total() - 1} changes of the file system")


@pytest.mark.parametrize(("format", "name"), [("nquads", "all.nq"), ("csv", "tables")])
@pytest.mark.parametrize("former", [False, True], ids=["none before", "one before"])
def test_an_export_killed_at_each_of_its_steps_leaves_no_half_file(
    format: str, name: str, former: bool, mini: Path, tmp_path: Path, record_property: Record
) -> None:
    build.load(paths.find(str(mini)))
    place, kept = tmp_path / "out" / name, tmp_path / "kept"
    command = ["--root", str(mini), "export", "-f", format, "-o", str(place)]
    run(command, None)
    whole = content(place)
    place.rename(kept)

    def before() -> None:
        shutil.rmtree(tmp_path / "out")
        (tmp_path / "out").mkdir()
        if former:
            shutil.copytree(kept, place) if kept.is_dir() else shutil.copy(kept, place)

    def check() -> str:
        if not place.exists():
            return "nothing"
        assert content(place) == whole, "what is there is complete"
        return "whole"

    found = kill_at_each_step(command, before, check)
    assert found.total() > 3 and found["whole"]
    # A folder cannot be renamed over another, so for one step neither is there; a file is replaced in one.
    assert found["nothing"] <= 1 if former else found["nothing"] >= 2
    told = (
        f"`{format}` over {'an older one' if former else 'nothing'}: killed before each of {found.total() - 1} changes"
    )
    record_property("figure", told)


def content(place: Path) -> dict[str, bytes]:
    """Read a file, or all files of a folder, by name."""
    return {path.name: path.read_bytes() for path in ([place] if place.is_file() else sorted(place.iterdir()))}


def left_over(folder: Path) -> int:
    """Count what unfinished runs left."""
    return len([path for path in folder.iterdir() if path.name.startswith(".")])


def age(folder: Path) -> None:
    """Make what unfinished runs left two days old."""
    for path in folder.iterdir():
        if path.name.startswith("."):
            os.utime(path, (time.time() - 172_800,) * 2)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 256 kilobytes, where the machine lets us."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip(
            "this machine lets nobody mount a small disk; test_build and test_files hold the same with a limit of file size"
        )
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("command", [["export", "-f", "nquads", "-o"], ["export", "-f", "csv", "-o"], ["site", "-o"]])
def test_a_full_disk_is_reported_and_nothing_half_written_is_left(
    command: list[str], small_disk: Path, mini: Path, record_property: Record
) -> None:
    root = mini if command[0] == "site" else ROOT
    done = subprocess.run(
        [OEWG, "--root", root, *command, small_disk / "out"], capture_output=True, check=False, text=True
    )
    assert done.returncode == 5
    assert re.search(r"^oewg: .*No space left on device", done.stderr, re.MULTILINE)
    assert "Traceback" not in done.stderr
    assert list(small_disk.iterdir()) == []
    record_property("figure", f"`oewg {' '.join(command[:-1])}`: exit 5, one line, nothing left")


def test_a_read_only_disk_is_reported(small_disk: Path, record_property: Record) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = subprocess.run([OEWG, "export", "-o", small_disk / "out.ttl"], capture_output=True, check=False, text=True)
    assert done.returncode == 5
    assert "Read-only file system" in done.stderr and len(done.stderr.splitlines()) == 1
    record_property("figure", "`oewg export`: exit 5, one line")


def test_a_bit_turned_over_in_a_snapshot_is_noticed(checkout: Path, record_property: Record) -> None:
    root = paths.find(str(checkout))
    build.load(root)
    mark, whole = build.fingerprint(root), root.snapshot.read_bytes()
    damage = random.Random(SEED)
    head = len(whole.partition(b" snapshot ")[0]) + len(b" snapshot ")
    place = root.snapshot.with_name("damaged.nq")
    for _ in range(FLIPS):
        turned = bytearray(whole)
        turned[damage.randrange(head, len(whole))] ^= 1 << damage.randrange(8)
        place.write_bytes(turned)
        assert build.read(place, mark) is None
    place.write_bytes(whole)
    assert build.read(place, mark) is not None
    record_property("figure", f"{FLIPS} flips, all noticed")


@pytest.mark.parametrize(("world", "flips"), [("checkout", 12), ("mini", FLIPS)])
def test_bits_turned_over_in_data_files_are_noticed_or_change_a_value(
    world: str, flips: int, request: pytest.FixtureRequest, record_property: Record
) -> None:
    """A bit of a source is named by file and line when it breaks the text; else it is a new value, which the fingerprint tells."""
    root = paths.find(str(request.getfixturevalue(world)))
    mark = build.fingerprint(root)
    damage = random.Random(SEED)
    files = [*root.sources(), *root.mappings()]
    found: Counter[str] = Counter()
    for _ in range(flips):
        path = damage.choices(files, [p.stat().st_size for p in files])[0]
        whole = path.read_bytes()
        turned = bytearray(whole)
        turned[damage.randrange(len(whole))] ^= 1 << damage.randrange(8)
        path.write_bytes(turned)
        assert build.fingerprint(root) != mark
        try:
            build.build(root, inference=False)
            found["another value"] += 1
        except OewgError as error:
            assert root.relative(path) in str(error), "the file is named"
            found["named"] += 1
        path.write_bytes(whole)
    assert build.fingerprint(root) == mark
    assert found.total() == flips and found["named"] >= 3
    told = f"{flips} flips: {found['named']} named by file and line, {found['another value']} another valid value"
    record_property("figure", f"{told}; the snapshot was never taken for theirs")


def test_bits_turned_over_in_tables_give_one_line_or_an_answer(
    mini: Path, tmp_path: Path, record_property: Record
) -> None:
    table = tmp_path / "survey.csv"
    whole = 'Country;n\nCôte d’Ivoire;1\n"Korea, Republic of";2\nTürkiye;3\n'.encode()
    damage = random.Random(SEED)
    found: Counter[str] = Counter()
    for _ in range(FLIPS):
        turned = bytearray(whole)
        turned[damage.randrange(len(whole))] ^= 1 << damage.randrange(8)
        table.write_bytes(turned)
        done = CliRunner().invoke(main, ["--root", str(mini), "reconcile", str(table), "--column", "Country"])
        assert done.exit_code in (0, 2, 3)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert done.exit_code == 0 or done.stderr.startswith("oewg: ")
        found["read" if done.exit_code == 0 else "refused"] += 1
    record_property("figure", f"{FLIPS} flips: {found['read']} read, {found['refused']} refused in one line")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Adak"])
def test_clock_time_zone_and_locale_change_no_byte(zone: str, mini: Path, record_property: Record) -> None:
    """A build and an export of another day, place and language are the same bytes."""
    found = set()
    for environment in ({}, {"TZ": zone, "LC_ALL": "tr_TR.UTF-8", "LANG": "ar_EG.UTF-8", "SOURCE_DATE_EPOCH": "0"}):
        for path in mini.rglob("*.t*"):
            os.utime(path, (len(environment) * 10**8 + 10**6,) * 2)
        for part in (["build"], ["export", "-f", "trig", "-o", str(mini / "all.trig")]):
            subprocess.run([OEWG, "--root", mini, *part], check=True, capture_output=True, env=os.environ | environment)
        found.add((mini / "build" / "snapshot.nq").read_bytes() + (mini / "all.trig").read_bytes())
    assert len(found) == 1
    record_property("figure", f"{zone}, tr_TR, files of another year: the same snapshot and export")
