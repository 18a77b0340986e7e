"""The JSON of the Reconciliation Service API, 0.2 and 1.0-draft: queries read and checked, candidates and values written.

Not for routes, and not for finding candidates.
"""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.serve.candidates import IDENTIFIER, NAME, Condition, Found, Query
from oewg_kg.serve.catalog import Catalog
from oewg_kg.serve.sparql import Refusal
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

MOST_QUERIES, MOST_CONDITIONS, MOST_VALUES = 100, 20, 50
MOST_CANDIDATES, USUAL_CANDIDATES = 50, 10
# A name takes some milliseconds in each type, and all that a batch asks is answered at once.
MOST_TOGETHER = 500
MOST_IDS, MOST_PROPERTIES, ALL = 1000, 50, 10_000
NAMES = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}
CONTENTS = {"value": "values with their labels", "iri": "values as IRIs", "line": "the lines that state them"}
INTEGERS = {PREFIXES["xsd"] + name for name in ("integer", "nonNegativeInteger", "positiveInteger", "int", "long")}
FLOATS = {PREFIXES["xsd"] + name for name in ("decimal", "double", "float")}
T = TypeVar("T")
Q = TypeVar("Q", dict[str, Any], list[Any])


def parsed(text: str | bytes, name: str) -> Any:
    """Read JSON whose strings are Unicode and whose numbers are finite; raises Refusal."""
    try:
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"{name} is no JSON: {str(error)[:100]}") from error
    return data


def checked(value: object, kind: type[T], where: str) -> T:
    """Return a value of the JSON type wanted; raises Refusal with the place in the request."""
    if not isinstance(value, kind):
        raise Refusal(400, f"{where}: {NAMES[kind]} is wanted")
    return value


def some(value: object, most: int, where: str) -> list[Any]:
    """Return an array of bounded length; raises Refusal."""
    items = checked(value, list, where)
    if len(items) > most:
        raise Refusal(400, f"{where}: at most {most}")
    return items


def known(data: dict[str, Any], names: set[str], where: str) -> None:
    """Refuse a field that would have no effect."""
    other = sorted(data.keys() - names)
    if other:
        raise Refusal(400, f"{where}: no field {other[0][:100]!r}; there are {', '.join(sorted(names))}")


def limit_of(value: object, where: str, usual: int = USUAL_CANDIDATES, most: int = MOST_CANDIDATES) -> int:
    """Read a limit, a positive number or its digits; larger ones than there may be are cut."""
    if value is None:
        return usual
    # Python reads no more than 4,300 digits, and infinity is no whole number.
    digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 4000
    number = int(str(value)) if digits else value
    whole = isinstance(number, int) or (isinstance(number, float) and number.is_integer())
    if isinstance(number, bool) or not isinstance(number, int | float) or not whole or number < 1:
        raise Refusal(400, f"{where}: a positive whole number is wanted")
    return min(int(number), most)


def few(queries: Q) -> Q:
    """Return the queries of a batch, or raise Refusal with 413 when they are too many (0.2, 3.1: batchSize)."""
    if len(queries) > MOST_QUERIES:
        raise Refusal(413, f"at most {MOST_QUERIES} queries in a batch, and {len(queries)} came")
    return queries


def batch(catalog: Catalog, data: object) -> dict[str, Query]:
    """Read a reconciliation query batch (0.2, 4.1)."""
    queries = few(checked(data, dict, "queries"))
    read = {key: _query(catalog, checked(value, dict, key), key) for key, value in queries.items()}
    weighed(read.values())
    return read


def weighed(queries: Iterable[Query]) -> None:
    """Refuse a batch that asks for too many values in all, those of names counted once for each type."""
    total = sum(
        len(one.values) * (max(len(query.types), 1) if one.about == NAME else 1)
        for query in queries
        for one in query.conditions
    )
    if total > MOST_TOGETHER:
        raise Refusal(413, f"at most {MOST_TOGETHER} values in a batch, and {total} came; send fewer queries at once")


def _query(catalog: Catalog, data: dict[str, Any], at: str) -> Query:
    known(data, {"query", "type", "type_strict", "limit", "properties"}, at)
    if data.get("type_strict", "any") not in ("any", "should", "all"):
        raise Refusal(400, f"{at}.type_strict: any, should or all")
    wanted = data.get("type") or []
    types = [wanted] if isinstance(wanted, str) else some(wanted, MOST_CONDITIONS, f"{at}.type")
    text = checked(data.get("query", ""), str, f"{at}.query")
    conditions = [Condition(NAME, ((text,),))] if text else []
    for place, one in enumerate(some(data.get("properties", []), MOST_CONDITIONS, f"{at}.properties")):
        where = f"{at}.properties[{place}]"
        known(checked(one, dict, where), {"pid", "v"}, where)
        about = catalog.property_of(checked(one.get("pid"), str, f"{where}.pid"))
        conditions.append(Condition(about, _values(one.get("v"), f"{where}.v")))
    if not conditions and "query" not in data:
        raise Refusal(400, f"{at}: a query or properties are wanted")
    named = tuple(catalog.type_of(checked(kind, str, f"{at}.type")) for kind in types)
    return Query(tuple(conditions), named, limit_of(data.get("limit"), f"{at}.limit"))


