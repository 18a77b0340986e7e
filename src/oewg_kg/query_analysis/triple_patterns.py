"""Split a SPARQL query into tokens, and find the triple patterns that every solution must match."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from urllib.parse import urljoin

from oewg_kg.vocabulary import BASE, PREFIXES, RDF_TYPE

# Spaces and comments belong to the token that follows; those at the end are followed by none.
TOKEN = re.compile(
    r"""(?:\s|\#[^\r\n]*)*+"""
    r'''(?:(?P<literal>"""(?:[^\\]|\\.)*?"""|\'{3}(?:[^\\]|\\.)*?\'{3}|"(?:[^"\\\r\n]|\\.)*"|\'(?:[^\'\\\r\n]|\\.)*\'|@[\w-]+'''
    r"""|[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"""
    r"""|(?P<iri><[^\x00-\x20<>"{}|^`\\]*>)|(?P<variable>[?$]\w+|_:[\w.-]*\w)"""
    r"""|(?P<name>(?:[^\W\d_][\w.-]*)?:(?:(?:[\w:.%-]|\\.)*(?:[\w:%-]|\\.))?)|(?P<word>\w+)|(?P<sign>\^\^|.)|\Z)""",
    re.DOTALL,
)
ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
# What is skipped, and the bracket with which it begins: patterns that need no match, and what is not a pattern.
PASSED = {"OPTIONAL": "{", "MINUS": "{", "UNION": "{", "VALUES": "{", "FILTER": "({", "BIND": "("}


@dataclass
class Token:
    """One token: its kind and text, a keyword in capital letters, its IRI, and whether the answer depends on the graph containing it."""

    kind: str
    text: str
    word: str = ""
    iri: str = ""
    asked: bool = True
    inside: list["Token"] = field(default_factory=list)

    @cached_property
    def whole(self) -> str:
        """Write the token so that it needs no prefix."""
        return f"<{self.iri}>" if self.iri else self.text

    @property
    def is_term(self) -> bool:
        """Return whether it may be the subject or object of a triple."""
        return self.kind in ("iri", "name", "variable", "literal") or self.word in ("TRUE", "FALSE")

    @property
    def is_path(self) -> bool:
        """Return whether it is a step of a property path."""
        return self.kind in ("iri", "name") or self.text == "a"


EDGE = Token("", "")


@dataclass(frozen=True)
class Pattern:
    """One triple pattern that needs no prefix, the graph it is matched in ("" for the default graph), and its text."""

    triple: tuple[str, str, str]
    graph: str
    shown: str


def tokens(text: str) -> Iterator[Token]:
    """Read the tokens of a query, without spaces and comments, names resolved by its prefixes and ours."""
    spaces, base = dict(PREFIXES), BASE
    second = last = Token("", "")
    template = 0
    for found in TOKEN.finditer(text):
        kind = found.lastgroup
        if kind is None:
            return
        token = Token(kind, found[kind])
        if kind == "iri":
            token.iri = token.text[1:-1] if ABSOLUTE.match(token.text) else urljoin(base, token.text[1:-1])
            if last.word == "BASE":
                base, token.asked = token.iri, False
            if second.word == "PREFIX":
                spaces[last.text[:-1]], token.asked = token.iri, False
        elif kind == "name" and last.word != "PREFIX":
            prefix, _, local = token.text.partition(":")
            token.iri = spaces.get(prefix, "") + (re.sub(r"\\(.)", r"\1", local) if "\\" in local else local)
        elif kind == "word":
            token.word = token.text.upper()
            if token.text == "a":
                token.iri = RDF_TYPE
        elif token.text == "(":
            last.asked = False
        if last.word == "CONSTRUCT" and token.text == "{":
            template = 1
        elif template:
            template += (token.text == "{") - (token.text == "}")
            token.asked = False
        token.asked = token.asked and last.text != "^^"
        yield token
        second, last = last, token


def patterns(read: Sequence[Token]) -> list[Pattern]:
    """List the triple patterns that every solution must match; none if the query has syntax that is not read here."""
    signs = [token.text for token in read]
    if signs.count("{") != signs.count("}"):
        return []  # cut off
    query = _nested(iter([EDGE, *read]))
    where = (token for before, token in pairwise(query) if token.text == "{" and before.word != "CONSTRUCT")
    reader = _Reader()
    try:
        reader.group(next(where, EDGE).inside, "")
    except (Unread, IndexError):
        return []
    return reader.found


