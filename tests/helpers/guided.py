"""Feeds one parser with bytes that atheris makes, guided by the lines they reach.

`python tests/helpers/guided.py header -max_total_time=60`.
"""

import sys

import atheris

with atheris.instrument_imports(include=["oewg_kg"]):
    import fuzz


def one(data: bytes) -> None:
    """Feed the target named on the command line."""
    fuzz.feed(TARGET, data)


if __name__ == "__main__":
    TARGET = sys.argv.pop(1)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
