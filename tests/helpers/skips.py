"""Says at the end of a run what was skipped, one line for each kind: how many tests, and what they need.

A skip reads "WHAT is not here: WHAT TO DO". In continuous integration (CI is set) a skip fails the run, unless it needs
material that we do not distribute ("set OEWG_...") or a property of the machine ("this machine ...").
"""

import os
import re
from collections import Counter

import pytest

EXCUSED = re.compile(r"this machine |.*: set OEWG_")


def reasons(session: pytest.Session) -> list[str]:
    """List why tests were skipped; workers of pytest-xdist leave that to the process that started them."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return [str(one.longrepr[2]).removeprefix("Skipped: ") for one in skipped]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of continuous integration that skipped what it should have installed."""
    if os.environ.get("CI") and not hasattr(session.config, "workerinput") and unexcused(reasons(session)):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def unexcused(skipped: list[str]) -> list[str]:
    """Keep the reasons that continuous integration does not accept."""
    return [reason for reason in skipped if not EXCUSED.match(reason)]


def kinds(skipped: list[str]) -> Counter[str]:
    """Count skipped tests by what to do about them."""
    return Counter(reason.rpartition(": ")[2] for reason in skipped)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write a line for each kind of skip."""
    if not hasattr(terminalreporter, "_session"):
        return
    skipped = reasons(terminalreporter._session)  # type: ignore[arg-type]
    if not skipped:
        return
    terminalreporter.section(f"{len(skipped)} tests NOT RUN")
    for what, count in kinds(skipped).most_common():
        terminalreporter.write_line(f"{count:5} need: {what}")
    if os.environ.get("CI") and unexcused(skipped):
        terminalreporter.write_line("CI is set: these skips fail the run", red=True)