def _nested(read: Iterator[Token]) -> list[Token]:
    """Put what is in brackets into the token that opens them."""
    found = []
    for token in read:
        if token.text in (")", "}", "]"):
            break
        found.append(token)
        if token.text in ("(", "{", "["):
            token.inside = _nested(read)
    return found


class Unread(Exception):
    """Syntax that is not read here, such as triple terms."""


class _Reader:
    """A reader of groups (SPARQL 1.1, 19.8, GroupGraphPattern): each method takes from the beginning of a list what it reads."""

    def __init__(self) -> None:
        self.found: list[Pattern] = []
        self.blanks = 0

    def group(self, inside: Sequence[Token], graph: str) -> None:
        rest = [*inside]
        while rest:
            token, begin = rest[0], len(self.found)
            if token.word == "SELECT":
                self.group(next(one.inside for one in rest if one.text == "{"), graph)
                return
            if token.word in PASSED:
                while rest.pop(0).text not in tuple(PASSED[token.word]):
                    pass
            elif token.word == "GRAPH":
                self.group(rest[2].inside, rest[1].whole)
                del rest[:3]
            elif token.text == "{":
                self.group(rest.pop(0).inside, graph)
                if rest and rest[0].word == "UNION":
                    del self.found[begin:]
            elif token.text == ".":
                rest.pop(0)
            else:
                self.properties(self.node(rest, graph), rest, graph)

    def properties(self, subject: Token, rest: list[Token], graph: str) -> None:
        """Read properties and objects up to a full stop, a keyword or a group."""
        while rest and rest[0].text not in (".", "{") and (rest[0].kind != "word" or rest[0].text == "a"):
            path = self.path(rest)
            self.object(subject, path, rest, graph)
            while rest and rest[0].text == ",":
                rest.pop(0)
                self.object(subject, path, rest, graph)
            while rest and rest[0].text == ";":
                rest.pop(0)

    def object(self, subject: Token, path: Token, rest: list[Token], graph: str) -> None:
        value = self.node(rest, graph)
        shown = f"{subject.text} {path.text} {value.text}"
        self.found.append(Pattern((subject.whole, path.whole, value.whole), graph, shown))

    def node(self, rest: list[Token], graph: str) -> Token:
        token = rest.pop(0)
        if token.text in ("[", "("):
            self.blanks += 1
            blank = Token("variable", f"?_{self.blanks}")
            self.properties(blank, token.inside if token.text == "[" else [], graph)
            return blank
        if token.kind not in ("iri", "name", "variable", "literal") and token.word not in ("TRUE", "FALSE"):
            raise Unread
        following = rest[0].text if rest and token.kind == "literal" else ""
        more = 2 if following == "^^" else int(following.startswith("@"))
        parts = [token, *rest[:more]]
        del rest[:more]
        return _joined(parts)

    def path(self, rest: list[Token]) -> Token:
        """Read a property or a path of them (SPARQL 1.1, 9.1) as one token."""
        parts: list[Token] = []
        while not parts or parts[-1].text in ("/", "|"):
            while rest[0].text in ("^", "!"):
                parts.append(rest.pop(0))
            if rest[0].kind not in ("iri", "name", "variable") and rest[0].text not in ("a", "("):
                raise Unread
            parts += _flat(rest.pop(0))
            while rest[0].text in ("*", "+", "?", "/", "|") and parts[-1].text not in ("/", "|"):
                parts.append(rest.pop(0))
        return _joined(parts)


def _flat(token: Token) -> list[Token]:
    """List a token and, if it opens a bracket, what is inside, up to the bracket that closes it."""
    inside = [one for each in token.inside for one in _flat(each)]
    return [token, *inside, Token("sign", ")")] if token.text == "(" else [token]


def _joined(parts: Sequence[Token]) -> Token:
    """Make one token of several."""
    joined = Token(parts[0].kind, "".join(part.text for part in parts))
    joined.whole = "".join(part.whole for part in parts)
    return joined
