"""Whether every saved query gives the same rows on every engine, over the exported dataset: writes the matrix of `engines.md`.

Not for how fast a question is (`bench_ask.py`, `bench_serve.py`), or how an engine is asked (`asking.py`). What is not installed
is left out, with the reason.
"""

import argparse
import concurrent.futures
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import programs
import timing
from ask_rdflib import Solutions
from asking import ENGINES, Work
from oewg_kg import query
from oewg_kg.query import SavedQuery
from oewg_kg.terms import Term

HERE = Path(__file__).parent
ROOT = HERE.parent
SAME, OTHER_ORDER, DIFFERS, NO_ANSWER = "=", "~", "≠", "–"
Row = tuple[object, ...]


@dataclass(frozen=True)
class Told:
    """What an engine gave: its version, seconds for everything, and for each question its solutions or why there are none."""

    version: str
    seconds: float
    answers: dict[str, Solutions | str]


def tell(name: str, data: Path, queries: Path) -> Told:
    """Ask one engine all questions of a folder, in this process; raises programs.Missing."""
    with tempfile.TemporaryDirectory() as folder:
        engine, start = ENGINES[name], time.perf_counter()
        answers = engine.ask(Work(data, queries, Path(folder)))
        return Told(engine.version(), time.perf_counter() - start, answers)


def told(names: Iterable[str], data: Path, queries: Mapping[str, Path]) -> dict[str, Told | str]:
    """Ask several engines, two at a time, each in a process of its own; for one that is not here, its reason.

    An engine is asked all our questions, if no folder of others is given for it.
    """
    found: dict[str, Told | str] = {}
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, context) as pool:
        asking = {name: pool.submit(tell, name, data, queries.get(name, ROOT / "queries")) for name in names}
        for name, future in asking.items():
            try:
                found[name] = future.result()
            except programs.Missing as missing:
                found[name] = str(missing)
    return found


def verdicts(found: dict[str, Told | str]) -> dict[str, dict[str, str]]:
    """Compare every engine with pyoxigraph: question -> engine -> one of the four signs."""
    measure = found["pyoxigraph"]
    assert isinstance(measure, Told)
    matrix: dict[str, dict[str, str]] = {}
    for name, saved in query.load(ROOT / "queries").items():
        matrix[name] = {}
        wanted = rows(saved, measure.answers[name])
        for engine, of_engine in found.items():
            if isinstance(of_engine, str):
                continue
            answer = of_engine.answers.get(name, "nothing was written")
            given = [] if isinstance(answer, str) else rows(saved, answer)
            same = Counter(given) == Counter(wanted)
            sign = SAME if given == wanted else OTHER_ORDER if same else DIFFERS
            matrix[name][engine] = NO_ANSWER if isinstance(answer, str) else sign
    return matrix


def rows(saved: SavedQuery, answer: Solutions | str) -> list[Row]:
    """Write solutions so that they compare: parameters left out, citations as a set, since their order means nothing."""
    if isinstance(answer, str):
        raise SystemExit(f"pyoxigraph does not answer {saved.name}: {answer}")
    variables, solutions = answer
    hidden = {parameter.variable for parameter in saved.parameters}
    kept = sorted((name, at) for at, name in enumerate(variables) if name not in hidden)
    return [tuple(_cell(name, solution[at]) for name, at in kept) for solution in solutions]


def _cell(name: str, term: Term | None) -> object:
    if term is not None and (name == "line" or name.endswith("Line")):
        return frozenset(term.value.split())
    return term


def exported(folder: Path) -> Path:
    """Export the dataset as N-Quads."""
    place = folder / "dataset.nq"
    done = timing.run((timing.oewg(), "--root", ROOT, "export", "-f", "nquads", "-o", place))
    if done.status:
        raise SystemExit(done.errors.decode(errors="replace"))
    return place


def written(found: dict[str, Told | str], quads: int) -> str:
    """Write `engines.md`."""
    matrix = verdicts(found)
    here = [name for name in ENGINES if isinstance(found.get(name), Told)]
    others = [name for name in here if name != "pyoxigraph"]
    measure = found["pyoxigraph"]
    assert isinstance(measure, Told)
    about = [
        (name, one.version, ENGINES[name].how, f"{one.seconds:.0f}")
        for name in here
        if isinstance(one := found[name], Told)
    ]
    sums = [
        (
            name,
            *(
                str(Counter(of[name] for of in matrix.values())[sign])
                for sign in (SAME, OTHER_ORDER, DIFFERS, NO_ANSWER)
            ),
        )
        for name in others
    ]
    table = [
        (f"`{name}`", str(len(measure.answers[name][1])), *(signs[engine] for engine in others))
        for name, signs in matrix.items()
    ]
    absent = [f"- {name} is not in this table: {one}." for name, one in found.items() if isinstance(one, str)]
    return "\n".join(
        [
            "# The same answers on every engine",
            "",
            "Computed by `python benchmarks/same_answers.py`; `tests/project/test_engines.py` computes it again and compares.",
            "",
            f"Each saved query that works offline, with default settings, on the exported dataset of {quads} quads.",
            "Two answers are the same if they have the same solutions equally often. Lines listed in a cell are compared as a set.",
            "",
            timing.table(["engine", "version", "how it is queried", "all questions, including loading, s"], about),
            timing.table(
                [
                    "engine",
                    f"`{SAME}` same rows in the same order",
                    f"`{OTHER_ORDER}` same rows, different order",
                    f"`{DIFFERS}` different rows",
                    f"`{NO_ANSWER}` no answer",
                ],
                sums,
            ),
            "Other orders are valid: SPARQL 1.1 (15.1) does not specify how texts with a language tag are sorted; most labels have one.",
            "Virtuoso sorts some of the longer ones differently; the other engines sort by code point.",
            "",
            *absent,
            *([""] if absent else []),
            timing.table(["question", "rows", *others], table),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engines", nargs="*", help=f"some of: {', '.join(ENGINES)} (all)")
    parser.add_argument("-o", type=Path, default=HERE / "engines.md", help="where to write (benchmarks/engines.md)")
    given = parser.parse_args()
    names = ["pyoxigraph", *(name for name in given.engines or ENGINES if name != "pyoxigraph")]
    with tempfile.TemporaryDirectory() as folder:
        data = exported(Path(folder))
        found = told(names, data, {})
        given.o.write_text(written(found, timing.count_quads(data)), encoding="utf-8")
    for name, one in found.items():
        print(f"{name}: {one if isinstance(one, str) else f'{one.seconds:.0f} s'}", file=sys.stderr)


if __name__ == "__main__":
    main()
