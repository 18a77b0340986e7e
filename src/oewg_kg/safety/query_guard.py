"""Refuse queries that contact another server, or whose code is too long or deep to parse; separate code from literals; list SERVICEs."""

import itertools
import re
from dataclasses import dataclass

from oewg_kg.errors import LimitError, UsageError

MAX_BYTES, MAX_DEPTH, MAX_WORDS = 1 << 20, 32, 6000
# The tokens of SPARQL 1.1, 19.8: literals, IRIs, comments; then escapes in names, variables, local names.
NOT_CODE = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""|\'{3}(?:[^\\]|\\.)*?\'{3}|"(?:[^"\\\r\n]|\\.)*"|\'(?:[^\'\\\r\n]|\\.)*\''''
    r"""|<(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>|#[^\r\n]*|\\.|[?$]\w+|:\w[\w-]*""",
    re.DOTALL,
)
TWO_WAYS = re.compile(r"<(?![A-Za-z][\w+.-]*://).*[#'()]", re.DOTALL)
OPERATORS = frozenset("(,=|/^!&")  # an operand follows these, so `<` is not an operator
# VALUES as a keyword, not as the end of a name, and its block: the only list that the engine reads without recursion.
DATA = re.compile(r"(?<![^ \t\r\n{}()])VALUES[ \t\r\n?()]*+\{[^{}]*+\}", re.IGNORECASE)
SERVICE = re.compile(r"\bSERVICE\s+<([^<>\s]+)>\s*\{", re.IGNORECASE)


@dataclass(frozen=True)
class ServiceClause:
    """One SERVICE of a query: the endpoint, the pattern to match there, and the positions of both in the text."""

    endpoint: str
    pattern: str
    start: int
    end: int


def check(text: str) -> None:
    """Refuse a query that contacts another server, or that is too long or too deeply nested for the parser (it would crash)."""
    if len(text.encode()) > MAX_BYTES:
        raise LimitError("the query is longer than 1 MiB", advice="shorten it")
    short = len(text) <= MAX_WORDS and sum(map(text.count, "([{")) <= MAX_DEPTH
    if short and "\\" not in text and "service" not in text.lower():
        return  # no need to separate code from text
    code, deepest = _code_and_depth(text)
    if re.search("SERVICE", code, re.IGNORECASE):
        advice = "query that server directly with `oewg query --endpoint URL`"
        raise UsageError("SERVICE is not allowed here, because it queries another server", advice=advice)
    if deepest > MAX_DEPTH:
        raise LimitError(f"the query is nested too deeply ({deepest} levels)", advice=f"use at most {MAX_DEPTH}")
    words = len(re.findall(r"\w+|[^\w\s]", DATA.sub("", code)))
    if words > MAX_WORDS:
        advice = f"use at most {MAX_WORDS}, not counting those in VALUES"
        raise LimitError(f"the query is too long ({words} words and symbols)", advice=advice)


def _code_and_depth(text: str) -> tuple[str, int]:
    """Blank out what is not code, and return its depth; raises UsageError if `<` may begin an IRI or (19.8) compare."""
    code_parts, open_brackets, deepest, last_sign, position = [], [], 0, "", 0
    for token in itertools.chain(NOT_CODE.finditer(text), [None]):
        code = text[position : token.start() if token else None]
        for bracket in re.findall(r"[][(){}]", code):
            if bracket in "{([":
                open_brackets.append(bracket)
            elif open_brackets:
                open_brackets.pop()
            deepest = max(deepest, len(open_brackets))
        code_parts.append(code)
        last_sign = code.rstrip()[-1:] or last_sign
        if token:
            if TWO_WAYS.match(token[0]) and open_brackets[-1:] == ["("] and last_sign not in OPERATORS:
                advice = "put a space after a less-than sign, and use a prefix for an IRI that contains # or '"
                raise UsageError(f"it is unclear whether this is an IRI: {token[0][:40]}", advice=advice)
            code_parts.append(_blank(token[0]))
            last_sign = last_sign if token[0].startswith("#") else ""
            position = token.end()
    return "".join(code_parts), deepest


def _blank(token: str) -> str:
    """Replace a token by a placeholder for its role: an operand, the end of a name, or nothing."""
    if token[0] in "?$<'\"":
        return " ? "
    return "_" if token[0] in ":\\" else " "


def blanked(text: str) -> str:
    """Blank out literals, IRIs, local names and comments of a query, character by character; variables stay."""

    def blank(token: re.Match[str]) -> str:
        sign = token[0][0]
        if sign in "?$":
            return token[0]
        return ":".ljust(len(token[0]), "_") if sign == ":" else " " * len(token[0])

    return NOT_CODE.sub(blank, text)


def service_clauses(text: str) -> list[ServiceClause]:
    """List what one of our own queries requests from other servers, in order; a query that passes `check` requests nothing."""
    code = NOT_CODE.sub(lambda token: " " * len(token[0]), text)
    requested = []
    for keyword in re.finditer(r"\bSERVICE\b", code, re.IGNORECASE):
        service = SERVICE.match(text, keyword.start())
        if service is None:
            raise UsageError("SERVICE must name one endpoint by its IRI, without SILENT", text[keyword.start() :][:60])
        end = closing(code, service.end())
        requested.append(ServiceClause(service[1], text[service.end() : end], service.start(), end + 1))
    return requested


def closing(code: str, start: int) -> int:
    """Find the brace that closes the group whose inside begins at a position; raises UsageError if there is none."""
    depth = 1
    for brace in re.finditer("[{}]", code[start:]):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return start + brace.start()
    raise UsageError("the braces of this query do not match", advice="check them")
