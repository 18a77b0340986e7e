"""The Python interface (`oewg_kg.load`): ask, query, show, search, why; with answers for notebooks, pandas and polars."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from oewg_kg import build, identity, paths, query, tables, terms
from oewg_kg.answers import citations, decision_notes, empty, former_names, readings, receipts
from oewg_kg.answers.cited_sources import CitedSources
from oewg_kg.answers.decision_notes import Note
from oewg_kg.dataset import Dataset
from oewg_kg.errors import QueryWarning, UsageError
from oewg_kg.evidence import claims
from oewg_kg.evidence.claims import Claim
from oewg_kg.find import by_name
from oewg_kg.find.by_name import Match
from oewg_kg.find.ranking import Finder, Suggestions
from oewg_kg.measures import Measure
from oewg_kg.paths import Root
from oewg_kg.query import SavedQuery
from oewg_kg.query_analysis import mistyped
from oewg_kg.reconcile import user_files
from oewg_kg.reconcile.user_files import UserFiles
from oewg_kg.terms import Term

if TYPE_CHECKING:
    import pandas
    import polars


@dataclass(frozen=True)
class Answer:
    """Rows of plain values with their columns; `citations` has for each row the IRIs of the lines that support it.

    `asked` is the question in words, with the value of each parameter. If there are no rows, `reason` says why in words, as far
    as the graph knows. `notes` says which values are used, or are missing, because of a decision.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]
    citations: tuple[tuple[str, ...], ...] = ()
    question: SavedQuery | None = None
    asked: str = ""
    reason: str = ""
    notes: tuple[Note, ...] = ()
    bindings: Mapping[str, Term] = field(default_factory=dict, repr=False)
    graph: KnowledgeGraph | None = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, str | int | float | None]]:
        """Iterate over the rows as dictionaries."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def column(self, name: str) -> list[str | int | float | None]:
        """Return one column as a list."""
        position = self.columns.index(name)
        return [row[position] for row in self.rows]

    def cite(self, format: str = "bibtex") -> str:
        """Write what the answer cites as `bibtex`, `csl-json` or `ris`; raises UsageError for another format."""
        if format not in citations.WRITERS or not self.graph:
            advice = f"ask a saved question, and use one of {', '.join(citations.WRITERS)}"
            raise UsageError(f"this answer cannot be cited as {format!r}", advice=advice)
        lines = [line for cited in self.citations for line in cited]
        return citations.WRITERS[format](lines, CitedSources(self.graph.dataset), self.asked)

    def receipt(self) -> str:
        """Write a receipt for the answer, which `oewg verify` checks; raises UsageError for the answer to a query of your own."""
        if not self.graph or not self.question or self.graph.own.files:
            what = "only answers to saved questions, from this dataset alone, have receipts"
            raise UsageError(what, advice="use ask(...), without `beside`")
        receipt = receipts.make(self.graph.root, self.graph.dataset, self.question, dict(self.bindings))
        return receipts.write(receipt)

    def by(self, what: str) -> Answer:
        """Count the states of the answer by a class such as `m49-region` or `group:NAM@2020-05-27`, zeros included; raises UsageError."""
        from oewg_kg.measures import participation

        if not self.graph or not self.question:
            raise UsageError("only the answer to a saved question can be counted by class", advice="use ask(...)")
        folder, bindings = self.graph.root.queries, dict(self.bindings)
        result = query.run(self.graph.dataset, self.question, bindings)
        class_counts = participation.class_counts(self.graph.dataset, folder, self.question, bindings, result, what)
        return _measure_answer(class_counts, f"{self.asked}. ")

    def to_pandas(self) -> pandas.DataFrame:
        """Convert to a pandas DataFrame; pandas must be installed. Classes of states are categories, in the order of the rows."""
        import pandas

        frame = pandas.DataFrame([list(row) for row in self.rows], columns=list(self.columns))
        if "class" in frame:
            frame["class"] = pandas.Categorical(frame["class"], dict.fromkeys(frame["class"]))
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Convert to a polars DataFrame; polars must be installed."""
        import polars

        return polars.DataFrame(list(self.rows), schema=list(self.columns), orient="row", infer_schema_length=None)

    def _repr_html_(self) -> str:
        """Show the answer as a table in a notebook, labels in place of IRIs, with the lines of each row."""
        rows = [list(map(_iri_as_curie, row)) for row in self.rows]
        head, body = tables.for_people(self.columns, rows, self.citations or None)
        count = f"{len(self)}{f' ({self.reason})' if self.reason else ''}"
        caption = f"<caption>{escape(f'{self.asked}: {count}')}</caption>" if self.asked else ""
        notes = "".join(f"<p>{escape(str(note))}</p>" for note in self.notes)
        table = _table_row("th", head) + "".join(_table_row("td", row) for row in body)
        return f"<table>{caption}{table}</table>{notes}"


