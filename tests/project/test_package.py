"""What is installed: the wheel has everything inside, and in an empty environment every command works from any folder."""

import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import OEWG, ROOT
from oewg_kg.cli import COMMANDS
from served import PATIENCE, until
from servers import free_port

pytestmark = pytest.mark.slow

TABLE = "Country\nEstonia\nTurkey\n"
ROLL_CALLS = "rcid,session,importantvote,date,unres,amend,para,short,descr\n6073,73.0,,2018-12-05,R/73/27,,,A,B\n"
VOTES = "rcid,country,country_code,vote\n6073,Estonia,EE,no\n"
# A small use of each command in an empty folder: the words, the exit code, and something that is told.
USES: dict[str, list[tuple[str, int, str]]] = {
    "agreement": [("agreement EST RUS -f svg", 0, "Agreement in votes")],
    "ask": [
        ("ask states-on-both-drafts --cite", 0, "#L131"),
        ("ask text-proposals -f footnotes", 0, "[^1]:"),
        ("ask how-commenters-voted -f csl-json -o lines.json", 0, ""),
    ],
    "build": [("build", 0, "quads stated")],
    "compare": [("compare EST IRN", 0, "not listed")],
    "conflicts": [("conflicts 75/240", 0, "set aside")],
    "coverage": [
        ("coverage page.txt", 2, "does not match any of the source pages"),
        ("coverage none.txt", 5, "none.txt"),
    ],
    "diff": [("diff one.nt two.nt", 0, "withdrawn"), ("diff HEAD", 2, "no such folder, file or git revision")],
    "draft": [("draft page.txt -o headings.csv", 0, ""), ("draft none.txt", 5, "none.txt")],
    "export": [
        ("export -f csv -o tables", 0, ""),
        ("export -f gexf -o networks", 0, ""),
        ("export -o all.db", 0, ""),
        ("export -f jsonld --thing state:EST", 0, "Estonia"),
        ("export -f parquet -o columns", 2, "pip install 'oewg-kg[parquet]'"),
    ],
    "import": [("import votes votes.csv --roll-calls calls.csv", 0, "1 votes imported")],
    "info": [("info", 0, "version: ")],
    "init": [("init mine --empty", 0, "mine")],
    "link": [("link Nothing", 2, "Nothing")],
    "publish": [("publish --endpoint http://127.0.0.1:9/update", 5, "the endpoint cannot be reached")],
    "query": [("query -q ASK{?s?p?o}", 0, "true")],
    "questions": [("questions --tag drafts", 0, "states-on-both-drafts")],
    "reconcile": [("reconcile names.csv --column Country", 0, "state/TUR")],
    # Standard input is at its end, and so is the command.
    "mcp": [("mcp", 0, "")],
    "release": [("release out", 0, "files, ")],
    "search": [("search estonia", 0, "state:EST")],
    "show": [("show state:EST", 0, "Estonia")],
    # A whole site takes a minute: its own tests make one.
    "site": [("site -o names.csv", 2, "names.csv")],
    "source": [("source add none.txt --name mine --title Mine", 5, "none.txt")],
    "validate": [("validate", 0, "")],
    "verify": [("ask chairs --receipt chairs.json -f csv", 0, ""), ("verify chairs.json", 0, "true")],
    "why": [("why state:IRN nameInSource -f bibtex", 0, "@online{")],
}


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program that finds nothing of this checkout, and writes below the folder in which it runs."""
    home = {} if cwd is None else {"HOME": str(cwd), "XDG_DATA_HOME": str(cwd), "XDG_CACHE_HOME": str(cwd)}
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "OEWG_ROOT")} | home
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd=cwd, env=env, check=False
    )


def built(kind: str, source: Path, folder: Path) -> Path:
    """Build a wheel or source distribution with what is installed here."""
    made = run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder, cwd=source)
    assert made.returncode == 0, made.stdout + made.stderr
    (found,) = folder.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def installed_by(python: str | Path, wheel: Path, env: Path) -> Path:
    """Install the wheel, and what it asks for, in an empty environment; give the folder of its programs."""
    # With this Python's pip, and compiling only what is imported: both spare half the time.
    assert run(python, "-m", "venv", "--without-pip", env).returncode == 0
    bin_folder = env / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", bin_folder / "python")
    done = run(*pip, "install", "--quiet", "--no-compile", wheel)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"the index of Python packages is not here: connect to it ({done.stderr.strip()[-200:]})")
    assert done.returncode == 0, done.stderr
    return bin_folder


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed_by(sys.executable, wheel, tmp_path_factory.mktemp("env"))


def other_pythons() -> dict[str, str]:
    """Find the oldest and the newest of the other versions of Python on the PATH and in pyenv: version and program.

    What lies between them changes nothing that both do alike.
    """
    names = [shutil.which(f"python3.{minor}") for minor in range(11, 20)]
    names += sorted(map(str, Path("~/.pyenv/versions").expanduser().glob("*/bin/python")))
    ask = "import ensurepip, sys, venv; print('{}.{}.{}'.format(*sys.version_info))"
    told = {name: run(name, "-c", ask) for name in names if name}
    versions = {done.stdout.strip(): name for name, done in told.items() if done.returncode == 0}
    own = (3, sys.version_info.minor)
    numbers = {tuple(map(int, version.split("."))): name for version, name in versions.items()}
    others = sorted(number for number in numbers if number[:2] != own and number >= (3, 11))
    # Ours may be the oldest that the package takes, or the newest that is here.
    chosen = {number for number in (*others[:1], *others[-1:]) if number in (min((own, *others)), max((own, *others)))}
    return {".".join(map(str, number)): numbers[number] for number in sorted(chosen)}


def made_by(program: Path, world: Path, folder: Path) -> dict[str, bytes]:
    """Use an installed program on the small world, and for the tables on the real one; give all that it tells and writes."""
    folder.mkdir()
    uses = (
        ("--root", world, "build"),
        ("--root", world, "export", "-f", "trig", "-o", "all.trig"),
        ("export", "-f", "csv", "-o", "tables"),
        ("ask", "states-on-both-drafts", "--cite", "-f", "json", "-o", "answer.json"),
        ("--root", world, "validate"),
    )
    for number, words in enumerate(uses):
        done = run(program, *words, cwd=folder)
        assert done.returncode == 0, (words, done.stderr)
        (folder / f"{number}.txt").write_text(done.stdout)
    shutil.copy(world / "build" / "snapshot.nq", folder)
    # The engine's own files of an opened store differ each time; what they answer is compared above.
    written = [p for p in sorted(folder.rglob("*")) if p.is_file() and "opened" not in p.parts]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in written}


def test_other_pythons_give_the_same_bytes(
    wheel: Path, mini: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    others = other_pythons()
    if not others:
        pytest.skip("this machine has no other Python 3.11 or newer")
    ours = made_by(OEWG, mini, tmp_path / "ours")
    assert len(ours) > 10
    for version, python in others.items():
        there = installed_by(python, wheel, tmp_path / f"env-{version}")
        (mini / "build" / "snapshot.nq").unlink()
        assert made_by(there / "oewg", mini, tmp_path / version) == ours, version
        with Path("/dev/full").open("wb") as full:
            told = subprocess.run([there / "oewg", "info"], stdout=full, stderr=subprocess.PIPE, check=False)
        assert told.returncode == 5 and len(told.stderr.splitlines()) == 1, (
            "a full disk is told once, and by the exit code"
        )
        record_property("figure", f"{version} as {platform.python_version()}")


def test_the_wheel_holds_every_source_and_the_snapshot(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"oewg_kg/resources/{path.relative_to(ROOT).as_posix()}"
        for folder, suffixes in (("ontology", "ttl"), ("data", "ttl trig"), ("shapes", "ttl"), ("queries", "rq"))
        for suffix in suffixes.split()
        for path in (ROOT / folder).rglob(f"*.{suffix}")
    }
    assert len(wanted) > 60
    assert not wanted - names
    assert "oewg_kg/resources/snapshot.nq" in names
    assert not [name for name in names if "tests/" in name or "__pycache__" in name]


def test_the_source_distribution_is_complete_and_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    packed = built("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / packed.name.removesuffix(".tar.gz")
    for name in ("docs/tutorial.md", "docs/analysis.R", "CONTRIBUTING.md", "CITATION.cff", "Makefile", ".ci/run"):
        assert (source / name).is_file(), f"{name} is not in the source distribution: add it in pyproject.toml"
    assert not list(source.rglob("node_modules")) and not list(source.rglob("pyvenv.cfg"))
    again = built("wheel", source, tmp_path / "again")
    one, other = zipfile.ZipFile(wheel), zipfile.ZipFile(again)
    assert one.namelist() == other.namelist()
    assert not [name for name in one.namelist() if one.read(name) != other.read(name)]


def test_dependencies_begin_above_the_holes_that_are_known_and_scripts_of_packages_are_not_run() -> None:
    """CVE-2025-27516, CVE-2026-48710, CVE-2026-54282, CVE-2026-54283, CVE-2024-27982, and httptools issue 142."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    floors = dict(one.split(">=") for one in wanted if "," not in one)
    pinned = dict(
        re.findall(r"^([a-z0-9-]+)==([0-9.]+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for name, fixed in {"jinja2": (3, 1, 6), "starlette": (1, 3, 1), "httptools": (0, 8)}.items():
        for version in (floors[name], pinned[name]):
            assert tuple(map(int, version.split("."))) >= fixed, name
    for file in (ROOT / "Makefile", ROOT / ".ci" / "run"):
        installs = re.findall(r"npm ci .*", file.read_text(encoding="utf-8"))
        assert installs and all("--ignore-scripts" in one for one in installs), file


def test_each_command_has_a_use_here() -> None:
    assert set(USES) | {"serve"} == set(COMMANDS), "add a small use of the command to USES"


@pytest.mark.parametrize("command", USES)
def test_a_command_works_in_an_empty_environment(command: str, installed: Path, tmp_path: Path) -> None:
    triples = ["<urn:a> <urn:b> <urn:c> .\n", "<urn:a> <urn:b> <urn:d> .\n"]
    given = {"names.csv": TABLE, "calls.csv": ROLL_CALLS, "votes.csv": VOTES, "page.txt": "Events\n"}
    for name, text in (given | {"one.nt": "".join(triples), "two.nt": triples[0]}).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for words, code, told in USES[command]:
        done = run(installed / "oewg", *words.split(" "), cwd=tmp_path)
        assert (done.returncode, told in done.stdout + done.stderr) == (code, True), (words, done.stdout, done.stderr)
        if code in (2, 5):
            assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("oewg: "), done.stderr
        if " -o " in words and not code:
            assert (tmp_path / words.partition(" -o ")[2]).exists()


def test_the_explorer_is_served_from_an_empty_environment(installed: Path, tmp_path: Path) -> None:
    port = free_port()
    server = subprocess.Popen(
        [installed / "oewg", "serve", "--port", str(port), "--workers", "1"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        pages: list[str] = []

        def read() -> bool:
            assert server.poll() is None, "the server ended"
            address = f"http://127.0.0.1:{port}/state/EST"
            with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                pages.append(answer.read().decode())
            return bool(pages)

        until(read, "no page comes")
        assert "Estonia" in pages[0]
    finally:
        server.terminate()
        server.wait(PATIENCE)


def test_an_installed_user_asks_from_python_without_a_build(installed: Path, tmp_path: Path) -> None:
    (snapshot,) = installed.parent.rglob("snapshot.nq")
    before = snapshot.stat().st_mtime_ns
    script = "import oewg_kg; print(len(oewg_kg.load().ask('states-on-both-drafts')))"
    asked = run(installed / "python", "-c", script, cwd=tmp_path)
    assert asked.stdout.strip() == "31", asked.stderr
    assert snapshot.stat().st_mtime_ns == before, "the installed snapshot was built again"


def test_no_tool_of_the_tests_is_in_the_empty_environment(installed: Path) -> None:
    told = run(sys.executable, "-m", "pip", "--python", installed / "python", "list", "--format", "freeze").stdout
    names = {line.partition("==")[0].lower() for line in told.splitlines()}
    assert "pyoxigraph" in names
    assert not names & {"pytest", "networkx", "polars", "pandas", "hatchling", "pyld"}
    assert shutil.which("pytest", path=str(installed)) is None
