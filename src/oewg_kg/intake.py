"""What an RDF file may not hold, seen before a parser reads it: what would crash the parser, swell in it, or reach out.

Not for syntax: the parser judges that, and this room reads only as much as it must to be safe.
"""

import json
import re

from oewg_kg.errors import LimitError, ParseError

MAX_DEPTH = 100
# One opening or closing sign of each syntax, after whatever holds none: literals, IRIs, comments, and a quote that nothing closes.
STRINGS = r'''"""(?:[^"\\]|\\.|"(?!""))*+"""|\'{3}(?:[^\'\\]|\\.|\'(?!\'\'))*+\'{3}|"(?:[^"\\\r\n]|\\.)*+"|\'(?:[^\'\\\r\n]|\\.)*+\''''
TURTLE = re.compile(
    rf"""(?:[^"'#\\<>\[\](){{}}]++|{STRINGS}|#[^\r\n]*+|\\.|<[^<>"{{}}|^`\x00-\x20]*+>|["'\\])*+([<\[({{]|[>\])}}]|\Z)""",
    re.DOTALL,
)
JSON = re.compile(r"""(?:[^"{}\[\]]++|"(?:[^"\\]|\\.)*+"|")*+([\[{]|[\]}]|\Z)""", re.DOTALL)
XML = re.compile(
    r"""(?:[^<]++|<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<[^<>!?/](?:[^<>"']|"[^"]*+"|'[^']*+')*?/>)*+"""
    r"""(</|<|\Z)""",
    re.DOTALL,
)
DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
SIGNS = {"rdfxml": XML, "jsonld": JSON}
CLOSING = {">", "]", ")", "}", "</"}


def check(content: bytes, syntax: str, name: str) -> None:
    """Refuse a file of one of our formats, by name; raises ParseError or LimitError with `file:line:column`."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        raise ParseError("not UTF-8 text", _place(name, before, len(before)), "save the file as UTF-8") from error
    if "\0" in text:
        raise ParseError("a NUL character", _place(name, text, text.index("\0")), "take it out")
    if text.startswith("\ufeff") and syntax != "rdfxml":
        raise ParseError("a byte-order mark", _place(name, text, 0), "save the file as UTF-8 without it")
    if syntax == "rdfxml" and (found := DOCTYPE.search(text)):  # even in a comment: parsers differ on where one ends
        advice = "write out its entities, and take it out"
        raise ParseError(f"a {found[1]}, which is not read here", _place(name, text, found.start()), advice)
    depth = 0
    for match in SIGNS.get(syntax, TURTLE).finditer(text):
        depth += -1 if match[1] in CLOSING else 1
        if depth > MAX_DEPTH and match[1]:
            raise LimitError(
                "nested too deeply", _place(name, text, match.start(1)), f"write it with at most {MAX_DEPTH} levels"
            )
    if syntax == "jsonld":
        _check_contexts(text, name)


def _check_contexts(text: str, name: str) -> None:
    """Refuse a context that stands elsewhere (JSON-LD 1.1, 4.1.9 and 3.1): it would have to be fetched."""

    def member(pairs: list[tuple[str, object]]) -> None:
        for key, value in pairs:
            for context in value if isinstance(value, list) else [value]:
                if key in ("@context", "@import") and isinstance(context, str):
                    place = _place(name, text, max(text.find(json.dumps(context, ensure_ascii=False)), 0))
                    raise ParseError(f"the context {context} is not fetched", place, "put it into the file")

    try:
        json.loads(text, object_pairs_hook=member, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise ParseError(f"no JSON: {error.msg}", f"{name}:{error.lineno}:{error.colno}") from error


def _place(name: str, text: str, at: int) -> str:
    return f"{name}:{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"