@dataclass(frozen=True)
class KnowledgeGraph:
    """The dataset of one root, opened for questions."""

    root: Root
    dataset: Dataset
    own: UserFiles = field(default_factory=UserFiles, repr=False)

    @property
    def questions(self) -> dict[str, SavedQuery]:
        """Return the saved queries by name."""
        return query.load(self.root.queries)

    def ask(self, name: str, **values: str) -> Answer:
        """Answer a saved question; parameters as IRI, CURIE or label, `-` as `_`; raises UsageError with suggestions."""
        identity.adopt(self.dataset.store)
        saved, values = former_names.find(self.root.queries, name, values)
        bindings = query.bind(self.dataset, saved, values)
        result = query.run(self.dataset, saved, bindings)
        result = user_files.add_columns(result, self.own, lambda note: None) if self.own.files else result
        rows = tuple(tuple(map(python_value, row)) for row in result.rows)
        title = readings.question_wording(self.dataset.store, saved, bindings).title
        reason = "" if rows else empty.reason(self.dataset, saved, bindings)
        notes = decision_notes.notes(self.dataset, saved, bindings, result)
        return Answer(result.columns, rows, result.citations, saved, title, reason, tuple(notes), bindings, self)

    def agreement(
        self, *states: str, since: str = "", until: str = "", least: int = 5, abstentions: str = "apart"
    ) -> Answer:
        """Compare how states voted, as `oewg agreement` does: all pairs, one with all, or those named among themselves."""
        from oewg_kg.measures import agreement

        rule = agreement.Rule(since, until, least, abstentions)
        return _measure_answer(agreement.compare_states(self.dataset, states, rule))

    def compare(self, *actors: str) -> Answer:
        """Compare two to four actors side by side, as `oewg compare` does; raises UsageError."""
        from oewg_kg.measures import comparison

        return _measure_answer(comparison.compare_actors(self.dataset, self.root.queries, actors))

    def query(self, text: str) -> Answer | bool | list[ox.Triple]:
        """Run a SPARQL query: an Answer, a bool or a list of triples; warns of terms and patterns that the graph does not contain."""
        identity.adopt(self.dataset.store)
        result = query.run_text(self.dataset, text)
        answer: Answer | bool | list[ox.Triple]
        if isinstance(result, ox.QuerySolutions):
            columns = tuple(variable.value for variable in result.variables)
            answer = Answer(columns, tuple(tuple(python_value(term) for term in row) for row in result))
        else:
            answer = bool(result) if isinstance(result, ox.QueryBoolean) else list(result)
        for hint in mistyped.of(self.dataset.store, text, not answer):
            warnings.warn(hint, QueryWarning, stacklevel=2)
        return answer

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self.dataset, self.root.queries)

    def find(self, text: str) -> Suggestions:
        """Rank the saved questions for plain words: up to four offers with their values and matched words, or what the graph lacks.

        `ask(offer.name, **offer.values)` asks one. Raises UsageError for an empty or very long text.
        """
        identity.adopt(self.dataset.store)
        return self._finder.find(text)

    def search(self, text: str) -> list[Match]:
        """Find entities by their names in any spelling, or by words about them in any order; each with its class."""
        identity.adopt(self.dataset.store)
        return self._finder.entities.search(text)

    def why(self, subject: str, predicate: str | None = None) -> list[Claim]:
        """List the claims about a thing with their lines; `predicate` as IRI or CURIE."""
        identity.adopt(self.dataset.store)
        entity = by_name.resolve_name(self.dataset, subject)
        property_iri = by_name.resolve_property(self.dataset, predicate) if predicate else None
        return claims.claims_about(self.dataset, entity, property_iri)

    def show(self, name: str) -> list[Claim]:
        """List what the graph states about an entity."""
        return self.why(name)


def load(root: str | None = None, beside: Iterable[str | Path] = (), key: str | Iterable[str] = ()) -> KnowledgeGraph:
    """Open the graph, rebuilt first if its sources have changed; `root` names a checkout other than the one installed.

    `beside` are files of your own: RDF, or tables whose column `key` names states. Answers of `ask` then have their columns, and
    `query` sees each as the graph `graph:beside/<file>`. A warning reports rows that are left out.
    """
    data_root = paths.find(root)
    graph = KnowledgeGraph(data_root, build.load(data_root))
    keys = [key] if isinstance(key, str) else [*key]
    own_files = user_files.parse_names([str(file) for file in beside], keys)
    if own_files:
        own = user_files.read(graph.dataset.store, own_files, lambda note: warnings.warn(note, QueryWarning, 5))
        user_files.add(graph.dataset, own)
        graph = replace(graph, own=own)
    return graph


def python_value(term: object) -> str | int | float | None:
    """Turn a term into a Python value: numbers as numbers, everything else as text, unbound as None."""
    value = terms.value_of(term)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return None if term is None else terms.text_of(term)


def _iri_as_curie(value: object) -> object:
    return terms.compact(value) if isinstance(value, str) and value.startswith("http") else value


def _measure_answer(measured: Measure, prefix: str = "") -> Answer:
    rows = tuple(tuple(map(python_value, row)) for row in measured.result.rows)
    return Answer(measured.result.columns, rows, measured.result.citations, asked=prefix + measured.sentence)


def _table_row(tag: str, cells: list[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text in cells) + "</tr>"
