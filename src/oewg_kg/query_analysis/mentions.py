"""Which properties a query can see, so that it is not asked again where only others changed."""

import re
from dataclasses import dataclass
from itertools import pairwise

from oewg_kg import terms
from oewg_kg.vocabulary import PREFIXES, RDF_TYPE

TOKEN = re.compile(
    r"""(?P<comment>\#[^\r\n]*)|(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)|(?P<variable>[?$]\w+)"""
    r"""|(?P<literal>"{3}(?:[^\\]|\\.)*?"{3}|'{3}(?:[^\\]|\\.)*?'{3}|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')"""
    r"""|(?P<name>[\w-]*:(?:[\w.-]*[\w-])?)|(?P<number>\d+|true\b|false\b)|(?P<word>[\w-]+)|(?P<sign>\S)""",
    re.DOTALL,
)
TERMS = ("iri", "name", "variable", "literal", "number")
LISTING = (
    "SELECT",
    "VALUES",
    "GROUP",
    "ORDER",
    "HAVING",
)  # what follows has variables next to each other, and no triples


def properties(text: str) -> frozenset[str] | None:
    """Find every IRI in a query; None where it may see any property: by a variable in the place of one, or by a path of no steps.

    A variable that VALUES bind, of the same group or before one in it, is one of the IRIs listed there. A path that may have no steps
    (`p*`, `p?`) leads from each thing in the graph to itself, whatever property it has; not so as a later part of a path (`p/q*`),
    since the part before says from where.
    """
    found: set[str] = set()
    tokens = [(str(one.lastgroup), one[0]) for one in TOKEN.finditer(text) if one.lastgroup != "comment"]
    groups = [_Group(set(), set())]
    listing, opened, ended = "", [], False
    for at, ((kind, token), (next_kind, after)) in enumerate(pairwise([*tokens, ("", "")])):
        before_kind, before = tokens[at - 1] if at else ("", "")
        if token == "{":
            groups.append(_Group(set(groups[-1].bound), set()))
        elif token == "}" and len(groups) > 1:
            if not groups.pop().known():
                return None
        elif token == "(":
            opened.append(before in (".", "{", "}", ")"))  # where a list of things may begin a triple
        elif token == ")":
            ended = bool(opened) and opened.pop()
        elif token.upper() == "SELECT":  # what stands outside may not be known inside
            groups[-1].bound.clear()
        listing = token.upper() if token.upper() in LISTING else "" if token in ("{", "}") else listing
        if kind == "name" and before.upper() == "PREFIX":
            if f"<{PREFIXES.get(token[:-1])}>" != after:
                return None
        elif kind == "name" or kind == "iri":
            found.add((terms.expand(token) or "") if kind == "name" else token[1:-1])
        elif token == "a":
            found.add(RDF_TYPE)
        elif token == "\\" or (token in ("*", "?") and (before_kind in ("iri", "name") or before in (")", "a"))):
            if token == "\\" or tokens[at - 2][1] != "/":
                return None
        elif kind == "variable" and listing == "VALUES":
            groups[-1].bound.add(token)
        elif kind == "variable" and not listing and (next_kind in TERMS or after in ("[", "(")):
            follows = before_kind in TERMS or before in (";", "[", "]") or (before == ")" and ended)
            groups[-1].sought.update([token] if follows else [])
    return None if "" in found or len(groups) != 1 else frozenset(found)


@dataclass(frozen=True)
class _Group:
    """A group of a query: the variables that VALUES bind, and those in the place of a property."""

    bound: set[str]
    sought: set[str]

    def known(self) -> bool:
        """Tell whether each variable in the place of a property is bound to those listed."""
        return self.sought <= self.bound
