"""Find which properties a query can see, so that it is not run again if only others changed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from oewg_kg.query_analysis.triple_patterns import Token, tokens

# After these "(" begins an expression or a path; elsewhere it begins a list, which may be a subject.
BEFORE_EXPRESSION = ("word", "name", "iri", "variable")


@dataclass
class _Group:
    """The variables that VALUES limits in a group of patterns, and the tokens of its triple patterns."""

    limited: set[str] = field(default_factory=set)
    tokens: list[Token] = field(default_factory=list)


def properties(text: str) -> frozenset[str] | None:
    """Find every IRI in a query; None if it may see any property: by a variable in the place of one, or by a path without steps.

    A variable that VALUES limits in the same group means the IRIs given there. A path that may have no steps (`p*`, `p?`) leads
    from each entity to itself, whatever its properties; but not as a later part of a path (`p/q*`), because the part before it
    gives the start. A path that excludes properties (`!p`) sees all others, and DESCRIBE sees all. If it is
    not certain, the answer is None.
    """
    read = list(tokens(text))
    if any(token.word == "DESCRIBE" for token in read):
        return None
    if any(_sees_all(group) or _excludes(group.tokens) for group in _groups(read)):
        return None
    return frozenset(token.iri for token in read if token.iri)


def _groups(read: list[Token]) -> Iterator[_Group]:
    """Divide the patterns of a query into groups; patterns in GRAPH belong to the group around it."""
    open_groups, at = [_Group()], 0
    in_head = False  # the lists of variables of SELECT, GROUP BY and ORDER BY
    while at < len(read):
        token = read[at]
        if token.word == "VALUES":
            start = next(i for i in range(at, len(read)) if read[i].text == "{")
            end = _end(read, start)
            if not any(one.word == "UNDEF" for one in read[start:end]):
                open_groups[-1].limited |= {one.text for one in read[at:start] if one.kind == "variable"}
            at, in_head = end, False
            continue
        if token.word in ("SELECT", "BY"):
            in_head = True
        elif token.text in ("{", "}"):
            in_head = False
        if token.text == "{":
            within = _Group()
            if at > 1 and read[at - 2].word == "GRAPH":
                within.limited = open_groups[-1].limited
            open_groups.append(within)
        elif token.text == "}" and len(open_groups) > 1:
            yield open_groups.pop()
        if not in_head:
            open_groups[-1].tokens.append(token)
        at += 1


def _end(read: list[Token], at: int) -> int:
    """Return the place after the bracket that closes the one at a place."""
    depth = 0
    for end in range(at, len(read)):
        depth += (read[end].text in ("{", "(")) - (read[end].text in ("}", ")"))
        if not depth:
            return end + 1
    return len(read)


def _sees_all(group: _Group) -> bool:
    inside, openers, lists = group.tokens, [], set()
    for at, token in enumerate(inside):
        if token.text == "(":
            openers.append(at == 0 or inside[at - 1].kind not in BEFORE_EXPRESSION)
        elif token.text == ")" and openers and openers.pop():
            lists.add(at)
    for at in range(1, len(inside) - 1):
        before, token, after = inside[at - 1 : at + 2]
        is_between = (_is_term(before) or before.text in (";", "[", "]") or at - 1 in lists) and (
            _is_term(after) or after.text in ("[", "(")
        )
        if token.kind == "variable" and is_between and token.text not in group.limited:
            return True
        follows = before.kind in ("iri", "name") or before.text in (")", "a")
        if token.text in ("*", "?") and follows and inside[at - 2].text != "/":
            return True
    return False


def _excludes(inside: list[Token]) -> bool:
    """Return whether a path in a group excludes properties; a `!` in the brackets of FILTER, BIND or HAVING is a negation."""
    depth, in_expression = 0, False
    for at, token in enumerate(inside[:-1]):
        if token.text == "(":
            if depth == 0:
                in_expression = inside[at - 1].word not in ("", "A") or inside[at - 2].word == "FILTER"
            depth += 1
        elif token.text == ")":
            depth -= 1
        elif token.text == "!" and not (depth and in_expression):
            after = inside[at + 1]
            if after.kind in ("iri", "name") or after.text in ("a", "^", "("):
                return True
    return False


def _is_term(token: Token) -> bool:
    return token.kind in ("iri", "name", "variable", "literal") or token.word in ("TRUE", "FALSE")
