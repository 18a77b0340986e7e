"""The command `oewg`: the only room that prints or exits.

Not for any work of its own: each command calls the room that does it. What `--help` and `--version` say is here, so that they wait for
nothing: click alone takes twice as long as Python.
"""

import sys

from oewg_kg.version import __version__

# Where each command stands, and what it does in one sentence: it is imported when it is called, and none for the list of commands.
COMMANDS = {
    "ask": ("answers:ask", "Answer a saved question, with its definition and its other readings."),
    "build": ("upkeep:build_command", "Build the graph from its sources and write the snapshot."),
    "conflicts": (
        "register:conflicts",
        "List the contested and odd facts, what the answers use and why, and which questions would answer otherwise.",
    ),
    "coverage": (
        "upkeep:coverage",
        "Compare the text of a page with what is transcribed of it; exit 1 when lines are missing, changed or gone.",
    ),
    "diff": ("compare:diff", "Compare two states of the graph: OLD and NEW (by default the present sources)."),
    "export": (
        "exports:export_command",
        "Write the graph for other tools: as RDF, tables, networks, or the description of one thing.",
    ),
    "import": ("links:import_group", "Import large public data beside the graph; `--with` then asks both together."),
    "info": ("facts:info", "Tell the version, what is counted by class and by page, and where the files are."),
    "publish": (
        "links:publish_command",
        "Put the whole dataset, each named graph and the resolved view, into a SPARQL server.",
    ),
    "query": ("answers:query_command", "Run any SPARQL 1.1 query; the project's prefixes are always there."),
    "questions": ("answers:questions", "List the saved questions, last those that ask an endpoint of others."),
    "reconcile": (
        "links:reconcile_command",
        "Find what the names in a table stand for: IRI, ISO3 code, score and why for each row.",
    ),
    "release": (
        "exports:release_command",
        "Write a release into FOLDER: a folder with every file, and the same as one archive.",
    ),
    "search": (
        "facts:search",
        "Find things by their names, in any spelling that a page uses; exit 1 when nothing is found.",
    ),
    "serve": ("serving:serve", "Serve the explorer and a SPARQL endpoint."),
    "show": ("facts:show", "Show a thing: its facts and those about it, with the lines that state each."),
    "site": (
        "site:site_command",
        "Freeze the explorer to files, for GitHub Pages or any other host that runs no program.",
    ),
    "validate": (
        "upkeep:validate",
        "Validate the graph against the shapes and checks; exit 1 when it does not conform.",
    ),
    "why": (
        "facts:why",
        "Tell why the graph says something: every claim with its line, its heading, and the decision on it.",
    ),
}
PURPOSE = "Ask the knowledge graph of the United Nations' ICT security negotiations; every answer cites its lines."
OPTIONS = {
    "--version": "Show the version and exit.",
    "--root DIR": "A checkout to read instead of the one installed (also OEWG_ROOT).",
    "-h, --help": "Show this message and exit.",
}


def run() -> None:
    """Run the command line; what needs no command is said at once, unless it cannot be written."""
    if sys.stdout is not None and len(sys.argv) == 2 and sys.argv[1] in ("--version", "--help", "-h"):
        try:
            sys.stdout.write(f"oewg, version {__version__}\n" if sys.argv[1] == "--version" else help_text())
            sys.stdout.flush()
            return
        except (OSError, UnicodeError):
            pass  # click says it as for every command
    from oewg_kg.cli.commands import main

    main()


def help_text() -> str:
    """Write what `oewg --help` says, as wide as the terminal and at most 98 columns."""
    import shutil
    import textwrap

    width = max(min(shutil.get_terminal_size().columns, 100) - 2, 50)

    def fill(text: str, first: str, others: str) -> str:
        return textwrap.fill(text, width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)

    lines = ["Usage: oewg [OPTIONS] COMMAND [ARGS]...", "", fill(PURPOSE, "  ", "  ")]
    for title, rows in (("Options", OPTIONS), ("Commands", {name: told for name, (_, told) in COMMANDS.items()})):
        lines += ["", f"{title}:"]
        at = max(map(len, rows)) + 4
        lines += [fill(told, f"  {name}".ljust(at), " " * at) for name, told in rows.items()]
    return "\n".join(lines) + "\n"


def __getattr__(name: str) -> object:
    """Load the group of commands only when it is asked for."""
    if name == "main":
        from oewg_kg.cli import commands

        return commands.main
    raise AttributeError(f"module 'oewg_kg.cli' has no attribute {name!r}")
