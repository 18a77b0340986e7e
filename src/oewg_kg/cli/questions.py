"""The command `questions`: list the saved questions, or suggest some for the user's words."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click
import pyoxigraph as ox

from oewg_kg import paths, query, terms, texts
from oewg_kg.cli import terminal
from oewg_kg.cli.common import opened
from oewg_kg.cli.output import Output, output_options
from oewg_kg.errors import NegativeFinding, UsageError
from oewg_kg.query import SavedQuery

if TYPE_CHECKING:
    from oewg_kg.find.ranking import Suggestions

NAMED = 40  # characters for the names of questions


@click.command()
@click.argument("text", required=False)
@output_options()
@click.option("--tag", help="Only questions with this tag.")
@click.pass_obj
def questions(root: str | None, text: str | None, tag: str | None, out: Output) -> None:
    """List the saved questions, or find one in your own words.

    The list ends with the questions that need the network. With TEXT, up to four questions are suggested, the best
    first, each with its command. Exits with status 1 if none fits.

    Example: oewg questions "did iran comment on the zero draft"
    """
    if text is not None:
        from oewg_kg.find import ranking

        data_root, dataset = opened(root)
        put_offers(ranking.Finder(dataset, data_root.queries).find(text), out)
        return
    folder = paths.find(root).queries
    known = [*query.load(folder).values(), *query.load(folder / "federated").values()]
    saved = [q for q in known if tag is None or tag in q.tags]
    if not saved:
        tags = ", ".join(sorted({name for q in known for name in q.tags}, key=str.casefold))
        raise UsageError(f"no question has the tag {tag!r}", advice=f"use one of {tags}")
    if out.format == "json":
        _, dataset = opened(root)
        out.put_json([described(dataset.store, q) for q in saved])
    elif out.format == "table":
        import shutil  # here: `ask` imports this module

        out.put(grouped(saved, shutil.get_terminal_size().columns if terminal.attached(sys.stdout) else 0))
    else:
        cells = [
            [q.name, q.summary, ", ".join(p.name for p in q.parameters), ", ".join(q.tags), " ".join(q.reaches)]
            for q in saved
        ]
        out.put_rows(["question", "what it asks", "settings", "tags", "external services"], cells)


def grouped(saved: list[SavedQuery], width: int) -> str:
    """Write a line for each question under its first tag, the largest group first; lines longer than the width are cut."""
    groups: dict[str, list[str]] = {}
    for one in saved:
        tag = "needs the network" if one.reaches else one.tags[0] if one.tags else "other"
        line = f"  {one.name:{NAMED}} " + re.sub(r" \(default[^)]*\)", "", one.summary)
        groups.setdefault(tag, []).append(line)
    ordered = sorted(groups.items(), key=lambda item: ("network" in item[0], -len(item[1]), item[0]))
    return texts.filled("cli/questions.txt.jinja", groups=ordered, width=width)


def described(store: ox.Store, saved: SavedQuery) -> dict[str, object]:
    """Describe a question as JSON: its readings, and its parameters with the values that they may have."""
    return {
        "name": saved.name,
        "summary": saved.summary,
        "definition": saved.definition,
        "tags": saved.tags,
        "parameters": [vars(p) | {"values": values(store, p)} for p in saved.parameters],
        "readings": [vars(reading) for reading in saved.readings],
        "asks": saved.reaches,
    }


def values(store: ox.Store, parameter: query.Parameter) -> list[dict[str, str]]:
    """List the possible values of a parameter with their labels; empty if it takes any text, day or number."""
    if parameter.type not in ("iri", "iris"):
        return [{"value": word, "label": word} for word in parameter.words]
    found = query.choices(store, parameter)
    return [{"value": terms.compact(iri), "label": names[0]} for iri, names in found.items()]


def put_offers(found: Suggestions, out: Output) -> None:
    """Write the matching questions and commands; if there are none, raise NegativeFinding with what the graph lacks."""
    rows = [[one.title, one.command, f"{one.score:.2f}", ", ".join(one.matched)] for one in found.offers]
    if out.format == "json":
        out.put_json([vars(one) for one in found.offers])
    elif out.format != "table":
        out.put_rows(["question", "command", "score", "matched"], rows)
    elif rows:
        out.put("\n".join(f"{title}\n    {line}\n    fits: {words}" for title, line, _, words in rows) + "\n")
    if not found.offers:
        raise NegativeFinding(found.missing, advice="see `oewg questions` for all questions")
