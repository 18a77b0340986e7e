"""The house: layers, the size of rooms, what each is for, and what the quick commands may load."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import external
from conftest import ROOT

SOURCE = ROOT / "src" / "oewg_kg"
MODULES = sorted(SOURCE.rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SLOW = {"rdflib", "pyshacl", "owlrl", "rich", "pandas", "polars", "starlette", "httptools", "jinja2", "urllib.request"}


def test_there_are_modules() -> None:
    assert len(MODULES) >= 20


def test_a_module_imports_only_from_lower_layers() -> None:
    external.module("importlinter", "import-linter")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 kept, 0 broken" in done.stdout


def test_every_module_is_in_a_layer() -> None:
    layers = {
        name.strip() for line in PROJECT["tool"]["importlinter"]["contracts"][0]["layers"] for name in line.split("|")
    }
    rooms = {f"oewg_kg.{p.stem}" for p in SOURCE.glob("*.py")} | {
        f"oewg_kg.{p.parent.name}" for p in SOURCE.glob("*/__init__.py")
    }
    assert not rooms - layers - {"oewg_kg.__init__", "oewg_kg.__main__"}, "name the module in a layer in pyproject.toml"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_is_short_and_says_what_it_is_for(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= 300, "a module of more than 300 lines is two rooms"
    if not text.strip():
        return
    doc = ast.get_docstring(ast.parse(text)) or ""
    assert doc, "a module begins with what it is for"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_is_named_by_a_word_that_says_nothing_and_only_the_command_line_prints_or_exits(module: Path) -> None:
    nodes = list(ast.walk(ast.parse(module.read_text())))
    named = [node.name for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    assert not [name for name in named if re.search("manager|helper|handler|utils", name.lower())]
    calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    assert module.parent.name == "cli" or not calls & {"print", "click.echo", "sys.exit", "exit"}


def test_nothing_is_left_for_later_in_a_comment() -> None:
    assert not [p.name for p in MODULES if re.search(r"\b(?:TODO|FIXME|XXX)\b", p.read_text())]


QUICK = [
    ["--help"],
    ["ask", "--help"],
    ["questions"],
    ["ask", "states-on-both-drafts", "--cite"],
    ["ask", "states-on-both-drafts", "-f", "json"],
    ["query", "-q", "SELECT * { ?s a oewg:State }"],
    ["show", "Zero Draft"],
    ["search", "iran"],
]
LOADED = """
import json, sys
from oewg_kg.cli import main
for args in json.loads(sys.argv[1]):
    main(args, standalone_mode=False)
    sys.stderr.write(json.dumps([args, list(sys.modules)]) + "\\n")
"""


@pytest.mark.usefixtures("whole")
def test_the_quick_commands_load_nothing_slow() -> None:
    """One process runs them all, since what one of them loads is there until the end."""
    commands = json.dumps([["--root", str(ROOT), *args] for args in QUICK])
    done = subprocess.run([sys.executable, "-c", LOADED, commands], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = list(map(json.loads, done.stderr.splitlines()))
    assert len(told) == len(QUICK)
    for args, found in told:
        assert "oewg_kg.cli" in found
        assert not set(found) & SLOW, args


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, oewg_kg; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(found) & (SLOW | {"pyoxigraph", "click"})


def imported(folder: Path) -> set[str]:
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s<>=!~\[;]", one, maxsplit=1)[0].lower().replace("-", "_") for one in requirements}


def test_every_dependency_is_imported_and_every_import_is_a_dependency() -> None:
    needed = names(PROJECT["project"]["dependencies"])
    optional = {name for group in PROJECT["project"]["optional-dependencies"].values() for name in names(group)}
    used = imported(SOURCE) - set(sys.stdlib_module_names) - {"oewg_kg"}
    assert not needed - used, "take out of pyproject.toml what no module imports"
    assert not used - needed - optional, "name in pyproject.toml what a module imports"


def test_tests_fail_on_warnings_and_unknown_markers() -> None:
    options = PROJECT["tool"]["pytest"]["ini_options"]
    assert options["filterwarnings"][0] == "error"
    assert options["xfail_strict"] is True
    assert "--strict-markers --strict-config" in options["addopts"]
