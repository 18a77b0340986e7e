"""The command `validate`: check the graph, or other files and then report only what concerns these, against shapes and checks."""

import re
from collections import Counter
from pathlib import Path

import click

from oewg_kg import build, identity, paths, tables, terms
from oewg_kg import dataset as datasets
from oewg_kg.cli.common import FILE, opened, tell
from oewg_kg.cli.output import draw, format_option, put, put_json
from oewg_kg.disagreements.candidates import undecided
from oewg_kg.errors import NegativeFinding
from oewg_kg.identity import Identity

NAMED = re.compile(r"<([^<>\s]+)>")


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
    dataset, own = build.with_external_files(data_root, data) if data else (opened(root, often=True)[1], [])
    tell("validating")
    ours = identity.of(dataset.store) == Identity()  # another root need not have entities of every class
    report = validation.report(
        dataset, data_root.shapes, ours and not data and not core, [*datasets.quads_as_written(data_root), *own], core
    )
    found = [*report.results, *([] if core else validation.checks(dataset, data_root.queries / "checks"))]
    found = validation.gathered(dataset, found, ours)
    found += validation.misspelt(dataset, data_root.shapes, own) if core and own else []
    if not core:
        for one in undecided(data_root, dataset):
            where = ", ".join(map(terms.line_name, one.lines))
            what = (
                f"possible conflict that no decision covers ({where}): {one.summary} See `oewg conflicts --candidates`"
            )
            found.append(validation.finding(dataset, one.subject, what, one.name, "Warning"))
    if data:
        spoken = {None, *(terms.text_of(quad.subject) for quad in own)}
        # Of two identical entities, a check names one as its focus and the other in its message.
        found = [result for result in found if spoken & {terms.expand(result.focus), *NAMED.findall(result.message)}]
    conforms = not any(result.severity == "Violation" for result in found)
    if format == "turtle":
        put(validation.turtle(report.graph))
    elif format == "json":
        rows = [vars(result) for result in found]
        put_json({"conforms": conforms, "results": rows, "focusNodes": report.matched})
    else:
        names = ["where", "entity", "path", "value", "message"]
        mark = {"Violation": "", "Warning": "warning: ", "Info": "info: "}
        cells = [
            [r.file, f"{r.focus} {r.label}".strip(), r.path, r.value, mark.get(r.severity, "") + r.message]
            for r in found
        ]
        number = Counter(result.severity for result in found)
        nouns = {"Violation": "violation", "Warning": "warning"} | ({"Info": "note"} if number["Info"] else {})
        counts = ", ".join(tables.count_with_noun(number[severity], noun) for severity, noun in nouns.items())
        put(draw("table", names, cells) + "\n" if cells else "")
        verdict = "conforms" if conforms else "does not conform"
        times = sum(report.matched.values())
        put(f"{verdict}: {counts}; {len(report.matched)} shapes, applied {times} times\n")
    if not conforms:
        raise click.exceptions.Exit(NegativeFinding.exit_code)
