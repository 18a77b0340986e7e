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


def about(root: Root) -> Import | None:
    """Describe what is imported; None if nothing is."""
    file = home(root) / "votes.json"
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        found = Import(file.parent / record["folder"], record["marks"], record["report"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, "reading the description of the import") from error
    except (ValueError, KeyError, TypeError) as error:
        advice = "delete it and run `oewg import votes` again"
        raise ParseError("this file does not describe an import", str(file), advice) from error
    return found if found.folder.is_dir() else None


def make(root: Root, marks: dict[str, str], fill: Callable[[ox.Store], dict[str, Any]]) -> None:
    """Fill a new store and put it in place of the earlier one, completely or not at all; raises what `fill` raises."""
    digest = hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()[:12]

    def write(folder: Path) -> dict[str, Any]:
        store = ox.Store(str(folder))
        report = fill(store)
        store.flush()
        # It takes three seconds for all votes, and halves the time of questions about them.
        store.optimize()
        return report

    folder = home(root) / f"votes-{digest}"
    record = {"folder": folder.name, "marks": marks, "report": files.put_folder(folder, write)}
    files.replace(home(root) / "votes.json", json.dumps(record, ensure_ascii=False, indent=1).encode())
    for old in set(home(root).glob("votes-*")) - {folder}:
        files.discard(old)


def joined(root: Root, tell: Callable[[str], None] = lambda step: None) -> Path:
    """Return the folder of the store that joins graph and votes, remade if the graph has changed; raises UsageError, StorageError."""
    found = about(root)
    if found is None:
        raise UsageError("no votes have been imported", str(home(root)), "see `oewg import votes --help`")
    mark = build.fingerprint(root)
    both = found.folder.with_name(f"{found.folder.name}-with-{mark[:12]}")
    if not both.is_dir():
        tell("joining the graph and the votes")
        graph = build.load(root, tell)

        def write(folder: Path) -> None:
            ox.Store.read_only(str(found.folder)).backup(str(folder))
            ondisk.fill(folder, graph.store, graph.files)

        files.put_folder(both, write)
        for old in set(both.parent.glob(f"{found.folder.name}-with-*")) - {both}:
            files.discard(old)
    return both


def load(root: Root, tell: Callable[[str], None] = lambda step: None) -> Dataset:
    """Open the graph and the votes together, for reading; raises UsageError if nothing is imported, StorageError."""
    both = joined(root, tell)
    dataset = ondisk.opened(both)
    if dataset is None:
        raise StorageError(
            "the stored votes are damaged", str(both), "delete this folder, or run `oewg import votes` again"
        )
    return dataset
