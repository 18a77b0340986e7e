"""The JSON of the Reconciliation Service API 0.2: read and check query batches and data extensions, write candidates and cells."""

import json
import math
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.reconciliation.candidates import Condition, RowQuery, ScoredCandidate
from oewg_kg.serve.reconciliation.catalog import Catalog
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

MOST_QUERIES, MOST_CONDITIONS, MOST_VALUES = 100, 20, 50
MOST_CANDIDATES, DEFAULT_CANDIDATES = 50, 10
# A name takes some milliseconds for each type, and a batch is answered in one go.
MOST_BATCH_VALUES = 500
MOST_IDS, MOST_PROPERTIES, ALL_VALUES = 1000, 50, 10_000
TYPE_NAMES: dict[type, str] = {dict: "an object", list: "an array", str: "a string"}
CELL_CONTENTS = {"value": "values with their labels", "iri": "values as IRIs", "line": "source lines"}
T = TypeVar("T")


@dataclass(frozen=True)
class RequestPart:
    """A part of a request and its position, which every refusal names; None if it is missing."""

    value: Any
    position: str

    def refusal(self, expected: str) -> Refusal:
        """Return the refusal that says what was expected."""
        return Refusal(400, f"{self.position}: expected {expected}")

    def read(self, json_type: type[T], default: T | None = None) -> T:
        """Read a value of a JSON type."""
        value = default if self.value is None else self.value
        if not isinstance(value, json_type):
            raise self.refusal(TYPE_NAMES[json_type])
        return value

    def items(self, most: int, default: list[Any] | None = None) -> "list[RequestPart]":
        """Read an array of bounded length."""
        values = self.read(list, default)
        if len(values) > most:
            raise Refusal(400, f"{self.position}: at most {most} items are allowed")
        return [RequestPart(value, f"{self.position}[{index}]") for index, value in enumerate(values)]

    def fields(self, *field_names: str) -> "dict[str, RequestPart]":
        """Read an object; a field that would have no effect is refused."""
        json_object = self.read(dict)
        if unknown := sorted(json_object.keys() - set(field_names)):
            allowed = ", ".join(sorted(field_names))
            raise Refusal(400, f"{self.position}: unknown field {unknown[0][:100]!r}; use {allowed}")
        return {name: RequestPart(json_object.get(name), f"{self.position}.{name}") for name in field_names}

    def limit(self, default: int = DEFAULT_CANDIDATES, most: int = MOST_CANDIDATES) -> int:
        """Read a positive number or its digits; too large a number is reduced to the maximum."""
        value = default if self.value is None else self.value
        # Python reads at most 4,300 digits, and infinity is not an integer.
        digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 4000
        number = int(str(value)) if digits else value
        integral = isinstance(number, int) or (isinstance(number, float) and number.is_integer())
        if isinstance(number, bool) or not integral or number < 1:
            raise self.refusal("a positive integer")
        return min(int(number), most)


def parse_json(json_text: str, field_name: str) -> RequestPart:
    """Read JSON whose strings are Unicode and whose numbers are finite; raises Refusal."""
    try:
        data = json.loads(json_text)
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"{field_name} is not valid JSON: {str(error)[:100]}") from error
    return RequestPart(data, field_name)


def read_batch(catalog: Catalog, batch_part: RequestPart) -> dict[str, RowQuery | None]:
    """Read a reconciliation query batch (0.2, 4.1); None for a query of an unknown type, which cannot have candidates."""
    queries = batch_part.read(dict)
    if len(queries) > MOST_QUERIES:
        raise Refusal(413, f"{len(queries)} queries in a batch, but at most {MOST_QUERIES} are allowed")
    batch = {key: _read_query(catalog, RequestPart(value, key)) for key, value in queries.items()}
    total = sum(len(query.types) or 1 for query in batch.values() if query and query.text)
    total += sum(len(condition.values) for query in batch.values() if query for condition in query.evidence)
    if total > MOST_BATCH_VALUES:
        raise Refusal(
            413, f"{total} values in a batch, but at most {MOST_BATCH_VALUES} are allowed; send fewer queries at once"
        )
    return batch


def _read_query(catalog: Catalog, query_part: RequestPart) -> RowQuery | None:
    fields = query_part.fields("query", "type", "type_strict", "limit", "properties")
    if fields["type_strict"].value not in (None, "any", "should", "all"):
        raise fields["type_strict"].refusal("any, should or all")
    conditions = tuple(_read_condition(catalog, part) for part in fields["properties"].items(MOST_CONDITIONS, []))
    if not conditions and fields["query"].value is None:
        raise query_part.refusal("a query or properties")
    named_type = fields["type"]
    types = [named_type] if isinstance(named_type.value or [], str) else named_type.items(MOST_CONDITIONS, [])
    type_iris = [catalog.expand_type(part.read(str)) for part in types if part.value]
    known_types = tuple(type_iri for type_iri in type_iris if type_iri in catalog.types)
    query = RowQuery(fields["query"].read(str, ""), conditions, known_types, fields["limit"].limit())
    return query if known_types or not type_iris else None


