"""Labels of blank nodes: local to each file, and canonical (RDFC-1.0) for comparisons."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

import pyoxigraph as ox

from oewg_kg.errors import LimitError

# The most steps that RDFC-1.0 may need, as `_cost` estimates them: about a second.
MOST = 4_000_000
SELF, OTHER = ox.BlankNode("a"), ox.BlankNode("z")
Label = Callable[[ox.BlankNode], ox.BlankNode]


def nodes(term: object) -> Iterator[ox.BlankNode]:
    """Iterate over the blank nodes of a term or quad, including those in triple terms."""
    if isinstance(term, ox.BlankNode):
        yield term
    elif isinstance(term, ox.Triple | ox.Quad):
        for part in term:
            yield from nodes(part)


def renamed(quad: ox.Quad, label: Label) -> ox.Quad:
    """Give each blank node of a quad a new label."""
    return ox.Quad(*(_renamed(term, label) for term in quad))  # type: ignore[arg-type]


def _renamed(term: object, label: Label) -> object:
    if isinstance(term, ox.Triple):
        return ox.Triple(*(_renamed(part, label) for part in term))  # type: ignore[arg-type]
    return label(term) if isinstance(term, ox.BlankNode) else term


def local(quads: Iterable[ox.Quad], file: str) -> list[ox.Quad]:
    """Label blank nodes by their file and their order in it, so that no two files share one (RDF 1.1 Semantics, 4.1)."""
    start = hashlib.sha256(file.encode(errors="surrogateescape")).hexdigest()[:12]
    found: dict[ox.BlankNode, ox.BlankNode] = {}

    def label(node: ox.BlankNode) -> ox.BlankNode:
        return found.setdefault(node, ox.BlankNode(f"f{start}n{len(found)}"))

    return [renamed(quad, label) if any(nodes(quad)) else quad for quad in quads]


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Give blank nodes the labels of RDFC-1.0 (only their quads pass through it, 4.4.3); raises LimitError if too many look alike."""
    plain: list[ox.Quad] = []
    nameless = ox.Dataset()
    for quad in dict.fromkeys(quads):
        if any(nodes(quad)):
            nameless.add(quad)
        else:
            plain.append(quad)
    if _cost(nameless) > MOST:
        raise LimitError("too many blank nodes look alike", advice="give them IRIs")
    nameless.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return [*plain, *nameless]


def labeled(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Give blank nodes canonical labels, or keep their labels if too many look alike; remove repeated quads."""
    once = list(dict.fromkeys(quads))
    try:
        return canonical(once)
    except LimitError:
        return once


def _cost(quads: Iterable[ox.Quad]) -> int:
    """Estimate the steps of RDFC-1.0: its second part (4.8) follows nodes that look alike, and tries their orders."""
    views: dict[ox.BlankNode, list[tuple[str, set[ox.BlankNode]]]] = defaultdict(list)
    for quad in quads:
        among = set(nodes(quad))
        for node in among:
            views[node].append((_view(quad, node), among - {node}))
    looks = {node: tuple(sorted(view for view, _ in seen)) for node, seen in views.items()}
    number = Counter(looks.values())
    alike = {node for node, look in looks.items() if number[look] > 1}
    cost = 0
    while alike:
        joined, size, orders = [alike.pop()], 0, 1
        while joined:
            size += 1
            places: dict[str, set[ox.BlankNode]] = defaultdict(set)
            for view, others in views[joined.pop()]:
                places[view] |= {node for node in others if number[looks[node]] > 1}
            orders = min(orders * math.prod(math.factorial(min(len(near), 20)) for near in places.values()), MOST)
            near = set().union(*places.values()) & alike
            alike -= near
            joined += near
        cost += size**3 * orders
    return cost


def _view(quad: ox.Quad, node: ox.BlankNode) -> str:
    return str(renamed(quad, lambda other: SELF if other == node else OTHER))
