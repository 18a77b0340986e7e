"""What the documentation shows is what the program prints: runs commands, queries and Python, and writes what they give.

Called from the marked parts of the Markdown pages by `cog` (make docs; make check compares), and as a program for the notebook:
`python docs/shown.py` computes its outputs, `--check` compares. Not for what the pages say.
"""

import ast
import contextlib
import functools
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
from click.testing import CliRunner

import oewg_kg
from oewg_kg import build, formats, query, tables
from oewg_kg.cli import COMMANDS, main
from oewg_kg.export import tables as export_tables
from oewg_kg.knowledge_graph import KnowledgeGraph

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
# Commands run in this process, and the graph is read once for all of them: a page of forty outputs takes seconds.
build.load = functools.cache(build.load)
# The folder in which the commands of the pages run: what one command writes, a later one on any page may read.
FOLDER = tempfile.TemporaryDirectory()
MANY = 20  # values of a variable: the codebook counts each of no more


def console(*commands: str, first: int | None = None, fails: bool = False) -> None:
    """Write commands with their outputs as one console block; of each output only the first lines when a number is given.

    Raises AssertionError when a command fails and the page does not mean it to, or the other way round.
    """
    parts = []
    for command in commands:
        lines = output(command, fails).splitlines()
        cut = [f"... ({len(lines) - first} more lines)"] if first is not None and len(lines) > first + 1 else []
        parts += [f"$ {command}", *(lines[:first] if cut else lines), *cut]
    put("\n".join(["```console", *parts, "```"]))


def markdown(command: str, first: int | None = None) -> None:
    """Write a command, then its output as the Markdown that it is; of its table only the first rows when a number is given."""
    put(f"```console\n$ {command}\n```\n\n{cut_table(output(command), first)}")


def cut_table(text: str, first: int | None) -> str:
    """Leave out the rows of a Markdown table after the first ones, and say how many."""
    lines = text.splitlines()
    rows = [at for at, line in enumerate(lines) if line.startswith("| ")][2:]
    if first is None or len(rows) <= first + 1:
        return text
    return "\n".join([*lines[: rows[first]], "", f"... ({len(rows) - first} more rows)", *lines[rows[-1] + 1 :]])


def answer(first: int | None = None) -> None:
    """Write the answer to the SPARQL block that stands above on the page, IRIs as CURIEs."""
    result = query.run_text(graph().dataset, block_above("sparql"))
    if isinstance(result, ox.QuerySolutions):
        columns = [variable.value for variable in result.variables]
        names, cells = tables.for_people(columns, [tuple(row) for row in result], None)
        assert cells, "a page shows a query that finds nothing"
        put(cut_table(tables.write_markdown(names, cells) + f"\n{len(cells)} row{'s' * (len(cells) != 1)}.", first))
    elif isinstance(result, ox.QueryBoolean):
        put(f"Answer: {str(bool(result)).lower()}.")
    else:
        written = formats.graph(result, formats.by_name("turtle")).decode().splitlines()
        put("\n".join(["```turtle", *(line for line in written if not line.startswith("@prefix")), "```"]))


def python() -> None:
    """Write what the Python block above on the page prints."""
    put("```text\n" + run_cell(block_above("python"), {})[0].rstrip() + "\n```")


def block_above(language: str) -> str:
    """Return the code of the nearest block in a language above the place that cog is at."""
    import cog

    above = "\n".join((ROOT / cog.inFile).read_text(encoding="utf-8").splitlines()[: cog.firstLineNum])
    return re.findall(rf"^```{language}\n(.*?)^```", above, re.DOTALL | re.MULTILINE)[-1]


def help_of(command: str) -> None:
    """Write the help of a command, and of its parts where it is a group."""
    shown = output(f"oewg {command} --help")
    put(f"```text\n{shown}\n```")
    for part in re.findall(r"^  (\w+)  ", shown.partition("Commands:")[2], re.MULTILINE):
        put(f"\n```text\n{output(f'oewg {command} {part} --help')}\n```")


