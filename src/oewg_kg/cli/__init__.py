"""The command `oewg`: the commands that `commands.toml` declares, each imported when it is called."""

from importlib import import_module
from typing import Any

import click

from oewg_kg.cli import declared
from oewg_kg.cli.boundary import Group
from oewg_kg.version import __version__

COMMANDS = [name for names in declared.tables()["sections"].values() for name in names]


class Commands(Group):
    """The commands whose names begin with some words (`import`), each built when it is needed."""

    def __init__(self, *args: Any, above: str = "", **settings: Any) -> None:
        """Choose the tables of these commands."""
        super().__init__(*args, **settings)
        self.above = above
        self.tables = {
            name.removeprefix(above): table
            for name, table in declared.tables()["commands"].items()
            if name.startswith(above)
        }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names of the commands."""
        return [name for name in self.tables if " " not in name]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command by its name; None if there is none."""
        if cmd_name not in self.tables:
            return None
        name = f"{self.above}{cmd_name}"
        if any(other.startswith(f"{cmd_name} ") for other in self.tables):
            return Commands(cmd_name, help=self.tables[cmd_name]["help"], above=f"{name} ")
        module = import_module(f"oewg_kg.cli.{name.replace(' ', '_')}")
        return declared.command(cmd_name, self.tables[cmd_name], module)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by section, without importing them."""
        if self.above:
            super().format_commands(ctx, formatter)
            return
        width = max(map(len, COMMANDS))
        for title, names in declared.tables()["sections"].items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), declared.summary(self.tables[name])) for name in names])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="oewg")
@click.option("--root", metavar="DIR", help="Use the data in DIR: a clone or a folder of your own (or set OEWG_ROOT).")
@click.pass_context
def main(ctx: click.Context, root: str | None) -> None:
    """Query a knowledge graph of the United Nations negotiations on ICT security.

    Begin with `oewg questions` and `oewg ask NAME --cite`, which adds the source lines of each row.
    """
    ctx.obj = root
