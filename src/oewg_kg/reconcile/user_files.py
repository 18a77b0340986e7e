"""Load the files of a user (--with) as named graphs: RDF as it is, tables by a key column; and add their columns to answers.

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
NUMBER_FORM = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?")
MOST_NAMES = 5
Tell = Callable[[str], None]
Matches = dict[str, list[matcher.Candidate]]
Fact = tuple[str, Term, str]


@dataclass
class UserFiles:
    """What files state: quads in their graphs, the file of each graph, and for each entity its facts as (column, value, citation)."""

    quads: list[ox.Quad] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)

    def state(self, entity: str, column: str, value: Term, citation: str) -> None:
        """Add one fact for the rows of answers."""
        self.columns[column] = None
        self.facts.setdefault(entity, []).append((column, value, citation))


def parse_names(names: Sequence[str], keys: Sequence[str]) -> Beside | None:
    """Read the values of --with: `votes`, files, or nothing. Raises UsageError for a table without a key, or two files of one name."""
    files = tuple(Path(name) for name in names if name != "votes")
    tables = [path for path in files if not _is_rdf(path)]
    if tables and not keys:
        read_bytes(tables[0], str(tables[0]))  # whether it is there comes first
        raise UsageError("a table needs a column that names states", str(tables[0]), "name it with --key COLUMN")
    if len(keys) > max(len(tables), 1) or (keys and not tables):
        raise UsageError("the numbers of keys and tables differ", advice="give --key once, or once for each table")
    if len({path.name for path in files}) < len(files):
        raise UsageError("two files have the same name", advice="rename one, as graphs are named after files")
    return Beside("votes" in names, files, tuple(keys)) if names else None


def _is_rdf(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").rpartition(".")[2] in formats.EXTENSIONS


def read(store: ox.Store, beside: Beside, tell: Tell) -> UserFiles:
    """Read the files, tables with the names of a store; rows left out go to `tell`. Raises ParseError, StorageError, UsageError."""
    user = UserFiles()
    keys = iter([*beside.keys, *beside.keys[-1:] * len(beside.files)])
    for path in beside.files:
        graph = ox.NamedNode(f"{PREFIXES['graph']}beside/{quote(path.name)}")
        user.files[graph.value] = str(path)
        if _is_rdf(path):
            _read_rdf(user, path, graph)
        else:
            _read_table(store, user, path, next(keys), graph, tell)
    return user


def add(dataset: Dataset, user: UserFiles) -> None:
    """Add the statements of files to a dataset in memory, each file in its own graph."""
    dataset.store.extend(user.quads)
    dataset.files.update(user.files)


def _read_rdf(user: UserFiles, path: Path, graph: ox.NamedNode) -> None:
    for quad in datasets.parse(path, str(path)):
        graph_name = quad.graph_name if isinstance(quad.graph_name, ox.NamedNode) else graph
        if graph_name != graph and own(graph_name.value):
            problem = f"the graph <{graph_name.value}> belongs to this dataset"
            raise UsageError(problem, str(path), "name the graph yourself, or check the file with `oewg validate`")
        user.files.setdefault(graph_name.value, str(path))
        user.quads.append(ox.Quad(quad.subject, quad.predicate, quad.object, graph_name))
        if isinstance(quad.subject, ox.NamedNode):
            local_name = re.split("[#/]", quad.predicate.value)[-1]
            user.state(quad.subject.value, f"{path.name}: {local_name}", quad.object, graph.value)


def _read_table(store: ox.Store, user: UserFiles, path: Path, key: str, graph: ox.NamedNode, tell: Tell) -> None:
    index = matcher.index_class(store)
    table = spreadsheet.read(read_bytes(path, str(path)), str(path), key, partial(matcher.name_weight, index))
    code_kind, matches = matcher.match_column(index, table.texts)
    actors = matcher.index_class(store, OEWG + "Actor")
    for text in [] if code_kind else [text for text, candidates in matches.items() if not candidates]:
        # In a column of names, an exact name of another actor is that actor.
        matches[text] = [match for match in matcher.candidates(actors, text) if match.score == matcher.EXACT]
    is_matched = {text: matcher.match_status(candidates) == "matched" for text, candidates in matches.items()}
    entities = [matches[text][0].iri if is_matched[text] else "" for text in table.texts]
    columns = list(_named_columns(table, graph))
    label, describes = ox.NamedNode(PREFIXES["rdfs"] + "label"), ox.NamedNode(CSVW + "describes")
    user.quads += [ox.Quad(column, label, ox.Literal(name), graph) for column, name in columns]
    for row_number, row, entity in zip(table.lines, table.rows, entities, strict=True):
        if not entity:
            continue
        row_iri = ox.NamedNode(f"{graph.value}#row={row_number}")
        user.quads.append(ox.Quad(row_iri, describes, ox.NamedNode(entity), graph))
        for (column, name), cell in zip(columns, row, strict=True):
            value = _literal(cell)
            if value.value:
                subjects = (row_iri, ox.NamedNode(entity))
                user.quads += [ox.Quad(subject, column, value, graph) for subject in subjects]
            if column != columns[table.position][0]:
                user.state(entity, f"{path.name}: {name}", value, row_iri.value)
    _report_rows(store, {"file": path.name, "key": key, "codes": code_kind}, table, entities, matches, tell)


def _named_columns(table: Table, graph: ox.NamedNode) -> Iterator[tuple[ox.NamedNode, str]]:
    """Give the columns of a table distinct names."""
    names_taken: set[str] = set()
    for number, heading in enumerate(table.names, 1):
        name = " ".join(spreadsheet.cell_text(heading).split()) or f"column {number}"
        name = name if name not in names_taken else f"{name} ({number})"
        names_taken.add(name)
        yield ox.NamedNode(f"{graph.value}#{quote(name)}"), name


def _literal(cell: object) -> ox.Literal:
    """Make a literal of a cell: a number if it is written as one, else text; codes such as 004 stay text."""
    text = spreadsheet.cell_text(cell).strip()
    number = NUMBER_FORM.fullmatch(text)
    datatype = "decimal" if number and number[1] else "integer" if number else "string"
    return ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + datatype))


def _report_rows(
    store: ox.Store, table_facts: dict[str, str], table: Table, entities: list[str], matches: Matches, tell: Tell
) -> None:
    """Report each row of a table that is left out, and the first entities with several rows."""
    rows_by_entity: dict[str, list[str]] = {}
    left = []
    for number, text, entity in zip(table.lines, table.texts, entities, strict=True):
        if entity:
            rows_by_entity.setdefault(entity, []).append(str(number))
        else:
            status = matcher.match_status(matches[text])
            rivals = [terms.name(store, match.iri) for match in matches[text][:MOST_NAMES] if status == "ambiguous"]
            left.append({"status": status, "number": number, "text": " ".join(text.split()), "rivals": either(rivals)})
    several = [(terms.name(store, entity), numbers) for entity, numbers in rows_by_entity.items() if numbers[1:]]
    counts = {"rows": len(entities), "matched": len(entities) - len(left), "notes": table.notes, "most": MOST_NAMES}
    notes = texts.filled("reconcile/notes.txt.jinja", left=left, several=several, **table_facts, **counts)
    for line in filter(None, notes.split("\n")):
        tell(line)


def add_columns(result: QueryResult, user: UserFiles, tell: Tell) -> QueryResult:
    """Add the columns of files to the rows of an answer, several values joined, and cite their rows."""
    known = {ox.NamedNode(iri) for iri in user.facts}
    positions = [index for index, _ in enumerate(result.columns) if any(row[index] in known for row in result.rows)]
    entities = {terms.text_of(row[position]) for row in result.rows for position in positions}
    columns_filled = {column for entity in entities for column, _, _ in user.facts.get(entity, ())}
    new_columns = [column for column in user.columns if column in columns_filled]
    headings = list(result.columns)
    for position in positions:
        suffix = "" if position == positions[0] else f" ({result.columns[position]})"
        headings += [column + suffix for column in new_columns]
    rows, citations = [], []
    for row, lines in zip(result.rows, result.citations, strict=True):
        row_facts = [user.facts.get(terms.text_of(row[position]), []) for position in positions]
        cells = [_joined_cell(facts, column) for facts in row_facts for column in new_columns]
        rows.append((*row, *cells))
        citations.append((*lines, *dict.fromkeys(line for facts in row_facts for _, _, line in facts)))
    if user.files:
        tell(f"entities in your files: {len(user.facts)}, in this answer: {len(entities & set(user.facts))}")
    return QueryResult(tuple(headings), tuple(rows), tuple(citations))


def _joined_cell(facts: Iterable[Fact], column: str) -> Term | None:
    """Join the values of a column into one cell: a single one as it is, several as text in the order of the rows."""
    values = list(dict.fromkeys(value for name, value, _ in facts if name == column))
    if len(values) < 2:
        return values[0] if values and terms.text_of(values[0]) else None
    return ox.Literal("; ".join(terms.text_of(value) for value in values))