def commands() -> None:
    """Write a table of all commands, then a heading and the help of each."""
    put("| command | what it does |\n|---|---|")
    for command in COMMANDS:
        _, _, summary = output(f"oewg {command} --help").partition("\n\n")
        sentence = " ".join(summary.partition("\n\n")[0].split())
        put(f"| [`oewg {command}`](#oewg-{command}) | {sentence} |")
    put("")
    for command in COMMANDS:
        put(f"## oewg {command}\n")
        help_of(command)
        put("")


def codebook() -> None:
    """Write each variable of the tables: type, meaning, values with counts, how many cells are empty, and its cell in one row."""
    for table in export_tables.load(graph().dataset, graph().root.queries / "tables").values():
        put(f"## {table.name}\n\n{table.summary} {len(table.rows)} rows.\n")
        put("| variable | type | meaning | values | empty | example |\n|---|---|---|---|---|---|")
        columns = {column.name: table.column(column.name) for column in table.columns}
        shown = max(
            range(len(table.rows)), key=lambda at: sum(cells[at] not in (None, ()) for cells in columns.values())
        )
        for column in table.columns:
            cells = columns[column.name]
            held = [
                value for cell in cells for value in (cell if isinstance(cell, tuple) else (cell,)) if value is not None
            ]
            empty = sum(cell is None or cell == () for cell in cells)
            kind = column.type + (", key" if column.key else "") + (", many" if column.many else "")
            example = cells[shown][0] if isinstance(cells[shown], tuple) and cells[shown] else cells[shown]
            cut = "" if example in (None, ()) else str(example)[:60]
            named = f"{column.name}Label" in columns
            values = f"those of `{column.name}Label`" if named else _values(list(map(str, held)))
            row = (f"`{column.name}`", kind, column.description, values, str(empty), cut)
            put(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |")
        put("")


def _values(held: list[str]) -> str:
    """Write values with their counts; of many, how many there are, with the most frequent or, where each is different, the span."""
    counts = Counter(held).most_common()
    if len(counts) <= MANY:
        return "; ".join(f"{text} ({n})" for text, n in counts)
    most = "; ".join(f"{text[:60]} ({n})" for text, n in counts[:3] if n > 1)
    span = f"{min(held)} to {max(held)}" if all(re.match(r"\d{4}-|\d+$", text) for text in held) else ""
    return f"{len(counts)} different{': ' * bool(most or span)}{span or most}"


def contents() -> None:
    """Write how much there is: what source lines state, of three classes, and the size of the database."""

    def count(pattern: str) -> int:
        (row,) = query.run_text(graph().dataset, f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {pattern} }}")
        return int(row["n"].value)

    line = "?line oewg:ofSource ?page ."
    of = {
        name: count(f"?x a ?c . ?c rdfs:subClassOf* oewg:{name} . GRAPH ?line {{ ?x a ?c }} {line}")
        for name in ("Contribution", "Document", "Event")
    }
    names = count(f"?x a oewg:Actor . GRAPH ?line {{ ?x oewg:nameInSource ?name }} {line}")
    (lines,) = query.run_text(graph().dataset, "SELECT (SUM(?n) AS ?all) { ?page oewg:digest ?d ; oewg:lineCount ?n }")
    info = json.loads(output("oewg info -f json"))
    put(
        f"Version {info['version']}: {len(info['pages'])} pages with {info['classes']['source line']} lines of text "
        f"({lines['all'].value} counting empty lines, as citations do). They list\n{of['Contribution']} contributions, "
        f"{of['Document']} documents and {of['Event']} events, and name {names} actors. {info['classes']['editorial decision']} editorial "
        f"decisions deal with lines that conflict or are unclear.\n"
        f"The answers draw on {info['resolved']:,} facts, including external and inferred ones."
    )


def questions() -> None:
    """Write how many saved questions there are, and how many of them need the network."""
    saved = json.loads(output("oewg questions -f json"))
    online = sum(bool(question["asks"]) for question in saved)
    put(
        f"There are {len(saved)} saved questions like this one. {len(saved) - online} work offline; {online} also query external services."
    )


