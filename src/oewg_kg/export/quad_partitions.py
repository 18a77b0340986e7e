"""Write all quads as partitioned Parquet, for Spark, DuckDB and polars."""

import io

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset
from oewg_kg.export import table_files
from oewg_kg.vocabulary import PREFIXES, local

COLUMNS = ("subject", "predicate", "object", "datatype", "language", "graph")


def write(dataset: Dataset) -> dict[str, bytes]:
    """Write Parquet files by source, `source=NAME/quads.parquet`, with columns of text; graph null for the resolved view."""
    polars = table_files.load_polars()
    schema = dict.fromkeys(("source", *COLUMNS), polars.String)
    quads = polars.DataFrame(list(map(partition_row, dataset.store)), schema=schema, orient="row")
    files = {}
    for (name,), frame in quads.partition_by("source", as_dict=True, include_key=False).items():
        buffer = io.BytesIO()
        frame.sort(COLUMNS, nulls_last=False).write_parquet(buffer)
        files[f"source={name}/quads.parquet"] = buffer.getvalue()
    return files


def partition_row(quad: ox.Quad) -> tuple[str | None, ...]:
    """Write a quad as its partition and columns, the datatype without the namespace of XML Schema."""
    graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else None
    literal_type: tuple[str | None, str | None] = (None, None)
    if isinstance(quad.object, ox.Literal):
        literal_type = (quad.object.datatype.value.removeprefix(PREFIXES["xsd"]), quad.object.language)
    return (partition_name(graph) if graph else "resolved", *map(terms.text_of, quad.triple), *literal_type, graph)


def partition_name(graph: str) -> str:
    """Name the partition of a named graph: that of its page for a line, else its own."""
    name = local(graph.partition("#")[0])
    return name.removeprefix("source/").removeprefix("graph/").replace("/", ".")
