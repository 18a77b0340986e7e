"""Find a question by a former name (`#+ formerly NAME: ...` in its header), and give its former parameters their present names."""

import re
from collections.abc import Mapping
from pathlib import Path

from oewg_kg import query
from oewg_kg.query import SavedQuery

LINE = re.compile(r"^#\+ formerly ([\w-]+): (.*)-> (.*)$", re.MULTILINE)


def find(folder: Path, name: str, values: Mapping[str, str]) -> tuple[SavedQuery, dict[str, str]]:
    """Find a question by a present or former name, and its parameters by their present names; raises UsageError with the nearest names."""
    if name not in {path.stem for path in folder.glob("*.rq")}:
        for saved in query.load(folder).values():
            for former, gone, today in LINE.findall(saved.text):
                if former == name:
                    return saved, _today(values, _pairs(gone), _pairs(today))
    return query.find(folder, name, reaching=True), dict(values)


def _today(given: Mapping[str, str], gone: dict[str, str], today: dict[str, str]) -> dict[str, str]:
    """Convert the values given for former parameters, else their defaults, to those of today; other values stay."""
    own = gone | {name: value for name, value in given.items() if name in gone}
    rest = {name.replace("_", "-"): value for name, value in given.items() if name not in gone}
    return {name: value.format_map(own) for name, value in today.items()} | rest


def _pairs(text: str) -> dict[str, str]:
    pairs = (value.partition("=") for value in text.split(";") if value.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}
