"""Build the snapshot from the sources (load, resolve, infer, write), and open it, or the store made from it, or a user's files alone."""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import dataset as datasets
from oewg_kg import identity, ondisk, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import OewgError, ParseError, StorageError, from_os_error
from oewg_kg.paths import Root, code_of, read_bytes
from oewg_kg.vocabulary import BASE, own

MARK = "# oewg-kg snapshot"
DOTS = re.compile(r"/(?:\.|%2e){1,2}(?=[/?#]|\Z)", re.IGNORECASE)
DOTTED = re.compile(rb"[/:]\.|%2e|\\[.u]", re.IGNORECASE)  # how the text of a source with such an IRI looks
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Counts:
    """The results of a build: quads stated in named graphs, claims set aside, triples inferred, total of quads."""

    stated: int
    set_aside: int
    inferred: int
    quads: int


def fingerprint(root: Root) -> str:
    """Digest all that a build reads: the sources, the rules, and the code that loads, resolves and infers (SHA-256).

    Up to `ondisk.ALWAYS_READ` bytes, all are read each time; more only if a size or time is not as it was when they were last read.
    """
    sources = [*root.sources(), *root.mappings(), *sorted(root.rules.glob("*.rq"))]
    inputs = [
        *((root.relative(path), path) for path in sources),
        *((path.name, path) for path in code_of("evidence", "inference", "safety")),
    ]
    try:
        file_stats = [ondisk.size_and_times(path) for _, path in inputs]
    except OSError as error:
        raise from_os_error(error, "reading the sources") from error
    if sum(size for size, *_ in file_stats) <= ondisk.ALWAYS_READ:
        return _digest(inputs)
    record_file = root.home / "fingerprint.json"
    current = {"names": [name for name, _ in inputs], "sizes and times": file_stats}
    with contextlib.suppress(OSError, ValueError):
        recorded = json.loads(record_file.read_bytes())
        if isinstance(recorded, dict) and current.items() <= recorded.items():
            return str(recorded["fingerprint"])
    from oewg_kg import files

    mark = _digest(inputs)
    with contextlib.suppress(OewgError):  # without the note, all is read each time
        files.replace(record_file, json.dumps({"fingerprint": mark} | current).encode())
    return mark


