"""Convert published votes of the General Assembly (CSV of roll calls and votes) to RDF, row by row, and load it in chunks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from oewg_kg import build, terms
from oewg_kg.errors import ParseError, from_os_error
from oewg_kg.paths import Root, code_of
from oewg_kg.vocabulary import BASE, OEWG, declarations
from oewg_kg.votes import csv_rows as rows
from oewg_kg.votes import store as imports
from oewg_kg.votes.csv_rows import Advance
from oewg_kg.votes.voters import Voter, Voters

GRAPH = BASE + "graph/votes-import"
# How a vote is recorded on its roll call and, if it is the final vote, on the resolution.
VOTES = {
    "yes": ("voterInFavor", "votedYes"),
    "no": ("voterAgainst", "votedNo"),
    "abstain": ("voterAbstaining", "abstained"),
    "absent": ("voterNotVoting", "didNotVote"),
}
VOTE_COLUMNS = ("rcid", "country", "country_code", "vote")
CALL_COLUMNS = ("rcid", "session", "date", "unres", "amend", "para", "short")
CHUNK = 100_000


@dataclass
class Report:
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
    """One roll call: its IRI in angle brackets, the resolution whose final vote it is (or ""), its day, and the voters seen."""

    subject: str
    resolution: str
    date: str
    seen: bytearray


def load(root: Root, votes: Path, roll_calls: Path, advance: Advance) -> tuple[Report, bool]:
    """Import two files, plain or gzipped, into a store next to the graph; return the report, and whether anything had changed.

    Raises ParseError with the line, StorageError.
    """
    dataset = build.load(root)
    voters = Voters(dataset.store, root.folder / "data" / "reference" / "historic-states.csv")
    read = (votes, roll_calls, *code_of("reconcile", "safety", "votes"))
    digest = hashlib.sha256("".join(map(sha256, read)).encode()).hexdigest()
    marks = {"input": digest, "voters": voters.digest()}
    known = imports.about(root)
    if known and known.marks == marks:
        return Report(**(known.report | {"by_way": Counter(known.report["by_way"])})), False
    report = Report()

    def fill(store: ox.Store) -> dict[str, Any]:
        sink = Sink(store)
        calls = read_roll_calls(roll_calls, dataset.store, sink, report)
        read_votes(calls, voters, sink, report, rows.read(votes, VOTE_COLUMNS, advance))
        describe(sink, (votes, roll_calls), report, voters)
        sink.empty()
        return vars(report)

    imports.make(root, marks, fill)
    return report, True


class Sink:
    """Gathers Turtle and loads it in chunks, into the default graph and into the graph of the import."""

    def __init__(self, store: ox.Store) -> None:
        """Begin with nothing."""
        self.store = store
        self.parts: list[str] = []

    def add(self, *facts: str) -> None:
        """Add facts about one entity: the entity with its first fact, and the others, as Turtle with our prefixes."""
        self.parts.append(" ; ".join(facts) + " .\n")
        if len(self.parts) >= CHUNK:
            self.empty()

    def empty(self) -> None:
        """Load what was gathered."""
        text = "".join([declarations(), *self.parts]).encode()
        for graph in (ox.DefaultGraph(), ox.NamedNode(GRAPH)):
            self.store.bulk_load(text, format=ox.RdfFormat.TURTLE, to_graph=graph)
        self.parts.clear()


def read_roll_calls(path: Path, graph: ox.Store, sink: Sink, report: Report) -> dict[str, RollCall]:
    """Read the roll calls and state them; the final vote on a resolution is the roll call that the graph already has for it."""
    resolutions = symbols(graph)
    known_calls = {q.object: q.subject for q in graph.quads_for_pattern(None, ox.NamedNode(OEWG + "finalVoteOn"), None)}
    calls: dict[str, RollCall] = {}
    taken: set[str] = set()
    for line, row in rows.read(path, CALL_COLUMNS, lambda done, size: None):
        rcid, session, date, symbol, amend, para, short = row
        if not rcid.isascii() or not rcid.isdigit() or rcid in calls:
            raise ParseError(f"the roll call number {rcid!r} is missing or repeated", line, rows.ADVICE)
        if not terms.is_date(date):
            raise ParseError(f"{date!r} is not a valid date", line, rows.ADVICE)
        resolution = resolutions.get(official(symbol), "")
        final = resolution if resolution not in taken and {amend, para} <= {"", "0", "0.0"} else ""
        known = known_calls.get(ox.NamedNode(final)) if final else None
        subject = known or ox.NamedNode(f"{BASE}rollcall/{rcid}")
        calls[rcid] = RollCall(str(subject), final, date, bytearray(Voters.MOST))
        facts = [f'{subject} oewg:rollCallNumber "{rcid}"^^xsd:integer']
        if session.removesuffix(".0").isdigit():
            facts.append(f"oewg:assemblySession {int(float(session))}")
        if final:
            taken.add(final)
            report.resolutions += 1
            facts.append(f"oewg:finalVoteOn <{final}>")
            sink.add(f"<{final}> oewg:finalVote {subject}")
        if not known:
            title = ox.Literal(" ".join(short.split()) or symbol)
            facts += ["a oewg:RollCall", f'skos:prefLabel "Roll call {rcid}"@en', f"dcterms:title {title}"]
            facts += [f"oewg:symbolInData {ox.Literal(symbol)}", "oewg:votingBody body:unga"]
            facts += [f'oewg:recordedVoteOn "{date}"^^xsd:date']
            facts += [f"oewg:voteOn <{resolution}>"] if resolution else []
            facts += [f"oewg:onPartOf <{resolution}>"] if resolution and not final else []
        sink.add(*facts)
    report.roll_calls = len(calls)
    return calls


def read_votes(
    calls: dict[str, RollCall], voters: Voters, sink: Sink, report: Report, cells: Iterator[tuple[str, list[str]]]
) -> None:
    """State each vote as one triple, and count how its voter was found."""
    counts: Counter[int] = Counter()
    for where, (rcid, name, code, vote) in cells:
        report.rows += 1
        call, how = calls.get(rcid), VOTES.get(vote)
        if call is None or how is None:
            what = f"unknown roll call {rcid!r}" if call is None else f"{vote!r} is not a valid vote"
            raise ParseError(what, where, rows.ADVICE)
        voter = voters.find(name, code, call.date, where)
        if call.seen[voter.place]:
            raise ParseError(f"a second vote by {name} in roll call {rcid}", where, rows.ADVICE)
        call.seen[voter.place] = 1
        counts[voter.number] += 1
        sink.add(f"{call.subject} oewg:{how[0]} <{voter.iri}>")
        if call.resolution:
            sink.add(f"<{call.resolution}> oewg:{how[1]} <{voter.iri}>")
    tell_voters(report, voters.all, counts)


def tell_voters(report: Report, voters: list[Voter], counts: Counter[int]) -> None:
    """Report the number of votes for each way of finding a voter, and each voter not found by its code alone."""
    for voter in voters:
        votes = counts[voter.number]
        report.votes += votes
        report.by_way[voter.way] += votes
        if voter.way != "code" and votes:
            report.voters.append([voter.name, voter.code, str(votes), voter.way, voter.iri, voter.why])
    report.voters.sort(key=lambda row: (row[3], row[0], row[4]))


def describe(sink: Sink, files: tuple[Path, Path], report: Report, voters: Voters) -> None:
    """State where the import comes from, and describe the voters that are not Member States."""
    sources = (
        "Published form of Voeten, Strezhnev and Bailey, United Nations General Assembly Voting Data (hdl:1902.1/12379)",
        *(f"{p.name}, SHA-256 {sha256(p)}" for p in files),
    )
    sink.add(
        f'<{GRAPH}> a oewg:ReferenceGraph ; skos:prefLabel "Imported votes of the General Assembly"@en',
        f'dcterms:description "{report.rows} rows, {report.votes} votes"@en',
        *(f"dcterms:source {ox.Literal(source, language='en')}" for source in sources),
    )
    for voter in voters.all:
        if voter.way in ("historic", "unresolved"):
            sink.add(*voter.facts())


def symbols(graph: ox.Store) -> dict[str, str]:
    """Map the official symbol of each resolution in the graph to its IRI."""
    pattern = graph.quads_for_pattern(None, ox.NamedNode(OEWG + "symbol"), None, ox.DefaultGraph())
    found = sorted(((terms.text_of(q.object), terms.text_of(q.subject)) for q in pattern), reverse=True)
    return {symbol: iri for symbol, iri in found if symbol.startswith("A/RES/") and "/a-res-" in iri}


def official(symbol: str) -> str:
    """Write `R/73/27` as `A/RES/73/27`; other symbols as they are."""
    return "A/RES" + symbol[1:] if symbol.startswith("R/") else symbol
