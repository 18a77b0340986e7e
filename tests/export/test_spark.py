"""The quads as partitioned Parquet: the same quads again, and the flagship question in Spark SQL with the rows of SPARQL."""

import csv
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import ROOT
from external import SHORT_JAVA, missing, module
from oewg_kg import query, terms
from oewg_kg.cli import main
from oewg_kg.export.quad_partitions import COLUMNS
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import PREFIXES

pytestmark = pytest.mark.slow

JOB = ROOT / "docs" / "spark_states_on_both_drafts.py"
# One core, no web page beside the job, and no code made for each query, which takes longer than the query does.
PLAIN = (
    f"--master local[1] --driver-java-options '{' '.join(SHORT_JAVA)}' --conf spark.ui.enabled=false "
    "--conf spark.sql.shuffle.partitions=1 --conf spark.sql.codegen.wholeStage=false pyspark-shell"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("spark") / "quads"
    module("polars", "polars")
    result = CliRunner().invoke(main, ["--root", str(ROOT), "export", "-f", "parquet-quads", "-o", str(place)])
    assert result.exit_code == 0, result.output
    return place


def test_the_partitions_hold_every_quad_once(folder: Path, kg: KnowledgeGraph) -> None:
    polars = module("polars", "polars")
    frame = polars.read_parquet(folder / "*" / "*.parquet", hive_partitioning=True)
    assert frame.columns == [*COLUMNS, "source"]
    assert len(frame) == len(frame.unique()) == len(kg.dataset.store)
    wanted = {(*map(terms.text_of, q.triple), terms.text_of(q.graph_name)) for q in kg.dataset.store}
    found = {(s, p, o, g or "DEFAULT") for s, p, o, g in frame.select("subject", "predicate", "object", "graph").rows()}
    assert found == wanted
    pages = {"gge-oewg-events", "oewg-2019-2021", "oewg-2021-2025", "oewg-2019-2021-monitor", "un-oewg"}
    assert pages | {"resolved", "inferred"} <= set(frame["source"].unique())
    labels = frame.filter(polars.col("subject") == PREFIXES["state"] + "EST").filter(
        polars.col("predicate") == PREFIXES["skos"] + "prefLabel"
    )
    assert {"ar", "en", "es", "fr", "ru", "zh"} == set(labels["language"])


def test_the_same_graph_gives_the_same_bytes_and_the_folder_is_replaced(folder: Path) -> None:
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.parquet")}
    again = CliRunner().invoke(main, ["--root", str(ROOT), "export", "-f", "parquet-quads", "-o", str(folder)])
    assert again.exit_code == 0, again.output
    assert len(before) > 20
    assert before == {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.parquet")}


CHOICES = [({}, 31), ({"kind": "kind:comments", "actor-class": "oewg:Actor"}, 12)]
# The job twice in one process, which keeps its Java machine: most of the time goes into starting it.
TWICE = """
import json, runpy, sys
for job in json.loads(sys.argv[1]):
    sys.argv = job
    runpy.run_path(job[0], run_name="__main__")
    print("END")
"""


def test_spark_answers_as_sparql_does(folder: Path, kg: KnowledgeGraph) -> None:
    if importlib.util.find_spec("pyspark") is None:
        missing("pyspark", "pip install pyspark")
    if shutil.which("java") is None:
        missing("java", "apt-get install default-jre-headless")
    jobs = [
        [str(JOB), str(folder), *(f"{name}={terms.expand(value)}" for name, value in values.items())]
        for values, _ in CHOICES
    ]
    done = subprocess.run(
        [sys.executable, "-c", TWICE, json.dumps(jobs)],
        capture_output=True,
        check=False,
        env=os.environ | {"PYSPARK_SUBMIT_ARGS": PLAIN, "SPARK_LOCAL_IP": "127.0.0.1"},
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    *answers, rest = done.stdout.decode().split("END\n")
    assert len(answers) == len(CHOICES) and rest == ""
    saved = kg.questions["states-on-both-drafts"]
    for (values, count), text in zip(CHOICES, answers, strict=True):
        here = query.run(kg.dataset, saved, query.bind(kg.dataset, saved, values))
        rows = list(csv.reader(io.StringIO(text), delimiter="\t"))
        there = {(actor, name): set(lines.split()) for actor, name, lines in rows}
        assert len(rows) == len(there) == count
        wanted = zip(here.rows, here.citations, strict=True)
        assert there == {(terms.text_of(actor), terms.text_of(name)): set(lines) for (actor, name), lines in wanted}