def _digest(inputs: Iterable[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, path in inputs:
        content = read_bytes(path, "the sources")
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _stated(root: Root) -> Dataset:
    """Read what the sources and the mappings state."""
    from oewg_kg import mappings

    dataset = datasets.load(root)
    mappings.add(dataset, root)
    if any(DOTTED.search(path.read_bytes()) for path in (*root.sources(), *root.mappings())):
        # The address of a page and the name of a file are made of an IRI.
        for quad in dataset.store:
            for term in quad:
                if isinstance(term, ox.NamedNode) and own(term.value) and DOTS.search(term.value):
                    file = dataset.files.get(terms.text_of(quad.graph_name), "")
                    what = f"the path of this IRI contains . or ..: <{term.value}>"
                    raise ParseError(what, file, "write it without them")
    identity.adopt(dataset.store)
    return dataset


def build(root: Root, inference: bool = True, tell: Tell = lambda step: None) -> tuple[Dataset, Counts]:
    """Make the dataset from its sources, with or without inferred facts; `tell` is called at each step."""
    from oewg_kg.evidence import decisions  # imported here: opening a snapshot does not need them
    from oewg_kg.inference import infer

    tell("reading the sources")
    dataset = _stated(root)
    stated = len(dataset.store)
    tell("resolving")
    aside = decisions.resolve(dataset)
    tell("inferring")
    inferred = infer.close(dataset, root.rules) if inference else 0
    return dataset, Counts(stated, aside, inferred, len(dataset.store))


def with_external_files(root: Root, paths: Iterable[Path]) -> tuple[Dataset, list[ox.Quad]]:
    """Make the dataset of the root with external files added, resolved and closed; also return what those files state, as written."""
    from oewg_kg.evidence import decisions
    from oewg_kg.inference import infer

    dataset = _stated(root)
    external_quads = []
    for path in paths:
        for quad in datasets.parse(path, str(path)):
            external_quads.append(quad)
            graph = quad.graph_name if isinstance(quad.graph_name, ox.NamedNode) else ox.NamedNode(BASE + "graph/own")
            dataset.files.setdefault(graph.value, str(path))
            dataset.store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    decisions.resolve(dataset)
    infer.close(dataset, root.rules)
    return dataset, external_quads


def files_alone(paths: Iterable[Path]) -> Dataset:
    """Make a dataset of the user's own files only, with all of it in the default graph too."""
    from oewg_kg.evidence import decisions

    dataset = datasets.read(paths)
    decisions.fill_default_graph(dataset, set())
    identity.adopt(dataset.store)
    return dataset


def write(dataset: Dataset, mark: str, path: Path) -> None:
    """Write a snapshot: sorted N-Quads under a line with fingerprint and digest; raises StorageError and leaves an older one as it was."""
    from oewg_kg import files

    quads = ox.serialize(dataset.store, format=ox.RdfFormat.N_QUADS) or b""
    quad_lines = b"".join(sorted(quads.splitlines(keepends=True)))
    index = "".join(f"# {graph} {file}\n" for graph, file in sorted(dataset.files.items())).encode()
    digest = hashlib.sha256(index)
    digest.update(quad_lines)
    with files.replacing(path) as file:
        file.writelines([f"{MARK} {mark} {digest.hexdigest()}\n".encode(), index, quad_lines])


def read(path: Path, mark: str) -> Dataset | None:
    """Read a snapshot made from the same sources; None if it is missing, made from other sources, truncated or altered."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, "reading the snapshot") from error
    first_line, _, snapshot_body = content.partition(b"\n")
    if first_line.split(b" ")[-2:] != [mark.encode(), hashlib.sha256(snapshot_body).hexdigest().encode()]:
        return None
    head = snapshot_body[: snapshot_body.find(b"\n<")].decode()
    index = (line[2:].split(" ", 1) for line in head.splitlines() if line.startswith("# "))
    store = ox.Store()
    # Not `bulk_load`, which gives blank nodes new labels each time.
    store.bulk_extend(ox.parse(snapshot_body, format=ox.RdfFormat.N_QUADS, lenient=True))
    identity.adopt(store)
    return Dataset(store, {graph: file for graph, file in index})


def load(root: Root, tell: Tell = lambda step: None) -> Dataset:
    """Read the snapshot of the root into memory; rebuild it first if the sources have changed or it is damaged."""
    mark = fingerprint(root)
    dataset = read(root.snapshot, mark)
    if dataset is None:
        if not root.sources():
            advice = "reinstall oewg-kg, or name a copy of the repository with --root"
            raise StorageError("no sources found", str(root.folder), advice)
        dataset, _ = build(root, tell=tell)
        tell("writing the snapshot")
        write(dataset, mark, root.snapshot)
    return dataset


def opened(root: Root, tell: Tell = lambda step: None) -> Dataset:
    """Open the graph for a few questions: the store on disk, which the first command after a build makes, else as `load` does."""
    mark = fingerprint(root)
    store_name = _store_name(root, mark)  # someone who edits and asks by turns does not wait for the store
    for folder in store_folders(root, mark):
        dataset = ondisk.opened(folder)
        if dataset is not None:
            return dataset
    dataset = load(root, tell)
    if store_name:
        keep_store(root, mark, dataset)
    return dataset


def store_folders(root: Root, mark: str) -> list[Path]:
    """List the folders of stores made from the sources with a fingerprint."""
    name = _store_name(root, mark)
    homes = dict.fromkeys((root.home, root.snapshot.parent)) if name else ()
    return [home / "opened" / name for home in homes if (home / "opened" / name).is_dir()]


def _store_name(root: Root, mark: str) -> str:
    """Name the store of the snapshot by the digest in its first line; "" if there is no snapshot of the same sources."""
    try:
        with root.snapshot.open("rb") as file:
            *_, snapshot_mark, digest = file.readline(300).decode("ascii", "replace").split() or ("", "")
    except (OSError, ValueError):
        return ""
    return f"graph-{digest[:32]}" if snapshot_mark == mark else ""


def keep_store(root: Root, mark: str, dataset: Dataset) -> None:
    """Make the store of the snapshot, replacing earlier ones; if it cannot be written, commands read the snapshot."""
    from oewg_kg import files

    with contextlib.suppress(OewgError, OSError, RuntimeError):
        store_folder = root.home / "opened" / _store_name(root, mark)
        for earlier_store in store_folder.parent.glob("graph-*"):
            files.discard(earlier_store)
        files.put_folder(store_folder, lambda folder: ondisk.fill(folder, dataset.store, dataset.files))
