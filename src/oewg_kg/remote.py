"""A SPARQL endpoint of somebody else: send a query by the SPARQL 1.1 Protocol and hand the answer on.

Not for the graph here.
"""

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request

import pyoxigraph as ox

from oewg_kg.errors import LimitError, ParseError, StorageError, UsageError
from oewg_kg.formats import FORMATS, Format
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

SECONDS = 60


def query(endpoint: str, text: str, chosen: Format | None) -> bytes:
    """POST a query directly (SPARQL 1.1 Protocol 2.1.3); our prefixes are put before it where it declares none of them.

    Raises UsageError for a URL that is none, ParseError when the endpoint refuses the query,
    LimitError for a time-out, StorageError when it cannot be reached.
    """
    accepted = (
        chosen.media_type
        if chosen
        else ", ".join(["text/csv", "text/turtle;q=0.9", *(f"{f.media_type};q=0.5" for f in FORMATS)])
    )
    headers = {"Content-Type": "application/sparql-query; charset=utf-8", "Accept": accepted}
    return send(endpoint, declared(text).encode(), headers)


def select(endpoint: str, text: str, graphs: tuple[str, list[str]]) -> tuple[list[str], list[tuple[Term | None, ...]]]:
    """POST a SELECT over a default graph and named graphs of the endpoint; return variables and solutions. Raises as `query` does.

    Naming a default graph leaves no named graphs unless they are named too (SPARQL 1.1 Protocol 2.1.4). Virtuoso keeps them all, the
    default graph among them, and answers with a header for each name it is given; so a query with GRAPH first asks whether there are
    any named graphs without naming them, and then leaves the default graph out of them by a filter beside each GRAPH.
    """
    default, named = graphs
    text = declared(text)
    fields = [("default-graph-uri", default)]
    if re.search(r"\bGRAPH\b", text, re.IGNORECASE):
        found = results(endpoint, [("query", "ASK { GRAPH ?graph { ?s ?p ?o } }"), *fields])
        if found:
            text = re.sub(r"(?i)\bGRAPH\s+([?$]\w+)\s*\{", rf"FILTER (\1 != <{default}>) \g<0>", text)
        else:
            fields += [("named-graph-uri", name) for name in named]
    found = results(endpoint, [("query", text), *fields])
    if not isinstance(found, ox.QuerySolutions):
        raise StorageError("the answer to a SELECT has no solutions", endpoint)
    return [variable.value for variable in found.variables], [tuple(row) for row in found]


def results(endpoint: str, fields: list[tuple[str, str]]) -> ox.QuerySolutions | ox.QueryBoolean:
    """POST a query as a form (SPARQL 1.1 Protocol 2.1.2) and read the results JSON."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/sparql-results+json"}
    answer = send(endpoint, urllib.parse.urlencode(fields).encode(), headers)
    try:
        return ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    except SyntaxError as error:
        raise StorageError(f"the answer is no SPARQL results JSON: {error.msg}", endpoint) from error


def declared(text: str) -> str:
    """Put our prefixes before a query; declarations that it repeats are lawful (SPARQL 1.1, 4.1.1) and win, being later."""
    return "".join(f"PREFIX {prefix}: <{namespace}> " for prefix, namespace in PREFIXES.items()) + text


def send(endpoint: str, body: bytes, headers: dict[str, str]) -> bytes:
    """POST a body and return that of the answer; raises as `query` does."""
    if not endpoint.startswith(("http://", "https://")):
        raise UsageError(f"no endpoint: {endpoint!r}", advice="give an http or https URL")
    try:
        request = urllib.request.Request(endpoint, body, {**headers, "User-Agent": "oewg-kg"})
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            says = error.read(400).decode("utf-8", "replace")
        raise (ParseError if error.code == 400 else StorageError)(
            f"the endpoint answers {error.code}: {says}", endpoint
        ) from error
    except TimeoutError as error:
        raise LimitError(f"no answer within {SECONDS} s", endpoint, "ask for less at once") from error
    except (http.client.InvalidURL, ValueError) as error:
        raise UsageError(f"no endpoint: {endpoint!r}", advice="give an http or https URL") from error
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise StorageError(
            f"the endpoint cannot be reached: {getattr(error, 'reason', error)}", endpoint, "check the URL"
        ) from error
