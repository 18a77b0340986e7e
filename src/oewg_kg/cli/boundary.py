"""Turn an error of any command into one line and an exit code. Imports little, because `--help` needs it."""

import os
import re
import sys
from contextlib import suppress
from typing import Any

import click

# What click says in the words of programmers, and what we say.
PLAIN_MESSAGES = {
    "is not a valid (integer|float) range": "is not a number",
    "is not in the range (.+)<=x<=(.+?)[.]?$": r"is not between \1 and \2",
    "is not in the range x>=(.+?)[.]?$": r"is less than \1",
    r"Got unexpected extra arguments? \((.*)\)": r"unexpected ‘\1’; put quotation marks around words that belong together",
}


class Group(click.Group):
    """A command group that turns the project's errors into one line and the right exit code."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the options; `--help` and `--version` print their text here."""
        try:
            return super().make_context(*args, **options)
        except OSError as error:
            raise click.exceptions.Exit(_cannot_write(error)) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; raise click's own exit with the error's code."""
        from oewg_kg.errors import OewgError

        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            for pattern, plain_message in PLAIN_MESSAGES.items():  # `message` is declared final
                vars(error)["message"] = re.sub(pattern, plain_message, error.message)
            raise
        except OewgError as error:
            say(f"oewg: {error}")
            ctx.exit(error.exit_code)
        except UnicodeError:
            say("oewg: an argument is not valid UTF-8; correct it")
            ctx.exit(2)
        except MemoryError:
            say("oewg: out of memory; ask for less data")
            ctx.exit(4)
        except OSError as error:
            ctx.exit(_cannot_write(error))


def _cannot_write(error: OSError) -> int:
    """Report an OSError and return the exit code; discard what is left in standard output, which Python 3.14 would write again."""
    from oewg_kg.errors import StorageError, from_os_error

    say(f"oewg: {from_os_error(error, 'input or output')}")
    if sys.stdout is not None and not sys.stdout.closed:
        try:
            sys.stdout.flush()
        except OSError:
            with suppress(OSError), open(os.devnull, "wb") as null_device:  # noqa: PTH123 - pathlib is slow to import
                os.dup2(null_device.fileno(), sys.stdout.fileno())
    return StorageError.exit_code


def say(text: str) -> None:
    """Write a line for people to standard error, in place of a step that is shown there."""
    from oewg_kg.cli import terminal

    terminal.clear_step()
    click.echo(terminal.escape_controls(text), err=True)
