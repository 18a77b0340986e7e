"""The wheel: everything inside, installed in an empty environment, asked a question."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "OEWG_ROOT")}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    made = run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    )
    assert made.returncode == 0, made.stderr
    (found,) = folder.glob("*.whl")
    return found


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


def test_an_installed_user_gets_the_answer_without_a_build(wheel: Path, tmp_path: Path) -> None:
    assert run(sys.executable, "-m", "venv", str(tmp_path / "env")).returncode == 0
    bin_folder = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    installed = run(str(bin_folder / "python"), "-m", "pip", "install", "--quiet", str(wheel))
    if installed.returncode and not os.environ.get("CI"):
        pytest.skip(f"the dependencies cannot be installed here: {installed.stderr.strip()[-200:]}")
    assert installed.returncode == 0, installed.stderr
    (snapshot,) = (tmp_path / "env").rglob("snapshot.nq")
    before = snapshot.stat()
    oewg = str(bin_folder / "oewg")
    answer = run(oewg, "ask", "states-on-both-drafts", "--cite", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert len(answer.stdout.splitlines()) == 32
    assert "#L131" in answer.stdout
    for command in (
        ["questions"],
        ["info"],
        ["show", "state:EST"],
        ["search", "estonia"],
        ["why", "state:EST"],
        ["validate"],
    ):
        done = run(oewg, *command, cwd=tmp_path)
        assert done.returncode == 0, (command, done.stdout[-500:], done.stderr)
    asked = run(
        str(bin_folder / "python"),
        "-c",
        "import oewg_kg; print(len(oewg_kg.load().ask('states-on-both-drafts')))",
        cwd=tmp_path,
    )
    assert asked.stdout.strip() == "31", asked.stderr
    assert snapshot.stat().st_mtime_ns == before.st_mtime_ns, "the installed snapshot was built again"
