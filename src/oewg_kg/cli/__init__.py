"""The command `oewg`: the commands that `commands.toml` declares, each imported when it is called."""

import click

from oewg_kg.cli import declared
from oewg_kg.cli.boundary import Group
from oewg_kg.version import __version__

COMMANDS = [name for names in declared.tables()["sections"].values() for name in names]


class Commands(Group):
    """The commands, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names of the commands."""
        return COMMANDS

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command by its name; None if there is none."""
        return declared.command(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands of readers before those of maintainers, without importing them."""
        width = max(map(len, COMMANDS))
        for title, names in declared.tables()["sections"].items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), declared.summary(name)) for name in names])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="oewg")
@click.option("--root", metavar="DIR", help="Use the data in DIR: a clone or a folder of your own (or set OEWG_ROOT).")
@click.pass_context
def main(ctx: click.Context, root: str | None) -> None:
    """Query a knowledge graph of the United Nations negotiations on ICT security.

    Begin with `oewg questions` and `oewg ask NAME --cite`, which adds the source lines of each row.
    """
    ctx.obj = root
