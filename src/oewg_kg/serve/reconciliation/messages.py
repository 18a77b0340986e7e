"""The JSON of the Reconciliation Service API 0.2: read and check queries, write candidates and values."""

import json
import math
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.reconciliation.candidates import Condition, Found, Query
from oewg_kg.serve.reconciliation.catalog import Catalog
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

MOST_QUERIES, MOST_CONDITIONS, MOST_VALUES = 100, 20, 50
MOST_CANDIDATES, USUAL_CANDIDATES = 50, 10
# A name takes some milliseconds for each type, and a batch is answered in one go.
MOST_TOGETHER = 500
MOST_IDS, MOST_PROPERTIES, ALL = 1000, 50, 10_000
NAMES: dict[type, str] = {dict: "an object", list: "an array", str: "a string"}
CONTENTS = {"value": "values with their labels", "iri": "values as IRIs", "line": "source lines"}
T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """A part of a request and its position, which every refusal names; None if it is missing."""

    value: Any
    where: str

    def refusal(self, expected: str) -> Refusal:
        """Return the refusal that says what was expected."""
        return Refusal(400, f"{self.where}: expected {expected}")

    def of(self, kind: type[T], otherwise: T | None = None) -> T:
        """Read a value of a JSON type."""
        value = otherwise if self.value is None else self.value
        if not isinstance(value, kind):
            raise self.refusal(NAMES[kind])
        return value

    def items(self, most: int, otherwise: list[Any] | None = None) -> "list[Part]":
        """Read an array of bounded length."""
        found = self.of(list, otherwise)
        if len(found) > most:
            raise Refusal(400, f"{self.where}: at most {most} items are allowed")
        return [Part(value, f"{self.where}[{at}]") for at, value in enumerate(found)]

    def fields(self, *names: str) -> "dict[str, Part]":
        """Read an object; a field that would have no effect is refused."""
        data = self.of(dict)
        if other := sorted(data.keys() - set(names)):
            known = ", ".join(sorted(names))
            raise Refusal(400, f"{self.where}: unknown field {other[0][:100]!r}; use {known}")
        return {name: Part(data.get(name), f"{self.where}.{name}") for name in names}

    def limit(self, usual: int = USUAL_CANDIDATES, most: int = MOST_CANDIDATES) -> int:
        """Read a positive number or its digits; too large a number is reduced to the maximum."""
        value = usual if self.value is None else self.value
        # Python reads at most 4,300 digits, and infinity is not an integer.
        digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 4000
        number = int(str(value)) if digits else value
        integral = isinstance(number, int) or (isinstance(number, float) and number.is_integer())
        if isinstance(number, bool) or not integral or number < 1:
            raise self.refusal("a positive integer")
        return min(int(number), most)


def parsed(text: str, name: str) -> Part:
    """Read JSON whose strings are Unicode and whose numbers are finite; raises Refusal."""
    try:
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"{name} is not valid JSON: {str(error)[:100]}") from error
    return Part(data, name)


def batch(catalog: Catalog, data: Part) -> dict[str, Query | None]:
    """Read a reconciliation query batch (0.2, 4.1); None for a query of an unknown type, which cannot have candidates."""
    queries = data.of(dict)
    if len(queries) > MOST_QUERIES:
        raise Refusal(413, f"{len(queries)} queries in a batch, but at most {MOST_QUERIES} are allowed")
    read = {key: _query(catalog, Part(value, key)) for key, value in queries.items()}
    given = [query for query in read.values() if query]
    total = sum(len(query.types) or 1 for query in given if query.text)
    total += sum(len(one.values) for query in given for one in query.evidence)
    if total > MOST_TOGETHER:
        raise Refusal(
            413, f"{total} values in a batch, but at most {MOST_TOGETHER} are allowed; send fewer queries at once"
        )
    return read


def _query(catalog: Catalog, data: Part) -> Query | None:
    given = data.fields("query", "type", "type_strict", "limit", "properties")
    if given["type_strict"].value not in (None, "any", "should", "all"):
        raise given["type_strict"].refusal("any, should or all")
    conditions = tuple(_condition(catalog, one) for one in given["properties"].items(MOST_CONDITIONS, []))
    if not conditions and given["query"].value is None:
        raise data.refusal("a query or properties")
    wanted = given["type"].value or []
    types = [given["type"]] if isinstance(wanted, str) else given["type"].items(MOST_CONDITIONS, [])
    meant = [catalog.meant_type(kind.of(str)) for kind in types if kind.value]
    known = tuple(kind for kind in meant if kind in catalog.types)
    query = Query(given["query"].of(str, ""), conditions, known, given["limit"].limit())
    return query if known or not meant else None


def _condition(catalog: Catalog, data: Part) -> Condition:
    """Read a property and its values, one or an array."""
    given = data.fields("pid", "v")
    values = given["v"].items(MOST_VALUES) if isinstance(given["v"].value, list) else [given["v"]]
    return Condition(catalog.property_of(given["pid"].of(str)), tuple(map(_value, values)))


