"""The JSON of the Reconciliation Service API 0.2: queries read and checked, candidates and values written."""

import json
import math
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
# A name takes some milliseconds in each type, and all that a batch asks is answered at once.
MOST_TOGETHER = 500
MOST_IDS, MOST_PROPERTIES, ALL = 1000, 50, 10_000
NAMES = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}
CONTENTS = {"value": "values with their labels", "iri": "values as IRIs", "line": "source lines"}
T = TypeVar("T")


def parsed(text: str | bytes, name: str) -> Any:
    """Read JSON whose strings are Unicode and whose numbers are finite; raises Refusal."""
    try:
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"{name} is not valid JSON: {str(error)[:100]}") from error
    return data


def checked(value: object, kind: type[T], where: str) -> T:
    """Return a value of the JSON type wanted; raises Refusal with the place in the request."""
    if not isinstance(value, kind):
        raise Refusal(400, f"{where}: expected {NAMES[kind]}")
    return value


def some(value: object, most: int, where: str) -> list[Any]:
    """Return an array of bounded length; raises Refusal."""
    items = checked(value, list, where)
    if len(items) > most:
        raise Refusal(400, f"{where}: at most {most} items are allowed")
    return items


def known(data: dict[str, Any], names: set[str], where: str) -> None:
    """Refuse a field that would have no effect."""
    other = sorted(data.keys() - names)
    if other:
        raise Refusal(400, f"{where}: unknown field {other[0][:100]!r}; use {', '.join(sorted(names))}")


def limit_of(value: object, where: str, usual: int = USUAL_CANDIDATES, most: int = MOST_CANDIDATES) -> int:
    """Read a limit, a positive number or its digits; larger ones than there may be are cut."""
    if value is None:
        return usual
    # Python reads no more than 4,300 digits, and infinity is not an integer.
    digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 4000
    number = int(str(value)) if digits else value
    whole = isinstance(number, int) or (isinstance(number, float) and number.is_integer())
    if isinstance(number, bool) or not isinstance(number, int | float) or not whole or number < 1:
        raise Refusal(400, f"{where}: expected a positive integer")
    return min(int(number), most)


def batch(catalog: Catalog, data: object) -> dict[str, Query | None]:
    """Read a reconciliation query batch (0.2, 4.1); None for a query of a type that is not here: what is asked for cannot be there."""
    queries = checked(data, dict, "queries")
    if len(queries) > MOST_QUERIES:
        raise Refusal(413, f"{len(queries)} queries in a batch, but at most {MOST_QUERIES} are allowed")
    read = {key: _query(catalog, checked(value, dict, key), key) for key, value in queries.items()}
    given = [query for query in read.values() if query]
    total = sum(len(query.types) or 1 for query in given if query.text)
    total += sum(len(one.values) for query in given for one in query.evidence)
    if total > MOST_TOGETHER:
        raise Refusal(
            413, f"{total} values in a batch, but at most {MOST_TOGETHER} are allowed; send fewer queries at once"
        )
    return read


def _query(catalog: Catalog, data: dict[str, Any], at: str) -> Query | None:
    known(data, {"query", "type", "type_strict", "limit", "properties"}, at)
    if data.get("type_strict", "any") not in ("any", "should", "all"):
        raise Refusal(400, f"{at}.type_strict: expected any, should or all")
    wanted = data.get("type") or []
    types = [wanted] if isinstance(wanted, str) else some(wanted, MOST_CONDITIONS, f"{at}.type")
    text = checked(data.get("query", ""), str, f"{at}.query")
    conditions = []
    for place, one in enumerate(some(data.get("properties", []), MOST_CONDITIONS, f"{at}.properties")):
        where = f"{at}.properties[{place}]"
        known(checked(one, dict, where), {"pid", "v"}, where)
        about = catalog.property_of(checked(one.get("pid"), str, f"{where}.pid"))
        conditions.append(Condition(about, _values(one.get("v"), f"{where}.v")))
    if not conditions and "query" not in data:
        raise Refusal(400, f"{at}: expected a query or properties")
    limit = limit_of(data.get("limit"), f"{at}.limit")
    meant = [catalog.meant_type(checked(kind, str, f"{at}.type")) for kind in types]
    here = tuple(kind for kind in meant if kind in catalog.types)
    return Query(text, tuple(conditions), here, limit) if here or not types else None


