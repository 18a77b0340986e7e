"""Find a question by a former name (`#+ formerly NAME: ...` in its header), and give its former parameters their present names."""

import re
from collections.abc import Mapping
from pathlib import Path

from oewg_kg import query
from oewg_kg.query import SavedQuery

FORMER_LINE = re.compile(r"^#\+ formerly ([\w-]+): (.*)-> (.*)$", re.MULTILINE)


def find(folder: Path, name: str, values: Mapping[str, str]) -> tuple[SavedQuery, dict[str, str]]:
    """Find a question by a present or former name, and its parameters by their present names; raises UsageError with the nearest names."""
    if name not in {path.stem for path in folder.glob("*.rq")}:
        for saved in query.load(folder).values():
            for former_name, former, present in FORMER_LINE.findall(saved.text):
                if former_name == name:
                    return saved, _present_values(values, _assignments(former), _assignments(present))
    return query.find(folder, name, reaching=True), dict(values)


def _present_values(values: Mapping[str, str], former: dict[str, str], present: dict[str, str]) -> dict[str, str]:
    """Convert the values given for former parameters, else their defaults, to those of today; other values stay."""
    former_values = former | {name: value for name, value in values.items() if name in former}
    other_values = {name.replace("_", "-"): value for name, value in values.items() if name not in former}
    return {name: value.format_map(former_values) for name, value in present.items()} | other_values


def _assignments(text: str) -> dict[str, str]:
    assignments = (assignment.partition("=") for assignment in text.split(";") if assignment.strip())
    return {parameter.strip(): assignment.strip() for parameter, _, assignment in assignments}
