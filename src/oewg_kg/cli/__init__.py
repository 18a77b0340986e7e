"""The command `oewg`: the only room that prints or exits.

Not for any work of its own: each command calls the room that does it.
"""

import signal

import click

from oewg_kg import __version__
from oewg_kg.cli import answers, compare, exports, facts, links, register, serving, upkeep
from oewg_kg.cli.common import Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="oewg")
@click.option("--root", metavar="DIR", help="A checkout to read instead of the one installed (also OEWG_ROOT).")
@click.pass_context
def main(ctx: click.Context, root: str | None) -> None:
    """Ask the knowledge graph of the United Nations' ICT security negotiations; every answer cites its lines."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    ctx.obj = root


for command in (
    upkeep.build_command,
    upkeep.validate,
    upkeep.coverage,
    answers.questions,
    answers.ask,
    answers.query_command,
    facts.show,
    facts.search,
    facts.why,
    facts.info,
    register.conflicts,
    compare.diff,
    exports.export_command,
    serving.serve,
    links.import_group,
    links.reconcile_command,
    links.publish_command,
):
    main.add_command(command)
