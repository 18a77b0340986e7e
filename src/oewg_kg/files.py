"""Write a file or a folder completely or not at all, under a temporary name that is then changed; remove what killed runs left."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from oewg_kg.errors import ParseError, UsageError, from_os_error

DAY = 86_400
T = TypeVar("T")


def replace(path: Path, content: bytes) -> None:
    """Write under a temporary name, then rename (devices directly); raises StorageError and leaves an older file as it was."""
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that replaces another once it is written without an error; raises as `replace` does."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as file:
                yield file
            return
        if path.is_symlink() and path.exists():
            path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent, f".{path.name}.*.tmp")
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        error.filename = str(path)
        raise from_os_error(error, "writing") from error


def refuse_foreign(folder: Path, expected: Collection[str]) -> None:
    """Raise UsageError if a folder contains files other than these (given by their paths in it), or is a file."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("this is a file, not a folder", str(folder), "use a new or empty folder")
    existing = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    foreign = next((path for path in existing if path not in expected), None)
    if foreign:
        raise UsageError(f"the folder contains other files ({foreign})", str(folder), "use a new or empty folder")


def write_folder(folder: Path, content: Mapping[str, bytes], earlier: Iterable[str] = ()) -> None:
    """Write all files or none into a folder; raises UsageError if it contains files other than these or `earlier` ones, StorageError."""
    refuse_foreign(folder, {*content, *earlier})
    replace_folder(folder, lambda fresh: fill_folder(fresh, content))


@contextmanager
def _temporary_folder(folder: Path, leftovers: str) -> Iterator[Path]:
    """Make a temporary folder next to a folder; at the end, remove it and leftovers with this pattern; raises StorageError."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep(folder.parent, leftovers)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".tmp", dir=folder.parent))
        try:
            yield temporary
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        error.filename = str(folder)
        raise from_os_error(error, "writing the folder") from error


def replace_folder(folder: Path, fill: Callable[[Path], object]) -> None:
    """Have a folder filled under a temporary name, then put it in place of an older one; raises StorageError, and what `fill` raises."""
    with _temporary_folder(folder, f".{folder.name}.*.tmp") as temporary:
        fresh, former = temporary / "fresh", temporary / "former"
        fresh.mkdir()
        fill(fresh)
        if folder.exists():
            folder.replace(former)
        try:
            fresh.replace(folder)
        except OSError:
            if former.exists():
                former.replace(folder)
            raise


def put_folder(folder: Path, fill: Callable[[Path], T]) -> T:
    """Have a folder filled under a temporary name, then renamed; one that another process put there first stays. Raises StorageError."""
    with _temporary_folder(folder, ".*.tmp") as temporary:
        result = fill(temporary / "store")
        if not folder.exists():
            (temporary / "store").rename(folder)
        return result


def fill_folder(folder: Path, content: Mapping[str, bytes]) -> None:
    """Write files into a folder by their paths in it; raises ParseError for a path that leads out of it, before anything is written."""
    resolved = folder.resolve()
    for path in content:
        if "\0" in path or not (resolved / path).resolve().is_relative_to(resolved):
            raise ParseError("a name in the data points outside the output folder", repr(path), "correct the data")
    for path, data in content.items():
        target = resolved / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def discard(folder: Path) -> None:
    """Remove a folder, after renaming it, so that a run killed meanwhile leaves no half of it under its name."""
    trash = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".tmp", dir=folder.parent))
    with contextlib.suppress(OSError):
        folder.rename(trash / "gone")
    shutil.rmtree(trash, ignore_errors=True)


def sweep(folder: Path, pattern: str) -> None:
    """Remove what killed runs left in a folder more than a day ago; a more recent one may still be running."""
    for leftover in folder.glob(pattern):
        if time.time() - leftover.lstat().st_mtime < DAY:
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
