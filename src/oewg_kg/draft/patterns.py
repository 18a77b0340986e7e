"""The regular expressions by which lines of a page are recognized (`patterns.toml`), each as a name of this module."""

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def _read() -> dict[str, re.Pattern[str]]:
    sections = tomllib.loads((files("oewg_kg.draft") / "patterns.toml").read_text(encoding="utf-8"))
    pieces = {name: "".join(text) for section in sections.values() for name, text in section.items()}

    def complete(text: str) -> str:
        return re.sub("<([A-Z_]+)>", lambda name: complete(pieces[name[1]]), text)

    return {
        name: re.compile(complete(pieces[name]), re.IGNORECASE if section_name == "folded" else 0)
        for section_name, section in sections.items()
        for name in section
    }


def __getattr__(name: str) -> re.Pattern[str]:
    """Return a pattern by its name."""
    try:
        return _read()[name]
    except KeyError:
        raise AttributeError(name) from None
