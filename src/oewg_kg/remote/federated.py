"""Answer questions that query external endpoints: ask each SERVICE once, within a time limit, and insert its solutions as VALUES."""

import re
from collections.abc import Callable
from dataclasses import replace

from oewg_kg import terms
from oewg_kg.errors import LimitError
from oewg_kg.query import SavedQuery
from oewg_kg.remote import client as remote
from oewg_kg.safety import query_guard
from oewg_kg.safety.query_guard import ServiceClause

MOST_SOLUTIONS = 20_000


def fetch_services(saved: SavedQuery, tell: Callable[[str], None] = lambda step: None) -> SavedQuery:
    """Ask every endpoint of a question, and insert the solutions; raises as `remote.query` does, LimitError for too many."""
    prologue = "\n".join(re.findall(r"(?m)^PREFIX .*$", saved.text))
    text = saved.text
    for service in reversed(query_guard.service_clauses(saved.text)):
        tell(f"asking {service.endpoint}")
        text = text[: service.start] + values_block(service, prologue) + text[service.end :]
    return replace(saved, text=text)


def values_block(service: ServiceClause, prologue: str) -> str:
    """Ask one endpoint for its pattern and write its solutions as VALUES."""
    query = remote.with_prefixes(f"{prologue}\nSELECT * WHERE {{{service.pattern}}}")
    variables, solutions = remote.solutions(service.endpoint, [("query", query)])
    if len(solutions) > MOST_SOLUTIONS:
        what = f"the service returned {len(solutions)} rows"
        raise LimitError(what, service.endpoint, f"at most {MOST_SOLUTIONS} rows can be combined with the data")
    rows = "".join(f"({' '.join(map(terms.values_cell, row))})\n" for row in solutions)
    return f"VALUES ({' '.join(f'?{name}' for name in variables)}) {{\n{rows}}}"