def _read_condition(catalog: Catalog, condition_part: RequestPart) -> Condition:
    """Read a property and its values, one or an array."""
    fields = condition_part.fields("pid", "v")
    values = fields["v"].items(MOST_VALUES) if isinstance(fields["v"].value, list) else [fields["v"]]
    return Condition(catalog.property_of(fields["pid"].read(str)), tuple(map(_value_spellings, values)))


def _value_spellings(value_part: RequestPart) -> tuple[str, ...]:
    """Read the ways to write a value: a string, number, truth value or entity (its identifier, else its name)."""
    value = value_part.value
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, int | float):
        if isinstance(value, int) and abs(value) >= 10**20:
            raise value_part.refusal("a number of at most 20 digits")
        return (str(int(value)) if isinstance(value, int) or value.is_integer() else str(value),)
    if isinstance(value, dict) and isinstance(value.get("id"), str) and isinstance(value.get("name", ""), str):
        return tuple(value[key] for key in ("id", "name") if key in value)
    raise value_part.refusal("a string, a number, true, false or an object with an id")


def write_candidate(catalog: Catalog, scored: ScoredCandidate) -> dict[str, Any]:
    """Write a candidate (0.2, 4.2)."""
    features: list[dict[str, Any]] = [{"id": "name", "value": round(100 * scored.name_score, 1)}]
    if scored.agreement is not None:
        features.append({"id": "properties", "value": round(100 * scored.agreement, 1)})
    return {
        **write_entity(catalog, scored.iri, scored.why),
        "score": round(100 * scored.score, 1),
        "match": scored.match,
        "type": [write_type(catalog, type_iri) for type_iri in catalog.types_of(scored.iri)],
        "features": features,
    }


def write_type(catalog: Catalog, type_iri: str) -> dict[str, str]:
    """Write a type: OpenRefine puts the identifier into an address unchanged, where `#` would end it."""
    return {"id": terms.compact(type_iri).strip("<>").replace("#", "%23"), "name": catalog.label(type_iri)}


def write_entity(catalog: Catalog, iri: str, reason: str = "") -> dict[str, str]:
    """Write an entity: its IRI, its label, and what it is."""
    words = [catalog.label(type_iri) for type_iri in catalog.types_of(iri)[:1]]
    words += [terms.text_of(code) for code in catalog.values(iri, PREFIXES["skos"] + "notation")]
    return {"id": iri, "name": catalog.label(iri), "description": "; ".join(filter(None, [*words, reason]))}


def describe_type(catalog: Catalog, type_iri: str) -> dict[str, str]:
    """Write a type with its definition."""
    return describe_property(catalog, type_iri) | write_type(catalog, type_iri)


def describe_property(catalog: Catalog, iri: str) -> dict[str, str]:
    """Write a property with its definition."""
    definition = catalog.definition(iri)
    return {"id": iri, "name": catalog.label(iri)} | ({"description": definition} if definition else {})


# What can be suggested and described, each as its service writes it.
WRITERS = {"entity": write_entity, "property": describe_property, "type": describe_type}


def extend_data(catalog: Catalog, extension_part: RequestPart) -> dict[str, Any]:
    """Answer a data extension query (0.2, 7.4): the properties, and for each identifier and property the values."""
    extension = extension_part.fields("ids", "properties")
    ids = [part.read(str) for part in extension["ids"].items(MOST_IDS)]
    extensions = [_read_extension(catalog, part) for part in extension["properties"].items(MOST_PROPERTIES)]
    return {
        "meta": [{"id": property_name, "name": catalog.label(iri)} for property_name, iri, _, _ in extensions],
        "rows": {
            identifier: {
                property_name: _cells(catalog, terms.expand(identifier) or identifier, iri, content)[:limit]
                for property_name, iri, content, limit in extensions
            }
            for identifier in ids
        },
    }


def _read_extension(catalog: Catalog, property_part: RequestPart) -> tuple[str, str, str, int]:
    """Read a wanted property: as given, its IRI, what the cells contain, the most values in each (0 for all)."""
    settings = RequestPart(property_part.read(dict).get("settings") or {}, f"{property_part.position}.settings")
    limit, content = settings.fields("limit", "content").values()
    content_name = content.read(str, "value") or "value"
    if content_name not in CELL_CONTENTS:
        raise content.refusal(f"one of {', '.join(CELL_CONTENTS)}")
    property_name = RequestPart(property_part.value.get("id"), f"{property_part.position}.id").read(str)
    most = ALL_VALUES if limit.value in (0, "0", "") else limit.limit(ALL_VALUES, ALL_VALUES)
    return property_name, catalog.property_of(property_name), content_name, most


def _cells(catalog: Catalog, entity: str, predicate: str, content: str) -> list[dict[str, Any]]:
    if content == "line":
        return [{"str": terms.line_name(line)} for line in catalog.source_lines(entity, predicate)]
    return [_cell(catalog, term, content) for term in catalog.values(entity, predicate)]


def _cell(catalog: Catalog, term: Term, content: str) -> dict[str, Any]:
    text = terms.text_of(term)
    if isinstance(term, ox.NamedNode):
        as_entity = content == "value" and text in catalog.explorer.labels
        return {"id": text, "name": catalog.label(text)} if as_entity else {"str": text}
    value = terms.value_of(term)
    if isinstance(value, date):
        return {"date": f"{text[:10]}T00:00:00Z"}
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return {"int" if isinstance(value, int) else "float": value}
    return {"str": text}
