"""Fill in templates (`filled`) of any room; here lie the texts of several rooms, descriptions for a release, and our own queries."""

from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

PLACE = Path(__file__).parent


def read(name: str) -> str:
    """Read a text."""
    return (PLACE / name).read_text(encoding="utf-8")


@cache
def _environment() -> Any:
    from html import escape

    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([PLACE, PLACE.parent]),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda template: template is not None and template.endswith(".svg.jinja"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["xml"] = escape
    environment.filters["literal"] = lambda text: str(ox.Literal(text))
    environment.filters["english"] = lambda text: str(ox.Literal(text, language="en"))
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment


def filled(name: str, /, **values: Any) -> str:
    """Fill in a template, of another room by its path (`measures/bars.svg.jinja`); it may include the texts here."""
    text: str = _environment().get_template(name).render(**values)
    return text.rstrip("\n") + "\n"
