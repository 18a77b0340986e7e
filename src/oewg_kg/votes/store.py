"""Keep imported votes in stores on disk: a copy of the import, by hard links, with the graph added, so that one query sees both."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from oewg_kg import build, files, ondisk
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError, StorageError, UsageError, from_os_error
from oewg_kg.paths import Root


@dataclass(frozen=True)
class Import:
    """An import: its folder, what it was made from, and what it reported."""

    folder: Path
    marks: dict[str, str]
    report: dict[str, Any]


def home(root: Root) -> Path:
    """Return the folder of the imports."""
    return root.home / "with"


def find_import(root: Root) -> Import | None:
    """Describe what is imported; None if nothing is."""
    description_file = home(root) / "votes.json"
    try:
        description = json.loads(description_file.read_text(encoding="utf-8"))
        stored = Import(description_file.parent / description["folder"], description["marks"], description["report"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, "reading the description of the import") from error
    except (ValueError, KeyError, TypeError) as error:
        advice = "delete it and run `oewg import votes` again"
        raise ParseError("this file does not describe an import", str(description_file), advice) from error
    return stored if stored.folder.is_dir() else None


def store_votes(root: Root, marks: dict[str, str], fill: Callable[[ox.Store], dict[str, Any]]) -> None:
    """Fill a new store and put it in place of the earlier one, completely or not at all; raises what `fill` raises."""
    digest = hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()[:12]

    def write_store(folder: Path) -> dict[str, Any]:
        store = ox.Store(str(folder))
        report = fill(store)
        store.flush()
        # It takes three seconds for all votes, and halves the time of questions about them.
        store.optimize()
        return report

    folder = home(root) / f"votes-{digest}"
    description = {"folder": folder.name, "marks": marks, "report": files.put_folder(folder, write_store)}
    files.replace(home(root) / "votes.json", json.dumps(description, ensure_ascii=False, indent=1).encode())
    for old_folder in set(home(root).glob("votes-*")) - {folder}:
        files.discard(old_folder)


def joined_folder(root: Root, tell: Callable[[str], None] = lambda step: None) -> Path:
    """Return the folder of the store that joins graph and votes, remade if the graph has changed; raises UsageError, StorageError."""
    stored = find_import(root)
    if stored is None:
        raise UsageError("no votes have been imported", str(home(root)), "see `oewg import votes --help`")
    graph_mark = build.fingerprint(root)
    joined = stored.folder.with_name(f"{stored.folder.name}-with-{graph_mark[:12]}")
    if not joined.is_dir():
        tell("joining the graph and the votes")
        graph = build.load(root, tell)

        def write_joined(folder: Path) -> None:
            ox.Store.read_only(str(stored.folder)).backup(str(folder))
            ondisk.fill(folder, graph.store, graph.files)

        files.put_folder(joined, write_joined)
        for old_folder in set(joined.parent.glob(f"{stored.folder.name}-with-*")) - {joined}:
            files.discard(old_folder)
    return joined


def load(root: Root, tell: Callable[[str], None] = lambda step: None) -> Dataset:
    """Open the graph and the votes together, for reading; raises UsageError if nothing is imported, StorageError."""
    folder = joined_folder(root, tell)
    dataset = ondisk.opened(folder)
    if dataset is None:
        advice = "delete this folder, or run `oewg import votes` again"
        raise StorageError("the stored votes are damaged", str(folder), advice)
    return dataset
