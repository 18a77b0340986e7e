"""Convert published votes of the General Assembly (CSV of roll calls and votes) to RDF, row by row, and load it in chunks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from oewg_kg import build, terms, texts
from oewg_kg.errors import ParseError, from_os_error
from oewg_kg.paths import Root, code_of
from oewg_kg.vocabulary import BASE, OEWG, declarations
from oewg_kg.votes import csv_rows as rows
from oewg_kg.votes import store as imports
from oewg_kg.votes.csv_rows import Advance
from oewg_kg.votes.voters import NO_CODE, Voter, Voters

VOTES_GRAPH = BASE + "graph/votes-import"
# How a vote is recorded on its roll call and, if it is the final vote, on the resolution.
VOTE_PROPERTIES = {
    "yes": ("voterInFavor", "votedYes"),
    "no": ("voterAgainst", "votedNo"),
    "abstain": ("voterAbstaining", "abstained"),
    "absent": ("voterNotVoting", "didNotVote"),
}
VOTE_COLUMNS = ("rcid", "country", "country_code", "vote")
CALL_COLUMNS = ("rcid", "session", "date", "unres", "amend", "para", "short")
CHUNK_SIZE = 100_000  # statements


@dataclass
class ImportReport:
    """The result of an import: counts, and the voters not found by a state's code alone."""

    rows: int = 0
    votes: int = 0
    roll_calls: int = 0
    resolutions: int = 0
    by_way: Counter[str] = field(default_factory=Counter)
    voters: list[list[str]] = field(default_factory=list)


