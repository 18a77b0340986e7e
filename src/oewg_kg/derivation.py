"""Why an inferred fact holds: the rule, and the facts that it was inferred from, step by step down to lines and files.

Not for inferring: `infer` does that, by the same rules. A rule is read backwards: what it would add is bound to the fact, and the rest
of its pattern is asked of the graph. So a new rule in `queries/rules/` needs nothing here, if it is a CONSTRUCT of triples and FILTERs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import pyoxigraph as ox

from oewg_kg import infer
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import ParseError
from oewg_kg.evidence import DECISIONS, FATES
from oewg_kg.infer import Rule
from oewg_kg.paths import Root
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED

VARIABLE = "urn:variable:"
DEEPEST, MOST = 6, 20
Pattern = tuple[ox.Triple, ...]


@dataclass(frozen=True)
class Step:
    """One fact: the graphs that state it, or else the rule that entails it and the steps that it follows from."""

    fact: ox.Triple
    graphs: tuple[str, ...]
    rule: str = ""
    summary: str = ""
    premises: tuple["Step", ...] = ()

    def sources(self) -> list[str]:
        """List the graphs that the fact rests on in the end, each once, the ontology's among them."""
        found = [*self.graphs, *(graph for premise in self.premises for graph in premise.sources())]
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Backward:
    """A rule read backwards: its name and summary, what it adds, its premises, and the query that finds them."""

    name: str
    summary: str
    heads: Pattern
    premises: Pattern
    query: str


class Derivations:
    """The derivations of one dataset; a fact asked for again is not looked for again."""

    def __init__(self, dataset: Dataset, root: Root) -> None:
        """Read the rules backwards; raises as `infer.rules` does, and ParseError for a rule that cannot be."""
        self.store = dataset.store
        self.rules = [backward(rule) for rule in infer.rules(root.rules) if not rule.forbids]
        self.aside = {
            (row["s"], row["p"], row["o"], row["line"])
            for row in select(self.store, DECISIONS)
            if FATES.get(row["relation"].value) == "set aside"
        }
        self.stating = lru_cache(maxsize=None)(self._stating)

    def why(self, fact: ox.Triple) -> list[Step]:
        """Derive a fact of the default graph in as few steps as can be, in each way that takes so many; empty when no rule gives it."""
        for depth in range(DEEPEST + 1):
            found = list(islice(self._derived(fact, depth, frozenset()), MOST))
            if found:
                return found
        return []

    def _stating(self, fact: ox.Triple) -> tuple[str, ...]:
        """List the graphs that state a fact, those left out where a decision sets the claim aside."""
        quads = self.store.quads_for_pattern(fact.subject, fact.predicate, fact.object)
        names = (
            q.graph_name
            for q in quads
            if isinstance(q.graph_name, ox.NamedNode) and (*q.triple, q.graph_name) not in self.aside
        )
        return tuple(sorted(name.value for name in names if name.value != INFERRED))

    def _derived(self, fact: ox.Triple, depth: int, above: frozenset[ox.Triple]) -> Iterator[Step]:
        graphs = self.stating(fact)
        if graphs:
            yield Step(fact, graphs)
            return
        for rule in self.rules if depth and fact not in above else ():
            for way in self._ways(rule, fact):
                steps = [next(self._derived(premise, depth - 1, above | {fact}), None) for premise in way]
                premises = tuple(step for step in steps if step)
                if len(premises) == len(way):
                    yield Step(fact, (), rule.name, rule.summary, premises)

    def _ways(self, rule: Backward, fact: ox.Triple) -> Iterator[Pattern]:
        """Find the premises with which a rule gives a fact, those first of which more is stated."""
        for head in rule.heads:
            bound = matched(head, fact)
            if bound is not None:
                rows = select(self.store, rule.query, bound)
                names = [variable.value for variable in rows.variables]
                ways = [
                    tuple(filled(p, dict(zip(names, row, strict=True)) | bound) for p in rule.premises) for row in rows
                ]
                yield from sorted(ways, key=lambda way: (sum(not self.stating(one) for one in way), str(way)))


def backward(rule: Rule) -> Backward:
    """Read a rule backwards; raises ParseError for one whose pattern is more than triples and FILTERs."""
    text = re.sub(r"(?m)^\s*#.*$", "", rule.query)
    parts = re.fullmatch(r"(?s)\s*((?:PREFIX [^\n]*\s+)*)CONSTRUCT \{(.*?)\}\s*WHERE \{(.*)\}\s*", text)
    # What keeps the rule from adding what is there already must not keep it from being found.
    kept = re.sub(r"FILTER NOT EXISTS \{[^{}]*\}", "", parts[3]) if parts else ""
    filters = re.findall(r"FILTER \(.*\)", kept)
    plain = re.sub(r"FILTER \(.*\)", "", kept)
    if not parts or re.search(r"[{}]", plain):
        raise ParseError("not a CONSTRUCT of triples and FILTERs", f"queries/rules/{rule.name}.rq")
    summary = re.search(r"#\+ summary: (.*)", rule.query)
    query = f"{parts[1]}SELECT * WHERE {{ {plain} {' '.join(filters)} }}"
    return Backward(
        rule.name, summary[1] if summary else "", triples(parts[1], parts[2]), triples(parts[1], plain), query
    )


def triples(prologue: str, pattern: str) -> Pattern:
    """Read a pattern as triples, with an IRI in the place of each variable."""
    text = prologue + re.sub(r"\?(\w+)", rf"<{VARIABLE}\1>", pattern)
    return tuple(quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE))


def variable(term: Term) -> str | None:
    """Name the variable that a term of a pattern stands for."""
    return (
        term.value.removeprefix(VARIABLE)
        if isinstance(term, ox.NamedNode) and term.value.startswith(VARIABLE)
        else None
    )


def matched(pattern: ox.Triple, fact: ox.Triple) -> dict[str, Term] | None:
    """Bind the variables of a pattern to a fact; None when it is another fact."""
    bound: dict[str, Term] = {}
    for wanted, given in zip(pattern, fact, strict=True):
        name = variable(wanted)
        if (wanted if name is None else bound.setdefault(name, given)) != given:
            return None
    return bound


def filled(pattern: ox.Triple, bound: dict[str, Term]) -> ox.Triple:
    """Put values in the place of the variables of a pattern."""
    ends: list[Any] = [bound[name] if (name := variable(term)) else term for term in pattern]
    return ox.Triple(*ends)
