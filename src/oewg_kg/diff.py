"""Compare two versions of the data: facts changed, terms added, withdrawn or deprecated, answers of saved questions changed."""

import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import build, paths, query, terms
from oewg_kg import dataset as datasets
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.paths import Root
from oewg_kg.query import SavedQuery
from oewg_kg.safety import blank_nodes
from oewg_kg.vocabulary import BASE, INFERRED, RESOLVED

KINDS = ("added", "withdrawn", "changed")


@dataclass(frozen=True)
class Change:
    """A property of a thing in one graph, whose values were added, withdrawn or changed."""

    kind: str
    cls: str
    source: str
    graph: str
    subject: str
    predicate: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class AnswerChange:
    """A saved question whose answer changed: the rows removed and the rows added."""

    question: str
    gone: tuple[tuple[str, ...], ...]
    come: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Difference:
    """All that changed: facts, terms of the ontology (added, withdrawn, deprecated), and answers."""

    facts: tuple[Change, ...]
    terms_added: tuple[str, ...]
    terms_withdrawn: tuple[str, ...]
    terms_deprecated: tuple[str, ...]
    answers: tuple[AnswerChange, ...]


def open_version(name: str, root: Root) -> Dataset:
    """Open one side: a folder with sources, an export or snapshot, or a git revision of the root; raises UsageError for anything else."""
    path = Path(name)
    if name and path.is_dir():
        return build.build(paths.find(name))[0]
    if path.is_file():
        return _of_file(path)
    if name.startswith("-") or not name:  # git would read it as an option
        raise UsageError("no such folder, file or git revision", name or "''", "check the name")
    with tempfile.TemporaryDirectory() as folder:
        command = ["git", "-C", str(root.folder), "archive", "--format=tar", name, "ontology", "data", "queries"]
        try:
            git_archive = subprocess.run(command, capture_output=True, check=False)
        except FileNotFoundError as error:
            raise UsageError("git is not installed", name, "give a folder or an exported file") from error
        if git_archive.returncode:
            raise UsageError("no such folder, file or git revision", name, "check the name")
        with tarfile.open(fileobj=BytesIO(git_archive.stdout)) as archive:
            archive.extractall(folder, filter="data")
        return build.build(paths.find(folder))[0]


def _of_file(path: Path) -> Dataset:
    """Read an export or snapshot; its resolved view becomes the default graph, and also a named graph if there are no others."""
    dataset = Dataset(ox.Store(), {})
    view_names = (ox.DefaultGraph(), ox.NamedNode(RESOLVED))
    for quad in datasets.parse(path, str(path)):
        dataset.store.add(ox.Quad(*quad.triple) if quad.graph_name in view_names else quad)
    if not any(dataset.store.named_graphs()):
        default = list(datasets.default_graph(dataset))
        dataset.store.extend([ox.Quad(q.subject, q.predicate, q.object, view_names[1]) for q in default])
    return dataset


def compare_versions(old: Dataset, new: Dataset, questions: Iterable[SavedQuery]) -> Difference:
    """Compare facts, terms of the ontology and default answers; raises UsageError when only one of the two has named graphs."""
    old_facts, new_facts = _stated(old), _stated(new)
    if _has_no_graphs(old) != _has_no_graphs(new):
        what = "they cannot be compared: only one has a graph for each line"
        raise UsageError(what, advice="give two TriG or N-Quads exports")
    classes = _classes(old) | _classes(new)
    facts = []
    for key in sorted(old_facts.keys() | new_facts.keys()):
        old_values, new_values = old_facts.get(key, set()), new_facts.get(key, set())
        if old_values != new_values:
            graph, subject, predicate = key
            one_sided = "added" if new_values else "withdrawn"
            change_kind = "changed" if old_values and new_values else one_sided
            class_names = classes.get(subject, "")
            source = graph.rpartition("#L")[0].rpartition("/source/")[2] or graph.removeprefix(BASE + "graph/")
            values = tuple(sorted(old_values)), tuple(sorted(new_values))
            facts.append(Change(change_kind, class_names, source, graph, subject, predicate, *values))
    old_terms, new_terms = _terms(old), _terms(new)
    deprecated = {term for term, is_deprecated in new_terms.items() if is_deprecated and not old_terms.get(term)}
    answers = []
    for saved in questions:
        results = [query.run(version, saved, {}) for version in (old, new)]
        old_rows, new_rows = ({tuple(map(terms.text_of, row)) for row in result.rows} for result in results)
        if old_rows != new_rows:
            removed, appeared = sorted(old_rows - new_rows), sorted(new_rows - old_rows)
            answers.append(AnswerChange(saved.name, tuple(removed), tuple(appeared)))
    added, withdrawn = sorted(new_terms.keys() - old_terms), sorted(old_terms.keys() - new_terms)
    return Difference(tuple(facts), tuple(added), tuple(withdrawn), tuple(sorted(deprecated)), tuple(answers))


def _has_no_graphs(dataset: Dataset) -> bool:
    return {terms.text_of(graph) for graph in dataset.store.named_graphs()} == {RESOLVED}


def _stated(dataset: Dataset) -> dict[tuple[str, str, str], set[str]]:
    """Gather the values of each property of each thing in each graph except the inferred one, with blank nodes labeled graph by graph."""
    statements: dict[tuple[str, str, str], set[str]] = {}
    for graph in dataset.store.named_graphs():
        name = terms.text_of(graph)
        quads = list(dataset.store.quads_for_pattern(None, None, None, graph))
        for quad in blank_nodes.canonical(quads) if name != INFERRED else []:
            key = (name, terms.text_of(quad.subject), quad.predicate.value)
            statements.setdefault(key, set()).add(str(quad.object))
    return statements


def _classes(dataset: Dataset) -> dict[str, str]:
    """Name the classes of each thing that is stated to be of one, with commas between them."""
    rows = datasets.select(dataset.store, datasets.own_query("stated-classes"))
    return {row["thing"].value: ", ".join(sorted(map(terms.compact, row["classes"].value.split()))) for row in rows}


def _terms(dataset: Dataset) -> dict[str, bool]:
    """Find the terms that the ontology and the concept schemes define, and whether each is deprecated."""
    rows = datasets.select(dataset.store, datasets.own_query("defined-terms"))
    return {row["term"].value: row["deprecated"].value == "true" for row in rows}
