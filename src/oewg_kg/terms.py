"""Read and write IRIs, CURIEs, dates and literals; find labels, names and current IRIs of entities; suggest the nearest names."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from urllib.parse import unquote

import pyoxigraph as ox

from oewg_kg.errors import UsageError, did_you_mean, either
from oewg_kg.vocabulary import BASE, BY_LENGTH, GENID, PREF_LABEL, PREFIXES, RECORD, iris, local, own

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
LOCAL_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?\Z")
CURIE = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(\S*)\Z")
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
# The datatypes that table programs have too (XML Schema 1.1 Part 2).
PYTHON_TYPES: dict[str, Callable[[str], int | float | bool | date]] = {
    **{PREFIXES["xsd"] + name: int for name in ("integer", "nonNegativeInteger", "positiveInteger", "int", "long")},
    **{PREFIXES["xsd"] + name: float for name in ("decimal", "double", "float")},
    PREFIXES["xsd"] + "boolean": lambda text: text in ("true", "1"),
    PREFIXES["xsd"] + "date": date.fromisoformat,
}
NAME_PROPERTIES = iris("skos:prefLabel skos:altLabel rdfs:label skos:notation oewg:nameInSource oewg:otherLocalName")
MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
OTHER_LOCAL_NAME = PREFIXES["oewg"] + "otherLocalName"
# What is named after something else: concepts, terms, former names, and seats called after who holds them.
NAMESAKES = ("kind/", "topic/", "ontology#", "name/", "place/")


def compact(iri: str) -> str:
    """Write an IRI as a CURIE of the prefix table, or in angle brackets if none fits."""
    for prefix, namespace in BY_LENGTH:
        if iri.startswith(namespace) and LOCAL_NAME.match(iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"


def expand(text: str, prefixes: Mapping[str, str] = PREFIXES) -> str | None:
    """Read an IRI, `<IRI>` or CURIE of the prefix table, or of other prefixes; None if the text is none of these."""
    text = text.strip()
    if text.startswith("<") and text.endswith(">"):
        return valid_iri(text[1:-1])
    curie = CURIE.match(text)
    if curie and curie[1] in prefixes and not curie[2].startswith("//"):
        return valid_iri(prefixes[curie[1]] + curie[2])
    return valid_iri(text) if "://" in text else None


def valid_iri(text: str) -> str | None:
    """Return the text when it is an absolute IRI (RFC 3987), else None."""
    try:
        return ox.NamedNode(text).value if IRI.match(text) else None
    except ValueError:
        return None


def text_of(term: object) -> str:
    """Write a term as plain text: the lexical form, the IRI, or nothing for an unbound variable."""
    if term is None:
        return ""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def value_of(term: object) -> int | float | bool | date | str:
    """Read a number, truth value or day by the datatype of a literal; other terms and what does not fit become text."""
    text = text_of(term)
    parse_value = PYTHON_TYPES.get(term.datatype.value) if isinstance(term, ox.Literal) else None
    try:
        return parse_value(text) if parse_value else text
    except ValueError:
        return text


def literal(text: str) -> ox.Literal:
    """Read a literal as SPARQL and Turtle write it, `xsd:` declared."""
    statement = f"PREFIX xsd: <{PREFIXES['xsd']}> <{BASE}> <{BASE}> {text} ."
    value = next(iter(ox.parse(statement, format=ox.RdfFormat.TURTLE))).object
    if not isinstance(value, ox.Literal):
        raise TypeError(f"not a literal: {text}")
    return value


def read_literal(text: str, name: str, datatype: str, words: Sequence[str]) -> ox.Literal:
    """Read the value of a date, integer or string parameter, or one of its words; raises UsageError, UnicodeEncodeError."""
    if datatype == "string":
        text.encode()  # ox.Literal would report a wrong type
        word = text.strip().lower() if words else text
        if words and word not in words:
            raise UsageError(f'{text!r} is not a valid value for "{name}"', advice=f"use {either(words)}")
        return ox.Literal(word)
    if not (is_date(text) if datatype == "date" else re.fullmatch("[0-9]+", text)):
        advice = "use YYYY-MM-DD, such as 2020-04-27" if datatype == "date" else "use digits, such as 2"
        raise UsageError(f'{text!r} is not a valid {datatype} for "{name}"', advice=advice)
    return ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + datatype))


def is_date(text: str) -> bool:
    """Return whether a text is a date as xsd:date writes it, without a time zone."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def date_in_words(text: str) -> str:
    """Write a day or month for people: `25 March 2021`, `March 2024`."""
    year, month, *day_digits = text.split("-")
    return " ".join([*(str(int(digits)) for digits in day_digits), MONTHS[int(month) - 1].capitalize(), year])


