"""Write the graphs of accepted rows into a page's file, if they validate and the line has no graph yet."""

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import build, files, terms
from oewg_kg.dataset import Dataset
from oewg_kg.draft import graphs
from oewg_kg.draft.graphs import Undecided, Writer
from oewg_kg.draft.table import Row
from oewg_kg.errors import UsageError
from oewg_kg.export import turtle
from oewg_kg.paths import Root
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import BASE, OEWG, RDF_TYPE

YES, NO = {"yes", "y", "x", "true", "1"}, {"no", "n", "false", "0"}
LATER = {"list-of-nothing-violation", "line-not-transcribed-violation", "line-without-heading-violation"}
GRAPH = re.compile(r"^(?:#[^\n]*\n)*(?:[\w-]+:|<[^>]*#L)(\d+)>? \{$", re.MULTILINE)
ROUNDS = 4


@dataclass
class Report:
    """What was written, and of every other line why not."""

    written: list[int] = field(default_factory=list)
    standing: list[int] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)
    file: str = ""


def accept(root: Root, dataset: Dataset, rows: list[Row], source: str) -> Report:
    """Write the lines of which every row is accepted; raises UsageError for a page that the root does not declare."""
    known = ox.NamedNode(source)
    if not list(dataset.store.quads_for_pattern(known, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "Source"), None)):
        raise UsageError(
            f"{terms.compact(source)} is not a page of this dataset",
            advice="add it first: oewg source add PAGE.txt --name NAME --title TITLE",
        )
    if not list(dataset.store.quads_for_pattern(None, ox.NamedNode(OEWG + "ofSource"), known, None)):
        told = f"the lines of {terms.compact(source)} are not recorded"
        raise UsageError(told, advice="run `oewg coverage PAGE.txt --record` first")
    report = Report(file=f"data/sources/{source.rpartition('/')[2]}.trig")
    lines = _accepted(dataset, rows, source, report)
    made: dict[int, list[ox.Quad]] = {}
    for _ in range(ROUNDS):
        made = _graphs(dataset, rows, source, lines, report)
        wrong = _violations(root, made) if made else {}
        if not wrong:
            break
        report.left |= wrong
        lines = [line for line in lines if line not in wrong]
    else:
        made = {}
    if made:
        place = root.folder / report.file
        files.replace(place, _inserted(place, made, source).encode())
    report.written = sorted(made)
    return report


def _accepted(dataset: Dataset, rows: list[Row], source: str, report: Report) -> list[int]:
    """List the lines of which each row is decided and one accepted; a row with `no` is left out."""
    found = []
    for line, given in sorted(graphs.by_line(rows).items()):
        answers = {
            "yes" if row.accept.casefold() in YES else "no" if row.accept.casefold() in NO else row.accept.casefold()
            for row in given
        }
        for row in given:
            row.accept = "yes" if row.accept.casefold() in YES else row.accept
        if ox.NamedNode(f"{source}#L{line}") in set(dataset.store.named_graphs()):
            report.standing.append(line)
        elif "yes" in answers and answers <= {"yes", "no"}:
            found.append(line)
        elif answers - {"", "yes", "no"}:
            report.left[line] = f"accept says {min(answers - {'', 'yes', 'no'})!r}: write yes or no"
        elif answers == {"no"}:
            continue
        elif "yes" in answers:
            report.left[line] = "another item of the line is not decided: write yes or no for each"
        else:
            report.left[line] = "not accepted"
    return found


def _graphs(
    dataset: Dataset, rows: list[Row], source: str, lines: list[int], report: Report
) -> dict[int, list[ox.Quad]]:
    """Make the graphs of some lines, without those whose rows leave something open."""
    wanted = set(lines)
    kept = [row for row in rows if row.accept.casefold() not in NO]
    for row in kept:
        row.accept = row.accept if row.line in wanted else ""
    writer = Writer(dataset.store, source, graphs.by_line(kept))
    made: dict[int, list[ox.Quad]] = {}
    for line in lines:
        try:
            if graphs.private(writer.rows[line]):
                raise Undecided("a cell holds an address or a telephone number: take it out")
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
        checked, _ = build.beside(root, [file])
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


def _inserted(place: Path, made: dict[int, list[ox.Quad]], source: str) -> str:
    """Insert graphs into the text of a page's file, ordered by line number; existing text does not change."""
    name = source.rpartition("/")[2]
    head = f"The page {name} (source:{name}): one graph for each line."
    written = turtle.write([quad for line in sorted(made) for quad in made[line]], head).decode()
    old = place.read_text(encoding="utf-8") if place.exists() else written[: _start(written)]
    everything = _cut(written) | _cut(old)
    return (
        old[: _start(old)].rstrip("\n")
        + "\n\n"
        + "\n".join(everything[line].rstrip("\n") + "\n" for line in sorted(everything))
    )


def _start(text: str) -> int:
    """Find where the first graph begins."""
    found = GRAPH.search(text)
    return found.start() if found else len(text)


def _cut(text: str) -> dict[int, str]:
    """Cut a text into its graphs, each with the comments above it, by the number of its line."""
    found = list(GRAPH.finditer(text))
    ends = [*(other.start() for other in found[1:]), len(text)]
    return {int(one[1]): text[one.start() : ends[at]] for at, one in enumerate(found)}
