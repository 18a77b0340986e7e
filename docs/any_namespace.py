"""The shapes for data in any namespace, made from ours: the core, without our own rules, and a closed variant.

Run as `python docs/any_namespace.py` (make docs); it writes shapes/any-namespace/core.ttl and closed.ttl, which a release contains,
`oewg validate --core` applies, and no other command reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox

import oewg_kg
from oewg_kg import dataset as datasets
from oewg_kg import terms
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES, iris

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "shapes" / "any-namespace"
SH = PREFIXES["sh"]
PATTERN, PATH, CLASS, LISTED, MIN, MESSAGE, IN = map(
    ox.NamedNode, iris("sh:pattern sh:path sh:class sh:property sh:minCount sh:message sh:in")
)
NODE_SHAPE, TYPE, NIL, FIRST, REST = map(ox.NamedNode, iris("sh:NodeShape rdf:type rdf:nil rdf:first rdf:rest"))
OF_OUR_DATA = re.compile(rf"<{BASE}(?!ontology#)")
HEADS = {
    "core": "# The shapes for data in any namespace: ours without the rules of our house.\n",
    "closed": "# Notes on the properties of a thing that no shape of its classes describes, for data in any namespace.\n",
}
HEADS = {
    name: head + "# Made by docs/any_namespace.py: edit the shapes in the folder above.\n\n"
    for name, head in HEADS.items()
}
MORE = Path(__file__).with_suffix(".ttl")
# What the part of our IRIs after the base says about the class of an entity.
CLASSES: dict[str, tuple[str, ...]] = {
    word: (word.capitalize(),) for word in ("event", "process", "contribution", "post")
}
CLASSES |= {"document": ("Document", "Work"), "kind": ()}
CLASSES |= dict.fromkeys(("group", "observer", "stakeholder", "body", "organ", "authors", "person"), ("Actor",))
CLASSES["state"] = ("Actor", "HistoricState")
# Properties that only our reference data, our pages or our judgment provide.
OURS = ("InSource>", *(f"#{name}>" for name in ("classifiedAs", "iso2", "m49", "cowCode", "notation")))
Triple = tuple[Any, ox.NamedNode, Any]


def core(shapes: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Select cardinality, classes and datatypes, with classes in place of IRI patterns; add order of dates, `sh:order` and `sh:group`."""
    all_quads = _ours(list(shapes))
    values = {quad.subject for quad in all_quads if quad.predicate == FIRST and OF_OUR_DATA.match(str(quad.object))}
    quads = [quad for quad in all_quads if not _house(quad) and not (quad.predicate == IN and quad.object in values)]
    paths: dict[Any, Any] = {quad.subject: quad.object for quad in quads if quad.predicate == PATH}
    classed = {quad.subject for quad in quads if quad.predicate == CLASS}
    ours = {shape for shape, path in paths.items() if str(path).endswith(OURS)}
    core_quads = [
        quad
        for quad in quads
        if not (quad.predicate == MIN and quad.subject in ours) and (quad.predicate != MESSAGE or quad.subject in paths)
    ]
    made: list[Triple] = []
    for quad in all_quads:
        if quad.subject in paths and quad.subject not in classed and _house(quad):
            made += _classes(quad)
    made += [(shape, ox.NamedNode(SH + "group"), _group(path)) for shape, path in paths.items()]
    listed = [quad.object for quad in quads if quad.predicate == LISTED]
    made += [(own, ox.NamedNode(SH + "order"), ox.Literal(number)) for number, own in enumerate(listed, 1)]
    return list(dict.fromkeys([*core_quads, *(ox.Quad(*triple) for triple in made), *ox.parse(path=MORE)]))


