"""Every parser of ours with texts nobody would write: by hypothesis from the grammar's own signs, by atheris guided by coverage."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from external import missing
from fuzz import SEEDS, TARGETS, feed

pytestmark = pytest.mark.slow

SIGNS = [
    b"\n",
    b"\t",
    b'"',
    b"'",
    b"#+ ",
    b"param ",
    b"=",
    b"->",
    b";",
    b",",
    b":",
    b"|",
    b"<",
    b">",
    b"{",
    b"}",
    b"\\",
    b"\x00",
]
SIGNS += [
    b"\xff",
    b"\xef\xbb\xbf",
    "é".encode(),
    "\u202e".encode(),
    b"9" * 5000,
    b"oewg:",
    b"line ",
    b"q=",
    b"SERVICE",
    b"\x1f\x8b",
]
EXAMPLES, RUNS = 150, 3000
Record = Callable[[str, object], None]


def mangled(target: str) -> st.SearchStrategy[bytes]:
    """Make texts of the target's seed cut up, doubled and mixed with the signs that mean something to a parser."""
    seed = SEEDS[target]
    parts = st.one_of(
        st.sampled_from(SIGNS), st.binary(max_size=8), st.text(max_size=8).map(lambda t: t.encode("utf-8", "replace"))
    )
    piece = st.tuples(st.integers(0, len(seed)), st.integers(0, len(seed))).map(
        lambda ends: seed[min(ends) : max(ends)]
    )
    return st.lists(st.one_of(parts, piece, st.just(seed)), max_size=6).map(b"".join)


def test_each_target_takes_its_seed() -> None:
    assert set(SEEDS) == set(TARGETS) and len(TARGETS) == 9
    refused = {target for target in TARGETS if not feed(target, SEEDS[target])}
    assert refused == {"guard"}, "that seed holds SERVICE"


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_but_an_answer_or_one_line_comes_out(target: str, record_property: Record) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(mangled(target))
    def feeding(data: bytes) -> None:
        feed(target, data)

    feeding()
    record_property("figure", f"{target} {EXAMPLES} x")


@pytest.fixture(scope="module")
def guided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let atheris feed all targets, in one process that instruments our modules and copies of it; give the folder of what it said."""
    if importlib.util.find_spec("atheris") is None:
        missing("atheris", "pip install atheris")
    folder = tmp_path_factory.mktemp("guided")
    for target in TARGETS:
        corpus = folder / target / "corpus"
        corpus.mkdir(parents=True)
        (corpus / "seed").write_bytes(SEEDS[target])
    script, options = ROOT / "tests" / "helpers" / "guided.py", (f"-runs={RUNS}", "-seed=1998", "-max_len=4096")
    command = [sys.executable, script, ",".join(TARGETS), folder, *options]
    done = subprocess.run([*map(str, command)], capture_output=True, check=False, cwd=folder, text=True)
    assert done.returncode in (0, 1), done.stderr[-3000:]
    return folder


@pytest.mark.parametrize("target", TARGETS)
def test_a_fuzzer_guided_by_coverage_finds_nothing(target: str, guided: Path, record_property: Record) -> None:
    said = (guided / target / "log").read_text(encoding="utf-8", errors="replace")
    assert "DONE" in said and "cov:" in said, said[-3000:]
    assert not list((guided / target).glob("crash-*")), said[-3000:]
    record_property("figure", f"{target} {RUNS} x")
