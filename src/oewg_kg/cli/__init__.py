"""The command `oewg`: the list of all commands, each imported when it is called."""

from importlib import import_module

import click

from oewg_kg.cli.boundary import Group
from oewg_kg.version import __version__

# The module of each command and the first sentence of its help, so that listing the commands imports none of them.
READING = {
    "questions": ("questions:questions", "List the saved questions, or find one in your own words."),
    "ask": ("ask:ask", "Answer a saved question, and say what is counted."),
    "search": ("search:search", "Find entities and questions by name or description."),
    "show": ("show:show", "Show the facts about an entity, or those on a source line."),
    "why": ("why:why", "Show where a fact comes from: lines, headings, inference rules."),
    "verify": ("verify:verify", "Check whether an answer still matches its receipt."),
    "conflicts": ("conflicts:conflicts", "List conflicting facts and the editorial decisions on them."),
    "query": ("query:query_command", "Run any SPARQL 1.1 query."),
    "compare": ("compare:compare", "Compare two to four states, groups or stakeholders."),
    "agreement": ("agreement:agreement", "Compare how pairs of states voted."),
    "export": ("export:export_command", "Write the data for other tools: as RDF, tables or networks."),
    "reconcile": ("reconcile:reconcile_command", "Match the names in a table to entities in this dataset."),
    "serve": ("serve:serve", "Start the website and a SPARQL endpoint on this machine."),
    "mcp": ("mcp:mcp", "Let an AI assistant use the data (Model Context Protocol)."),
    "import": ("import_votes:import_group", "Import General Assembly votes, for the option `--with votes`."),
    "info": ("info:info", "Show the version, contents and location of the data."),
}
MAKING = {
    "init": ("init:init", "Create a folder for data of your own."),
    "source": ("source:source", "Add a page to the data."),
    "coverage": ("coverage:coverage", "Check that the facts of every line of a page are recorded."),
    "draft": ("draft:draft", "Propose facts for the lines of a page, for you to accept."),
    "link": ("link:link", "Find identifiers in other datasets, for you to confirm."),
    "validate": ("validate:validate", "Validate the data, or your own files, against the rules."),
    "build": ("build:build_command", "Build the dataset from its sources."),
    "diff": ("diff:diff", "Compare two versions of the data, for a changelog."),
    "site": ("site:site_command", "Write the website as static files, for GitHub Pages or the like."),
    "release": ("release:release_command", "Write all files of a release, and an archive of them."),
    "publish": ("publish:publish_command", "Load the complete dataset into a SPARQL server."),
}
COMMANDS = READING | MAKING


class Commands(Group):
    """The commands, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names of the commands."""
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command by its name; None if there is none."""
        path, _ = COMMANDS.get(cmd_name, ("", ""))
        if not path:
            return None
        module, _, name = path.partition(":")
        command: click.Command = getattr(import_module(f"oewg_kg.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands of readers before those of maintainers, without importing them."""
        width = max(map(len, COMMANDS))
        for title, commands in (("Use the data", READING), ("Maintain the data", MAKING)):
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), does) for name, (_, does) in commands.items()])


@click.group(
    cls=Commands, commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="oewg")
@click.option(
    "--root",
    metavar="DIR",
    help="Use the data in DIR, a copy of this repository or your own folder (or set OEWG_ROOT).",
)
@click.pass_context
def main(ctx: click.Context, root: str | None) -> None:
    """Query a database of the United Nations negotiations on ICT security.

    Begin with `oewg questions` and `oewg ask NAME --cite`, which adds the source lines of each row.
    """
    ctx.obj = root
