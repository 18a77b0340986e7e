"""The command `oewg`: the only room that prints or exits.

Not for any work of its own: each command calls the room that does it.
"""

import difflib
from importlib import import_module

import click

from oewg_kg.cli.common import Group
from oewg_kg.version import __version__

# The module of each command: it is imported when it is called, and all of them only for the list of commands.
READING = {
    "questions": "answers:questions",
    "ask": "answers:ask",
    "search": "facts:search",
    "show": "facts:show",
    "why": "facts:why",
    "conflicts": "register:conflicts",
    "query": "answers:query_command",
    "export": "exports:export_command",
    "reconcile": "links:reconcile_command",
    "serve": "serving:serve",
    "import": "links:import_group",
    "info": "facts:info",
}
MAKING = {
    "coverage": "upkeep:coverage",
    "validate": "upkeep:validate",
    "build": "upkeep:build_command",
    "diff": "compare:diff",
    "site": "site:site_command",
    "release": "exports:release_command",
    "publish": "links:publish_command",
}
COMMANDS = READING | MAKING


class Commands(Group):
    """The commands, each imported when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command by its name; None when there is none."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(f"oewg_kg.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands of readers before those of maintainers, each with the first sentence of its help."""
        width = max(map(len, COMMANDS))
        for title, names in (("Use the data", READING), ("Maintain the data", MAKING)):
            with formatter.section(title):
                found = [(name, command) for name in names if (command := self.get_command(ctx, name))]
                formatter.write_dl(
                    [(name.ljust(width), command.get_short_help_str(formatter.width)) for name, command in found]
                )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest commands for an unknown one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], COMMANDS, 2)
            advice = f" Did you mean {' or '.join(near)}?" if near else " See `oewg --help` for all commands."
            raise click.UsageError(error.message + advice, ctx) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="oewg")
@click.option("--root", metavar="DIR", help="Use the data in this clone of the repository (also OEWG_ROOT).")
@click.pass_context
def main(ctx: click.Context, root: str | None) -> None:
    """Ask a knowledge graph of the United Nations' negotiations on ICT security.

    Begin with `oewg questions` and `oewg ask NAME --cite`, which adds the source lines of each row.
    """
    ctx.obj = root
