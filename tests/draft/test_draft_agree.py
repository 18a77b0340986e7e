"""Two readers' tables."""

from pathlib import Path

import pytest

from conftest import Run
from oewg_kg.draft import agree, table
from oewg_kg.draft.table import Row

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): the data of A (binary), B (nominal) and C (with missing values).
BINARY = ([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0])
NOMINAL = (list("aabbdcccedda"), list("babbbcccedd" + "d"))
MISSING = (
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
)


@pytest.mark.parametrize(("readers", "alpha"), [(BINARY, 0.095), (NOMINAL, 0.692), (MISSING, 0.743)])
def test_alpha_is_that_of_the_published_examples(readers: tuple[list[object], ...], alpha: float) -> None:
    found = agree.alpha(list(zip(*readers, strict=True)))
    assert found == pytest.approx(alpha, abs=0.0005)


def test_alpha_is_not_reported_where_nothing_varies() -> None:
    assert agree.alpha([["x", "x"], ["x", "x"]]) is None
    assert agree.alpha([["x", None]]) is None


def test_order_is_not_a_difference_and_each_other_cell_is_listed() -> None:
    mine = [Row(4, 1, actors="state/AUT|state/CHL", kind="paper"), Row(5, 1, kind="letter"), Row(6, 1)]
    hers = [Row(4, 1, actors="state/CHL|state/AUT", kind="views"), Row(5, 1, kind="letter"), Row(7, 1)]
    found = agree.compare(mine, hers)
    assert found.differ == [
        ["4", "1", "kind", "paper", "views"],
        ["6", "1", "row", "there", "missing"],
        ["7", "1", "row", "missing", "there"],
    ]
    told = {column: (cells, same) for column, cells, same, _ in found.columns}
    assert told["actors"] == (1, 1)
    assert told["kind"] == (2, 1)


def test_the_command_lists_what_to_settle(oewg: Run, tmp_path: Path) -> None:
    for name, kind in (("mine", "paper"), ("hers", "views")):
        rows = [Row(4, 1, actors="state/AUT", kind=kind), Row(5, 1, actors="state/CHL", kind="letter")]
        (tmp_path / f"{name}.csv").write_text(table.write(rows, None), encoding="utf-8")
    told = oewg(
        "draft", "--agree", str(tmp_path / "mine.csv"), str(tmp_path / "hers.csv"), "-o", str(tmp_path / "d.csv")
    )
    assert told.exit_code == 0, told.output
    assert "cells or rows to settle by checking the page: 1" in told.output
    assert "1.000" in told.output  # both readers have the same actors
    assert (tmp_path / "d.csv").read_text(encoding="utf-8").splitlines()[1] == "4,1,kind,paper,views"
