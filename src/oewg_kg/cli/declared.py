"""Build commands from `commands.toml`, where their help and options are declared. Imports little, because `--help` needs it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from oewg_kg.paths import Beside

Table = dict[str, Any]


@cache
def tables() -> Table:
    """Read the file: the sections of the list of commands, the shared options, the commands."""
    return tomllib.loads((Path(__file__).parent / "commands.toml").read_text(encoding="utf-8"))


def summary(name: str) -> str:
    """Return the first sentence of the help of a command."""
    return str(tables()["commands"][name]["help"]).partition("\n")[0]


def command(name: str) -> click.Command:
    """Build a command, or a group of those whose names begin with it; the values go to the function `command` of the command's module."""
    table, short = tables()["commands"][name], name.rpartition(" ")[2]
    below = [command(other) for other in tables()["commands"] if other.startswith(f"{name} ")]
    if below:
        return click.Group(short, below, help=table["help"])
    module = import_module(f"oewg_kg.cli.{name.replace(' ', '_')}")
    if not hasattr(module, "command"):
        written: click.Command = getattr(module, name)
        return written
    options = table.get("options", {})
    params: list[click.Parameter] = [
        click.Argument([key], **typed(it)) for key, it in table.get("arguments", {}).items()
    ]
    params += [option for key, given in options.items() for option in _options(key, given)]
    kind: type[click.Command] = getattr(module, "Command", click.Command)
    return kind(short, callback=called(module.command, options), params=params, help=table["help"])


def _options(key: str, given: Any) -> Iterator[click.Option]:
    """Build an option from its line, or those that the line stands for."""
    if key == "formats":
        from oewg_kg.cli.output import TABLE_FORMATS

        shown = "Default: table on a terminal, csv in a pipe."
        yield click.Option(["-f", "--format"], type=click.Choice([*TABLE_FORMATS, *given]), help=shown)
        key = "output"
    if key in tables()["shared"]:
        for name, shared in tables()["shared"][key].items():
            yield click.Option(name.split(), **typed(shared))
    elif isinstance(given, str):
        yield click.Option(key.split(), is_flag=True, help=given)
    else:
        yield click.Option(key.split(), **typed(given))


def typed(given: Table) -> Table:
    """Replace `type` (`file` or a list of choices), `min` and `max` by the types of click."""
    settings = dict(given)
    kind = settings.pop("type", None)
    least, most = settings.pop("min", None), settings.pop("max", None)
    if kind == "file":
        settings["type"] = click.Path(path_type=Path)
    elif kind:
        settings["type"] = click.Choice(kind)
    elif least is not None:
        fraction = isinstance(settings.get("default", least), float)
        settings["type"] = (click.FloatRange if fraction else click.IntRange)(least, most)
    return settings


def called(function: Callable[..., None], options: Table) -> Callable[..., None]:
    """Pass the root and the values to a function: -f and -o as one Output, `out`; --with and --key as one value, `beside`, or None."""

    @click.pass_obj
    def call(root: str | None, /, **values: Any) -> None:
        if "with" in options:
            values["beside"] = _beside(values.pop("named"), values.pop("keys"))
        if "formats" in options:
            from oewg_kg.cli import output

            values["out"] = output.wanted(values.pop("format"), values.pop("output"))
        function(root, **values)

    return call


def _beside(named: tuple[str, ...], keys: tuple[str, ...]) -> Beside | None:
    if not named and not keys:
        return None
    from oewg_kg.reconcile import beside

    return beside.chosen(named, keys)
