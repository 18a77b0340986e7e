"""A store in a folder, opened for reading in the same time whatever its size, by any number of processes.

Not for what is in it. The engine reads such a folder without checking what it reads: of sixteen bits turned over in one, one gave a wrong
answer and one ended the process (pyoxigraph 0.5.13). So a folder is sealed with the size and checksum of each file, and opened only when
these hold: up to `ALWAYS_READ` bytes, twice what the graph has today, all are read each time (two milliseconds); larger stores only when
size or times are not those of the sealing, so that opening stays constant. `intact` reads all.
"""

import json
import zlib
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from oewg_kg.dataset import Dataset

SEAL, FILES = "oewg-seal.json", "oewg-files.json"
ALWAYS_READ = 16 << 20
# What only a writer needs; the engine's log names folders of this machine.
NOT_READ = ("LOG*", "LOCK", "IDENTITY", "OPTIONS-*", "*.log")


class Opened(Dataset):
    """A dataset on disk, whose list of files is read when somebody asks for it."""

    def __init__(self, folder: Path) -> None:
        """Open the store for reading."""
        object.__setattr__(self, "folder", folder)
        object.__setattr__(self, "store", ox.Store.read_only(str(folder)))
        object.__setattr__(self, "words", {})

    @cached_property
    def files(self) -> dict[str, str]:
        """Read the file of each graph."""
        found: dict[str, str] = json.loads((self.__dict__["folder"] / FILES).read_text(encoding="utf-8"))
        return found


def seal(folder: Path, files: dict[str, str]) -> None:
    """Write down what a store holds that nobody has open or will write to again."""
    for pattern in NOT_READ:
        for path in folder.glob(pattern):
            path.unlink()
    (folder / FILES).write_text(json.dumps(files, ensure_ascii=False), encoding="utf-8")
    (folder / SEAL).write_text(json.dumps({path.name: [*_about(path), _checksum(path)] for path in folder.iterdir()}))


def opened(folder: Path) -> Dataset | None:
    """Open a sealed store; None when there is none or it is damaged."""
    try:
        return Opened(folder) if intact(folder, ALWAYS_READ) else None
    except (OSError, RuntimeError):  # of another version of the engine, or fewer open files allowed than it wants
        return None


def intact(folder: Path, always_read: float = float("inf")) -> bool:
    """Tell whether a folder holds what was sealed; more than `always_read` bytes are not read where size and times are as they were."""
    try:
        sealed = json.loads((folder / SEAL).read_bytes())
        whole = sum(size for size, *_ in sealed.values()) <= always_read
        there = {path.name: path for path in folder.iterdir() if path.name != SEAL}
        return there.keys() == sealed.keys() and all(
            size == path.stat().st_size
            and ((not whole and _about(path) == [size, *times]) or _checksum(path) == checksum)
            for path, (size, *times, checksum) in ((there[name], told) for name, told in sealed.items())
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def _about(path: Path) -> list[int]:
    about = path.stat()
    return [about.st_size, about.st_mtime_ns, about.st_ctime_ns]


def _checksum(path: Path) -> int:
    """Compute the CRC-32 of a file: any one bit turned over changes it."""
    found = 0
    with path.open("rb") as file:
        while part := file.read(1 << 17):
            found = zlib.crc32(part, found)
    return found
