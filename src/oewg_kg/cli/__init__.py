"""The command `oewg`: the only room that prints or exits.

Not for any work of its own: each command calls the room that does it.
"""

import difflib
from importlib import import_module

import click

from oewg_kg.cli.common import Group
from oewg_kg.version import __version__

# Where each command stands: it is imported when it is called, and all of them only for the list of commands.
COMMANDS = {
    "ask": "answers:ask",
    "build": "upkeep:build_command",
    "conflicts": "register:conflicts",
    "coverage": "upkeep:coverage",
    "diff": "compare:diff",
    "draft": "draft:draft",
    "export": "exports:export_command",
    "import": "links:import_group",
    "info": "facts:info",
    "publish": "links:publish_command",
    "query": "answers:query_command",
    "questions": "answers:questions",
    "reconcile": "links:reconcile_command",
    "release": "exports:release_command",
    "search": "facts:search",
    "serve": "serving:serve",
    "show": "facts:show",
    "site": "site:site_command",
    "validate": "upkeep:validate",
    "why": "facts:why",
}


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest commands for an unknown one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], COMMANDS, 2)
            advice = f" Did you mean {' or '.join(near)}?" if near else " `oewg --help` lists them."
            raise click.UsageError(error.message + advice, ctx) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="oewg")
@click.option("--root", metavar="DIR", help="A checkout to read instead of the one installed (also OEWG_ROOT).")
@click.pass_context
def main(ctx: click.Context, root: str | None) -> None:
    """Ask the knowledge graph of the United Nations' ICT security negotiations; every answer cites its lines."""
    ctx.obj = root
