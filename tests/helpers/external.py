"""Other people's programs, as the tests of the exports use them: where they are, and how each tells what it read."""

import csv
import importlib
import json
import os
import shutil
import subprocess
import uuid
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parents[1] / "programs"
JARS = Path("/usr/share/java")
# Jars of Debian that quarrel over the log when they stand on one class path.
LOGS = (
    "log4j",
    "jul-to",
    "maven",
    "groovy",
    "slf4j-simple",
    "slf4j-jdk14",
    "slf4j-jcl",
    "slf4j-android",
    "slf4j-ext",
    "slf4j-migrator",
)


# For a program that runs for seconds: no second compiler, no threads that collect garbage.
SHORT_JAVA = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m")  # the Nu checker recurses deeply
slow = False  # whether the test that runs is marked so: conftest sets it


def outside() -> None:
    """Fail a test that starts a program of others and is not marked for it."""
    assert slow, "mark the test with pytest.mark.slow: `make test-quick` needs nothing but Python"


def missing(what: str, install: str) -> None:
    """Skip with the reason, or fail in continuous integration, where everything must be there."""
    message = f"{what} is not here: {install}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def module(name: str, package: str) -> ModuleType:
    """Import a module that only the tests need."""
    try:
        return importlib.import_module(name)
    except ImportError:
        missing(name, f"pip install {package}")
        raise


def program(name: str, package: str) -> str:
    """Find a program of Debian."""
    outside()
    found = shutil.which(name)
    if not found:
        missing(name, f"apt-get install {package}")
    return str(found)


def others(name: str) -> Path:
    """Find a program, or `python`, of the environment of requirements.txt, which is not that of the tests."""
    outside()
    found = HERE / "env" / ("Scripts" if os.name == "nt" else "bin") / name
    if not found.exists():
        advice = (
            "python -m venv tests/programs/env; tests/programs/env/bin/pip install -r tests/programs/requirements.txt"
        )
        missing(name, advice)
    return found


def output(*command: str | Path) -> str:
    """Run a program and return what it prints; its complaint is the message when it fails."""
    outside()
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode()


def rapper(file: Path, format: str) -> str:
    """Read a file with Raptor; print N-Quads, or N-Triples where the format has no graphs."""
    return output(program("rapper", "raptor2-utils"), "-q", "-i", format, "-o", "nquads", file)


def node(script: str, *arguments: str | Path) -> str:
    """Run one of the Node scripts of tests/programs."""
    found = program("node", "nodejs npm")
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    if not all((HERE / "node_modules" / name).is_dir() for name in wanted):
        missing("one of " + ", ".join(wanted), "npm ci --prefix tests/programs")
    return output(found, HERE / script, *arguments)


def pandoc(text: str, *options: str) -> str:
    """Convert a text with Pandoc."""
    command = [program("pandoc", "--no-install-recommends pandoc"), *options]
    return subprocess.run(command, input=text, capture_output=True, check=True, text=True, encoding="utf-8").stdout


def workbook(folder: Path, file: Path) -> dict[str, list[list[str]]]:
    """Open a workbook in LibreOffice Calc, and read what it saves of each sheet: each cell as it shows it."""
    found = program("soffice", "--no-install-recommends libreoffice-calc-nogui")
    # Comma, quotation mark and UTF-8 (76); cells as shown, every text in quotation marks, and a file for each sheet (-1).
    writing = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    output(found, profile, "--headless", "--convert-to", writing, "--outdir", folder, file)
    sheets = {}
    for path in folder.glob(f"{file.stem}-*.csv"):
        with path.open(encoding="utf-8", newline="") as saved:
            sheets[path.stem.removeprefix(f"{file.stem}-")] = list(csv.reader(saved))
    return sheets


def riot(folder: Path, files: Sequence[Path]) -> list[str]:
    """Read files with Jena's riot, one after the other in one process; return the N-Quads of each, whose name tells its syntax."""
    mark = f"<https://a.example/{uuid.uuid4()}> <https://a.example/ends> <https://a.example/file> .\n"
    end = folder / "end.nt"
    end.write_text(mark, encoding="utf-8")
    *each, rest = output(*_riot(folder), "--output=nquads", *(path for file in files for path in (file, end))).split(
        mark
    )
    assert not rest
    return each


def _riot(folder: Path) -> tuple[str, ...]:
    """Find the command: riot on the path, else Debian's libapache-jena-java."""
    found = shutil.which("riot")
    if found:
        return (found,)
    java, core = shutil.which("java"), JARS / "jena-core.jar"
    if not java or not core.is_file():
        missing("riot", "apt-get install libapache-jena-java default-jre-headless")
    # Jena 4.5.0 of Debian 12 has its copy of Xerces under `xerces` and the texts that it needs elsewhere.
    with zipfile.ZipFile(core) as jar:
        for name in jar.namelist():
            part = name.removeprefix("org/apache/jena/ext/")
            if part != name and part.startswith("xerces/") and not name.endswith("/"):
                place = folder / part
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(jar.read(name))
    jars = [str(path) for path in sorted(JARS.glob("*.jar")) if not any(log in path.name for log in LOGS)]
    return (str(java), *SHORT_JAVA, "-cp", ":".join([str(folder), *jars]), "riotcmd.riot")
