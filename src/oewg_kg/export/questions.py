"""Write the saved questions as RDF, in the form used by collections of SPARQL examples."""

from collections.abc import Iterable

import pyoxigraph as ox

from oewg_kg import terms, texts
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.vocabulary import BASE, PREFIXES, declarations

QUESTIONS = BASE + "questions/"
# The vocabulary of the W3C's test suites: a query and the file with its expected result.
RESULT = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#result"


def triples(questions: Iterable[SavedQuery], rows: str = QUESTIONS, endpoint: str = "") -> list[ox.Triple]:
    """Describe questions as `sh:SPARQLSelectExecutable` (SHACL Advanced Features 5.1); `rows` begins the address of their CSV."""
    links = {"rows": rows, "endpoint": endpoint, "result": RESULT, "class_of": _class_of}
    text = declarations() + texts.filled("export/questions.ttl.jinja", questions=questions, **links)
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=QUESTIONS)]


def _class_of(parameter: Parameter) -> str:
    """Find the class from which a parameter takes its values; "" where they come from a scheme, or from several classes."""
    choices = terms.expand(parameter.choices) or ""
    return "" if choices.startswith(PREFIXES["scheme"]) else choices
