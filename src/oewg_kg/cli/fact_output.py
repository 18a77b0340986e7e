"""Write the facts about one entity, for `show` and `why`."""

from oewg_kg import tables, terms
from oewg_kg.answers.places import Places
from oewg_kg.cli.common import draw, put, put_json, said
from oewg_kg.dataset import Dataset
from oewg_kg.evidence import Claim
from oewg_kg.vocabulary import INFERRED, RECORD


def rows_of(dataset: Dataset, found: list[Claim]) -> list[list[str]]:
    """Lay claims out: property, value, where stated, under which heading, what was decided."""
    rows, places = [], Places(dataset)
    for claim in found:
        proof = places.proof(terms.text_of(claim.subject), claim.graph, claim.predicate.value)
        where = "inferred" if proof == INFERRED else place_of(dataset, proof)
        where = f"our words, about {where}" if claim.ours else where
        decided = f"{claim.fate}: {claim.reason}" if claim.fate else ""
        name, value = terms.name(dataset.store, claim.predicate.value), said(dataset, claim.object)
        rows.append([name, value, where, claim.heading or "", decided])
    return rows


def place_of(dataset: Dataset, graph: str) -> str:
    """Name the line of a graph, a voting record, the reference where it is one, with its file, or the file."""
    if "#L" in graph or graph.startswith(RECORD):
        return tables.short_lines([graph])
    file = dataset.files.get(graph, "")
    name = terms.label(dataset.store, graph) if file else ""
    return f"{name} ({file})" if name else file


def put_rows(
    names: list[str], cells: list[list[str]], how: tuple[str, str | None], around: tuple[str, str] = ("", "")
) -> None:
    """Write rows; `how` is the format and the file, `around` a title above a table and text below it."""
    (format, output), (title, below) = how, around
    if format in ("table", "md"):
        names = [{"stated in": "source", "decision": "editorial decision"}.get(name, name) for name in names]
    if format == "json":
        put_json([dict(zip(names, row, strict=True)) for row in cells], output)
    else:
        filled = [at for at in range(len(names)) if format != "table" or any(row[at] for row in cells)]
        names, cells = [names[at] for at in filled], [[row[at] for at in filled] for row in cells]
        above = f"{title}\n\n" if title and format in ("table", "md") else ""
        put(above + draw(format, names, cells) + (f"\n{below}" if below else ""), output)