def closed(shapes: Iterable[ox.Quad], store: ox.Store) -> list[ox.Quad]:
    """Report as information each property of an entity that no shape of its classes (as a store orders them) describes."""
    above: dict[str, set[str]] = {}
    for quad in store.quads_for_pattern(None, ox.NamedNode(PREFIXES["rdfs"] + "subClassOf"), None):
        above.setdefault(terms.text_of(quad.subject), set()).add(terms.text_of(quad.object))
    quads = _ours(list(shapes))
    paths: dict[Any, Any] = {quad.subject: quad.object for quad in quads if quad.predicate == PATH}
    own: dict[object, set[Any]] = {}
    for quad in quads:
        if quad.predicate == LISTED:
            own.setdefault(quad.subject, set()).add(paths[quad.object])
    targets: dict[str, set[Any]] = {}
    anywhere: set[Any] = {TYPE}
    for quad in quads:
        if quad.predicate.value == SH + "targetClass" and isinstance(quad.object, ox.NamedNode):
            targets.setdefault(quad.object.value, set()).update(own.get(quad.subject, set()))
        elif quad.predicate.value.startswith(SH + "target"):
            anywhere |= own.get(quad.subject, set()) | {quad.object}
    made: list[Triple] = []
    for name in sorted(targets):
        known = anywhere.union(*(targets.get(one, set()) for one in {name, *above.get(name, set())}))
        shape = ox.NamedNode(f"{PREFIXES['shape']}closed-{name.rpartition('#')[2]}")
        label = name.rpartition("#")[2]
        message = f"no shape of {label} describes this property: correct the spelling, or ignore this if the property is your own"
        parts = {"targetClass": ox.NamedNode(name), "closed": ox.Literal(True), "severity": ox.NamedNode(SH + "Info")}
        parts |= {"message": ox.Literal(message, language="en")}
        made += [(shape, TYPE, NODE_SHAPE), *((shape, ox.NamedNode(SH + part), value) for part, value in parts.items())]
        made += _list(shape, "ignoredProperties", sorted(known, key=str))
    return [ox.Quad(*triple) for triple in made]


def _ours(quads: list[ox.Quad]) -> list[ox.Quad]:
    """Leave out the shapes whose targets are not in our ontology, such as those for the ontology's own terms."""
    foreign = {
        quad.subject
        for quad in quads
        if quad.predicate.value.startswith(SH + "target") and not str(quad.object).startswith("<" + OEWG)
    }
    listed = {quad.object for quad in quads if quad.predicate == LISTED and quad.subject in foreign}
    return [quad for quad in quads if quad.subject not in foreign | listed]


def _house(quad: ox.Quad) -> bool:
    return (
        quad.predicate == PATTERN and isinstance(quad.object, ox.Literal) and quad.object.value.startswith("^" + BASE)
    )


def _classes(pattern: ox.Quad) -> list[Triple]:
    """Replace IRI patterns with classes: a value is in one of them, or is the term that the pattern names."""
    text = pattern.object.value  # type: ignore[union-attr]
    parts = re.findall(r"[a-z]+(?=[|)/])", text.replace(BASE, "~/"))
    names = {name for part in parts for name in CLASSES.get(part, ())}
    words = [("class", ox.NamedNode(OEWG + name)) for name in sorted(names)]
    words += [("hasValue", ox.NamedNode(OEWG + name)) for name in re.findall(r"#([A-Za-z]+)[$]", text)]
    words += [("class", ox.NamedNode(PREFIXES["skos"] + "Concept"))] if "kind" in text else []
    shapes = [ox.NamedNode(f"{PREFIXES['shape']}is-{value.value.rpartition('#')[2]}") for _, value in words]
    made: list[Triple] = []
    for shape, (word, value) in zip(shapes, words, strict=True):
        made += [(shape, TYPE, NODE_SHAPE), (shape, ox.NamedNode(SH + word), value)]
    return made + (_list(pattern.subject, "or", shapes) if shapes else [])


def _list(subject: Any, word: str, items: list[ox.NamedNode]) -> list[Triple]:
    nodes = [ox.BlankNode(f"{subject.value.rpartition('/')[2]}-{word}-{number}") for number in range(len(items))]
    made: list[Triple] = [(subject, ox.NamedNode(SH + word), nodes[0])]
    for node, rest, item in zip(nodes, [*nodes[1:], NIL], items, strict=True):
        made += [(node, FIRST, item), (node, REST, rest)]
    return made


def _group(path: object) -> ox.NamedNode:
    """Name the part of a form in which a property belongs."""
    name = str(path).strip("<>")
    words = [("InSource$", "as printed"), ("(Label|title|description|comment|Name)$", "names and words")]
    words += [("(?i)(date|start|end|day|time|due|until|from|on|earliest|latest)$", "dates")]
    group = next((group for pattern, group in words if re.search(pattern, name)), "relations and numbers")
    return ox.NamedNode(f"{PREFIXES['shape']}group-{group.replace(' ', '-')}")


def files() -> dict[str, str]:
    """Make both files, by name."""
    shapes = validate.shapes_graph(ROOT / "shapes")
    made = {"core": core(shapes), "closed": closed(shapes, oewg_kg.load(str(ROOT)).dataset.store)}
    return {f"{name}.ttl": HEADS[name] + datasets.to_rdflib(quads).serialize() for name, quads in made.items()}


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
