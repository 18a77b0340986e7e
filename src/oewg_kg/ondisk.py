"""Open a store on disk read-only, quickly whatever its size; it is sealed with checksums, so that damage is noticed.

The engine reads such a folder without checking it: of sixteen bits flipped in one, one led to a wrong answer and one ended the
process (pyoxigraph 0.5.13). So a folder is sealed with the size and checksum of each file, and opened only if these match: up to
`ALWAYS_READ` bytes, twice what the graph has today, all are read each time (two milliseconds); larger stores only when size or times
are not those of the sealing, so that opening stays constant.
"""

import json
import zlib
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import identity
from oewg_kg.dataset import Dataset

SEAL, FILES = "oewg-seal.json", "oewg-files.json"
ALWAYS_READ = 16 << 20
# Files that only a writer needs; the engine's log names folders of this machine.
NOT_READ = ("LOG*", "LOCK", "IDENTITY", "OPTIONS-*", "*.log")


def fill(folder: Path, quads: Iterable[ox.Quad], files: dict[str, str]) -> None:
    """Add quads to a store, new or not, and seal it."""
    store = ox.Store(str(folder))
    store.bulk_extend(quads)
    store.flush()
    del store  # which closes it
    seal(folder, files)


def seal(folder: Path, files: dict[str, str]) -> None:
    """Record the checksums of a store that is closed and will not be written to again."""
    for pattern in NOT_READ:
        for path in folder.glob(pattern):
            path.unlink()
    (folder / FILES).write_text(json.dumps(files, ensure_ascii=False), encoding="utf-8")
    seal_entries = {path.name: [*size_and_times(path), _checksum(path)] for path in folder.iterdir()}
    (folder / SEAL).write_text(json.dumps(seal_entries))


def opened(folder: Path) -> Dataset | None:
    """Open a sealed store and declare its prefixes; None if it is missing or damaged."""
    try:
        if not intact(folder):
            return None
        files = json.loads((folder / FILES).read_text(encoding="utf-8"))
        store = ox.Store.read_only(str(folder))
    except (OSError, RuntimeError):  # made by another version of the engine, or too few open files allowed
        return None
    identity.adopt(store)
    return Dataset(store, files)


def intact(folder: Path) -> bool:
    """Return whether a folder holds what was sealed; more than `ALWAYS_READ` bytes are not read if size and times are unchanged."""
    try:
        sealed = json.loads((folder / SEAL).read_bytes())
        files = {path.name: path for path in folder.iterdir() if path.name != SEAL}
        read_all = sum(size for size, *_ in sealed.values()) <= ALWAYS_READ
        return files.keys() == sealed.keys() and all(_intact(files[name], sealed[name], read_all) for name in sealed)
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def _intact(path: Path, seal_entry: list[int], by_content: bool) -> bool:
    """Return whether a file has the checksum that was sealed; one with the same size and times is read only if `by_content`."""
    *recorded, checksum = seal_entry
    return (not by_content and size_and_times(path) == recorded) or _checksum(path) == checksum


def size_and_times(path: Path) -> list[int]:
    """Return the size and the times of a file, which an edit changes."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _checksum(path: Path) -> int:
    """Compute the CRC-32 of a file: any single flipped bit changes it."""
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(1 << 17):
            checksum = zlib.crc32(block, checksum)
    return checksum