def draft_batch(catalog: Catalog, data: object) -> list[Query]:
    """Read a reconciliation query batch of the draft of 1.0."""
    whole = checked(data, dict, "the body")
    known(whole, {"queries"}, "the body")
    queries = few(checked(whole.get("queries"), list, "queries"))
    read = [
        _draft_query(catalog, checked(one, dict, f"queries[{at}]"), f"queries[{at}]") for at, one in enumerate(queries)
    ]
    weighed(read)
    return read


def _draft_query(catalog: Catalog, data: dict[str, Any], at: str) -> Query:
    known(data, {"type", "limit", "lang", "dir", "conditions"}, at)
    checked(data.get("lang", ""), str, f"{at}.lang")
    if data.get("dir", "auto") not in ("ltr", "rtl", "auto"):
        raise Refusal(400, f"{at}.dir: ltr, rtl or auto")
    conditions = []
    for place, item in enumerate(some(data.get("conditions"), MOST_CONDITIONS, f"{at}.conditions")):
        where = f"{at}.conditions[{place}]"
        one = checked(item, dict, where)
        known(one, {"matchType", "propertyId", "propertyValue", "required", "matchQuantifier", "lang", "dir"}, where)
        about = one.get("matchType")
        if about not in (NAME, IDENTIFIER, "property"):
            raise Refusal(400, f"{where}.matchType: name, id or property")
        if about == "property":
            about = catalog.property_of(checked(one.get("propertyId"), str, f"{where}.propertyId"))
        quantifier = one.get("matchQuantifier", "any")
        if quantifier not in ("any", "all", "none"):
            raise Refusal(400, f"{where}.matchQuantifier: any, all or none")
        required = checked(one.get("required", False), bool, f"{where}.required")
        conditions.append(Condition(about, _values(one.get("propertyValue"), where), required, quantifier))
    if not conditions:
        raise Refusal(400, f"{at}.conditions: at least one is wanted")
    kind = checked(data.get("type", ""), str, f"{at}.type")
    types = (catalog.type_of(kind),) if kind else ()
    return Query(tuple(conditions), types, limit_of(data.get("limit"), f"{at}.limit"))


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
            raise Refusal(400, f"{where}: a number of at most 20 digits is wanted")
        return (str(int(value)) if isinstance(value, int) or value.is_integer() else str(value),)
    if isinstance(value, dict) and isinstance(value.get("id"), str) and isinstance(value.get("name", ""), str):
        return tuple(value[key] for key in ("id", "name") if key in value)
    raise Refusal(400, f"{where}: a string, number, truth value or an object with an id is wanted")


def result(catalog: Catalog, found: list[Found], named: bool) -> list[dict[str, Any]]:
    """Write candidates; `named`: features have names, as in the draft of 1.0."""
    return [_candidate(catalog, one, named) for one in found]


def _candidate(catalog: Catalog, one: Found, named: bool) -> dict[str, Any]:
    features: list[dict[str, Any]] = [{"id": "name", "value": round(100 * one.name, 1)}]
    if one.evidence is not None:
        features.append({"id": "properties", "value": round(100 * one.evidence, 1)})
    for feature in features if named else []:
        feature["name"] = {"name": "how near the name is", "properties": "which part of the properties agrees"}[
            feature["id"]
        ]
    return {
        **entity(catalog, one.iri, one.why),
        "score": round(100 * one.score, 1),
        "match": one.match,
        "type": [{"id": kind, "name": catalog.label(kind)} for kind in catalog.types_of(one.iri)],
        "features": features,
    }


def entity(catalog: Catalog, iri: str, more: str = "") -> dict[str, str]:
    """Write a thing: its IRI, its label, and what it is."""
    kinds = [catalog.label(kind) for kind in catalog.types_of(iri)[:1]]
    codes = [terms.text_of(code) for code in catalog.values(iri, PREFIXES["skos"] + "notation")]
    return {"id": iri, "name": catalog.label(iri), "description": "; ".join(filter(None, [*kinds, *codes, more]))}


def kind_of(catalog: Catalog, kind: str) -> dict[str, Any]:
    """Write a type with those directly above it."""
    told = {"id": kind, "name": catalog.label(kind), "description": catalog.definition(kind)}
    above = [{"id": one, "name": catalog.label(one)} for one in catalog.broader(kind)]
    return {key: value for key, value in (told | {"broader": above}).items() if value}


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
            raise Refusal(400, f"extend.properties.settings.content: one of {', '.join(CONTENTS)}")
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
    kind = term.datatype.value if isinstance(term, ox.Literal) else ""
    if kind in INTEGERS:
        return {"int": int(text)}
    if kind in FLOATS:
        return {"float": float(text)}
    if kind == PREFIXES["xsd"] + "date":
        return {"date": f"{text[:10]}T00:00:00Z"}
    return {"str": text}
