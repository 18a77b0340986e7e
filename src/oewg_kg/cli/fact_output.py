"""The facts about one entity as rows, for `show` and `why`."""

from oewg_kg import tables, terms
from oewg_kg.answers.places import Places
from oewg_kg.cli.common import said
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
    """Name where a fact is stated: a line, a voting record, a reference with its file, or a file."""
    if "#L" in graph or graph.startswith(RECORD):
        return tables.short_lines([graph])
    file = dataset.files.get(graph, "")
    name = terms.label(dataset.store, graph) if file else ""
    return f"{name} ({file})" if name else file
