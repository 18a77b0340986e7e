"""The command `validate`: check the graph, or other files and then report only what concerns these, against shapes and checks."""

import re
from collections import Counter
from pathlib import Path

import click

from oewg_kg import build, identity, paths, tables, terms
from oewg_kg import dataset as datasets
from oewg_kg.cli.common import FILE, open_graph, show_step
from oewg_kg.cli.output import draw, format_option, put, put_json
from oewg_kg.disagreements.candidates import undecided_conflicts
from oewg_kg.errors import NegativeFinding
from oewg_kg.identity import Identity

IRI = re.compile(r"<([^<>\s]+)>")


@click.command()
@click.argument("data", nargs=-1, type=FILE)
@click.option(
    "--core", is_flag=True, help="For data under another namespace: leave out our rules on IRIs and printed names."
)
@format_option("table", "json", "turtle", default="table")
@click.pass_obj
def validate(root: str | None, data: tuple[Path, ...], core: bool, format: str) -> None:
    """Validate the data, or your own files, against the rules.

    Exits with status 1 if a rule is violated. Your own files are checked together with the data, and only problems with
    the entities they describe are reported.

    Example: oewg validate my-facts.ttl
    """
    from oewg_kg.shacl import validate as validation

    data_root = paths.find(root)
    dataset, quads = build.with_external_files(data_root, data) if data else (open_graph(root, in_memory=True)[1], [])
    show_step("validating")
    our_root = identity.of(dataset.store) == Identity()  # another root need not have entities of every class
    written = [*datasets.quads_as_written(data_root), *quads]
    report = validation.report(dataset, data_root.shapes, our_root and not data and not core, written, core)
    results = [*report.results, *([] if core else validation.checks(dataset, data_root.queries / "checks"))]
    results = validation.relevant_results(dataset, results, our_root)
    results += validation.misspelt(dataset, data_root.shapes, quads) if core and quads else []
    if not core:
        for candidate in undecided_conflicts(data_root, dataset):
            lines = ", ".join(map(terms.line_name, candidate.lines))
            message = f"possible conflict that no decision covers ({lines}): {candidate.summary} See `oewg conflicts --candidates`"
            results.append(validation.finding(dataset, candidate.subject, message, candidate.name, "Warning"))
    if data:
        subjects = {None, *(terms.text_of(quad.subject) for quad in quads)}
        # Of two identical entities, a check names one as its focus and the other in its message.
        results = [
            result for result in results if subjects & {terms.expand(result.focus), *IRI.findall(result.message)}
        ]
    conforms = not any(result.severity == "Violation" for result in results)
    if format == "turtle":
        put(validation.turtle(report.graph))
    elif format == "json":
        put_json({"conforms": conforms, "results": [vars(result) for result in results], "focusNodes": report.matched})
    else:
        columns = ["where", "entity", "path", "value", "message"]
        marks = {"Violation": "", "Warning": "warning: ", "Info": "info: "}
        rows = []
        for result in results:
            focus, message = f"{result.focus} {result.label}".strip(), marks.get(result.severity, "") + result.message
            rows.append([result.file, focus, result.path, result.value, message])
        counts = Counter(result.severity for result in results)
        nouns = {"Violation": "violation", "Warning": "warning"} | ({"Info": "note"} if counts["Info"] else {})
        summary = ", ".join(tables.count_with_noun(counts[severity], noun) for severity, noun in nouns.items())
        put(draw("table", columns, rows) + "\n" if rows else "")
        verdict = "conforms" if conforms else "does not conform"
        applications = sum(report.matched.values())
        put(f"{verdict}: {summary}; {len(report.matched)} shapes, applied {applications} times\n")
    if not conforms:
        raise click.exceptions.Exit(NegativeFinding.exit_code)
