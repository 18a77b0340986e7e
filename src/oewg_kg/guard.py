"""What no query may do: reach out to another machine, or be so long or deep that the parser crashes.

Not for syntax: the engine's parser judges that, and the guard reads only as much as it must to be safe.
"""

import re
from dataclasses import dataclass

from oewg_kg.errors import LimitError, UsageError

MAX_BYTES, MAX_DEPTH, MAX_WORDS = 1 << 20, 32, 6000
# As SPARQL 1.1, 19.8 writes them: literals, IRIs, comments; then escapes in names, variables, local names.
NOT_CODE = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""|\'{3}(?:[^\\]|\\.)*?\'{3}|"(?:[^"\\\r\n]|\\.)*"|\'(?:[^\'\\\r\n]|\\.)*\''''
    r"""|<(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>|#[^\r\n]*|\\.|[?$]\w+|:\w[\w-]*""",
    re.DOTALL,
)
TWO_WAYS = re.compile(r"<(?![A-Za-z][\w+.-]*://).*[#'()]", re.DOTALL)
VALUES = re.compile(r"VALUES(?:(?!VALUES)[^{}])*\{[^{}]*\}", re.IGNORECASE)
SERVICE = re.compile(r"\bSERVICE\s+<([^<>\s]+)>\s*\{", re.IGNORECASE)


@dataclass(frozen=True)
class Service:
    """One SERVICE of a query: the endpoint, the pattern that it is to match, and where both stand in the text."""

    endpoint: str
    pattern: str
    start: int
    end: int


def check(text: str) -> None:
    """Refuse a query that reaches out, or that is too long or too deeply nested for the parser (it would crash)."""
    if len(text.encode()) > MAX_BYTES:
        raise LimitError("the query is longer than 1 MiB", advice="shorten it")
    short = len(text) <= MAX_WORDS and sum(map(text.count, "([{")) <= MAX_DEPTH
    if short and "\\" not in text and "service" not in text.lower():
        return  # whatever in it is code, and whatever is not
    code = NOT_CODE.sub(_blank, text)
    if re.search("SERVICE", code, re.IGNORECASE):
        advice = "ask the other endpoint itself: oewg query --endpoint URL"
        raise UsageError("SERVICE would leave this machine", advice=advice)
    depth = deepest = 0
    for sign in re.findall(r"[][(){}]", code):
        depth += (sign in "{([") - (sign in "})]")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise LimitError(f"the query is nested {deepest} deep", advice=f"at most {MAX_DEPTH}")
    words = len(re.findall(r"\w+|[^\w\s]", VALUES.sub("", code)))
    if words > MAX_WORDS:
        raise LimitError(
            f"the query has {words} words and signs", advice=f"at most {MAX_WORDS}, those in VALUES not counted"
        )


def services(text: str) -> list[Service]:
    """List what a query of our own asks of other machines, in order; none in a query that `check` lets pass."""
    code = NOT_CODE.sub(lambda token: " " * len(token[0]), text)
    found = []
    for word in re.finditer(r"\bSERVICE\b", code, re.IGNORECASE):
        service = SERVICE.match(text, word.start())
        if service is None:
            raise UsageError("a SERVICE names one endpoint by its IRI, and is not SILENT", text[word.start() :][:60])
        end, depth = service.end(), 1
        while depth and end < len(code):
            depth += (code[end] == "{") - (code[end] == "}")
            end += 1
        found.append(Service(service[1], text[service.end() : end - 1], service.start(), end))
    return found


def _blank(token: re.Match[str]) -> str:
    """Blank out what is not code; raises UsageError where `<` may be an operator or begin an IRI."""
    if TWO_WAYS.match(token[0]):
        advice = "put a space after a 'less than', and write an IRI whole (http://...)"
        raise UsageError(f"this can be read in two ways: {token[0][:40]}", advice=advice)
    return " ? " if token[0].startswith(("?", "$", "<", "'", '"')) else " "
