"""Explain an inferred fact: read the rules backwards, join their patterns, and derive it step by step from facts in lines and files."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import groupby, islice, product, takewhile
from typing import Any

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, insert_values, select
from oewg_kg.errors import ParseError
from oewg_kg.evidence import decisions
from oewg_kg.inference import infer
from oewg_kg.inference.infer import Rule
from oewg_kg.paths import Root
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED, PREFIXES, RDF_TYPE

VARIABLE_IRI = "urn:variable:"
MOST_STEPS, MOST_WAYS = 6, 20
CACHE_SIZE = 10_000
SCHEMA = tuple(PREFIXES[name] for name in ("owl", "rdfs", "rdf"))
EMPTY_STORE = ox.Store()
VarOrTerm = Term | ox.Variable
RulePattern = tuple[VarOrTerm, VarOrTerm, VarOrTerm]
Bindings = Mapping[ox.Variable, Term]


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
        graphs = [*self.graphs, *(graph for premise in self.premises for graph in premise.sources())]
        return list(dict.fromkeys(graphs))


@dataclass(frozen=True, eq=False)
class Backward:
    """A rule read backwards: its name and summary, what it adds, its premises, its FILTERs as a query, and the variables already bound."""

    name: str
    summary: str
    heads: tuple[RulePattern, ...]
    premises: tuple[RulePattern, ...]
    filters: str
    bindings: Bindings = field(default_factory=dict)

    @cached_property
    def plans(self) -> list[tuple[RulePattern, list[RulePattern]]]:
        """Order the premises for each triple that the rule adds, so that each next one leaves least unbound."""
        return [(head, plan_joins(head, self.premises)) for head in self.heads]

    @cached_property
    def chain(self) -> tuple[RulePattern, ...]:
        """Find the two premises that a chain of facts repeats, for a rule about transitive properties; none for other rules."""
        pairs = product(self.heads, self.premises, self.premises)
        return next(((a, b) for head, a, b in pairs if (*a[:2], head[2]) == head and b == (a[2], *head[1:])), ())

    def passes_filters(self, solution: Bindings) -> bool:
        """Return whether a solution passes the FILTERs."""
        values = {variable.value: term for variable, term in {**self.bindings, **solution}.items()}
        return not self.filters or any(True for _ in select(EMPTY_STORE, insert_values(self.filters, values)))


class Derivations:
    """The derivations in one dataset, cached for each fact because others follow from it."""

    def __init__(self, dataset: Dataset, root: Root, axioms: bool = True) -> None:
        """Read the rules backwards; raises as `infer.rules` does. Without `axioms`, statements about classes are given, not steps."""
        self.store = dataset.store
        rules = [backward(rule) for rule in infer.rules(root.rules) if not rule.forbids]
        self.rules: dict[tuple[VarOrTerm | None, VarOrTerm | None], list[Backward]] = {}
        for rule in rules if axioms else specialize_rules(rules, self.store):
            for key in dict.fromkeys(property_and_value(head) for head in rule.heads):
                self.rules.setdefault(key, []).append(rule)
        self.set_aside = {decided.quad for decided in decisions.decided_claims(self.store) if decided.aside}
        self.stating_graphs = lru_cache(CACHE_SIZE)(self._stating_graphs)
        self.premise_sets = lru_cache(CACHE_SIZE)(self._premise_sets)
        self.shortest = lru_cache(CACHE_SIZE)(self._shortest)

    def why(self, fact: ox.Triple) -> list[Step]:
        """Derive a fact of the default graph in as few steps as possible, in all ways of that length; empty if that takes more than six."""
        return self._fewest_steps(fact, self._rules_for(fact), MOST_WAYS)

    def behind(self, fact: ox.Triple) -> set[str]:
        """Find the graphs that a fact rests on by the first rule that gives it: a class on the narrower one, not on each of its uses."""
        groups = groupby(self._rules_for(fact), lambda rule: rule.name)
        derivations = (self._fewest_steps(fact, list(rules), None) for _, rules in groups)
        return {graph for step in next(filter(None, derivations), []) for graph in step.sources()}

    def _rules_for(self, fact: ox.Triple) -> list[Backward]:
        """Choose the rules that may give a fact, by name."""
        keys = product((None, fact.predicate), (None, fact.object))
        return sorted((rule for key in keys for rule in self.rules.get(key, ())), key=lambda rule: rule.name)

    def _fewest_steps(self, fact: ox.Triple, rules: list[Backward], most: int | None) -> list[Step]:
        for depth in range(MOST_STEPS + 1):
            steps = list(islice(self._derivations(fact, depth, rules), most))
            if steps:
                return steps
        return []

    def _stating_graphs(self, fact: ox.Triple) -> tuple[str, ...]:
        """List the graphs that state a fact, without those whose claim a decision sets aside."""
        quads = self.store.quads_for_pattern(fact.subject, fact.predicate, fact.object)
        stating = (q.graph_name for q in quads if isinstance(q.graph_name, ox.NamedNode) and q not in self.set_aside)
        return tuple(sorted(name.value for name in stating if name.value != INFERRED))

    def _derivations(self, fact: ox.Triple, depth: int, rules: list[Backward]) -> Iterator[Step]:
        graphs = self.stating_graphs(fact)
        if graphs:
            yield Step(fact, graphs)
            return
        for rule in rules if depth else ():
            for way in self.premise_sets(rule, fact):
                steps = takewhile(bool, (self.shortest(premise, depth - 1) for premise in way))
                premises = tuple(step for step in steps if step)
                if len(premises) == len(way):
                    yield Step(fact, (), rule.name, rule.summary, premises)

    def _shortest(self, fact: ox.Triple, depth: int) -> Step | None:
        """Derive a premise in as few steps as possible, so that it does not follow from itself."""
        fewer = self.shortest(fact, depth - 1) if depth else None
        return fewer or next(self._derivations(fact, depth, self._rules_for(fact)), None)

    def _premise_sets(self, rule: Backward, fact: ox.Triple) -> list[tuple[ox.Triple, ...]]:
        """Find the premises from which a rule gives a fact, first those with the most stated ones."""
        all_premise_sets: list[tuple[ox.Triple, ...]] = []
        for head, plan in rule.plans:
            bindings = match_fact(head, fact)
            solutions = [] if bindings is None else join_patterns(self.store, plan, bindings)
            passing = filter(rule.passes_filters, solutions)
            ways = [tuple(ox.Triple(*fill(premise, solution)) for premise in rule.premises) for solution in passing]
            if len(ways) > 1:
                ways.sort(key=lambda way: (sum(not self.stating_graphs(premise) for premise in way), str(way)))
            if rule.chain and len(ways) > MOST_WAYS:
                filled = zip(rule.premises, ways[0], strict=True)
                other_premises = [premise for pattern, premise in filled if pattern not in rule.chain]
                chains = (self._chain(fact, stated) for stated in (True, False))
                ways = next(([(*other_premises, *links)] for links in chains if links), ways)
            all_premise_sets += ways
        return all_premise_sets

    def _chain(self, fact: ox.Triple, stated: bool) -> list[ox.Triple]:
        """Find a shortest chain of facts from its subject to its value: `stated` ones, or also those that follow from these by one rule."""
        link_to: dict[Any, ox.Triple] = {}
        reached_nodes = [fact.subject]
        for node in reached_nodes:
            outgoing = self.store.quads_for_pattern(node, fact.predicate, None, ox.DefaultGraph())
            for link in sorted((quad.triple for quad in outgoing if quad.object not in link_to), key=str):
                other_rules = () if stated else (rule for rule in self._rules_for(link) if not rule.chain)
                ways = (way for rule in other_rules for way in self.premise_sets(rule, link))
                if self.stating_graphs(link) or any(all(map(self.stating_graphs, way)) for way in ways):
                    link_to[link.object] = link
                    reached_nodes += [] if isinstance(link.object, ox.Literal) else [link.object]
            if fact.object in link_to:
                break
        links: list[ox.Triple] = []
        while fact.object in link_to and (not links or links[-1].subject != fact.subject):
            links.append(link_to[links[-1].subject if links else fact.object])
        return links[::-1]


def join_patterns(store: ox.Store, plan: Iterable[RulePattern], bindings: Bindings) -> list[Bindings]:
    """Find the solutions of triple patterns in the resolved view, matching one after the other."""
    solutions = [bindings]
    for pattern in plan:
        solutions = [{**partial, **match} for partial in solutions for match in _matches(store, fill(pattern, partial))]
    return solutions


def _matches(store: ox.Store, ends: list[Any]) -> Iterator[Bindings]:
    subject, predicate, value = (None if isinstance(end, ox.Variable) else end for end in ends)
    if not isinstance(subject, ox.Literal) and isinstance(predicate, ox.NamedNode | None):
        for quad in store.quads_for_pattern(subject, predicate, value, ox.DefaultGraph()):
            match = match_fact(ends, quad.triple)
            if match is not None:
                yield match


def specialize_rules(rules: Iterable[Backward], store: ox.Store) -> Iterator[Backward]:
    """Specialize each rule to the classes and properties of the ontology: many rules, which keep only the premises about entities."""
    entity_rules = [rule for rule in rules if not all(map(is_axiom, rule.heads))]
    axioms = {premise for rule in entity_rules for premise in rule.premises if is_axiom(premise)}
    schema = schema_of(set(map(property_and_value, axioms)), store)
    for rule in entity_rules:
        entity_premises = [premise for premise in rule.premises if not is_axiom(premise)]
        for bindings in join_patterns(schema, plan_joins((), filter(is_axiom, rule.premises)), {}):
            heads, premises = fill_patterns(rule.heads, bindings), fill_patterns(entity_premises, bindings)
            if not set(heads) & set(premises):
                yield replace(rule, heads=heads, premises=premises, bindings=bindings)


def schema_of(ends: Iterable[tuple[VarOrTerm | None, VarOrTerm | None]], store: ox.Store) -> ox.Store:
    """Copy the statements about classes and properties that have these properties and values, by one query."""
    unions = [
        f"{{ ?s {predicate} {value or '?o'} BIND ({predicate} AS ?p) {f'BIND ({value} AS ?o)' if value else ''} }}"
        for predicate, value in ends
    ]
    schema = ox.Store()
    rows = select(store, f"SELECT ?s ?p ?o WHERE {{ {' UNION '.join(sorted(unions))} }}") if unions else ()
    schema.extend(ox.Quad(row["s"], row["p"], row["o"]) for row in rows)
    return schema


def backward(rule: Rule) -> Backward:
    """Read a rule backwards; raises ParseError for one whose pattern is more than triples and FILTERs."""
    text = re.sub(r"(?m)^\s*#.*$", "", rule.query)
    clauses = re.fullmatch(r"(?s)\s*((?:PREFIX [^\n]*\s+)*)CONSTRUCT \{(.*?)\}\s*WHERE \{(.*)\}\s*", text)
    # Without the condition that keeps the rule from adding what is there already: it has to be found.
    body = re.sub(r"FILTER NOT EXISTS \{[^{}]*\}", "", clauses[3]) if clauses else ""
    filters = " ".join(re.findall(r"FILTER \(.*\)", body))
    plain = re.sub(r"FILTER \(.*\)", "", body)
    if not clauses or re.search(r"[{}]", body):
        raise ParseError("a rule must be one CONSTRUCT of triples and FILTERs", f"queries/rules/{rule.name}.rq")
    summary = re.search(r"#\+ summary: (.*)", rule.query)
    variables = " ".join(sorted(set(re.findall(r"\?\w+", plain))))
    query = f"{clauses[1]}SELECT {variables} WHERE {{ {filters} }}" if filters else ""
    heads, premises = triples(clauses[1], clauses[2]), triples(clauses[1], plain)
    return Backward(rule.name, summary[1] if summary else "", heads, premises, query)


def triples(prologue: str, pattern: str) -> tuple[RulePattern, ...]:
    """Read the triple patterns of a rule."""
    text = prologue + re.sub(r"\?(\w+)", rf"<{VARIABLE_IRI}\1>", pattern)

    def end(term: Term) -> VarOrTerm:
        iri = terms.text_of(term)
        return ox.Variable(iri.removeprefix(VARIABLE_IRI)) if iri.startswith(VARIABLE_IRI) else term

    patterns = [tuple(map(end, quad.triple)) for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    return tuple((subject, predicate, value) for subject, predicate, value in patterns)


def property_and_value(pattern: RulePattern) -> tuple[VarOrTerm | None, VarOrTerm | None]:
    """Return the property and value of a pattern, None for a variable."""
    _, predicate, value = (None if isinstance(end, ox.Variable) else end for end in pattern)
    return predicate, value


def plan_joins(head: Iterable[VarOrTerm], premises: Iterable[RulePattern]) -> list[RulePattern]:
    """Order triple patterns so that each has as few unbound ends as possible, given the variables of the head."""
    bound, unplanned, plan = set(head), list(premises), []
    while unplanned:
        plan.append(min(unplanned, key=lambda pattern: sum(isinstance(end, ox.Variable) for end in {*pattern} - bound)))
        unplanned.remove(plan[-1])
        bound |= set(plan[-1])
    return plan


def match_fact(pattern: Iterable[VarOrTerm], fact: ox.Triple) -> dict[ox.Variable, Term] | None:
    """Bind the variables of a pattern to a fact; None if it does not match."""
    bindings: dict[ox.Variable, Term] = {}
    for end, term in zip(pattern, fact, strict=True):
        if (bindings.setdefault(end, term) if isinstance(end, ox.Variable) else end) != term:
            return None
    return bindings


def fill_patterns(patterns: Iterable[RulePattern], bindings: Bindings) -> tuple[RulePattern, ...]:
    """Fill patterns with values, as `fill` does."""
    return tuple((subject, predicate, value) for subject, predicate, value in (fill(p, bindings) for p in patterns))


def fill(pattern: RulePattern, bindings: Bindings) -> list[Any]:
    """Replace the variables of a pattern by values; those without one remain."""
    return [bindings.get(end, end) if isinstance(end, ox.Variable) else end for end in pattern]


def is_axiom(pattern: Iterable[VarOrTerm]) -> bool:
    """Return whether a pattern is about classes and properties, in the terms of OWL and RDF Schema."""
    _, predicate, value = pattern
    subject_matter = value if predicate == ox.NamedNode(RDF_TYPE) else predicate
    return isinstance(subject_matter, ox.NamedNode) and subject_matter.value.startswith(SCHEMA)
