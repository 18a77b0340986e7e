"""`benchmarks/multiply.py` writes data that a root accepts: things twice, under new names, and states once."""

from pathlib import Path

import pyoxigraph as ox

import multiply
from oewg_kg import dataset, paths
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import OEWG, RDF_TYPE


def test_twice_the_data_has_every_thing_twice_but_the_states(kg: KnowledgeGraph, tmp_path: Path) -> None:
    twice = dataset.load(paths.find(str(multiply.multiply(2, tmp_path / "twice")))).store
    for name, times in {"Draft": 2, "RollCall": 2, "SourceLine": 2, "State": 1, "HistoricState": 1}.items():
        once, now = (
            {
                quad.subject
                for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + name), None)
            }
            for store in (kg.dataset.store, twice)
        )
        assert (name, len(now)) == (name, times * len(once))
        assert once and once <= now
