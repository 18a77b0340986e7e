"""Explain an inferred fact: the rules read backwards, and the facts it was inferred from, step by step down to lines and files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby, islice, product, takewhile
from typing import Any

import pyoxigraph as ox

from oewg_kg import decisions, terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import ParseError
from oewg_kg.inference import infer
from oewg_kg.inference.infer import Rule
from oewg_kg.paths import Root
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED, PREFIXES, RDF_TYPE

VARIABLE = "urn:variable:"
DEEPEST, MOST = 6, 20
KEPT = 10_000
SCHEMA = tuple(PREFIXES[name] for name in ("owl", "rdfs", "rdf"))
End = Term | ox.Variable
Pattern = tuple[End, End, End]
Bound = dict[ox.Variable, Term]


@dataclass(frozen=True)
class Step:
    """One fact: the graphs that state it, or else the rule that entails it and the steps it follows from."""

    fact: ox.Triple
    graphs: tuple[str, ...]
    rule: str = ""
    summary: str = ""
    premises: tuple["Step", ...] = ()

    def sources(self, axioms: bool = True) -> list[str]:
        """List the graphs that the fact ultimately rests on, each once; without `axioms` only those that say something about entities."""
        told = [premise for premise in self.premises if axioms or not axiom(premise.fact)]
        found = [*self.graphs, *(graph for premise in told for graph in premise.sources(axioms))]
        return list(dict.fromkeys(found))


@dataclass(frozen=True, eq=False)
class Backward:
    """A rule read backwards: its name and summary, what it adds, its premises, and the query that finds these."""

    name: str
    summary: str
    heads: tuple[Pattern, ...]
    premises: tuple[Pattern, ...]
    query: str

    @cached_property
    def chain(self) -> tuple[Pattern, ...]:
        """Find the two premises that a chain of facts repeats, for a rule about transitive properties; none for other rules."""
        pairs = product(self.heads, self.premises, self.premises)
        return next(((a, b) for head, a, b in pairs if (*a[:2], head[2]) == head and b == (a[2], *head[1:])), ())


class Derivations:
    """The derivations in one dataset, cached for each fact because others follow from it."""

    def __init__(self, dataset: Dataset, root: Root) -> None:
        """Read the rules backwards; raises as `infer.rules` does."""
        self.store = dataset.store
        rules = [backward(rule) for rule in infer.rules(root.rules) if not rule.forbids]
        self.rules: dict[tuple[End | None, End | None], list[Backward]] = {}
        for rule in rules:
            for key in dict.fromkeys(known(head) for head in rule.heads):
                self.rules.setdefault(key, []).append(rule)
        self.aside = {one.quad for one in decisions.claims(self.store) if one.aside}
        self.stating = lru_cache(KEPT)(self._stating)
        self.ways = lru_cache(KEPT)(self._ways)
        self.first = lru_cache(KEPT)(self._first)

    def why(self, fact: ox.Triple) -> list[Step]:
        """Derive a fact of the default graph in as few steps as possible, in all ways of that length; empty if that takes more than six."""
        return self._fewest(fact, self._rules(fact), MOST)

    def behind(self, fact: ox.Triple) -> set[str]:
        """Find the graphs that a fact rests on by the first rule that gives it: a class on the narrower one, not on each of its uses."""
        groups = groupby(self._rules(fact), lambda rule: rule.name)
        found = (self._fewest(fact, list(rules), None) for _, rules in groups)
        return {graph for step in next(filter(None, found), []) for graph in step.sources(axioms=False)}

    def _rules(self, fact: ox.Triple) -> list[Backward]:
        """Choose the rules that may give a fact, by name."""
        keys = product((None, fact.predicate), (None, fact.object))
        return sorted((rule for key in keys for rule in self.rules.get(key, ())), key=lambda rule: rule.name)

    def _fewest(self, fact: ox.Triple, rules: list[Backward], most: int | None) -> list[Step]:
        for depth in range(DEEPEST + 1):
            found = list(islice(self._derived(fact, depth, rules), most))
            if found:
                return found
        return []

    def _stating(self, fact: ox.Triple) -> tuple[str, ...]:
        """List the graphs that state a fact, without those whose claim a decision sets aside."""
        quads = self.store.quads_for_pattern(fact.subject, fact.predicate, fact.object)
        names = (q.graph_name for q in quads if isinstance(q.graph_name, ox.NamedNode) and q not in self.aside)
        return tuple(sorted(name.value for name in names if name.value != INFERRED))

    def _derived(self, fact: ox.Triple, depth: int, rules: list[Backward]) -> Iterator[Step]:
        graphs = self.stating(fact)
        if graphs:
            yield Step(fact, graphs)
            return
        for rule in rules if depth else ():
            for way in self.ways(rule, fact):
                steps = takewhile(bool, (self.first(premise, depth - 1) for premise in way))
                premises = tuple(step for step in steps if step)
                if len(premises) == len(way):
                    yield Step(fact, (), rule.name, rule.summary, premises)

    def _first(self, fact: ox.Triple, depth: int) -> Step | None:
        """Derive a premise in as few steps as possible, so that it does not follow from itself."""
        fewer = self.first(fact, depth - 1) if depth else None
        return fewer or next(self._derived(fact, depth, self._rules(fact)), None)

    def _ways(self, rule: Backward, fact: ox.Triple) -> list[tuple[ox.Triple, ...]]:
        """Find the premises from which a rule gives a fact, first those with the most stated ones."""
        ways: list[tuple[ox.Triple, ...]] = []
        for bound in filter(None, (matched(head, fact) for head in rule.heads)):
            solutions = solved(self.store, rule.query, bound)
            found = [tuple(ox.Triple(*filled(premise, one)) for premise in rule.premises) for one in solutions]
            if len(found) > 1:
                found.sort(key=lambda way: (sum(not self.stating(one) for one in way), str(way)))
            if rule.chain and len(found) > MOST:
                rest = [one for premise, one in zip(rule.premises, found[0], strict=True) if premise not in rule.chain]
                chains = (self._chain(fact, stated) for stated in (True, False))
                found = next(([(*rest, *links)] for links in chains if links), found)
            ways += found
        return ways

    def _chain(self, fact: ox.Triple, stated: bool) -> list[ox.Triple]:
        """Find a shortest chain of facts from its subject to its value: `stated` ones, or also those that follow from these by one rule."""
        to: dict[Any, ox.Triple] = {}
        reached = [fact.subject]
        for node in reached:
            nexts = self.store.quads_for_pattern(node, fact.predicate, None, ox.DefaultGraph())
            for link in sorted((quad.triple for quad in nexts if quad.object not in to), key=str):
                others = () if stated else (rule for rule in self._rules(link) if not rule.chain)
                ways = (way for rule in others for way in self.ways(rule, link))
                if self.stating(link) or any(all(map(self.stating, way)) for way in ways):
                    to[link.object] = link
                    reached += [] if isinstance(link.object, ox.Literal) else [link.object]
            if fact.object in to:
                break
        links: list[ox.Triple] = []
        while fact.object in to and (not links or links[-1].subject != fact.subject):
            links.append(to[links[-1].subject if links else fact.object])
        return links[::-1]


def solved(store: ox.Store, text: str, bound: Bound) -> list[Bound]:
    """Find the solutions of a SELECT over the resolved view in which some variables are bound."""
    found = select(store, text, bound)
    return [bound | {name: row[name] for name in found.variables if row[name]} for row in found]


def backward(rule: Rule) -> Backward:
    """Read a rule backwards; raises ParseError for one whose pattern is more than triples and FILTERs."""
    text = re.sub(r"(?m)^\s*#.*$", "", rule.query)
    parts = re.fullmatch(r"(?s)\s*((?:PREFIX [^\n]*\s+)*)CONSTRUCT \{(.*?)\}\s*WHERE \{(.*)\}\s*", text)
    # Without the condition that keeps the rule from adding what is there already: it has to be found.
    body = re.sub(r"FILTER NOT EXISTS \{[^{}]*\}", "", parts[3]) if parts else ""
    if not parts or re.search(r"[{}]", body):
        raise ParseError("a rule needs one CONSTRUCT of triples and FILTERs", f"queries/rules/{rule.name}.rq")
    summary = re.search(r"#\+ summary: (.*)", rule.query)
    heads, premises = triples(parts[1], parts[2]), triples(parts[1], re.sub(r"FILTER \(.*\)", "", body))
    return Backward(rule.name, summary[1] if summary else "", heads, premises, f"{parts[1]}SELECT * WHERE {{ {body} }}")


def triples(prologue: str, pattern: str) -> tuple[Pattern, ...]:
    """Read the triple patterns of a rule."""
    text = prologue + re.sub(r"\?(\w+)", rf"<{VARIABLE}\1>", pattern)

    def end(term: Term) -> End:
        iri = terms.text_of(term)
        return ox.Variable(iri.removeprefix(VARIABLE)) if iri.startswith(VARIABLE) else term

    found = [tuple(map(end, quad.triple)) for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    return tuple((subject, predicate, value) for subject, predicate, value in found)


def known(pattern: Pattern) -> tuple[End | None, End | None]:
    """Return the property and value of a pattern, None for a variable."""
    _, predicate, value = (None if isinstance(end, ox.Variable) else end for end in pattern)
    return predicate, value


def matched(pattern: Iterable[End], fact: ox.Triple) -> Bound | None:
    """Bind the variables of a pattern to a fact; None if it does not match."""
    bound: Bound = {}
    for wanted, term in zip(pattern, fact, strict=True):
        if (bound.setdefault(wanted, term) if isinstance(wanted, ox.Variable) else wanted) != term:
            return None
    return bound


def filled(pattern: Pattern, bound: Bound) -> list[Any]:
    """Replace the variables of a pattern by values; those without one remain."""
    return [bound.get(end, end) if isinstance(end, ox.Variable) else end for end in pattern]


def axiom(pattern: Iterable[End]) -> bool:
    """Return whether a pattern is about classes and properties, in the terms of OWL and RDF Schema."""
    _, predicate, value = pattern
    said = value if predicate == ox.NamedNode(RDF_TYPE) else predicate
    return isinstance(said, ox.NamedNode) and said.value.startswith(SCHEMA)