def span(year: int, month: int | None = None, day: int | None = None) -> tuple[date, date] | None:
    """Find the first and last day of a year, a month or a day; None for an impossible day."""
    try:
        first_day = date(year, 1 if month is None else month, 1 if day is None else day)
        last_day = monthrange(year, month or 12)[1] if day is None else day
        return first_day, date(year, month or 12, last_day)
    except ValueError:
        return None


def check_period(values: Mapping[str, str]) -> None:
    """Refuse a period that ends before it begins, which would always be empty; raises UsageError."""
    start, end = (values.get(name, "") for name in ("from", "to"))
    if end and start > end:
        raise UsageError(f'"from" ({start}) is after "to" ({end})', advice='give the earlier date as "from"')


def query_term(term: Term, text: str) -> str:
    """Write a term for a query of ours: as a CURIE whose prefix the text declares, or serialized."""
    curie = compact(term.value) if isinstance(term, ox.NamedNode) else ""
    prefix = curie.partition(":")[0]
    return curie if f"PREFIX {prefix}: <{PREFIXES.get(prefix)}>" in text else str(term)


def values_cell(term: Term | None) -> str:
    """Write a term for VALUES; a blank node becomes an IRI (RDF 1.1 Concepts 3.5), because VALUES allows none."""
    if term is None:
        return "UNDEF"
    return f"<{GENID}{term.value}>" if isinstance(term, ox.BlankNode) else str(term)


ASCII_SIGNS = {code: " " for code in range(128) if not chr(code).isalnum()}


def folded(text: str) -> str:
    """Normalize a name for comparison: no case, diacritics, punctuation or double spaces."""
    if text.isascii():
        return " ".join(text.lower().translate(ASCII_SIGNS).split())
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(
        " " if not (c.isalnum() or unicodedata.combining(c)) else c for c in plain if not unicodedata.combining(c)
    )
    return " ".join(letters.replace("ı", "i").split())


def nearest(text: str, choices: Iterable[str]) -> list[str]:
    """List up to three names most similar in spelling to a text, else those that contain it."""
    import difflib  # here: only names that are not known are compared

    names = list(choices)
    close = difflib.get_close_matches
    containing = [name for name in names if text and text in name][:3]
    return close(text, names, 3, 0.9) or close(text, names, 3, 0.65) or containing


def label_and_curie(iri: str, label: str) -> str:
    """Write an entity as a suggestion: its label and CURIE, or only the CURIE if that is its name."""
    return compact(iri) if label == compact(iri) else f'"{label}" ({compact(iri)})'


def entities_called(store: ox.Store, text: str) -> list[str]:
    """List our entities that have a text as their name, ignoring case and accents, sorted."""
    name_key = folded(text)
    named = {iri for property in NAME_PROPERTIES for iri, name in pairs(store, property) if folded(name) == name_key}
    return sorted(iri for iri in named if own(iri) and not local(iri).startswith(NAMESAKES))


def suggestion(text: str, names: dict[str, list[str]], like: str = "") -> str:
    """Write the nearest labels of a table of names as a suggestion; if none is near, examples, first of the same kind as an IRI."""
    by_name = {folded(name): iri for iri, spellings in names.items() for name in [*spellings, compact(iri)]}
    near = nearest(folded(text), by_name)
    examples = sorted(names, key=lambda iri: (iri.rpartition("/")[0] != like.rpartition("/")[0], iri))[:5]
    iris = dict.fromkeys(by_name[name] for name in near) or examples
    suggestions = [label_and_curie(iri, names[iri][0]) for iri in iris]
    if not suggestions:
        return "this dataset has none to choose from"
    return did_you_mean(suggestions if near else [], "choose, for example, " + ", ".join(suggestions))


def values(store: ox.Store, subject: ox.NamedNode, predicate: str) -> list[str]:
    """List the values of a property in the default graph as text, sorted."""
    quads = store.quads_for_pattern(subject, ox.NamedNode(predicate), None, ox.DefaultGraph())
    return sorted({text_of(quad.object) for quad in quads})


