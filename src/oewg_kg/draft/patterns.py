"""The regular expressions of `patterns.toml`, each as a name of this module."""

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def _read() -> dict[str, re.Pattern[str]]:
    tables = tomllib.loads((files("oewg_kg.draft") / "patterns.toml").read_text(encoding="utf-8"))
    texts = {name: "".join(text) for named in tables.values() for name, text in named.items()}

    def complete(text: str) -> str:
        return re.sub("<([A-Z_]+)>", lambda name: complete(texts[name[1]]), text)

    return {
        name: re.compile(complete(texts[name]), re.IGNORECASE if table == "folded" else 0)
        for table, named in tables.items()
        for name in named
    }


def __getattr__(name: str) -> re.Pattern[str]:
    """Return a pattern by its name."""
    try:
        return _read()[name]
    except KeyError:
        raise AttributeError(name) from None
