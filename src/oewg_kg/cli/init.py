"""The command `init`: create a folder for your own dataset."""

from pathlib import Path

from oewg_kg import paths
from oewg_kg.cli.output import put
from oewg_kg.vocabulary import BASE


def command(root: str | None, folder: Path, empty: bool, title: str, base: str | None, creator: str) -> None:
    """Create a folder for data of your own."""
    from oewg_kg.draft import roots

    if empty and not title:
        title = folder.resolve().name
    roots.make(paths.find(root), folder, title, BASE if base is None else base, creator, empty)
    put(f"created {folder}; use it with oewg --root {folder} ..., or set OEWG_ROOT\n")
