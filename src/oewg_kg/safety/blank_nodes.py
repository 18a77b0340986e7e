"""Label blank nodes: local to each file, or canonical (RDFC-1.0) for comparisons, if not too many look alike."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

import pyoxigraph as ox

from oewg_kg.errors import LimitError

# The most steps that RDFC-1.0 may need, as `_cost` estimates them: about a second.
MOST_STEPS = 4_000_000
SELF, OTHER = ox.BlankNode("a"), ox.BlankNode("z")
Label = Callable[[ox.BlankNode], ox.BlankNode]


def nodes(term: object) -> Iterator[ox.BlankNode]:
    """Iterate over the blank nodes of a term or quad, including those in triple terms."""
    if isinstance(term, ox.BlankNode):
        yield term
    elif isinstance(term, ox.Triple | ox.Quad):
        for component in term:
            yield from nodes(component)


def renamed(quad: ox.Quad, label: Label) -> ox.Quad:
    """Give each blank node of a quad a new label."""
    return ox.Quad(*(_renamed(term, label) for term in quad))  # type: ignore[arg-type]


def _renamed(term: object, label: Label) -> object:
    if isinstance(term, ox.Triple):
        return ox.Triple(*(_renamed(component, label) for component in term))  # type: ignore[arg-type]
    return label(term) if isinstance(term, ox.BlankNode) else term


def local(quads: Iterable[ox.Quad], file: str) -> list[ox.Quad]:
    """Label blank nodes by their file and their order in it, so that no two files share one (RDF 1.1 Semantics, 4.1)."""
    file_label = hashlib.sha256(file.encode(errors="surrogateescape")).hexdigest()[:12]
    labels: dict[ox.BlankNode, ox.BlankNode] = {}

    def label(node: ox.BlankNode) -> ox.BlankNode:
        return labels.setdefault(node, ox.BlankNode(f"f{file_label}n{len(labels)}"))

    return [renamed(quad, label) if any(nodes(quad)) else quad for quad in quads]


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Give blank nodes the labels of RDFC-1.0 (only their quads pass through it, 4.4.3); raises LimitError if too many look alike."""
    without_blank_nodes: list[ox.Quad] = []
    with_blank_nodes = ox.Dataset()
    for quad in dict.fromkeys(quads):
        if any(nodes(quad)):
            with_blank_nodes.add(quad)
        else:
            without_blank_nodes.append(quad)
    if _cost(with_blank_nodes) > MOST_STEPS:
        raise LimitError("too many blank nodes cannot be told apart", advice="give them IRIs")
    with_blank_nodes.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return [*without_blank_nodes, *with_blank_nodes]


def labeled(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Give blank nodes canonical labels, or keep their labels if too many look alike; remove repeated quads."""
    distinct = list(dict.fromkeys(quads))
    try:
        return canonical(distinct)
    except LimitError:
        return distinct


def _cost(quads: Iterable[ox.Quad]) -> int:
    """Estimate the steps of RDFC-1.0: its second part (4.8) follows nodes that look alike, and tries their orders."""
    views: dict[ox.BlankNode, list[tuple[str, set[ox.BlankNode]]]] = defaultdict(list)
    for quad in quads:
        quad_nodes = set(nodes(quad))
        for node in quad_nodes:
            views[node].append((_view(quad, node), quad_nodes - {node}))
    appearance = {node: tuple(sorted(view for view, _ in node_views)) for node, node_views in views.items()}
    frequency = Counter(appearance.values())
    alike = {node for node, same_appearance in appearance.items() if frequency[same_appearance] > 1}
    cost = 0
    while alike:
        component, size, orders = [alike.pop()], 0, 1
        while component:
            size += 1
            neighbors: dict[str, set[ox.BlankNode]] = defaultdict(set)
            for view, others in views[component.pop()]:
                neighbors[view] |= {node for node in others if frequency[appearance[node]] > 1}
            orders *= math.prod(math.factorial(min(len(group), 20)) for group in neighbors.values())
            orders = min(orders, MOST_STEPS)
            unvisited = set().union(*neighbors.values()) & alike
            alike -= unvisited
            component += unvisited
        cost += size**3 * orders
    return cost


def _view(quad: ox.Quad, node: ox.BlankNode) -> str:
    return str(renamed(quad, lambda other: SELF if other == node else OTHER))
