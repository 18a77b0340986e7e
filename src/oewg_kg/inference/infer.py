"""Infer what the ontology entails: run each `Rule` (OWL 2 RL, `queries/rules/`) until nothing is new; report what a rule forbids."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, insert_values, own_query, select
from oewg_kg.errors import ParseError, from_syntax_error
from oewg_kg.paths import read_text
from oewg_kg.vocabulary import INFERRED, PREFIXES, SILENCES, iris

NEVER_INFERRED = {*iris("owl:Thing owl:Nothing"), *SILENCES}
REFLEXIVE = iris("owl:sameAs owl:equivalentClass owl:equivalentProperty rdfs:subClassOf rdfs:subPropertyOf")
CAUSES = ("causes-by-class-or-domain", "causes-by-range")
BUILT_IN = tuple(PREFIXES[prefix] for prefix in ("owl", "rdfs", "rdf", "xsd"))


@dataclass(frozen=True)
class Rule:
    """One rule of the W3C's table: its name (`cax-sco`) and its query."""

    name: str
    query: str

    @cached_property
    def forbids(self) -> bool:
        """Return whether the rule finds contradictions, with a SELECT, instead of adding triples."""
        try:
            return isinstance(ox.Store().query(self.query), ox.QuerySolutions)
        except SyntaxError:
            return False


def rules(folder: Path) -> list[Rule]:
    """Read the rules of a folder, sorted by name; raises StorageError when it cannot be read, ParseError when it is empty."""
    paths = sorted(folder.glob("*.rq"))
    if not paths:
        raise ParseError("no inference rules found", str(folder), "restore the folder queries/rules")
    return [Rule(path.stem, read_text(path, f"queries/rules/{path.name}")) for path in paths]


def close(dataset: Dataset, folder: Path) -> int:
    """Add all that the rules entail (OWL 2 Profiles 4.3); return the number of triples; raises ParseError for a contradiction."""
    all_rules = rules(folder)
    count = entail(dataset, all_rules)
    check_contradictions(dataset, all_rules)
    return count


def entail(dataset: Dataset, all_rules: list[Rule]) -> int:
    """Add all that the rules entail, without looking for contradictions; return the number of triples."""
    inferred_count = previous_count = -1
    while inferred_count != previous_count or inferred_count < 0:
        previous_count, inferred_count = inferred_count, max(inferred_count, 0)
        for rule in all_rules:
            if not rule.forbids:
                inferred_count += add_inferred(dataset.store, run_rule(dataset.store, rule))
    return inferred_count


def is_trivial(triple: ox.Triple) -> bool:
    """Return whether a triple is trivial: about the built-in vocabulary, an entity equal to or below itself, owl:Thing, or silence."""
    subject = triple.subject.value if isinstance(triple.subject, ox.NamedNode) else ""
    object = triple.object.value if isinstance(triple.object, ox.NamedNode) else ""
    return (
        subject.startswith(BUILT_IN)
        or subject in NEVER_INFERRED
        or object in NEVER_INFERRED
        or (triple.subject == triple.object and triple.predicate.value in REFLEXIVE)
    )


def run_rule(store: ox.Store, rule: Rule) -> list[ox.Triple]:
    """Run a CONSTRUCT rule over the default graph, without trivial triples; raises ParseError with the place of a syntax error."""
    try:
        triples = store.query(rule.query)
    except SyntaxError as error:
        raise from_syntax_error(error, f"queries/rules/{rule.name}.rq") from error
    distinct = dict.fromkeys(triples) if isinstance(triples, ox.QueryTriples) else ()
    return [triple for triple in distinct if not is_trivial(triple)]


def add_inferred(store: ox.Store, triples: list[ox.Triple]) -> int:
    """Put triples into the default graph and the graph of inferred triples."""
    graph = ox.NamedNode(INFERRED)
    store.extend([ox.Quad(*triple) for triple in triples])
    store.extend([ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples])
    return len(triples)


def check_contradictions(dataset: Dataset, all_rules: list[Rule]) -> None:
    """Raise ParseError for the first individual that a rule forbids, with the line or file that puts it into each class."""
    for rule in all_rules:
        for row in select(dataset.store, rule.query) if rule.forbids else ():
            causes = " and ".join(class_cause(dataset, row["x"], row[name]) for name in ("class", "other"))
            what = f"{terms.compact(row['x'].value)} is in two disjoint classes ({rule.name}): {causes}"
            raise ParseError(what, advice="correct one of the two")


def class_cause(dataset: Dataset, individual: ox.NamedNode, class_node: ox.NamedNode) -> str:
    """Describe in words what puts an individual into a class, and where that is stated."""
    queries = (insert_values(own_query(name), {"wanted": class_node, "x": individual}) for name in CAUSES)
    for row in (row for query in queries for row in select(dataset.store, query)):
        ends = (row["s"], row["p"], row["o"])
        triple = " ".join(terms.compact(end.value) if isinstance(end, ox.NamedNode) else str(end) for end in ends)
        graph = row["graph"].value
        return f'{terms.compact(class_node.value)} by "{triple}" in {dataset.files.get(graph, graph)} ({terms.line_name(graph)})'
    return terms.compact(class_node.value)