def things(store: ox.Store, predicate: str, value: str) -> list[str]:
    """List the things with an IRI in the default graph that have another as the value of a property, sorted."""
    quads = store.quads_for_pattern(None, ox.NamedNode(predicate), ox.NamedNode(value), ox.DefaultGraph())
    return sorted(quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode))


def pairs(store: ox.Store, predicate: str) -> list[tuple[str, str]]:
    """List each thing in the default graph with each value of a property, as text."""
    quads = store.quads_for_pattern(None, ox.NamedNode(predicate), None, ox.DefaultGraph())
    return [(text_of(quad.subject), text_of(quad.object)) for quad in quads]


def label(store: ox.Store, iri: str) -> str | None:
    """Find the English skos:prefLabel (else rdfs:label) of a term in the default graph."""
    subject = ox.NamedNode(iri)
    for predicate in (PREF_LABEL, PREFIXES["rdfs"] + "label"):
        english_labels = [
            quad.object.value
            for quad in store.quads_for_pattern(subject, ox.NamedNode(predicate), None, ox.DefaultGraph())
            if isinstance(quad.object, ox.Literal) and quad.object.language == "en"
        ]
        if english_labels:
            return min(english_labels)
    return _claim_label(store, subject)


def _claim_label(store: ox.Store, claim: ox.NamedNode) -> str | None:
    """Name a claim by what it says: entity, property, value."""
    claim_words = [
        text_of(quad.object) if isinstance(quad.object, ox.Literal) else name(store, text_of(quad.object))
        for role in ("subject", "predicate", "object")
        for quad in store.quads_for_pattern(claim, ox.NamedNode(PREFIXES["rdf"] + role), None, ox.DefaultGraph())
    ]
    return f"{claim_words[0]}, {claim_words[1]}: {claim_words[2]}" if len(claim_words) == 3 else None


def name(store: ox.Store, iri: str) -> str:
    """Name a term for people: its English label, else its CURIE."""
    return label(store, iri) or compact(iri)


def editorial(store: ox.Store) -> frozenset[str]:
    """Find the properties whose values are our words about a line, not what the line prints."""
    return frozenset(property for property, _ in pairs(store, PREFIXES["oewg"] + "editorial"))


def current(store: ox.Store, iri: str | None) -> str:
    """Return the IRI of the entity that has an IRI's local name as another name; other IRIs unchanged, and None for None."""
    namespace, _, local_name = (iri or "").rpartition("/")
    quads = store.quads_for_pattern(None, ox.NamedNode(OTHER_LOCAL_NAME), ox.Literal(local_name), ox.DefaultGraph())
    bearers = (text_of(quad.subject) for quad in quads)
    return next((bearer for bearer in bearers if bearer.rpartition("/")[0] == namespace), iri or "")


def names_of(store: ox.Store, subject: ox.NamedNode) -> list[str]:
    """List every name of a thing, the English preferred label first."""
    preferred = name(store, subject.value)
    other_names = {
        quad.object.value
        for property in NAME_PROPERTIES
        for quad in store.quads_for_pattern(subject, ox.NamedNode(property), None)
        if isinstance(quad.object, ox.Literal)
    }
    return [preferred, *sorted(other_names - {preferred})]


def line_name(iri: str) -> str:
    """Name a source line for people: `oewg-2019-2021, line 62`; a voting record, a file of ours; other IRIs as CURIEs."""
    if iri.startswith(RECORD):
        return f"UN Digital Library, record {iri.removeprefix(RECORD)}"
    if iri.startswith(PREFIXES["graph"] + "beside/"):
        return ", ".join(("your file", *filter(None, own_file(iri))))
    if iri.startswith(PREFIXES["graph"]):
        return iri.removeprefix(PREFIXES["graph"])
    page, mark, number = iri.rpartition("#L")
    return f"{page.rpartition('/')[2]}, line {number}" if mark and number.isdigit() else compact(iri)


def own_file(iri: str) -> tuple[str, str]:
    """Name the user's own file that a graph comes from, and the row: `gci.csv`, `row 12`."""
    file, _, row = iri.removeprefix(PREFIXES["graph"] + "beside/").partition("#row=")
    return unquote(file), row and f"row {row}"


def line_order(iri: str) -> tuple[str, int, str]:
    """Order source lines by page and number, anything else by its IRI, and voting records last."""
    if iri.startswith(RECORD):
        return "~", 0, iri
    page, mark, number = iri.rpartition("#L")
    return (page, int(number), "") if mark and number.isdigit() else (iri, 0, iri)