def sha256(path: Path) -> str:
    """Digest a file; raises StorageError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise from_os_error(error, "reading the votes") from error


@dataclass(frozen=True)
class RollCall:
    """One roll call: its IRI and row, the resolution ("": none in the graph), whether it is its final vote, and who has voted.

    `is_known`: the graph itself has this roll call.
    """

    iri: str
    number: str
    session: int | None
    date: str
    symbol: str
    title: str
    resolution: str
    is_final: bool
    is_known: bool
    has_voted: bytearray = field(default_factory=lambda: bytearray(Voters.MOST))


def load(root: Root, votes: Path, roll_calls: Path, advance: Advance) -> tuple[ImportReport, bool]:
    """Import two files, plain or gzipped, into a store next to the graph; return the report, and whether anything had changed.

    Raises ParseError with the line, StorageError.
    """
    dataset = build.load(root)
    voters = Voters(dataset.store, root.folder / "data" / "reference" / "historic-states.csv")
    inputs = (votes, roll_calls, *code_of("reconcile", "safety", "texts", "votes"))
    digest = hashlib.sha256("".join(map(sha256, inputs)).encode()).hexdigest()
    marks = {"input": digest, "voters": voters.digest()}
    earlier = imports.find_import(root)
    if earlier and earlier.marks == marks:
        return ImportReport(**(earlier.report | {"by_way": Counter(earlier.report["by_way"])})), False
    report = ImportReport()

    def fill(store: ox.Store) -> dict[str, Any]:
        calls = read_roll_calls(roll_calls, dataset.store)
        report.roll_calls, report.resolutions = len(calls), sum(call.is_final for call in calls.values())
        calls_turtle = texts.filled("votes/roll-calls.ttl.jinja", calls=calls.values())
        votes_turtle = read_votes(calls, voters, report, rows.read(votes, VOTE_COLUMNS, advance))
        statements = chain([calls_turtle], votes_turtle, _import_turtle((votes, roll_calls), report, voters))
        while chunk := list(islice(statements, CHUNK_SIZE)):
            text = "".join([declarations(), *chunk]).encode()
            for graph in (ox.DefaultGraph(), ox.NamedNode(VOTES_GRAPH)):
                store.bulk_load(text, format=ox.RdfFormat.TURTLE, to_graph=graph)
        return vars(report)

    imports.store_votes(root, marks, fill)
    return report, True


def read_roll_calls(path: Path, store: ox.Store) -> dict[str, RollCall]:
    """Read the roll calls by number; the final vote on a resolution is the roll call that the graph already has for it."""
    resolutions = iris_by_symbol(store)
    known_calls = {resolution: call for call, resolution in terms.pairs(store, OEWG + "finalVoteOn")}
    calls: dict[str, RollCall] = {}
    decided: set[str] = set()
    for position, row in rows.read(path, CALL_COLUMNS, lambda done, size: None):
        rcid, session, date, symbol, amend, para, short = row
        if not rcid.isascii() or not rcid.isdigit() or rcid in calls:
            raise ParseError(f"the roll call number {rcid!r} is missing or repeated", position, rows.ADVICE)
        if not terms.is_date(date):
            raise ParseError(f"{date!r} is not a valid date", position, rows.ADVICE)
        resolution = resolutions.get(official_symbol(symbol), "")
        is_final = bool(resolution) and resolution not in decided and {amend, para} <= {"", "0", "0.0"}
        known_call = known_calls.get(resolution, "") if is_final else ""
        if is_final:
            decided.add(resolution)
        session_number = int(float(session)) if session.removesuffix(".0").isdigit() else None
        title, iri = " ".join(short.split()) or symbol, known_call or f"{BASE}rollcall/{rcid}"
        calls[rcid] = RollCall(iri, rcid, session_number, date, symbol, title, resolution, is_final, bool(known_call))
    return calls


def read_votes(
    calls: dict[str, RollCall], voters: Voters, report: ImportReport, cells: Iterator[tuple[str, list[str]]]
) -> Iterator[str]:
    """State each vote in Turtle, of a final vote also on its resolution; report at the end how the voters were found."""
    for position, (rcid, name, code, vote) in cells:
        report.rows += 1
        call, properties = calls.get(rcid), VOTE_PROPERTIES.get(vote)
        if call is None or properties is None:
            problem = f"unknown roll call {rcid!r}" if call is None else f"{vote!r} is not a valid vote"
            raise ParseError(problem, position, rows.ADVICE)
        voter = voters.find(name, code, call.date, position)
        if call.has_voted[voter.number]:
            raise ParseError(f"a second vote by {name} in roll call {rcid}", position, rows.ADVICE)
        call.has_voted[voter.number] = 1
        voter.votes += 1
        yield f"<{call.iri}> oewg:{properties[0]} <{voter.iri}> .\n"
        if call.is_final:
            yield f"<{call.resolution}> oewg:{properties[1]} <{voter.iri}> .\n"
    _report_voters(report, voters.distinct)


def _import_turtle(files: tuple[Path, ...], report: ImportReport, voters: Voters) -> Iterator[str]:
    """State where the import comes from, and describe the voters that are not Member States, once all votes have been read."""
    origin = {"graph": VOTES_GRAPH, "files": [(path.name, sha256(path)) for path in files], "no_code": NO_CODE}
    yield texts.filled("votes/import.ttl.jinja", report=report, voters=voters.distinct, **origin)


def _report_voters(report: ImportReport, voters: list[Voter]) -> None:
    """Report the number of votes for each way of finding a voter, and each voter not found by its code alone."""
    for voter in voters:
        report.votes += voter.votes
        report.by_way[voter.way] += voter.votes
        if voter.way != "code" and voter.votes:
            report.voters.append([voter.name, voter.code, str(voter.votes), voter.way, voter.iri, voter.why])
    report.voters.sort(key=lambda row: (row[3], row[0], row[4]))


def iris_by_symbol(store: ox.Store) -> dict[str, str]:
    """Map the official symbol of each resolution in the graph to its IRI."""
    pattern = store.quads_for_pattern(None, ox.NamedNode(OEWG + "symbol"), None, ox.DefaultGraph())
    pairs = sorted(((terms.text_of(quad.object), terms.text_of(quad.subject)) for quad in pattern), reverse=True)
    return {symbol: iri for symbol, iri in pairs if symbol.startswith("A/RES/") and "/a-res-" in iri}


def official_symbol(symbol: str) -> str:
    """Write `R/73/27` as `A/RES/73/27`; other symbols as they are."""
    return "A/RES" + symbol[1:] if symbol.startswith("R/") else symbol
