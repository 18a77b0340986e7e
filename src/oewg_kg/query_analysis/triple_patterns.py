"""Split a SPARQL query into tokens, and find the triple patterns that every solution must match."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
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

    @cached_property
    def whole(self) -> str:
        """Write the token so that it needs no prefix."""
        return f"<{self.iri}>" if self.iri else self.text


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
    return _Reader(read).main()


class Unread(Exception):
    """Syntax that is not read here, such as triple terms."""


class _Reader:
    """A reader of groups (SPARQL 1.1, 19.8, GroupGraphPattern) that knows where it is."""

    def __init__(self, read: Sequence[Token]) -> None:
        self.read, self.at, self.blanks = [*read, Token("end", "")], 0, 0
        self.found: list[Pattern] = []

    @property
    def next(self) -> Token:
        return self.read[self.at]

    def take(self) -> Token:
        self.at = min(self.at + 1, len(self.read) - 1)
        return self.read[self.at - 1]

    def main(self) -> list[Pattern]:
        start = next((at for at, token in enumerate(self.read) if token.text == "{"), 0)
        try:
            if self.read[start - 1].word == "CONSTRUCT":
                self.at = start
                self._skip()
            self._select("")
        except (Unread, IndexError):
            return []
        return self.found

    def _select(self, graph: str) -> None:
        """Read from a SELECT to the end of its WHERE."""
        while self._to("(", "{").text == "(":
            self._skip()
        self._group(graph)

    def _to(self, *signs: str) -> Token:
        """Advance to the next of some tokens, and return it."""
        while self.next.text not in signs:
            if self.next.kind == "end":
                raise Unread
            self.take()
        return self.next

    def _skip(self) -> list[Token]:
        """Skip the text in brackets, and return it."""
        begin, depth = self.at, 0
        while True:
            token = self.take()
            depth += (token.text in ("(", "{", "[")) - (token.text in (")", "}", "]"))
            if depth <= 0 or self.next.kind == "end":
                return self.read[begin : self.at]

    def _group(self, graph: str) -> None:
        self.take()
        while self.next.text != "}":
            begin, word = len(self.found), self.next.word
            if self.next.kind == "end":
                raise Unread
            if word == "SELECT":
                self._select(graph)
                while self._to("(", "{", "}").text != "}":
                    self._skip()
            elif word in PASSED:
                self._to(*PASSED[word])
                self._skip()
            elif word == "GRAPH":
                self.take()
                self._group(self.take().whole if self.read[self.at + 1].text == "{" else graph)
            elif self.next.text == "{":
                self._group(graph)
                if self.next.word == "UNION":
                    del self.found[begin:]
            elif self.next.text == ".":
                self.take()
            else:
                self._properties(self._node(graph), graph)
        self.take()

    def _properties(self, subject: Token, graph: str) -> None:
        """Read properties and objects up to a full stop or bracket."""
        while (
            self.next.text not in (".", "}", "]") and self.next.kind not in ("word", "end")
        ) or self.next.text == "a":
            path = self._path()
            while True:
                value = self._node(graph)
                triple = (subject, path, value)
                shown = " ".join(one.text for one in triple)
                self.found.append(Pattern((subject.whole, path.whole, value.whole), graph, shown))
                if self.next.text != ",":
                    break
                self.take()
            while self.next.text == ";":
                self.take()

    def _node(self, graph: str) -> Token:
        token = self.next
        if token.text in ("[", "("):
            self.blanks += 1
            blank = Token("variable", f"?_{self.blanks}")
            if token.text == "(":
                self._skip()
            else:
                self.take()
                self._properties(blank, graph)
                self.take()
            return blank
        if token.kind not in ("iri", "name", "variable", "literal") and token.word not in ("TRUE", "FALSE"):
            raise Unread
        parts = [self.take()]
        if token.kind == "literal" and self.next.text == "^^":
            parts += [self.take(), self.take()]
        elif token.kind == "literal" and self.next.text.startswith("@"):
            parts.append(self.take())
        return _joined(parts)

    def _path(self) -> Token:
        """Read a property or a path of them (SPARQL 1.1, 9.1) as one token."""
        parts: list[Token] = []
        while True:
            while self.next.text in ("^", "!"):
                parts.append(self.take())
            parts += self._skip() if self.next.text == "(" else [self.take()]
            if parts[-1].kind not in ("iri", "name", "variable") and parts[-1].text not in ("a", ")"):
                raise Unread
            while self.next.text in ("*", "+", "?"):
                parts.append(self.take())
            if self.next.text not in ("/", "|"):
                break
            parts.append(self.take())
        return _joined(parts)


def _joined(parts: Sequence[Token]) -> Token:
    """Make one token of several."""
    joined = Token(parts[0].kind, "".join(part.text for part in parts))
    joined.whole = "".join(part.whole for part in parts)
    return joined
