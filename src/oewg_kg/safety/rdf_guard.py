"""Refuse RDF files that are too deep for a parser, expand in it (gzip, XML entities), or make it fetch something (JSON-LD contexts)."""

import gzip
import html
import io
import json
import re
import zlib
from pathlib import Path

from oewg_kg.errors import LimitError, ParseError

MAX_DEPTH = 100
MAX_UNPACKED = 1 << 28
MAX_SWELL = 20  # how many times longer entities may make a file; the namespaces that Protégé writes double it
COMMENT = r"<!--(?:(?!--).)*+-->"  # XML 1.0, 2.5: only two hyphens end a comment, so that all parsers agree
# An opening or closing bracket of each syntax, after what cannot contain one: literals, IRIs, comments, an unclosed quote.
STRINGS = r'''"""(?:[^"\\]|\\.|"(?!""))*+"""|\'{3}(?:[^\'\\]|\\.|\'(?!\'\'))*+\'{3}|"(?:[^"\\\r\n]|\\.)*+"|\'(?:[^\'\\\r\n]|\\.)*+\''''
TURTLE = re.compile(
    rf"""(?:[^"'#\\<>\[\](){{}}]++|{STRINGS}|#[^\r\n]*+|\\.|<[^<>"{{}}|^`\x00-\x20]*+>|["'\\])*+([<\[({{]|[>\])}}]|\Z)""",
    re.DOTALL,
)
JSON = re.compile(r"""(?:[^"{}\[\]]++|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))*+([\[{]|[\]}]|\Z)""", re.DOTALL)
XML = re.compile(
    rf"""(?:[^<]++|{COMMENT}|<\?(?:(?!\?>|<\?).)*+\?>|<!\[CDATA\[(?:(?!\]\]>|<!\[).)*+\]\]>"""
    r"""|<[^<>!?/](?:[^<>"']|"[^"<]*+"|'[^'<]*+')*?/>)*+(</|<|\Z)""",
    re.DOTALL,
)
SIGNS = {"rdfxml": XML, "jsonld": JSON}
CLOSING = {">", "]", ")", "}", "</"}
NAME = r"[A-Za-z_:][\w:.-]{0,99}+"
ENTITY = rf"""<!ENTITY\s++({NAME})\s++(?:"([^"<&%]*+)"|'([^'<&%]*+)')\s*+>"""
DOCTYPE = re.compile(
    rf"""(\A(?:<\?xml\s[^<>]*+>)?(?:\s|{COMMENT})*+)<!DOCTYPE\s++{NAME}\s*+(?:\[((?:\s|{COMMENT}|{ENTITY})*+)\]\s*+)?>""",
    re.DOTALL,
)
DECLARATION = re.compile(r"<!\s*+(DOCTYPE|ENTITY)", re.IGNORECASE)
REFERENCE = re.compile(rf"<!\[CDATA\[(?:(?!\]\]>|<!\[).)*+\]\]>|&({NAME});", re.DOTALL)
ENCODING = re.compile(r"""(\A<\?xml\s[^<>]*?\s)encoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
ENCODINGS = re.compile(
    r"utf-?8|us-ascii|iso-8859-\d+|windows-125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis|euc-(jp|kr)", re.IGNORECASE
)


def read(path: Path, syntax: str, name: str) -> bytes:
    """Read an RDF file, gzipped or not, as UTF-8 that is safe to parse; raises ParseError or LimitError with its place, OSError."""
    content = _unpacked(path.read_bytes(), name)
    text = _xml(content, name) if syntax == "rdfxml" else _decoded(content, "utf-8", name)
    if "\0" in text:
        raise ParseError("the file contains a NUL character", _location(name, text, text.index("\0")), "remove it")
    _check_depth(text, syntax, name)
    if syntax == "jsonld":
        _check_contexts(text, name)
    return text.encode()


def _unpacked(content: bytes, name: str) -> bytes:
    """Decompress gzip data, up to a limit: a few kB can expand to gigabytes."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(MAX_UNPACKED + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ParseError("the gzip data are damaged", name, "compress the file again") from error
    if len(unpacked) > MAX_UNPACKED:
        raise LimitError(f"the file decompresses to more than {MAX_UNPACKED >> 20} MiB", name, "decompress it first")
    return unpacked


def _decoded(content: bytes, encoding: str, name: str) -> str:
    """Decode a file, with or without a byte-order mark."""
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        text_before = content[: error.start].decode(encoding, "replace")
        location = _location(name, text_before, len(text_before))
        raise ParseError(f"the file is not {encoding.upper()} text", location, "save the file as UTF-8") from error
    except LookupError as error:
        raise ParseError(f"unknown encoding {encoding}", f"{name}:1:1", "save the file as UTF-8") from error


def _xml(content: bytes, name: str) -> str:
    """Decode XML by its declared encoding (XML 1.0, appendix F), and expand its entities."""
    declared = ENCODING.match(content[:300].decode("latin-1"))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content.startswith((b"<\0", b"\0<")):
        encoding = "utf-16-le" if content.startswith(b"<") else "utf-16-be"
    else:
        encoding = declared[2] if declared and not declared[2].lower().startswith("utf-16") else "utf-8"
        if not ENCODINGS.fullmatch(encoding):
            raise ParseError(f"the encoding {encoding} is not supported", f"{name}:1:1", "save the file as UTF-8")
    text = ENCODING.sub(r"\1", _decoded(content, encoding, name))
    if declaration := DOCTYPE.match(text):
        text = _expanded(text, declaration, name)
    if declaration := DECLARATION.search(text):  # even in a comment
        advice = "keep only entities with plain text, or replace them with their text and remove the DOCTYPE"
        raise ParseError(f"this {declaration[1]} is not supported", _location(name, text, declaration.start()), advice)
    return text


def _expanded(text: str, doctype: re.Match[str], name: str) -> str:
    """Remove a DOCTYPE, and replace its entities by their text; an entity may not contain another."""
    replacements: dict[str, str] = {}
    for entity in re.finditer(rf"{COMMENT}|{ENTITY}", doctype[2] or "", re.DOTALL):
        if entity[1]:  # the first declaration of a name counts (XML 1.0, 4.2)
            replacements.setdefault(entity[1], html.escape(entity[2] if entity[2] is not None else entity[3]))
    body = text[doctype.end() :]
    added_length = sum(len(replacements.get(reference[1], "")) for reference in REFERENCE.finditer(body))
    if added_length > MAX_SWELL * len(text):
        location = _location(name, text, doctype.end(1))
        raise LimitError("the XML entities expand to too much text", location, "replace them with their text")
    body = REFERENCE.sub(lambda reference: replacements.get(reference[1], reference[0]), body)
    return doctype[1] + "\n" * text.count("\n", doctype.end(1), doctype.end()) + body


def _check_depth(text: str, syntax: str, name: str) -> None:
    depth = 0
    for match in SIGNS.get(syntax, TURTLE).finditer(text):
        depth += -1 if match[1] in CLOSING else 1
        if depth > MAX_DEPTH and match[1]:
            location = _location(name, text, match.start(1))
            raise LimitError("nested too deeply", location, f"use at most {MAX_DEPTH} levels")


def _check_contexts(text: str, name: str) -> None:
    """Refuse an external context (JSON-LD 1.1, 4.1.9 and 3.1): it would have to be fetched."""

    def check_member(members: list[tuple[str, object]]) -> None:
        for key, value in members:
            for context in value if isinstance(value, list) else [value]:
                if key in ("@context", "@import") and isinstance(context, str):
                    location = _location(name, text, max(text.find(json.dumps(context, ensure_ascii=False)), 0))
                    what = f"the context {context} cannot be used, because contexts are not downloaded"
                    raise ParseError(what, location, "copy it into the file")

    try:
        json.loads(text, object_pairs_hook=check_member, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise ParseError(f"not valid JSON: {error.msg}", f"{name}:{error.lineno}:{error.colno}") from error


def _location(name: str, text: str, offset: int) -> str:
    return f"{name}:{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}"
