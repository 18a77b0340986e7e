"""Blank nodes: labeled as RDFC-1.0 does where it ends, and no file makes a command wait for it."""

import itertools
import json
import subprocess
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from conftest import OEWG, ROOT, one_line
from oewg_kg import build, dataset
from oewg_kg.errors import LimitError
from oewg_kg.export import rdf as export
from oewg_kg.safety import blank_nodes

ENDLESS = 60  # seconds: all of this takes less than one, and what tries all labels does not end
PREFIX = "@prefix : <http://example.org/> .\n"
RING = "".join(f"_:b{at} :next _:b{(at + 1) % 300} . " for at in range(300))
LINKED = "".join(f"_:b{one} :knows _:b{other} . " for one, other in itertools.permutations(range(9), 2))
CUBE = "".join(f"_:b{at} :side _:b{at ^ (1 << axis)} . " for at in range(32) for axis in range(5))
ALIKE = {
    "a list of equal numbers": f":l :items ( {'1 ' * 1000} ) .",
    "a ring": RING,
    "all linked": LINKED,
    "a cube": CUBE,
    "two of many children": f"[ :child {', '.join(['[]'] * 12)} ] . [ :child {', '.join(['[]'] * 12)} ] .",
    "inside triple terms": "".join(f":s :p <<( _:b{at} :next _:b{(at + 1) % 300} )>> . " for at in range(300)),
}
TOLD_APART = {
    "a list of two numbers": ":l :items ( 1 1 ) .",
    "equal lists": f":a :items ( {' '.join(map(str, range(40)))} ) . :b :items ( {' '.join(map(str, range(40)))} ) .",
    "many that stand alone": f":a :part {', '.join(['[]'] * 3000)} .",
    "many short chains": f":a :part {', '.join(['[ :first [ :next [] ] ]'] * 300)} .",
    "a small ring": "_:a :next _:b . _:b :next _:c . _:c :next _:a .",
    "named by what they say": "[ :name 'Ann' ; :knows [ :name 'Bob' ] ] .",
}


def quads(text: str) -> list[ox.Quad]:
    return list(ox.parse((PREFIX + text).encode(), format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize("name", ALIKE)
def test_what_rdfc_could_not_end_is_refused_at_once(name: str) -> None:
    begun = time.process_time()
    with pytest.raises(LimitError, match="too many blank nodes cannot be told apart; give them IRIs"):
        blank_nodes.canonical(quads(ALIKE[name]))
    assert time.process_time() - begun < ENDLESS


@pytest.mark.parametrize("name", TOLD_APART)
def test_all_else_gets_the_labels_of_rdfc_whatever_labels_it_had(name: str) -> None:
    given = quads(TOLD_APART[name])
    other = blank_nodes.local(reversed(given), "another file")
    begun = time.process_time()
    assert set(blank_nodes.canonical(given)) == set(blank_nodes.canonical(other)) != set(given)
    assert time.process_time() - begun < ENDLESS
    labels = {node.value for quad in blank_nodes.canonical(given) for node in blank_nodes.nodes(quad)}
    assert labels == {f"c14n{at}" for at in range(len(labels))}


@pytest.mark.parametrize("name", ALIKE)
def test_a_file_of_them_is_read_served_and_exported_the_same_each_time(name: str, tmp_path: Path) -> None:
    place = tmp_path / "alike.ttl"
    place.write_text(PREFIX + ALIKE[name])
    begun = time.process_time()
    one, other = (build.files_alone([place]) for _ in range(2))
    assert set(one.store) == set(other.store)
    written = [export.serialize(d, dataset.default_graph(d), "nquads") for d in (one, other)]
    assert written[0] == written[1] != b""
    assert time.process_time() - begun < ENDLESS


@pytest.mark.parametrize("name", ["a list of equal numbers", "all linked"])
@pytest.mark.slow
def test_validate_ends(name: str, tmp_path: Path) -> None:
    place = tmp_path / "alike.ttl"
    place.write_text(PREFIX + ALIKE[name])
    command = [str(OEWG), "--root", str(ROOT), "validate", str(place), "-f", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10 * ENDLESS)
    assert json.loads(done.stdout)["conforms"], done.stderr


def test_diff_of_files_that_cannot_be_distinguished_says_so(tmp_path: Path) -> None:
    place = tmp_path / "alike.ttl"
    place.write_text(PREFIX + ALIKE["a ring"])
    command = [str(OEWG), "--root", str(ROOT), "diff", str(place), str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10 * ENDLESS)
    assert done.returncode == LimitError.exit_code
    assert "too many blank nodes cannot be told apart" in one_line(done.stderr)
