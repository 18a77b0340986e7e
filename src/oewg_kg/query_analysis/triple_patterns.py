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
SKIPPED = {"OPTIONAL": "{", "MINUS": "{", "UNION": "{", "VALUES": "{", "FILTER": "({", "BIND": "("}


@dataclass
class Token:
    """One token: its kind and text, a keyword in capital letters, its IRI, and whether the answer depends on the graph containing it."""

    kind: str
    text: str
    word: str = ""
    iri: str = ""
    must_exist: bool = True
    nested: list["Token"] = field(default_factory=list)

    @cached_property
    def expanded(self) -> str:
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
class TriplePattern:
    """One triple pattern that needs no prefix, the graph it is matched in ("" for the default graph), and its text."""

    triple: tuple[str, str, str]
    graph: str
    text: str


def tokens(text: str) -> Iterator[Token]:
    """Read the tokens of a query, without spaces and comments, names resolved by its prefixes and ours."""
    prefixes, base = dict(PREFIXES), BASE
    before_last = last = Token("", "")
    template = 0
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is None:
            return
        token = Token(kind, match[kind])
        if kind == "iri":
            token.iri = token.text[1:-1] if ABSOLUTE.match(token.text) else urljoin(base, token.text[1:-1])
            if last.word == "BASE":
                base, token.must_exist = token.iri, False
            if before_last.word == "PREFIX":
                prefixes[last.text[:-1]], token.must_exist = token.iri, False
        elif kind == "name" and last.word != "PREFIX":
            prefix, _, local = token.text.partition(":")
            token.iri = prefixes.get(prefix, "") + (re.sub(r"\\(.)", r"\1", local) if "\\" in local else local)
        elif kind == "word":
            token.word = token.text.upper()
            if token.text == "a":
                token.iri = RDF_TYPE
        elif token.text == "(":
            last.must_exist = False
        if last.word == "CONSTRUCT" and token.text == "{":
            template = 1
        elif template:
            template += (token.text == "{") - (token.text == "}")
            token.must_exist = False
        token.must_exist = token.must_exist and last.text != "^^"
        yield token
        before_last, last = last, token


def patterns(query_tokens: Sequence[Token]) -> list[TriplePattern]:
    """List the triple patterns that every solution must match; none if the query has syntax that is not read here."""
    signs = [token.text for token in query_tokens]
    if signs.count("{") != signs.count("}"):
        return []  # cut off
    query = _nested(iter([EDGE, *query_tokens]))
    where = (token for opener, token in pairwise(query) if token.text == "{" and opener.word != "CONSTRUCT")
    reader = _Reader()
    try:
        reader.group(next(where, EDGE).nested, "")
    except (Unread, IndexError):
        return []
    return reader.patterns


def _nested(query_tokens: Iterator[Token]) -> list[Token]:
    """Put what is in brackets into the token that opens them."""
    siblings = []
    for token in query_tokens:
        if token.text in (")", "}", "]"):
            break
        siblings.append(token)
        if token.text in ("(", "{", "["):
            token.nested = _nested(query_tokens)
    return siblings


class Unread(Exception):
    """Syntax that is not read here, such as triple terms."""


class _Reader:
    """A reader of groups (SPARQL 1.1, 19.8, GroupGraphPattern): each method takes from the beginning of a list what it reads."""

    def __init__(self) -> None:
        self.patterns: list[TriplePattern] = []
        self.blanks = 0

    def group(self, group_tokens: Sequence[Token], graph: str) -> None:
        ahead = [*group_tokens]
        while ahead:
            token, start = ahead[0], len(self.patterns)
            if token.word == "SELECT":
                self.group(next(token.nested for token in ahead if token.text == "{"), graph)
                return
            if token.word in SKIPPED:
                while ahead.pop(0).text not in tuple(SKIPPED[token.word]):
                    pass
            elif token.word == "GRAPH":
                self.group(ahead[2].nested, ahead[1].expanded)
                del ahead[:3]
            elif token.text == "{":
                self.group(ahead.pop(0).nested, graph)
                if ahead and ahead[0].word == "UNION":
                    del self.patterns[start:]
            elif token.text == ".":
                ahead.pop(0)
            else:
                self.properties(self.node(ahead, graph), ahead, graph)

    def properties(self, subject: Token, ahead: list[Token], graph: str) -> None:
        """Read properties and objects up to a full stop, a keyword or a group."""
        while ahead and ahead[0].text not in (".", "{") and (ahead[0].is_path or ahead[0].kind != "word"):
            path = self.path(ahead)
            self.object(subject, path, ahead, graph)
            while ahead and ahead[0].text == ",":
                ahead.pop(0)
                self.object(subject, path, ahead, graph)
            while ahead and ahead[0].text == ";":
                ahead.pop(0)

    def object(self, subject: Token, path: Token, ahead: list[Token], graph: str) -> None:
        value = self.node(ahead, graph)
        triple = (subject.expanded, path.expanded, value.expanded)
        self.patterns.append(TriplePattern(triple, graph, f"{subject.text} {path.text} {value.text}"))

    def node(self, ahead: list[Token], graph: str) -> Token:
        token = ahead.pop(0)
        if token.text in ("[", "("):
            self.blanks += 1
            blank = Token("variable", f"?_{self.blanks}")
            self.properties(blank, token.nested if token.text == "[" else [], graph)
            return blank
        if not token.is_term:
            raise Unread
        following = ahead[0].text if ahead and token.kind == "literal" else ""
        suffix_length = 2 if following == "^^" else int(following.startswith("@"))
        literal_tokens = [token, *ahead[:suffix_length]]
        del ahead[:suffix_length]
        return _merged(literal_tokens)

    def path(self, ahead: list[Token]) -> Token:
        """Read a property or a path of them (SPARQL 1.1, 9.1) as one token."""
        path_tokens: list[Token] = []
        while not path_tokens or path_tokens[-1].text in ("/", "|"):
            while ahead[0].text in ("^", "!"):
                path_tokens.append(ahead.pop(0))
            if ahead[0].kind not in ("iri", "name", "variable") and ahead[0].text not in ("a", "("):
                raise Unread
            path_tokens += _flat(ahead.pop(0))
            while ahead[0].text in ("*", "+", "?", "/", "|") and path_tokens[-1].text not in ("/", "|"):
                path_tokens.append(ahead.pop(0))
        return _merged(path_tokens)


def _flat(token: Token) -> list[Token]:
    """List a token and, if it opens a bracket, what is inside, up to the bracket that closes it."""
    inside = [token for nested_token in token.nested for token in _flat(nested_token)]
    return [token, *inside, Token("sign", ")")] if token.text == "(" else [token]


def _merged(tokens: Sequence[Token]) -> Token:
    """Make one token of several."""
    merged = Token(tokens[0].kind, "".join(token.text for token in tokens))
    merged.expanded = "".join(token.expanded for token in tokens)
    return merged
