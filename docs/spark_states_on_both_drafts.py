"""The question "Which states commented on both drafts?" as a Spark SQL job over the quads in Parquet.

Begin with `oewg export -f parquet-quads -o quads`, then run it with Spark 4.1 or later:
    spark-submit docs/spark_states_on_both_drafts.py quads
It prints one line for each state: its IRI, its name, and the lines of the pages that prove it. `oewg ask states-on-both-drafts --cite`
gives the same. Other values than those below are given behind the folder: kind=https://w3id.org/oewg-kg/kind/comments
"""

import sys

from pyspark.sql import Row, SparkSession

BASE = "https://w3id.org/oewg-kg/"
# As the saved question has them: two drafts, a kind of contribution, and a class of actors.
VALUES = {
    "first": BASE + "document/oewg1-pre-draft",
    "second": BASE + "document/oewg1-zero-draft",
    "kind": BASE + "kind/contribution",
    "actor-class": BASE + "ontology#State",
}
TERMS = {
    "oewg": BASE + "ontology#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}

# A GRAPH pattern is a join with the rows of a named graph; a property path is a recursive table.
QUESTION = """
WITH RECURSIVE
    resolved AS (SELECT subject, predicate, object, language FROM quads WHERE source = 'resolved'),
    lines AS (
        SELECT subject AS contribution, object AS actor, graph AS line FROM quads
        WHERE graph IS NOT NULL AND predicate = '{oewg}submittedBy'
    ),
    kinds AS (
        SELECT :kind AS kind
        UNION ALL
        SELECT narrower.subject FROM kinds JOIN resolved AS narrower
            ON narrower.predicate = '{skos}broader' AND narrower.object = kinds.kind
    ),
    given AS (
        SELECT DISTINCT submitted.subject AS contribution, submitted.object AS actor, addressed.object AS document
        FROM resolved AS submitted
        JOIN resolved AS addressed
            ON addressed.subject = submitted.subject AND addressed.predicate = '{oewg}addresses'
        JOIN resolved AS classified
            ON classified.subject = submitted.subject AND classified.predicate = '{oewg}kind'
        JOIN kinds ON kinds.kind = classified.object
        WHERE submitted.predicate = '{oewg}submittedBy'
    ),
    cited AS (
        SELECT given.actor, given.document, collect_set(lines.line) AS lines
        FROM given JOIN lines ON lines.contribution = given.contribution AND lines.actor = given.actor
        GROUP BY given.actor, given.document
    )
SELECT first.actor, label.object AS name, array_union(first.lines, second.lines) AS lines
FROM cited AS first
JOIN cited AS second ON second.actor = first.actor
JOIN resolved AS class
    ON class.subject = first.actor AND class.predicate = '{rdf}type' AND class.object = :actor_class
JOIN resolved AS label
    ON label.subject = first.actor AND label.predicate = '{skos}prefLabel' AND label.language = 'en'
WHERE first.document = :first AND second.document = :second
ORDER BY name, first.actor
"""


def answer(spark: SparkSession, folder: str, values: dict[str, str]) -> list[Row]:
    """Ask the question over a folder of partitioned Parquet; one row for each state: actor, name, lines."""
    spark.read.parquet(folder).createOrReplaceTempView("quads")
    bound = {name.replace("-", "_"): value for name, value in (VALUES | values).items()}
    # Spark binds the values; only the names of terms are written into the text.
    return list(spark.sql(QUESTION.format(**TERMS), bound).collect())


if __name__ == "__main__":
    session = SparkSession.builder.appName("states on both drafts").getOrCreate()
    for row in answer(session, sys.argv[1], dict(text.split("=", 1) for text in sys.argv[2:])):
        print(row["actor"], row["name"], " ".join(sorted(row["lines"])), sep="\t")
    session.stop()