def rooms() -> None:
    """Write a table for each package: its modules, the first line of each docstring, and the public names and methods each defines."""
    source, parts = ROOT / "src" / "oewg_kg", []
    folders = sorted(
        {path.parent for path in source.rglob("*.py")}, key=lambda folder: folder.relative_to(source).parts
    )
    for folder in folders:
        name = "/".join(("oewg_kg", *folder.relative_to(source).parts))
        modules = [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]
        parts += [f"### {name}/", "", *_sentence(folder / "__init__.py")]
        parts += ["| module | what it is for | what it defines |", "|---|---|---|"] if modules else []
        parts += [f"| `{path.stem}` | {' '.join(_sentence(path)).strip()} | {_defined(path)} |" for path in modules]
        parts.append("")
    put("\n".join(parts).rstrip())


def _sentence(module: Path) -> list[str]:
    """Read the first line of a module's docstring, with an empty line below it."""
    doc = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) if module.is_file() else None
    return [doc.splitlines()[0], ""] if doc else []


def _defined(module: Path) -> str:
    """List the public classes, each with its public methods, and functions of a module, in its order."""
    definitions = ast.parse(module.read_text(encoding="utf-8")).body
    methods = {node: _public_names(node.body) for node in definitions if isinstance(node, ast.ClassDef)}
    words = {node.name: f" ({', '.join(names)})" if names else "" for node, names in methods.items()}
    return ", ".join(f"{name}{words.get(name.strip('`'), '')}" for name in _public_names(definitions))


def _public_names(definitions: list[ast.stmt]) -> list[str]:
    names = [node.name for node in definitions if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    return [f"`{name}`" for name in names if not name.startswith("_")]


def put(text: str) -> None:
    """Write text into the page."""
    import cog

    cog.outl(text)


@functools.cache
def graph() -> KnowledgeGraph:
    """Open the graph once."""
    return oewg_kg.load(str(ROOT))


def output(command: str, fails: bool = False) -> str:
    """Return what a command prints; raises AssertionError when its exit code is not what is expected."""
    text, code = run(command)
    assert fails == (code > 1), f"{command}: exit code {code}\n{text}"
    return text


@functools.cache
def run(command: str) -> tuple[str, int]:
    """Run a command, once: `oewg` in this process, anything else in the shell; return what it prints and its exit code."""
    with contextlib.chdir(FOLDER.name):
        if re.match(r"oewg (?!.* [|>] )", command):
            result = CliRunner().invoke(main, shlex.split(command)[1:], prog_name="oewg")
            assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
            text, code = result.output, result.exit_code
        else:
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            environment = os.environ | {"PATH": path, "LC_ALL": "C.UTF-8"}
            done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, env=environment)
            text, code = done.stdout + done.stderr, done.returncode
    return text.replace("\r\n", "\n").replace(str(ROOT), "oewg-kg").rstrip(), code


def run_cell(source: str, names: dict[str, object]) -> tuple[str, object]:
    """Run code as a notebook does; return what it prints and the value of its last line, if that is an expression."""
    tree = ast.parse(source)
    last = ast.Expression(tree.body.pop().value) if tree.body and isinstance(tree.body[-1], ast.Expr) else None  # type: ignore[attr-defined]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.chdir(FOLDER.name):
        exec(compile(tree, "<cell>", "exec"), names)
        value = eval(compile(last, "<cell>", "eval"), names) if last else None
    return printed.getvalue(), value


def notebook() -> str:
    """Run the cells of the notebook in order; return it with their outputs, in the form of nbformat 4.5."""
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for number, cell in enumerate((cell for cell in book["cells"] if cell["cell_type"] == "code"), 1):
        printed, value = run_cell("".join(cell["source"]), names)
        outputs: list[dict[str, object]] = []
        if printed:
            outputs.append({"name": "stdout", "output_type": "stream", "text": printed.splitlines(keepends=True)})
        if value is not None:
            draw = getattr(value, "_repr_html_", None)
            kind, text = ("text/html", draw()) if draw else ("text/plain", repr(value))
            data = {kind: text.splitlines(keepends=True)}
            about = {"data": data, "execution_count": number, "metadata": {}}
            outputs.append({**about, "output_type": "execute_result"})
        cell.update(execution_count=number, outputs=outputs)
    return json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    computed = notebook()
    if "--check" not in sys.argv:
        NOTEBOOK.write_text(computed, encoding="utf-8")
    elif computed != NOTEBOOK.read_text(encoding="utf-8"):
        sys.exit("docs/notebook.ipynb does not show what its cells give: run make docs")
