"""The command `why`: each claim about a thing with its line, heading and decision."""

import difflib
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import evidence, paths, query, tables, terms
from oewg_kg.answers.citations import CITATION_FORMATS
from oewg_kg.cli.common import (
    citing_options,
    opened,
    pages_option,
    put_citations,
    put_receipt,
    quoted,
    receipt_option,
    said,
    wanted,
)
from oewg_kg.cli.fact_output import put_rows, rows_of
from oewg_kg.cli.reasons import Reasons
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import NegativeFinding, UsageError
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED


@click.command()
@click.argument("subject")
@click.argument("predicate", required=False)
@click.argument("object", required=False)
@click.option("--on", "document", metavar="DOCUMENT", help="Search the lists about this document for SUBJECT.")
@pages_option
@receipt_option
@citing_options
@click.pass_obj
def why(
    root: str | None,
    subject: str,
    predicate: str | None,
    object: str | None,
    document: str | None,
    pages: Path | None,
    receipt: str | None,
    format: str | None,
    output: str | None,
) -> None:
    """Show where a fact comes from: lines, headings and rules.

    An inferred fact is shown with the lines it follows from and, if you give a PREDICATE, with the rules and the facts
    it was inferred by. Editorial decisions on conflicting claims are included.

    With --on DOCUMENT, the lists of contributions to it are searched instead: what they cover, and whether SUBJECT is there.

    Example: oewg why event:oewg1-session-3 oewg:heldStart
    """
    place, dataset = opened(root, pages=pages)
    thing = evidence.resolve_name(dataset, subject)
    if receipt and not document:
        raise UsageError("--receipt needs --on DOCUMENT here", advice="or use `oewg ask NAME --receipt FILE`")
    if document:
        if predicate:
            raise UsageError("--on takes no PREDICATE", advice="give only SUBJECT and --on DOCUMENT")
        searched(place, dataset, (thing, evidence.resolve_name(dataset, document)), receipt, (format, output))
        return
    found = evidence.claims(dataset, thing, predicate_of(dataset, predicate) if predicate else None)
    if object:
        found = [claim for claim in found if is_called(dataset, claim.object, object)]
    if not found:
        raise NegativeFinding(
            "no source states such a fact", terms.compact(thing.value), "see `oewg show` for its facts"
        )
    format = wanted(format, output)
    because = Reasons(place, dataset, found)
    if format in CITATION_FORMATS:
        stated = [claim for claim in found if because.lines(claim)]
        rows = [f"{said(dataset, thing)}, {row[0]}: {row[1]}" for row in rows_of(dataset, stated)]
        put_citations(dataset, rows, [because.lines(claim) for claim in stated], (format, output))
        return
    names = ["property", "value", "stated in", "under heading", "decision"]
    cells = [[*row[:3], tables.short_lines([row[3]]) if row[3] else "", row[4]] for row in rows_of(dataset, found)]
    for claim, row in zip(found, cells, strict=True):
        row[2] = because.where(claim) if claim.graph == INFERRED else row[2]
    if format in ("table", "md"):
        lines = {line for claim in found for line in because.lines(claim)}
        read = "\n".join(quoted(dataset, lines, links=True)) if predicate else ""
        below = (because.tree() if predicate else "") + (f"Read it on the page:\n{read}\n" if read else "")
        put_rows(names, cells, (format, output), (said(dataset, thing), below))
    else:
        told = [[*row, because.cell(claim)] for claim, row in zip(found, cells, strict=True)]
        put_rows([*names, "follows from"], told, (format, output))


def searched(
    place: paths.Root,
    dataset: Dataset,
    asked: tuple[ox.NamedNode, ox.NamedNode],
    receipt: str | None,
    how: tuple[str | None, str | None],
) -> None:
    """Write on which lists about a document an actor was looked for, what they cover, and whether it is there."""
    saved = query.find(place.queries, "lists-searched")
    bindings = query.bind(dataset, saved, {"actor": asked[0].value, "document": asked[1].value})
    result = query.run(dataset, saved, bindings)
    put_receipt(place, dataset, saved, bindings, receipt)
    actor, document = (terms.name(dataset.store, one.value) for one in asked)
    entries, listed, groups = (
        sum(int(terms.text_of(row[result.columns.index(name)])) for row in result.rows)
        for name in ("entries", "listed", "groups")
    )
    format = wanted(*how)
    names, cells = tables.for_people(result.columns, result.rows, result.citations)
    if format in CITATION_FORMATS:
        put_citations(
            dataset, [" — ".join(filter(None, row[:-1])) for row in cells], result.citations, (format, how[1])
        )
        return
    told = f"{actor} is {'' if listed else 'not '}listed with a contribution to “{document}”"
    told += f": {len(result.rows)} list{'' if len(result.rows) == 1 else 's'} searched ({entries} entries)."
    below = f"{groups} of the entries are of groups that count {actor} as a member.\n" if groups else ""
    below += "" if listed else "Not listed only means that no list searched has it: it may have contributed.\n"
    put_rows(names, cells, (format, how[1]), (told, below))


def is_called(dataset: Dataset, term: Term, text: str) -> bool:
    """Tell whether a value is what the text says: the IRI, CURIE, label or literal."""
    value = terms.text_of(term)
    known = query.names_of(dataset.store, term) if isinstance(term, ox.NamedNode) else []
    names = {terms.folded(name) for name in (value, *known)}
    return value == (terms.expand(text) or text) or terms.folded(text) in names


def predicate_of(dataset: Dataset, text: str) -> ox.NamedNode:
    """Read a property as IRI, CURIE, local name or label; raises UsageError with the nearest names."""
    iri = terms.expand(text)
    used = {terms.text_of(row["p"]) for row in select(dataset.store, "SELECT DISTINCT ?p WHERE { ?s ?p ?o }")}
    known = {
        terms.folded(name): p
        for p in sorted(used)
        for name in (p.rpartition("#")[2].rpartition("/")[2], terms.label(dataset.store, p) or "")
    }
    found = iri if iri in used else known.get(terms.folded(text))
    if found is None:
        wanted = terms.folded((iri or text).rpartition("#")[2].rpartition("/")[2])
        near = difflib.get_close_matches(wanted, known, 4, 0.6) or [n for n in known if wanted in n or n in wanted][:4]
        advice = f"did you mean {', '.join(dict.fromkeys(terms.compact(known[name]) for name in near))}?"
        raise UsageError(
            f"unknown property {text!r}", advice=advice if near else "see `oewg show` for the properties of an entity"
        )
    return ox.NamedNode(found)
