"""Write the saved questions as RDF, in the form used by collections of SPARQL examples."""

from collections.abc import Iterable

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.terms import Term
from oewg_kg.vocabulary import BASE, PREFIXES, RDF_TYPE

QUESTIONS = BASE + "questions/"
# The vocabulary of the W3C's test suites: a query and the file with its expected result.
RESULT = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#result"
SH, SCHEMA, XSD = PREFIXES["sh"], PREFIXES["schema"], PREFIXES["xsd"]


def triples(questions: Iterable[SavedQuery], rows: str = QUESTIONS, endpoint: str = "") -> list[ox.Triple]:
    """Describe questions as `sh:SPARQLSelectExecutable` (SHACL Advanced Features 5.1); `rows` begins the address of their CSV."""
    found = []
    for saved in questions:
        facts: dict[str, list[Term]] = {
            RDF_TYPE: [ox.NamedNode(SH + "SPARQLExecutable"), ox.NamedNode(SH + "SPARQLSelectExecutable")],
            PREFIXES["rdfs"] + "comment": [ox.Literal(saved.summary, language="en")],
            PREFIXES["dcterms"] + "description": [ox.Literal(saved.definition, language="en")],
            SH + "select": [ox.Literal(saved.text)],
            SH + "parameter": [ox.NamedNode(f"{QUESTIONS}{saved.name}#{one.name}") for one in saved.parameters],
            SCHEMA + "keywords": [ox.Literal(tag, language="en") for tag in saved.tags],
            SCHEMA + "target": [ox.NamedNode(endpoint)] if endpoint else [],
            RESULT: [ox.NamedNode(f"{rows}{saved.name}.csv")],
        }
        found += _about(QUESTIONS + saved.name, facts)
        for one in saved.parameters:
            found += _about(f"{QUESTIONS}{saved.name}#{one.name}", _parameter(one))
    return found


def _parameter(one: Parameter) -> dict[str, list[Term]]:
    """Describe a parameter (SHACL 6.2.1): the path is named after the variable."""
    choices = terms.expand(one.choices)
    of_class = [ox.NamedNode(choices)] if choices and not choices.startswith(PREFIXES["scheme"]) else []
    facts: dict[str, list[Term]] = {
        RDF_TYPE: [ox.NamedNode(SH + "Parameter")],
        SH + "path": [ox.NamedNode(f"{QUESTIONS}path/{one.variable}")],
        SH + "name": [ox.Literal(one.name, language="en")],
        SH + "description": [ox.Literal(one.means, language="en")] if one.means else [],
        SH + "optional": [ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))],
        SH + "defaultValue": [one.term],
        SH + "class": [*of_class],
    }
    if one.type == "iri":
        return facts | {SH + "nodeKind": [ox.NamedNode(SH + "IRI")]}
    return facts | {SH + "datatype": [ox.NamedNode(XSD + one.type)]}


def _about(subject: str, facts: dict[str, list[Term]]) -> list[ox.Triple]:
    return [
        ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)
        for predicate, values in facts.items()
        for value in values
    ]
