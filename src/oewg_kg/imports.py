"""Large data beside the graph, each in a store of its own on disk, and opened together with the graph.

Not for what is in them. How the graph and an import answer together: the import's store is checkpointed (its files stand
once on disk, by hard links) and the graph's quads are put into that copy. So it is one store: every query, named graph and citation
works as on the graph alone. It is opened for reading only, by any number of processes, and made anew when the graph changes.
Measured against it: the import read into memory beside the graph costs seconds and a gigabyte at every question; a query sent to two
stores cannot join them. Everything is made in a temporary folder and then renamed; one small file says which folder counts.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from oewg_kg import build, files
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError, StorageError, UsageError, from_os_error
from oewg_kg.paths import Root


@dataclass(frozen=True)
class Import:
    """What is imported under a name: its folder, what it was made from, and what the import reported."""

    folder: Path
    marks: dict[str, str]
    report: dict[str, Any]


def home(root: Root) -> Path:
    """Return where imports stand: `build/with` of a checkout, else the user's data folder, apart for each installation."""
    beside = root.snapshot.parent
    if beside.name == "build" and os.access(beside if beside.exists() else root.folder, os.W_OK):
        return beside / "with"
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "oewg-kg" / hashlib.sha256(str(root.folder).encode()).hexdigest()[:12] / "with"


def about(root: Root, name: str) -> Import | None:
    """Tell what is imported under a name; None when nothing is."""
    place = home(root) / f"{name}.json"
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
        found = Import(place.parent / told["folder"], told["marks"], told["report"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, "reading what is imported") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ParseError(
            "this is not an import", str(place), f"delete it and run `oewg import {name}` again"
        ) from error
    return found if found.folder.is_dir() else None


def make(root: Root, name: str, marks: dict[str, str], fill: Callable[[ox.Store], dict[str, Any]]) -> Import:
    """Fill a new store and put it in the place of the earlier one of that name, whole or not at all; raises what `fill` raises."""
    place = home(root)
    digest = hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()[:12]

    def write(folder: Path) -> dict[str, Any]:
        store = ox.Store(str(folder))
        report = fill(store)
        store.flush()
        # Three seconds more for the whole of the votes, and questions over them take half the time.
        store.optimize()
        return report

    report = put(place, f"{name}-{digest}", write)
    told = {"folder": f"{name}-{digest}", "marks": marks, "report": report}
    files.replace(place / f"{name}.json", json.dumps(told, ensure_ascii=False, indent=1).encode())
    for old in place.glob(f"{name}-*"):
        if old.name != told["folder"]:
            files.discard(old)
    return Import(place / f"{name}-{digest}", marks, report)


def put(place: Path, name: str, write: Callable[[Path], Any]) -> Any:
    """Have a folder written under a temporary name, then rename it; what another process put there first is kept."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        files.sweep(place, ".*.tmp")
        temporary = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".tmp", dir=place))
        try:
            made = write(temporary / "store")
            if not (place / name).exists():
                (temporary / "store").rename(place / name)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise from_os_error(error, f"writing {place / name}") from error
    return made


def joined(root: Root, name: str, tell: Callable[[str], None] = lambda step: None) -> Path:
    """Return the folder of the store that holds the graph and an import, made first when the graph changed.

    Raises UsageError when nothing is imported, StorageError.
    """
    found = about(root, name)
    if found is None:
        raise UsageError(f"no {name} have been imported", str(home(root)), f"see oewg import {name} --help")
    mark = build.fingerprint(root)
    both = found.folder.with_name(f"{found.folder.name}-with-{mark[:12]}")
    if not both.is_dir():
        tell(f"joining the graph and the {name}")
        graph = build.load(root, tell)

        def write(folder: Path) -> None:
            ox.Store.read_only(str(found.folder)).backup(str(folder))
            store = ox.Store(str(folder))
            store.bulk_extend(graph.store)
            store.flush()
            files.replace(folder / "oewg-files.json", json.dumps(graph.files).encode())

        put(both.parent, both.name, write)
        for old in both.parent.glob(f"{found.folder.name}-with-*"):
            if old != both:
                files.discard(old)
    return both


def load(root: Root, name: str, tell: Callable[[str], None] = lambda step: None) -> Dataset:
    """Open the graph and an import together, for reading; raises UsageError when nothing is imported, StorageError."""
    both = joined(root, name, tell)
    try:
        return Dataset(
            ox.Store.read_only(str(both)), json.loads((both / "oewg-files.json").read_text(encoding="utf-8"))
        )
    except (OSError, ValueError) as error:
        raise StorageError(
            f"the store of the {name} is damaged", str(both), f"delete that folder, or run `oewg import {name}` again"
        ) from error
