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
    """A named import: its folder, what it was made from, and what it reported."""

    folder: Path
    marks: dict[str, str]
    report: dict[str, Any]


def home(root: Root) -> Path:
    """Return the folder of the imports."""
    return root.home / "with"


def about(root: Root, name: str) -> Import | None:
    """Describe what is imported under a name; None if nothing is."""
    file = home(root) / f"{name}.json"
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        found = Import(file.parent / record["folder"], record["marks"], record["report"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, "reading the description of the import") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ParseError(
            "this file does not describe an import", str(file), f"delete it and run `oewg import {name}` again"
        ) from error
    return found if found.folder.is_dir() else None


def make(root: Root, name: str, marks: dict[str, str], fill: Callable[[ox.Store], dict[str, Any]]) -> Import:
    """Fill a new store and put it in place of the earlier one of that name, completely or not at all; raises what `fill` raises."""
    home_folder = home(root)
    digest = hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()[:12]

    def write(folder: Path) -> dict[str, Any]:
        store = ox.Store(str(folder))
        report = fill(store)
        store.flush()
        # It takes three seconds for all votes, and halves the time of questions about them.
        store.optimize()
        return report

    report = files.put_folder(home_folder / f"{name}-{digest}", write)
    record = {"folder": f"{name}-{digest}", "marks": marks, "report": report}
    files.replace(home_folder / f"{name}.json", json.dumps(record, ensure_ascii=False, indent=1).encode())
    for old in home_folder.glob(f"{name}-*"):
        if old.name != record["folder"]:
            files.discard(old)
    return Import(home_folder / f"{name}-{digest}", marks, report)


def joined(root: Root, name: str, tell: Callable[[str], None] = lambda step: None) -> Path:
    """Return the folder of the store that joins graph and import, remade if the graph has changed; raises UsageError, StorageError."""
    found = about(root, name)
    if found is None:
        raise UsageError(f"no {name} have been imported", str(home(root)), f"see `oewg import {name} --help`")
    mark = build.fingerprint(root)
    both = found.folder.with_name(f"{found.folder.name}-with-{mark[:12]}")
    if not both.is_dir():
        tell(f"joining the graph and the {name}")
        graph = build.load(root, tell)

        def write(folder: Path) -> None:
            ox.Store.read_only(str(found.folder)).backup(str(folder))
            ondisk.fill(folder, graph.store, graph.files)

        files.put_folder(both, write)
        for old in both.parent.glob(f"{found.folder.name}-with-*"):
            if old != both:
                files.discard(old)
    return both


def load(root: Root, name: str, tell: Callable[[str], None] = lambda step: None) -> Dataset:
    """Open the graph and an import together, for reading; raises UsageError if nothing is imported, StorageError."""
    both = joined(root, name, tell)
    dataset = ondisk.opened(both)
    if dataset is None:
        advice = f"delete this folder, or run `oewg import {name}` again"
        raise StorageError(f"the stored {name} are damaged", str(both), advice)
    return dataset
