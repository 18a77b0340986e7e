"""From sources to a snapshot: load, resolve, infer, write; and back, only when the sources are still the same.

Not for how any of these is done.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import dataset as datasets
from oewg_kg import files, infer, link, resolve, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError, StorageError, from_os_error
from oewg_kg.paths import PACKAGE, Root
from oewg_kg.vocabulary import BASE

MARK = "# oewg-kg snapshot"
DOTS = re.compile(r"/(?:\.|%2e){1,2}(?=[/?#]|\Z)", re.IGNORECASE)
BLANK = b"# with blank nodes\n"
RECIPE = ("dataset.py", "link.py", "resolve.py", "infer.py", "build.py", "vocabulary.py")
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Counts:
    """What a build made: quads stated in named graphs, claims set aside, triples inferred, quads in all."""

    stated: int
    set_aside: int
    inferred: int
    quads: int


def fingerprint(root: Root) -> str:
    """Digest all that a build reads: the sources, the rules, and the code that loads, resolves and infers (SHA-256)."""
    digest = hashlib.sha256()
    inside = [
        (root.relative(path), path) for path in [*root.sources(), *root.mappings(), *sorted(root.rules.glob("*.rq"))]
    ]
    for name, path in [*inside, *((name, PACKAGE / name) for name in RECIPE)]:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise from_os_error(error, "reading the sources") from error
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _stated(root: Root) -> Dataset:
    """Read what the sources and the mappings state."""
    dataset = datasets.load(root)
    link.add(dataset, root)
    _refuse_dots(dataset)
    return dataset


def _refuse_dots(dataset: Dataset) -> None:
    """Raise ParseError for an IRI of ours with a segment `.` or `..`: the address of a page and the name of a file are made of it."""
    for quad in dataset.store:
        for term in quad:
            if isinstance(term, ox.NamedNode) and term.value.startswith(BASE) and DOTS.search(term.value):
                place = dataset.files.get(terms.text_of(quad.graph_name), "")
                raise ParseError(f"an IRI with a dot segment: <{term.value}>", place, "write it without")


def build(root: Root, reasoner: str = "rules", tell: Tell = lambda step: None) -> tuple[Dataset, Counts]:
    """Make the dataset from its sources; `reasoner` is "rules", "owlrl" or "none"; `tell` hears of each step."""
    tell("reading the sources")
    dataset = _stated(root)
    stated = len(dataset.store)
    tell("resolving")
    aside = resolve.resolve(dataset)
    tell("inferring")
    close = {"rules": infer.close, "owlrl": infer.close_by_owlrl}.get(reasoner)
    inferred = close(dataset, root.rules) if close else 0
    return dataset, Counts(stated, aside, inferred, len(dataset.store))


def beside(root: Root, paths: Iterable[Path]) -> tuple[Dataset, frozenset[str]]:
    """Make the dataset of the root with files of somebody's own beside it, resolved and closed.

    Returns it with the IRIs of what those files speak of.
    """
    dataset = _stated(root)
    spoken = set()
    for path in paths:
        for quad in datasets.parse(path, str(path)):
            spoken.add(terms.text_of(quad.subject))
            graph = quad.graph_name if isinstance(quad.graph_name, ox.NamedNode) else ox.NamedNode(BASE + "graph/own")
            dataset.files.setdefault(graph.value, str(path))
            dataset.store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    resolve.resolve(dataset)
    infer.close(dataset, root.rules)
    return dataset, frozenset(spoken)


def files_alone(paths: Iterable[Path]) -> Dataset:
    """Make a dataset of files of somebody's own and nothing else; all of it is in the default graph too."""
    dataset = datasets.read(paths)
    resolve.fill(dataset, set())
    return dataset


def write(dataset: Dataset, mark: str, place: Path) -> None:
    """Write a snapshot, whole or not at all: sorted N-Quads under a first line with fingerprint and digest.

    Raises StorageError; an earlier snapshot stays as it was.
    """
    quads, blank = _parted(ox.serialize(dataset.store, format=ox.RdfFormat.N_QUADS) or b"")
    body = b"".join([*sorted(quads.splitlines(keepends=True)), BLANK, *sorted(blank)])
    index = "".join(f"# {graph} {file}\n" for graph, file in sorted(dataset.files.items())).encode()
    digest = hashlib.sha256(index)
    digest.update(body)
    with files.replacing(place) as file:
        file.writelines([f"{MARK} {mark} {digest.hexdigest()}\n".encode(), index, body])


def _parted(quads: bytes) -> tuple[bytes, list[bytes]]:
    """Part N-Quads into those without blank nodes, and the few lines that may have some."""
    plain, blank, at = [], [], 0
    while (found := quads.find(b"_:", at)) >= 0:
        begin, end = quads.rfind(b"\n", 0, found) + 1, quads.find(b"\n", found) + 1
        plain.append(quads[at:begin])
        blank.append(quads[begin:end])
        at = end
    return b"".join([*plain, quads[at:]]), blank


def read(place: Path, mark: str) -> Dataset | None:
    """Open a snapshot made of the same sources; None when it is missing, of other sources, cut short or altered."""
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, "reading the snapshot") from error
    head, _, rest = content.partition(b"\n")
    if head.split(b" ")[-2:] != [mark.encode(), hashlib.sha256(rest).hexdigest().encode()]:
        return None
    index = (
        line[2:].split(" ", 1) for line in rest[: rest.find(b"\n<")].decode().splitlines() if line.startswith("# ")
    )
    plain, _, blank = rest.partition(BLANK)
    store = ox.Store()
    store.bulk_load(plain, format=ox.RdfFormat.N_QUADS, lenient=True)
    # A bulk load gives blank nodes new labels each time; those read one by one keep theirs.
    store.extend(ox.parse(blank, format=ox.RdfFormat.N_QUADS))
    return Dataset(store, {graph: file for graph, file in index})


def load(root: Root, tell: Tell = lambda step: None) -> Dataset:
    """Open the snapshot of the root, built anew first when the sources differ from it or it is damaged."""
    mark = fingerprint(root)
    dataset = read(root.snapshot, mark)
    if dataset is None:
        if not root.sources():
            raise StorageError(
                "no sources here", str(root.folder), "install the package again or name a checkout with --root"
            )
        dataset, _ = build(root, tell=tell)
        tell("writing the snapshot")
        write(dataset, mark, root.snapshot)
    return dataset
