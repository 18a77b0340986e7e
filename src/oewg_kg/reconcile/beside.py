"""Load a user's own files as named graphs (RDF as it is, tables by the column of keys), and add their columns to answers.

The graph of a file is `graph:beside/<file>`; nothing goes into the resolved view. A row of a table is `<graph>#row=12` there: it
describes (`csvw:describes`) the entity that its key names, and both row and entity have its cells, by the property `<graph>#<heading>`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from oewg_kg import dataset as datasets
from oewg_kg import formats, terms, texts
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError, either
from oewg_kg.paths import Beside, read_bytes
from oewg_kg.query import QueryResult
from oewg_kg.reconcile import matcher, spreadsheet
from oewg_kg.reconcile.spreadsheet import Table
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, PREFIXES, own

CSVW = "http://www.w3.org/ns/csvw#"
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?")
SHOWN = 5
Tell = Callable[[str], None]


@dataclass
class Own:
    """What files state: quads in their graphs, the file of each graph, and for each entity its facts as (column, value, citation)."""

    quads: list[ox.Quad] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    facts: dict[str, list[tuple[str, Term, str]]] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)

    def state(self, thing: str, column: str, value: Term, citation: str) -> None:
        """Add one fact for the rows of answers."""
        self.columns[column] = None
        self.facts.setdefault(thing, []).append((column, value, citation))


def chosen(named: Sequence[str], keys: Sequence[str]) -> Beside | None:
    """Read the values of --with: `votes`, files, or nothing. Raises UsageError for a table without a key, or two files of one name."""
    files = tuple(Path(name) for name in named if name != "votes")
    tables = [path for path in files if not _is_rdf(path)]
    if tables and not keys:
        read_bytes(tables[0], str(tables[0]))  # whether it is there comes first
        raise UsageError("a table needs a column that names states", str(tables[0]), "name it with --key COLUMN")
    if len(keys) > max(len(tables), 1) or (keys and not tables):
        raise UsageError("the numbers of keys and tables differ", advice="give --key once, or once for each table")
    if len({path.name for path in files}) < len(files):
        raise UsageError("two files have the same name", advice="rename one, as graphs are named after files")
    return Beside("votes" in named, files, tuple(keys)) if named else None


def _is_rdf(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").rpartition(".")[2] in formats.EXTENSIONS


def read(store: ox.Store, beside: Beside, tell: Tell) -> Own:
    """Read the files, tables with the names of a store; rows left out go to `tell`. Raises ParseError, StorageError, UsageError."""
    found = Own()
    keys = iter([*beside.keys, *beside.keys[-1:] * len(beside.files)])
    for path in beside.files:
        graph = ox.NamedNode(f"{PREFIXES['graph']}beside/{quote(path.name)}")
        found.files[graph.value] = str(path)
        if _is_rdf(path):
            _read_rdf(found, path, graph)
        else:
            _read_table(store, found, path, next(keys), graph, tell)
    return found


def add(dataset: Dataset, found: Own) -> None:
    """Add the statements of files to a dataset in memory, each file in its own graph."""
    dataset.store.extend(found.quads)
    dataset.files.update(found.files)


def _read_rdf(found: Own, path: Path, graph: ox.NamedNode) -> None:
    for quad in datasets.parse(path, str(path)):
        home = quad.graph_name if isinstance(quad.graph_name, ox.NamedNode) else graph
        if home != graph and own(home.value):
            what = f"the graph <{home.value}> belongs to this dataset"
            raise UsageError(what, str(path), "name the graph yourself, or check the file with `oewg validate`")
        found.files.setdefault(home.value, str(path))
        found.quads.append(ox.Quad(quad.subject, quad.predicate, quad.object, home))
        if isinstance(quad.subject, ox.NamedNode):
            name = re.split("[#/]", quad.predicate.value)[-1]
            found.state(quad.subject.value, f"{path.name}: {name}", quad.object, graph.value)


def _read_table(store: ox.Store, found: Own, path: Path, key: str, graph: ox.NamedNode, tell: Tell) -> None:
    index = matcher.index(store)
    table = spreadsheet.read(read_bytes(path, str(path)), str(path), key, partial(matcher.weight, index))
    codes, matches = matcher.column(index, table.texts)
    others = matcher.index(store, OEWG + "Actor")
    for text in [] if codes else [text for text, candidates in matches.items() if not candidates]:
        # In a column of names, an exact name of another actor is that actor.
        matches[text] = [one for one in matcher.candidates(others, text) if one.score == matcher.EXACT]
    things = [matches[text][0].iri if matcher.decide(matches[text]) == "matched" else "" for text in table.texts]
    columns = list(_columns(table, graph))
    label, describes = ox.NamedNode(PREFIXES["rdfs"] + "label"), ox.NamedNode(CSVW + "describes")
    found.quads += [ox.Quad(column, label, ox.Literal(name), graph) for column, name in columns]
    for number, row, thing in zip(table.lines, table.rows, things, strict=True):
        if not thing:
            continue
        line = ox.NamedNode(f"{graph.value}#row={number}")
        found.quads.append(ox.Quad(line, describes, ox.NamedNode(thing), graph))
        for (column, name), cell in zip(columns, row, strict=True):
            value = _literal(cell)
            if value.value:
                found.quads += [ox.Quad(one, column, value, graph) for one in (line, ox.NamedNode(thing))]
            if column != columns[table.place][0]:
                found.state(thing, f"{path.name}: {name}", value, line.value)
    _report(store, {"file": path.name, "key": key, "codes": codes}, table, things, matches, tell)


def _columns(table: Table, graph: ox.NamedNode) -> Iterator[tuple[ox.NamedNode, str]]:
    """Give the columns of a table distinct names."""
    taken: set[str] = set()
    for at, heading in enumerate(table.names, 1):
        name = " ".join(spreadsheet.shown(heading).split()) or f"column {at}"
        name = name if name not in taken else f"{name} ({at})"
        taken.add(name)
        yield ox.NamedNode(f"{graph.value}#{quote(name)}"), name


def _literal(cell: object) -> ox.Literal:
    """Make a literal of a cell: a number if it is written as one, else text; codes such as 004 stay text."""
    text = spreadsheet.shown(cell).strip()
    number = NUMBER.fullmatch(text)
    kind = "decimal" if number and number[1] else "integer" if number else "string"
    return ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + kind))


def _report(
    store: ox.Store,
    about: dict[str, str],
    table: Table,
    things: list[str],
    matches: dict[str, list[matcher.Candidate]],
    tell: Tell,
) -> None:
    """Report each row of a table that is left out, and the first entities with several rows."""
    rows: dict[str, list[str]] = {}
    left = []
    for number, text, thing in zip(table.lines, table.texts, things, strict=True):
        if thing:
            rows.setdefault(thing, []).append(str(number))
        else:
            status = matcher.decide(matches[text])
            rivals = either([terms.name(store, one.iri) for one in matches[text][:SHOWN] if status == "ambiguous"])
            left.append({"status": status, "number": number, "text": " ".join(text.split()), "rivals": rivals})
    several = [(terms.name(store, thing), numbers) for thing, numbers in rows.items() if numbers[1:]]
    counts = {"rows": len(things), "matched": len(things) - len(left), "notes": table.notes, "most": SHOWN}
    told = texts.filled("reconcile/notes.txt.jinja", left=left, several=several, **about, **counts)
    for line in filter(None, told.split("\n")):
        tell(line)


def joined(result: QueryResult, found: Own, tell: Tell) -> QueryResult:
    """Add the columns of files to the rows of an answer, several values joined, and cite their rows."""
    keyed = [
        at
        for at, _ in enumerate(result.columns)
        if any(isinstance(row[at], ox.NamedNode) and terms.text_of(row[at]) in found.facts for row in result.rows)
    ]
    shown = {terms.text_of(row[at]) for row in result.rows for at in keyed}
    stated = {column for thing in shown for column, _, _ in found.facts.get(thing, ())}
    present = [column for column in found.columns if column in stated]
    names = [column if at == keyed[0] else f"{column} ({result.columns[at]})" for at in keyed for column in present]
    rows, cited = [], []
    for row, lines in zip(result.rows, result.citations, strict=True):
        facts = [found.facts.get(terms.text_of(row[at]), []) for at in keyed]
        cells = [_joined([value for name, value, _ in one if name == column]) for one in facts for column in present]
        rows.append((*row, *cells))
        cited.append((*lines, *dict.fromkeys(line for one in facts for _, _, line in one)))
    if found.files:
        tell(f"entities in your files: {len(found.facts)}, in this answer: {len(shown & set(found.facts))}")
    return QueryResult((*result.columns, *names), tuple(rows), tuple(cited))


def _joined(values: Iterable[Term]) -> Term | None:
    """Join values into one cell: a single one as it is, several as text in the order of the rows."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) < 2:
        return distinct[0] if distinct and terms.text_of(distinct[0]) else None
    return ox.Literal("; ".join(terms.text_of(value) for value in distinct))
