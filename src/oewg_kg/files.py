"""Writing a file whole or not at all.

Not for what stands in it.
"""

import os
import tempfile
from pathlib import Path

from oewg_kg.errors import from_os_error


def replace(place: Path, content: bytes) -> None:
    """Write to a temporary name beside the place, then rename; raises StorageError and leaves an older file as it was.

    A device or pipe (`/dev/null`) is written to and stays what it is.
    """
    try:
        if place.exists() and not place.is_file() and not place.is_dir():
            place.write_bytes(content)
            return
        if place.is_symlink() and place.exists():
            place = place.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{place.name}.", suffix=".tmp", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        error.filename = str(place)
        raise from_os_error(error, "writing") from error
