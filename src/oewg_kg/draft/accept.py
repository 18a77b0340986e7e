"""Write the graphs of accepted rows into a page's file, if they validate and their line has no graph yet; report the other lines."""

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import build, files, terms
from oewg_kg.dataset import Dataset
from oewg_kg.draft import graphs, roots
from oewg_kg.draft.graphs import Writer
from oewg_kg.draft.parties import Undecided
from oewg_kg.draft.table import Row
from oewg_kg.errors import UsageError
from oewg_kg.export import turtle
from oewg_kg.paths import Root
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES, RDF_TYPE, add_block

ANSWERS = dict.fromkeys(("yes", "y", "x", "true", "1"), "yes") | dict.fromkeys(("no", "n", "false", "0"), "no")
ACTORS = "data/actors/own.ttl"
LATER = {"list-of-nothing-violation", "line-not-transcribed-violation", "line-without-heading-violation"}
GRAPH = re.compile(r"^(?:#[^\n]*\n)*(?:[\w-]+:|<[^>]*#L)(\d+)>? \{$", re.MULTILINE)


@dataclass
class Report:
    """The lines written, and for every other line the reason why not."""

    written: list[int] = field(default_factory=list)
    standing: list[int] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)
    actors: int = 0
    file: str = ""


def accept(root: Root, dataset: Dataset, rows: list[Row]) -> Report:
    """Write the lines whose rows are all decided and at least one accepted; raises UsageError for a page that is not declared."""
    store = dataset.store
    name = next((row.source for row in rows if row.source), "").removeprefix("source:")
    source = PREFIXES["source"] + name
    if source not in terms.things(store, RDF_TYPE, OEWG + "Source"):
        advice = "add the page with `oewg source add`, and write its name in the column"
        raise UsageError(f"the column source must name a page of this dataset, not {name!r}", advice=advice)
    report = Report(file=f"data/sources/{name}.trig")
    lines = []
    for line, given in sorted(graphs.by_line(rows).items()):
        answers = {ANSWERS.get(row.accept.casefold(), row.accept) for row in given}
        if store.contains_named_graph(ox.NamedNode(f"{source}#L{line}")):
            report.standing.append(line)
        elif strange := answers - {"", "yes", "no"}:
            report.left[line] = f"the column accept contains {min(strange)!r}: write yes or no"
        elif answers == {""}:
            report.left[line] = "not accepted"
        elif "" in answers:
            report.left[line] = "another item on this line is undecided: write yes or no for each"
        elif "yes" in answers:
            lines.append(line)
    by_line = graphs.by_line(row for row in rows if ANSWERS.get(row.accept.casefold()) != "no")
    while made := _graphs(Writer(store, source, by_line, lines), lines, report):
        wrong = _violations(root, made)
        if not wrong:
            _write(root, report, [quad for quads in made.values() for quad in quads], source)
            break
        report.left |= wrong
        lines = [line for line in lines if line not in wrong]
    report.written = sorted(made)
    return report


def _write(root: Root, report: Report, made: list[ox.Quad], source: str) -> None:
    """Write new actors into `data/actors/own.ttl`, and then the graphs that name them into the page's file."""
    new = [quad for quad in dict.fromkeys(made) if quad.graph_name == ox.DefaultGraph()]
    page_file, own = root.folder / report.file, root.folder / ACTORS
    if new:
        head = roots.FIRST_LINES["actors/own.ttl"]
        old = own.read_text(encoding="utf-8") if own.exists() else f"# {head}\n"
        block = turtle.write(new, head).decode().partition("\n# ")[2].partition("\n")[2]
        files.replace(own, add_block(old, block).encode())
    lines = [quad for quad in made if quad.graph_name != ox.DefaultGraph()]
    files.replace(page_file, _inserted(page_file, lines, source).encode())
    report.actors = len({quad.subject for quad in new})


def _graphs(writer: Writer, lines: list[int], report: Report) -> dict[int, list[ox.Quad]]:
    """Make the graphs of some lines, except lines whose rows leave something open."""
    made = {}
    for line in lines:
        try:
            made[line] = writer.line(line)
        except Undecided as problem:
            report.left[line] = str(problem)
    return made


def _violations(root: Root, made: dict[int, list[ox.Quad]]) -> dict[int, str]:
    """Validate the graphs together with the data of the root; return the first finding for each line."""
    subjects: dict[str, set[int]] = {}
    for line, quads in made.items():
        for quad in quads:
            subjects.setdefault(terms.text_of(quad.subject), set()).add(line)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "accepted.trig"
        file.write_bytes(turtle.write([quad for quads in made.values() for quad in quads], "accepted rows"))
        checked, _ = build.with_external_files(root, [file])
    found = [
        *validate.report(checked, root.shapes, every_shape=False).results,
        *validate.checks(checked, root.queries / "checks"),
    ]
    wrong: dict[int, str] = {}
    for result in found:
        focus = terms.expand(result.focus) or ""
        if result.severity == "Violation" and result.shape not in LATER and not focus.startswith(BASE + "state/"):
            for line in subjects.get(focus, ()):
                wrong.setdefault(line, result.message)
    return wrong


def _inserted(path: Path, made: list[ox.Quad], source: str) -> str:
    """Insert graphs into the text of a page's file, ordered by line number; existing text does not change."""
    name = source.rpartition("/")[2]
    written = turtle.write(made, f"The page {name} (source:{name}): one graph for each line.").decode()
    old = path.read_text(encoding="utf-8") if path.exists() else written
    everything: dict[int, str] = {}
    for text in (written, old):
        found = list(GRAPH.finditer(text))
        ends = [*(other.start() for other in found[1:]), len(text)]
        everything |= {int(one[1]): text[one.start() : end] for one, end in zip(found, ends, strict=False)}
    head = old[: first.start()] if (first := GRAPH.search(old)) else old
    return head.rstrip("\n") + "\n\n" + "\n".join(everything[line].rstrip("\n") + "\n" for line in sorted(everything))
