"""Explain an inferred fact: the rules read backwards, and the facts it was inferred from, step by step down to lines and files."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import groupby, islice, product, takewhile
from typing import Any

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, given, select
from oewg_kg.errors import ParseError
from oewg_kg.evidence import decisions
from oewg_kg.inference import infer
from oewg_kg.inference.infer import Rule
from oewg_kg.paths import Root
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED, PREFIXES, RDF_TYPE

VARIABLE = "urn:variable:"
DEEPEST, MOST = 6, 20
KEPT = 10_000
SCHEMA = tuple(PREFIXES[name] for name in ("owl", "rdfs", "rdf"))
NOTHING = ox.Store()
End = Term | ox.Variable
Pattern = tuple[End, End, End]
Bound = Mapping[ox.Variable, Term]


@dataclass(frozen=True)
class Step:
    """One fact: the graphs that state it, or else the rule that entails it and the steps it follows from."""

    fact: ox.Triple
    graphs: tuple[str, ...]
    rule: str = ""
    summary: str = ""
    premises: tuple["Step", ...] = ()

    def sources(self) -> list[str]:
        """List the graphs that the fact ultimately rests on, each once, including those of the ontology."""
        found = [*self.graphs, *(graph for premise in self.premises for graph in premise.sources())]
        return list(dict.fromkeys(found))


@dataclass(frozen=True, eq=False)
class Backward:
    """A rule read backwards: its name and summary, what it adds, its premises, its FILTERs as a query, and the variables already bound."""

    name: str
    summary: str
    heads: tuple[Pattern, ...]
    premises: tuple[Pattern, ...]
    filters: str
    given: Bound = field(default_factory=dict)

    @cached_property
    def plans(self) -> list[tuple[Pattern, list[Pattern]]]:
        """Order the premises for each triple that the rule adds, so that each next one leaves least unbound."""
        return [(head, planned(head, self.premises)) for head in self.heads]

    @cached_property
    def chain(self) -> tuple[Pattern, ...]:
        """Find the two premises that a chain of facts repeats, for a rule about transitive properties; none for other rules."""
        pairs = product(self.heads, self.premises, self.premises)
        return next(((a, b) for head, a, b in pairs if (*a[:2], head[2]) == head and b == (a[2], *head[1:])), ())

    def lets(self, bound: Bound) -> bool:
        """Return whether a solution passes the FILTERs."""
        values = {variable.value: term for variable, term in {**self.given, **bound}.items()}
        return not self.filters or any(True for _ in select(NOTHING, given(self.filters, values)))


class Derivations:
    """The derivations in one dataset, cached for each fact because others follow from it."""

    def __init__(self, dataset: Dataset, root: Root, axioms: bool = True) -> None:
        """Read the rules backwards; raises as `infer.rules` does. Without `axioms`, statements about classes are given, not steps."""
        self.store = dataset.store
        rules = [backward(rule) for rule in infer.rules(root.rules) if not rule.forbids]
        self.rules: dict[tuple[End | None, End | None], list[Backward]] = {}
        for rule in rules if axioms else specialized(rules, self.store):
            for key in dict.fromkeys(known(head) for head in rule.heads):
                self.rules.setdefault(key, []).append(rule)
        self.aside = {one.quad for one in decisions.decided_claims(self.store) if one.aside}
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
        return {graph for step in next(filter(None, found), []) for graph in step.sources()}

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
        for head, plan in rule.plans:
            bound = matched(head, fact)
            solutions = [] if bound is None else joined(self.store, plan, bound)
            found = [tuple(ox.Triple(*filled(p, one)) for p in rule.premises) for one in solutions if rule.lets(one)]
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


def joined(store: ox.Store, plan: Iterable[Pattern], bound: Bound) -> list[Bound]:
    """Find the solutions of triple patterns in the resolved view, matching one after the other."""
    found = [bound]
    for pattern in plan:
        found = [{**one, **more} for one in found for more in _matches(store, filled(pattern, one))]
    return found


def _matches(store: ox.Store, ends: list[Any]) -> Iterator[Bound]:
    subject, predicate, value = (None if isinstance(end, ox.Variable) else end for end in ends)
    if not isinstance(subject, ox.Literal) and isinstance(predicate, ox.NamedNode | None):
        for quad in store.quads_for_pattern(subject, predicate, value, ox.DefaultGraph()):
            more = matched(ends, quad.triple)
            if more is not None:
                yield more


def specialized(rules: Iterable[Backward], store: ox.Store) -> Iterator[Backward]:
    """Specialize each rule to the classes and properties of the ontology: many rules, which keep only the premises about entities."""
    telling = [rule for rule in rules if not all(map(axiom, rule.heads))]
    schema = schema_of({known(premise) for rule in telling for premise in rule.premises if axiom(premise)}, store)
    for rule in telling:
        rest = [premise for premise in rule.premises if not axiom(premise)]
        for bound in joined(schema, planned((), filter(axiom, rule.premises)), {}):
            heads, premises = put(rule.heads, bound), put(rest, bound)
            if not set(heads) & set(premises):
                yield replace(rule, heads=heads, premises=premises, given=bound)


def schema_of(asked: Iterable[tuple[End | None, End | None]], store: ox.Store) -> ox.Store:
    """Copy the statements about classes and properties that have these properties and values, by one query."""
    parts = [
        f"{{ ?s {predicate} {value or '?o'} BIND ({predicate} AS ?p) {f'BIND ({value} AS ?o)' if value else ''} }}"
        for predicate, value in asked
    ]
    schema = ox.Store()
    rows = select(store, f"SELECT ?s ?p ?o WHERE {{ {' UNION '.join(sorted(parts))} }}") if parts else ()
    schema.extend(ox.Quad(row["s"], row["p"], row["o"]) for row in rows)
    return schema


def backward(rule: Rule) -> Backward:
    """Read a rule backwards; raises ParseError for one whose pattern is more than triples and FILTERs."""
    text = re.sub(r"(?m)^\s*#.*$", "", rule.query)
    parts = re.fullmatch(r"(?s)\s*((?:PREFIX [^\n]*\s+)*)CONSTRUCT \{(.*?)\}\s*WHERE \{(.*)\}\s*", text)
    # Without the condition that keeps the rule from adding what is there already: it has to be found.
    body = re.sub(r"FILTER NOT EXISTS \{[^{}]*\}", "", parts[3]) if parts else ""
    filters = " ".join(re.findall(r"FILTER \(.*\)", body))
    plain = re.sub(r"FILTER \(.*\)", "", body)
    if not parts or re.search(r"[{}]", body):
        raise ParseError("a rule must be one CONSTRUCT of triples and FILTERs", f"queries/rules/{rule.name}.rq")
    summary = re.search(r"#\+ summary: (.*)", rule.query)
    names = " ".join(sorted(set(re.findall(r"\?\w+", plain))))
    query = f"{parts[1]}SELECT {names} WHERE {{ {filters} }}" if filters else ""
    return Backward(
        rule.name, summary[1] if summary else "", triples(parts[1], parts[2]), triples(parts[1], plain), query
    )


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


def planned(head: Iterable[End], premises: Iterable[Pattern]) -> list[Pattern]:
    """Order triple patterns so that each has as few unbound ends as possible, given the variables of the head."""
    bound, rest, plan = set(head), list(premises), []
    while rest:
        plan.append(min(rest, key=lambda one: sum(isinstance(end, ox.Variable) for end in set(one) - bound)))
        rest.remove(plan[-1])
        bound |= set(plan[-1])
    return plan


def matched(pattern: Iterable[End], fact: ox.Triple) -> dict[ox.Variable, Term] | None:
    """Bind the variables of a pattern to a fact; None if it does not match."""
    bound: dict[ox.Variable, Term] = {}
    for wanted, term in zip(pattern, fact, strict=True):
        if (bound.setdefault(wanted, term) if isinstance(wanted, ox.Variable) else wanted) != term:
            return None
    return bound


def put(patterns: Iterable[Pattern], bound: Bound) -> tuple[Pattern, ...]:
    """Fill patterns with values, as `filled` does."""
    return tuple((subject, predicate, value) for subject, predicate, value in (filled(one, bound) for one in patterns))


def filled(pattern: Pattern, bound: Bound) -> list[Any]:
    """Replace the variables of a pattern by values; those without one remain."""
    return [bound.get(end, end) if isinstance(end, ox.Variable) else end for end in pattern]


def axiom(pattern: Iterable[End]) -> bool:
    """Return whether a pattern is about classes and properties, in the terms of OWL and RDF Schema."""
    _, predicate, value = pattern
    said = value if predicate == ox.NamedNode(RDF_TYPE) else predicate
    return isinstance(said, ox.NamedNode) and said.value.startswith(SCHEMA)
