"""A file is written whole or not at all, and what is no file stays what it is."""

import os
import stat
import tempfile
import threading
from pathlib import Path

import pytest

from oewg_kg import files
from oewg_kg.errors import ParseError, StorageError


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    place = tmp_path / "new" / "folder" / "a.csv"
    files.replace(place, b"one")
    files.replace(place, b"two")
    assert place.read_bytes() == b"two"
    assert stat.S_IMODE(place.stat().st_mode) == 0o644
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="this machine has no second file system to write to")
def test_a_file_is_written_on_whatever_file_system_it_is() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        files.replace(Path(folder) / "a.csv", b"one")
        assert (Path(folder) / "a.csv").read_bytes() == b"one"


def test_a_folder_is_not_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "kept").write_text("x")
    with pytest.raises(StorageError, match="writing failed"):
        files.replace(tmp_path / "a", b"one")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a" / "kept").exists()


def test_a_place_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError) as error:
        files.replace(tmp_path / "file" / "a.csv", b"one")
    assert str(error.value).startswith(str(tmp_path / "file" / "a.csv"))
    assert (tmp_path / "file").read_text() == "x"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    files.replace(pipe, b"one")
    reader.join()
    assert read == [b"one"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    files.replace(tmp_path / "link.csv", b"new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this machine has no full device")
def test_a_full_device_is_said(tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="No space left"):
        files.replace(tmp_path / "full", b"one")


@pytest.mark.parametrize("path", ["../out", "a/../../out", "/tmp/out", "a\0b", "link/out"])
def test_a_folder_is_filled_with_nothing_that_is_outside(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    with pytest.raises(ParseError, match="points outside the output folder"):
        files.fill_folder(folder, {"fine": b"", path: b"x"})
    assert [one.name for one in folder.iterdir()] == ["link"] and not (tmp_path / "out").exists()