def _values(given: object, where: str) -> tuple[tuple[str, ...], ...]:
    """Read values: a string, number, truth value or entity (its identifier, else its name), or an array of these."""
    values = some(given, MOST_VALUES, where) if isinstance(given, list) else [given]
    return tuple(_value(value, where) for value in values)


def _value(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, str):
        return (value,)
    if isinstance(value, int | float):
        if isinstance(value, int) and abs(value) >= 10**20:
            raise Refusal(400, f"{where}: expected a number of at most 20 digits")
        return (str(int(value)) if isinstance(value, int) or value.is_integer() else str(value),)
    if isinstance(value, dict) and isinstance(value.get("id"), str) and isinstance(value.get("name", ""), str):
        return tuple(value[key] for key in ("id", "name") if key in value)
    raise Refusal(400, f"{where}: expected a string, a number, true, false or an object with an id")


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
    """Write a thing: its IRI, its label, and what it is."""
    kinds = [catalog.label(kind) for kind in catalog.types_of(iri)[:1]]
    codes = [terms.text_of(code) for code in catalog.values(iri, PREFIXES["skos"] + "notation")]
    return {"id": iri, "name": catalog.label(iri), "description": "; ".join(filter(None, [*kinds, *codes, more]))}


def kind_of(catalog: Catalog, kind: str) -> dict[str, Any]:
    """Write a type with those directly above it."""
    told = {"description": catalog.definition(kind), "broader": [named(catalog, one) for one in catalog.broader(kind)]}
    return {**named(catalog, kind), **{key: value for key, value in told.items() if value}}


def property_of(catalog: Catalog, iri: str) -> dict[str, str]:
    """Write a property."""
    told = {"id": iri, "name": catalog.label(iri), "description": catalog.definition(iri)}
    return {key: value for key, value in told.items() if value}


def extended(catalog: Catalog, data: object) -> tuple[list[dict[str, Any]], dict[str, dict[str, list[dict[str, Any]]]]]:
    """Answer a data extension query: the properties, and for each identifier and property the values."""
    whole = checked(data, dict, "extend")
    known(whole, {"ids", "properties"}, "extend")
    ids = [checked(one, str, "extend.ids") for one in some(whole.get("ids"), MOST_IDS, "extend.ids")]
    wanted = []
    for item in some(whole.get("properties"), MOST_PROPERTIES, "extend.properties"):
        one = checked(item, dict, "extend.properties")
        given = checked(one.get("id"), str, "extend.properties.id")
        settings = checked(one.get("settings") or {}, dict, "extend.properties.settings")
        known(settings, {"limit", "content"}, "extend.properties.settings")
        content = checked(settings.get("content") or "value", str, "extend.properties.settings.content")
        if content not in CONTENTS:
            raise Refusal(400, f"extend.properties.settings.content: expected one of {', '.join(CONTENTS)}")
        number = None if settings.get("limit") in (0, "0", "") else settings.get("limit")
        limit = limit_of(number, "extend.properties.settings.limit", ALL, ALL)
        wanted.append((given, catalog.property_of(given), content, limit))
    meta = [{"id": given, "name": catalog.label(iri)} for given, iri, _, _ in wanted]
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for identifier in ids:
        thing = terms.expand(identifier) or identifier
        rows[identifier] = {
            given: _cells(catalog, thing, iri, content)[:limit] for given, iri, content, limit in wanted
        }
    return meta, rows


def _cells(catalog: Catalog, thing: str, predicate: str, content: str) -> list[dict[str, Any]]:
    if content == "line":
        return [{"str": terms.line_name(line)} for line in catalog.lines(thing, predicate)]
    return [_cell(catalog, term, content) for term in catalog.values(thing, predicate)]


def _cell(catalog: Catalog, term: Term, content: str) -> dict[str, Any]:
    text = terms.text_of(term)
    if isinstance(term, ox.NamedNode):
        inside = content == "value" and text in catalog.explorer.names
        return {"id": text, "name": catalog.label(text)} if inside else {"str": text}
    value = terms.value_of(term)
    if isinstance(value, date):
        return {"date": f"{text[:10]}T00:00:00Z"}
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return {"int" if isinstance(value, int) else "float": value}
    return {"str": text}
