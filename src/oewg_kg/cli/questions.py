"""The command `questions`: list the saved questions, or suggest some for the user's words."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click
import pyoxigraph as ox

from oewg_kg import paths, query, terms, texts
from oewg_kg.cli import terminal
from oewg_kg.cli.common import open_graph
from oewg_kg.cli.output import Output, output_options
from oewg_kg.errors import NegativeFinding, UsageError
from oewg_kg.query import SavedQuery

if TYPE_CHECKING:
    from oewg_kg.find.ranking import Suggestions

NAME_WIDTH = 40  # characters for the names of questions


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

        data_root, dataset = open_graph(root)
        put_offers(ranking.Finder(dataset, data_root.queries).find(text), out)
        return
    folder = paths.find(root).queries
    every_question = [*query.load(folder).values(), *query.load(folder / "federated").values()]
    listed = [saved for saved in every_question if tag is None or tag in saved.tags]
    if not listed:
        tags = ", ".join(sorted({label for saved in every_question for label in saved.tags}, key=str.casefold))
        raise UsageError(f"no question has the tag {tag!r}", advice=f"use one of {tags}")
    if out.format == "json":
        _, dataset = open_graph(root)
        out.put_json([question_object(dataset.store, saved) for saved in listed])
    elif out.format == "table":
        import shutil  # here: `ask` imports this module

        out.put(lines_by_tag(listed, shutil.get_terminal_size().columns if terminal.is_terminal(sys.stdout) else 0))
    else:
        rows = []
        for saved in listed:
            parameters = ", ".join(parameter.name for parameter in saved.parameters)
            rows.append([saved.name, saved.summary, parameters, ", ".join(saved.tags), " ".join(saved.reaches)])
        out.put_rows(["question", "what it asks", "settings", "tags", "external services"], rows)


def lines_by_tag(questions: list[SavedQuery], width: int) -> str:
    """Write a line for each question under its first tag, the largest group first; lines longer than the width are cut."""
    groups: dict[str, list[str]] = {}
    for question in questions:
        tag = "needs the network" if question.reaches else next(iter(question.tags), "other")
        line = f"  {question.name:{NAME_WIDTH}} " + re.sub(r" \(default[^)]*\)", "", question.summary)
        groups.setdefault(tag, []).append(line)
    largest_first = sorted(groups.items(), key=lambda group: ("network" in group[0], -len(group[1]), group[0]))
    return texts.filled("cli/questions.txt.jinja", groups=largest_first, width=width)


def question_object(store: ox.Store, saved: SavedQuery) -> dict[str, object]:
    """Describe a question as JSON: its readings, and its parameters with the values that they may have."""
    return {
        "name": saved.name,
        "summary": saved.summary,
        "definition": saved.definition,
        "tags": saved.tags,
        "parameters": [vars(parameter) | {"values": value_labels(store, parameter)} for parameter in saved.parameters],
        "readings": [vars(reading) for reading in saved.readings],
        "asks": saved.reaches,
    }


def value_labels(store: ox.Store, parameter: query.Parameter) -> list[dict[str, str]]:
    """List the possible values of a parameter with their labels; empty if it takes any text, day or number."""
    if parameter.type not in ("iri", "iris"):
        return [{"value": word, "label": word} for word in parameter.words]
    choices = query.choices(store, parameter)
    return [{"value": terms.compact(iri), "label": labels[0]} for iri, labels in choices.items()]


def put_offers(search: Suggestions, out: Output) -> None:
    """Write the matching questions and commands; if there are none, raise NegativeFinding with what the graph lacks."""
    rows = [[offer.title, offer.command, f"{offer.score:.2f}", ", ".join(offer.matched)] for offer in search.offers]
    if out.format == "json":
        out.put_json([vars(offer) for offer in search.offers])
    elif out.format != "table":
        out.put_rows(["question", "command", "score", "matched"], rows)
    elif rows:
        out.put("\n".join(f"{title}\n    {command}\n    fits: {matched}" for title, command, _, matched in rows) + "\n")
    if not search.offers:
        raise NegativeFinding(search.missing, advice="see `oewg questions` for all questions")
