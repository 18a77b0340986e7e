"""The group of all commands, each imported when it is wanted.

Not for any work of its own.
"""

from importlib import import_module

import click

from oewg_kg.cli import COMMANDS, OPTIONS, PURPOSE, help_text
from oewg_kg.cli.boundary import Group
from oewg_kg.version import __version__


class Commands(Group):
    """Finds a command by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command by its name; None when there is none."""
        place, _ = COMMANDS.get(cmd_name, ("", ""))
        if not place:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(f"oewg_kg.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest commands for an unknown one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 2)
            advice = f" Did you mean {' or '.join(near)}?" if near else " `oewg --help` lists them."
            raise click.UsageError(error.message + advice, ctx) from error

    def get_help(self, ctx: click.Context) -> str:
        """Write the help without importing any command."""
        return help_text().rstrip("\n")


@click.group(
    cls=Commands, help=PURPOSE, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="oewg")
@click.option("--root", metavar="DIR", help=OPTIONS["--root DIR"])
@click.pass_context
def main(ctx: click.Context, root: str | None) -> None:
    """Keep the root for the command."""
    ctx.obj = root
