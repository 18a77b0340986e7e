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

ACCEPT_WORDS = dict.fromkeys(("yes", "y", "x", "true", "1"), "yes") | dict.fromkeys(("no", "n", "false", "0"), "no")
ACTORS_FILE = "data/actors/own.ttl"
PAGE_CHECKS = {"list-of-nothing-violation", "line-not-transcribed-violation", "line-without-heading-violation"}
GRAPH_HEAD = re.compile(r"^(?:#[^\n]*\n)*(?:[\w-]+:|<[^>]*#L)(\d+)>? \{$", re.MULTILINE)


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
    page = next((row.source for row in rows if row.source), "").removeprefix("source:")
    source = PREFIXES["source"] + page
    if source not in terms.things(store, RDF_TYPE, OEWG + "Source"):
        advice = "add the page with `oewg source add`, and write its name in the column"
        raise UsageError(f"the column source must name a page of this dataset, not {page!r}", advice=advice)
    report = Report(file=f"data/sources/{page}.trig")
    accepted_lines = []
    for line, line_rows in sorted(graphs.rows_by_line(rows).items()):
        answers = {ACCEPT_WORDS.get(row.accept.casefold(), row.accept) for row in line_rows}
        if store.contains_named_graph(ox.NamedNode(f"{source}#L{line}")):
            report.standing.append(line)
        elif invalid := answers - {"", "yes", "no"}:
            report.left[line] = f"the column accept contains {min(invalid)!r}: write yes or no"
        elif answers == {""}:
            report.left[line] = "not accepted"
        elif "" in answers:
            report.left[line] = "another item on this line is undecided: write yes or no for each"
        elif "yes" in answers:
            accepted_lines.append(line)
    rows_by_line = graphs.rows_by_line(row for row in rows if ACCEPT_WORDS.get(row.accept.casefold()) != "no")
    while quads_by_line := _quads_by_line(Writer(store, source, rows_by_line, accepted_lines), accepted_lines, report):
        messages = _violations(root, quads_by_line)
        if not messages:
            _write_files(root, report, [quad for quads in quads_by_line.values() for quad in quads], source)
            break
        report.left |= messages
        accepted_lines = [line for line in accepted_lines if line not in messages]
    report.written = sorted(quads_by_line)
    return report


def _write_files(root: Root, report: Report, quads: list[ox.Quad], source: str) -> None:
    """Write new actors into `data/actors/own.ttl`, and then the graphs that name them into the page's file."""
    actor_quads = [quad for quad in dict.fromkeys(quads) if quad.graph_name == ox.DefaultGraph()]
    page_file, actors_file = root.folder / report.file, root.folder / ACTORS_FILE
    if actor_quads:
        first_line = roots.FIRST_LINES["actors/own.ttl"]
        actors_text = actors_file.read_text(encoding="utf-8") if actors_file.exists() else f"# {first_line}\n"
        block = turtle.write(actor_quads, first_line).decode().partition("\n# ")[2].partition("\n")[2]
        files.replace(actors_file, add_block(actors_text, block).encode())
    page_quads = [quad for quad in quads if quad.graph_name != ox.DefaultGraph()]
    files.replace(page_file, _with_graphs(page_file, page_quads, source).encode())
    report.actors = len({quad.subject for quad in actor_quads})


def _quads_by_line(writer: Writer, accepted_lines: list[int], report: Report) -> dict[int, list[ox.Quad]]:
    """Make the graphs of some lines, except lines whose rows leave something open."""
    quads_by_line = {}
    for line in accepted_lines:
        try:
            quads_by_line[line] = writer.quads_of(line)
        except Undecided as undecided:
            report.left[line] = str(undecided)
    return quads_by_line


def _violations(root: Root, quads_by_line: dict[int, list[ox.Quad]]) -> dict[int, str]:
    """Validate the graphs together with the data of the root; return the first finding for each line."""
    lines_by_subject: dict[str, set[int]] = {}
    for line, quads in quads_by_line.items():
        for quad in quads:
            lines_by_subject.setdefault(terms.text_of(quad.subject), set()).add(line)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "accepted.trig"
        file.write_bytes(turtle.write([quad for quads in quads_by_line.values() for quad in quads], "accepted rows"))
        extended, _ = build.with_external_files(root, [file])
    results = [
        *validate.report(extended, root.shapes, every_shape=False).results,
        *validate.checks(extended, root.queries / "checks"),
    ]
    messages: dict[int, str] = {}
    for result in results:
        focus = terms.expand(result.focus) or ""
        if result.severity == "Violation" and result.shape not in PAGE_CHECKS and not focus.startswith(BASE + "state/"):
            for line in lines_by_subject.get(focus, ()):
                messages.setdefault(line, result.message)
    return messages


def _with_graphs(path: Path, quads: list[ox.Quad], source: str) -> str:
    """Insert graphs into the text of a page's file, ordered by line number; existing text does not change."""
    page = source.rpartition("/")[2]
    new_text = turtle.write(quads, f"The page {page} (source:{page}): one graph for each line.").decode()
    page_text = path.read_text(encoding="utf-8") if path.exists() else new_text
    blocks: dict[int, str] = {}
    for trig in (new_text, page_text):
        heads = list(GRAPH_HEAD.finditer(trig))
        ends = [*(next_head.start() for next_head in heads[1:]), len(trig)]
        blocks |= {int(head[1]): trig[head.start() : end] for head, end in zip(heads, ends, strict=False)}
    preamble = page_text[: first.start()] if (first := GRAPH_HEAD.search(page_text)) else page_text
    return preamble.rstrip("\n") + "\n\n" + "\n".join(blocks[line].rstrip("\n") + "\n" for line in sorted(blocks))
