"""Shared texts that others fill in: the limits, the guide for assistants (`llms.txt`), the README and metadata of a release."""

from pathlib import Path
from typing import Any

PLACE = Path(__file__).parent


def read(name: str) -> str:
    """Read a text."""
    return (PLACE / name).read_text(encoding="utf-8")


def filled(name: str, **values: Any) -> str:
    """Fill a template in; it may include other texts."""
    import jinja2

    loader = jinja2.FileSystemLoader(PLACE)
    strict = jinja2.StrictUndefined
    environment = jinja2.Environment(loader=loader, undefined=strict, trim_blocks=True, lstrip_blocks=True)
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment.get_template(name).render(**values) + "\n"
