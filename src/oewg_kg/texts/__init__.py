"""Texts that are written in several places: what the dataset does not hold, the guide for assistants, what is in a release."""

from pathlib import Path

PLACE = Path(__file__).parent


def read(name: str) -> str:
    """Read a text."""
    return (PLACE / name).read_text(encoding="utf-8")
