"""Name the files of a static site after the addresses of the website, and rewrite the links between them."""

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from urllib.parse import parse_qsl, quote, unquote, urlencode

from oewg_kg import terms
from oewg_kg.vocabulary import BASE, PREFIXES

LINK = re.compile(r' (href|src|action|data-[a-z]+)="([^"]*)"')
OUTSIDE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#|$")
# Pages that few people look for, or that are many: the browser draws them from the graph (web/src/pages.js).
DRAWN = ("/claim/", "/membership/", "/rollcall/")
HARD = re.compile(r'[:?*"<>|\\]')  # characters that some hosts and file systems refuse in a name
PREFIX = re.compile(rb"@prefix ([\w-]+): <[^>]*> \.\n")


@dataclass(frozen=True)
class Frozen:
    """The response at an address: the extension of its file, and its bytes."""

    extension: str
    body: bytes


def resolved(address: str, link: str) -> tuple[str, str]:
    """Find the address that a link on a page leads to, with its query sorted, and the fragment; "" if it is not a page of ours."""
    page = address.partition("?")[0]
    return _absolute(page, link) if link.startswith("?") else _absolute(posixpath.dirname(page) + "/", link)


# Most links are on every page of a folder.
@lru_cache(maxsize=1 << 18)
def _absolute(page: str, link: str) -> tuple[str, str]:
    if OUTSIDE.match(link):
        return "", ""
    link, _, fragment = link.partition("#")
    path, _, asked = link.partition("?")
    path = posixpath.normpath(posixpath.join(page, unquote(path)).replace("//", "/")) if path else page
    values = parse_qsl(asked, keep_blank_values=True)
    return path + ("?" if values else "") + urlencode(sorted(values)), fragment


@lru_cache(maxsize=1 << 18)
def _relative(folder: str, name: str) -> str:
    return quote(posixpath.relpath(name, folder or "."), safe="/,")


@lru_cache(maxsize=1 << 16)
def drawn(address: str) -> str:
    """Find the page that draws an address on demand, with the fragment it reads; "" if the address has its own file."""
    path, _, asked = address.partition("?")
    values = dict(parse_qsl(asked))
    if path.startswith("/questions/") and values:
        values.pop("start", "")
        return f"{path}#{urlencode(values)}"
    if path.startswith(DRAWN) or path.endswith("/thing") or (values.keys() & {"to", "start"} and path.count("/") > 1):
        kind, _, name = path[1:].partition("/")
        iri = values.pop("iri", PREFIXES.get(kind, f"{BASE}{kind}/") + name)
        return "/thing#" + urlencode({"iri": terms.compact(iri).strip("<>")} | values, safe=":/")
    return ""


def named(found: dict[str, Frozen]) -> dict[str, str]:
    """Name the file of each address; addresses of one path with the same answer share one."""
    names: dict[str, str] = {}
    same: dict[tuple[str, bytes], str] = {}
    taken: set[str] = set()
    for address in sorted(found, key=lambda one: (len(one), one)):
        path, _, asked = address.partition("?")
        one = found[address]
        name = same.get((path, one.body))
        if name is None:
            stem = HARD.sub("-", path.strip("/") or "index").removesuffix(one.extension)
            stem += "".join(f",{_plain(key)}-{_plain(value, one.extension)}" for key, value in parse_qsl(asked))
            name = stem + one.extension
            while name.casefold() in taken:
                stem += "-"
                name = stem + one.extension
            taken.add(name.casefold())
            same[path, one.body] = name
        names[address] = name
    return names


def _plain(text: str, extension: str = "") -> str:
    """Write a value with characters that are safe in file names."""
    text = text.removesuffix(extension)
    return re.sub(r"[^A-Za-z0-9]+", "-", terms.compact(text)).strip("-")[:80]


def linked(address: str, one: Frozen, names: dict[str, str], top: str = "") -> bytes:
    """Turn the links of a page into relative links to files, or links below `top`; a link that leads to no file becomes plain text.

    Turtle keeps the prefixes it uses.
    """
    if one.extension == ".ttl":
        inside = PREFIX.sub(b"", one.body)
        return PREFIX.sub(lambda found: found[0] if found[1] + b":" in inside else b"", one.body)
    if one.extension != ".html":
        return one.body
    folder = posixpath.dirname(names[address])

    def link(match: re.Match[str]) -> str:
        target, fragment = resolved(address, unescape(match[2]))
        if not target:
            return match[0]
        path, _, asked = target.partition("?")
        if path == "/sparql" and asked:
            target, fragment = path, _query(asked, names)
        if drawn(target):
            target, _, fragment = drawn(target).partition("#")
        name = names.get(target) or (target[1:] if target.startswith("/exports/") else "")
        if not name:
            return ""
        return f' {match[1]}="{escape((top + quote(name) if top else _relative(folder, name)) + ("#" if fragment else "") + fragment)}"'

    return LINK.sub(link, one.body.decode()).encode()


def _query(asked: str, names: dict[str, str]) -> str:
    """Write what the SPARQL page of a static site reads after `#`: a query, or the file of a saved one."""
    values = dict(parse_qsl(asked))
    if "saved" not in values:
        return urlencode({"query": values.get("query", "")})
    return urlencode({"saved": names.get(f"/questions/{values['saved']}.rq", "")}, safe="/,")
