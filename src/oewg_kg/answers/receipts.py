"""Receipts of answers (JSON, sealed with a digest): write them, read them, and verify one by asking its question again."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyoxigraph as ox

from oewg_kg import build, query, tables, terms
from oewg_kg.answers import decision_notes, empty, readings
from oewg_kg.answers.decision_notes import Note
from oewg_kg.dataset import Dataset
from oewg_kg.errors import OewgError, ParseError
from oewg_kg.paths import Root
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.terms import Term
from oewg_kg.version import DATE, __version__

RECEIPT_FORMAT = "oewg-kg answer, version 1"
# What a later run need not repeat: the seal, and the software.
UNCOMPARED = {"digest", "release", "engine"}


@dataclass(frozen=True)
class Verdict:
    """What a check found: `true`, `tampered` or `changed`; and sentences that say why."""

    state: str
    reasons: tuple[str, ...]


def make(root: Root, dataset: Dataset, saved: SavedQuery, bindings: dict[str, Term]) -> dict[str, Any]:
    """Ask a question and make the receipt of the answer."""
    result = query.run(dataset, saved, bindings)
    notes = decision_notes.notes(dataset, saved, bindings, result)
    return seal(root, dataset, saved, bindings, result, notes)


def seal(
    root: Root,
    dataset: Dataset,
    saved: SavedQuery,
    bindings: dict[str, Term],
    result: QueryResult,
    notes: Sequence[Note],
) -> dict[str, Any]:
    """Make a record of an answer, sealed with a digest; if it has no rows, also with the lists that were searched."""
    # With every value filled in, defaults too, so that the query has the same text when it is asked again.
    bindings = saved.values(bindings)
    wording = readings.question_wording(dataset.store, saved, bindings)
    body = {
        "receipt": RECEIPT_FORMAT,
        "question": saved.name,
        "asked": wording.title,
        "counted": wording.definition,
        "parameters": {name: terms.text_of(term) for name, term in wording.terms.items()},
        "query": query.with_values(saved, bindings),
        "columns": list(result.columns),
        "rows": _row_objects(result),
        "decisions": [asdict(note) for note in notes],
        **_installation(root),
    }
    if not result.rows:
        iris = {term.value for term in wording.terms.values() if isinstance(term, ox.NamedNode)}
        body |= {"reason": empty.reason(dataset, saved, bindings), "looked in": lists_searched(root, dataset, iris)}
    plain: dict[str, Any] = json.loads(json.dumps(body))
    return plain | {"digest": digest(plain)}


def lists_searched(root: Root, dataset: Dataset, iris: set[str]) -> list[dict[str, list[str]]]:
    """Describe the lists that concern some entities, or else all lists: what each covers, its number of entries, its lines."""
    if not (root.queries / "lists.rq").exists():  # someone else's graph may have no lists
        return []
    rows = _row_objects(query.run(dataset, query.find(root.queries, "lists"), {}))
    lists = {row["values"][0] for row in rows if {f"<{iri}>" for iri in iris} & set(row["values"])}
    return [row for row in rows if row["values"][0] in lists] or rows


def _row_objects(result: QueryResult) -> list[dict[str, list[str]]]:
    """Write rows in a fixed order: each term as N-Triples do, with the lines."""
    rows = zip(result.rows, result.citations, strict=True)
    row_objects = [{"values": [str(term) if term else "" for term in row], "lines": list(lines)} for row, lines in rows]
    return sorted(row_objects, key=lambda row: (row["values"], row["lines"]))


def digest(receipt: dict[str, Any]) -> str:
    """Digest a receipt without its seal: SHA-256 over the canonical JSON of RFC 8785.

    For strings, integers, lists and objects with ASCII names, which is all that a receipt contains, the json module writes that form
    when it sorts names and leaves out spaces; only for fractions and other names would it take a library.
    """
    body = {name: value for name, value in receipt.items() if name != "digest"}
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def write(receipt: dict[str, Any]) -> str:
    """Write a receipt as JSON that people can read too."""
    return json.dumps(receipt, ensure_ascii=False, indent=1) + "\n"


def read(text: str, file: str) -> dict[str, Any]:
    """Read a receipt; raises ParseError for any other file, and for a repeated name, which parsers treat differently."""

    def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a field name appears twice")
        return dict(pairs)

    try:
        receipt: dict[str, Any] = json.loads(text, object_pairs_hook=unique_names)
    except (ValueError, RecursionError) as error:
        raise ParseError("this is not valid JSON", file, "give a file written with --receipt") from error
    is_receipt = isinstance(receipt, dict) and receipt.get("receipt") == RECEIPT_FORMAT
    values = receipt.get("parameters") if is_receipt and isinstance(receipt.get("question"), str) else None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise ParseError("this is not a receipt", file, "give a file written with --receipt")
    return receipt


def verify(root: Root, dataset: Dataset, receipt: dict[str, Any]) -> Verdict:
    """Check the digest of a receipt, ask its question again, and compare.

    A receipt of this release and engine that says otherwise was tampered with, even if it was sealed again.
    """
    if receipt.get("digest") != digest(receipt):
        return Verdict("tampered", ("its content does not match its digest",))
    installation = _installation(root)
    same_installation = all(receipt.get(name) == value for name, value in installation.items())
    receipt_release, this_release = _release_name(receipt.get("release")), _release_name(installation["release"])
    try:
        saved = query.find(root.queries, receipt["question"])
        new_receipt = make(root, dataset, saved, query.bind(dataset, saved, receipt["parameters"]))
        differences = _differences(receipt, new_receipt)
    except OewgError as error:
        differences = [f"the question cannot be answered here: {error}"]
    releases = f"the receipt is from {receipt_release}, this is {this_release}"
    if differences and same_installation:
        return Verdict("tampered", (f"this is {this_release}, and it gives a different answer", *differences))
    if differences:
        return Verdict("changed", (releases, *differences))
    count = f"{tables.count_with_noun(len(new_receipt['rows']), 'row')}, as the receipt says"
    return Verdict("true", (count, *([] if receipt_release == this_release else [releases])))


def _release_name(release: object) -> str:
    details = release if isinstance(release, dict) else {}
    return f"release {details.get('version')} of {details.get('date')} (sources {str(details.get('sources'))[:12]})"


def _installation(root: Root) -> dict[str, Any]:
    """Describe this installation: the release, with a digest of its sources and questions, and the engine."""
    sources = hashlib.sha256(build.fingerprint(root).encode())
    for file in sorted(root.queries.glob("*.rq")):
        sources.update(file.read_bytes())
    release = {"version": __version__, "date": DATE, "sources": sources.hexdigest()}
    return {"release": release, "engine": f"pyoxigraph {ox.__version__}"}


def _differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Describe in sentences what differs: the rows with their lines, and the names of all other parts."""
    row_lists = (receipt["rows"] if isinstance(receipt.get("rows"), list) else [] for receipt in (old, new))
    before, after = ({json.dumps(row, sort_keys=True) for row in rows} for rows in row_lists)
    changes = [f"removed: {_row_text(row)}" for row in sorted(before - after)]
    changes += [f"added: {_row_text(row)}" for row in sorted(after - before)]
    fields = [field for field in sorted((old.keys() | new.keys()) - UNCOMPARED) if old.get(field) != new.get(field)]
    others = ", ".join(field for field in fields if field != "rows" or not changes)
    return changes + ([f"also different: {others}"] if others else [])


def _row_text(text: str) -> str:
    row = json.loads(text)
    if not isinstance(row, dict) or not isinstance(row.get("values"), list) or not isinstance(row.get("lines"), list):
        return text
    values = (terms.compact(str(value).strip("<>")) if "://" in str(value) else str(value) for value in row["values"])
    return f"{' | '.join(values)} [{tables.short_lines(list(map(str, row['lines'])))}]"