def _value(given: Part) -> tuple[str, ...]:
    """Read the ways to write a value: a string, number, truth value or entity (its identifier, else its name)."""
    value = given.value
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, int | float):
        if isinstance(value, int) and abs(value) >= 10**20:
            raise given.refusal("a number of at most 20 digits")
        return (str(int(value)) if isinstance(value, int) or value.is_integer() else str(value),)
    if isinstance(value, dict) and isinstance(value.get("id"), str) and isinstance(value.get("name", ""), str):
        return tuple(value[key] for key in ("id", "name") if key in value)
    raise given.refusal("a string, a number, true, false or an object with an id")


def candidate(catalog: Catalog, one: Found) -> dict[str, Any]:
    """Write a candidate (0.2, 4.2)."""
    features: list[dict[str, Any]] = [{"id": "name", "value": round(100 * one.name, 1)}]
    if one.evidence is not None:
        features.append({"id": "properties", "value": round(100 * one.evidence, 1)})
    return {
        **entity(catalog, one.iri, one.why),
        "score": round(100 * one.score, 1),
        "match": one.match,
        "type": [named(catalog, kind) for kind in catalog.types_of(one.iri)],
        "features": features,
    }


def named(catalog: Catalog, kind: str) -> dict[str, str]:
    """Write a type: OpenRefine puts the identifier into an address unchanged, where `#` would end it."""
    return {"id": terms.compact(kind).strip("<>").replace("#", "%23"), "name": catalog.label(kind)}


def entity(catalog: Catalog, iri: str, more: str = "") -> dict[str, str]:
    """Write an entity: its IRI, its label, and what it is."""
    kinds = [catalog.label(kind) for kind in catalog.types_of(iri)[:1]]
    codes = [terms.text_of(code) for code in catalog.values(iri, PREFIXES["skos"] + "notation")]
    return {"id": iri, "name": catalog.label(iri), "description": "; ".join(filter(None, [*kinds, *codes, more]))}


def kind_of(catalog: Catalog, kind: str) -> dict[str, str]:
    """Write a type with its definition."""
    return property_of(catalog, kind) | named(catalog, kind)


def property_of(catalog: Catalog, iri: str) -> dict[str, str]:
    """Write a property with its definition."""
    means = catalog.definition(iri)
    return {"id": iri, "name": catalog.label(iri)} | ({"description": means} if means else {})


# What can be suggested and described, each as its service writes it.
WRITERS = {"entity": entity, "property": property_of, "type": kind_of}


def extended(catalog: Catalog, data: Part) -> dict[str, Any]:
    """Answer a data extension query (0.2, 7.4): the properties, and for each identifier and property the values."""
    fields = data.fields("ids", "properties")
    ids = [one.of(str) for one in fields["ids"].items(MOST_IDS)]
    wanted = [_column(catalog, one) for one in fields["properties"].items(MOST_PROPERTIES)]
    return {
        "meta": [{"id": given, "name": catalog.label(iri)} for given, iri, _, _ in wanted],
        "rows": {
            identifier: {
                given: _cells(catalog, terms.expand(identifier) or identifier, iri, content)[:limit]
                for given, iri, content, limit in wanted
            }
            for identifier in ids
        },
    }


def _column(catalog: Catalog, data: Part) -> tuple[str, str, str, int]:
    """Read a wanted property: as given, its IRI, what the cells contain, the most values in each (0 for all)."""
    settings = Part(data.of(dict).get("settings") or {}, f"{data.where}.settings").fields("limit", "content")
    content = settings["content"].of(str, "value") or "value"
    if content not in CONTENTS:
        raise settings["content"].refusal(f"one of {', '.join(CONTENTS)}")
    given = Part(data.value.get("id"), f"{data.where}.id").of(str)
    limit = ALL if settings["limit"].value in (0, "0", "") else settings["limit"].limit(ALL, ALL)
    return given, catalog.property_of(given), content, limit


def _cells(catalog: Catalog, thing: str, predicate: str, content: str) -> list[dict[str, Any]]:
    if content == "line":
        return [{"str": terms.line_name(line)} for line in catalog.lines(thing, predicate)]
    return [_cell(catalog, term, content) for term in catalog.values(thing, predicate)]


def _cell(catalog: Catalog, term: Term, content: str) -> dict[str, Any]:
    text = terms.text_of(term)
    if isinstance(term, ox.NamedNode):
        inside = content == "value" and text in catalog.explorer.labels
        return {"id": text, "name": catalog.label(text)} if inside else {"str": text}
    value = terms.value_of(term)
    if isinstance(value, date):
        return {"date": f"{text[:10]}T00:00:00Z"}
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return {"int" if isinstance(value, int) else "float": value}
    return {"str": text}
