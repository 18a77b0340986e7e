"""The command `questions`: the list of saved questions."""

import click

from oewg_kg import paths, query
from oewg_kg.cli.common import draw, put, put_json, table_options, wanted
from oewg_kg.errors import UsageError


@click.command()
@table_options
@click.option("--tag", help="Only questions with this tag.")
@click.pass_obj
def questions(root: str | None, format: str | None, output: str | None, tag: str | None) -> None:
    """List the saved questions; those that need the network are last.

    Example: oewg questions --tag drafts
    """
    folder = paths.find(root).queries
    known = [*query.load(folder).values(), *query.load(folder / "federated").values()]
    saved = [q for q in known if tag is None or tag in q.tags]
    if not saved:
        tags = ", ".join(sorted({name for q in known for name in q.tags}, key=str.casefold))
        raise UsageError(f"no question has the tag {tag!r}", advice=f"use one of {tags}")
    format = wanted(format, output)
    if format == "json":
        rows = [
            {
                "name": q.name,
                "summary": q.summary,
                "definition": q.definition,
                "tags": q.tags,
                "parameters": [vars(p) for p in q.parameters],
                "asks": q.reaches,
            }
            for q in saved
        ]
        put_json(rows, output)
    else:
        cells = [
            [q.name, q.summary, ", ".join(p.name for p in q.parameters), ", ".join(q.tags), " ".join(q.reaches)]
            for q in saved
        ]
        put(draw(format, ["question", "what it asks", "settings", "tags", "external services"], cells), output)
