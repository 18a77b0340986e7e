"""The parsers that are ours, each fed with bytes: what comes out is an answer or one of our errors, and nothing else.

Not for making the bytes: `test_fuzz` does that by rule, `guided` by looking which lines they reach.
"""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from oewg_kg import build, paths, query, terms
from oewg_kg import mappings as link
from oewg_kg.dataset import Dataset
from oewg_kg.errors import OewgError
from oewg_kg.find import by_name
from oewg_kg.reconcile import matcher, spreadsheet
from oewg_kg.reconcile import output as matches
from oewg_kg.safety import query_guard
from oewg_kg.serve.http import negotiation
from oewg_kg.vocabulary import OEWG
from oewg_kg.votes import csv_rows

MINI = Path(__file__).parents[1] / "mini"
SEEDS = {
    "header": b"#+ summary: S\n#+ definition: D\n#+ readings: a -> x=1; b -> y=2\n"
    b"#+ param x: iri = oewg:X | choices: oewg:Y\nSELECT * {\n VALUES ?x { oewg:X }\n}",
    "parameter": b"draft=document:mini-report",
    "mappings": b"#curie_map:\n#  a: http://a.example/\nsubject_id\tpredicate_id\tobject_id\tmapping_justification\na:1\ta:2\ta:3\ta:4\n",
    "votes": b'rcid,country,country_code,vote\n1,"Korea, Republic of",KR,yes\n',
    "spreadsheet": "Country;n\nCôte d’Ivoire;1\n".encode("cp1252"),
    "name": b"oewg-2019-2021, line 4",
    "guard": b"SELECT * { ?s ?p 'SERVICE' { { SERVICE <http://a/> { } } } }",
    "accept": b"text/html;q=0.8, */*;q=0.1",
    "reconcile": "Côte d’Ivoire (the Republic of)".encode(),
}


@cache
def graph() -> Dataset:
    """Make the small world once."""
    return build.build(paths.find(str(MINI)), inference=False)[0]


@cache
def names() -> matcher.Index:
    """Index the names of its states once."""
    return matcher.index_class(graph().store, OEWG + "State")


def header(data: bytes) -> None:
    """Read the header of a saved query."""
    saved = query.parse("fuzzed", data.decode("utf-8", "replace"))
    assert saved.summary and saved.definition


def parameter(data: bytes) -> None:
    """Bind what a user gives for a parameter."""
    saved = query.find(MINI / "queries", "contributions-on")
    name, _, value = data.decode("utf-8", "replace").partition("=")
    for term in query.bind(graph(), saved, {name: value}).values():
        assert terms.text_of(term)


def mappings(data: bytes) -> None:
    """Read a table of mappings."""
    with tempfile.NamedTemporaryFile(suffix=".tsv") as file:
        Path(file.name).write_bytes(data)
        for mapping in link.read(Path(file.name), "fuzzed.sssom.tsv").mappings:
            assert terms.valid_iri(mapping.subject) and terms.valid_iri(mapping.object)


def votes(data: bytes) -> None:
    """Read the rows of a large table, gzipped or not."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        Path(file.name).write_bytes(data)
        found = csv_rows.read(Path(file.name), ("rcid", "vote"), lambda done, size: None)
        assert all(len(cells) == 2 for _, cells in found)


def table(data: bytes) -> None:
    """Read a table as a spreadsheet writes it."""
    found = spreadsheet.read(data, "fuzzed", "Country")
    assert all(len(row) == len(found.names) for row in found.rows)


def name(data: bytes) -> None:
    """Read the name of a thing or of a line."""
    assert by_name.resolve_name(graph(), data.decode("utf-8", "replace")).value


def guarded(data: bytes) -> None:
    """Look whether a query may be run."""
    query_guard.check(data.decode("utf-8", "replace"))


def accept(data: bytes) -> None:
    """Read which media types a client would rather have."""
    offers = (("turtle", "text/turtle"), ("html", "text/html"))
    assert negotiation.best(offers, data.decode("latin-1")) in (None, "turtle", "html")


def reconciled(data: bytes) -> None:
    """Find what a name in somebody's table stands for."""
    found = matcher.candidates(names(), data.decode("utf-8", "replace"))
    assert matches.match_cells(graph().store, found)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "header": header,
    "parameter": parameter,
    "mappings": mappings,
    "votes": votes,
    "spreadsheet": table,
    "name": name,
    "guard": guarded,
    "accept": accept,
    "reconcile": reconciled,
}


def feed(target: str, data: bytes) -> bool:
    """Give a parser some bytes; tell whether it took them. Raises whatever is neither an answer nor an error of ours."""
    try:
        TARGETS[target](data)
    except OewgError as error:
        assert len(str(error).splitlines()) == 1
        return False
    return True
