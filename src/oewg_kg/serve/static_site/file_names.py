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
EXTERNAL_LINK = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#|$")
# Pages that few people look for, or that are many: the browser draws them from the graph (web/src/pages.js).
DRAWN_PATHS = ("/claim/", "/membership/", "/rollcall/")
UNSAFE = re.compile(r'[:?*"<>|\\]')  # characters that some hosts and file systems refuse in a name
TURTLE_PREFIX = re.compile(rb"@prefix ([\w-]+): <[^>]*> \.\n")


@dataclass(frozen=True)
class FrozenPage:
    """The response at an address: the extension of its file, and its bytes."""

    extension: str
    body: bytes


def resolve_link(address: str, link: str) -> tuple[str, str]:
    """Find the address that a link on a page leads to, with its query sorted, and the fragment; "" if it is not a page of ours."""
    page = address.partition("?")[0]
    return _link_target(page, link) if link.startswith("?") else _link_target(posixpath.dirname(page) + "/", link)


# Most links are on every page of a folder.
@lru_cache(maxsize=1 << 18)
def _link_target(page: str, link: str) -> tuple[str, str]:
    if EXTERNAL_LINK.match(link):
        return "", ""
    link, _, fragment = link.partition("#")
    path, _, query_string = link.partition("?")
    path = posixpath.normpath(posixpath.join(page, unquote(path)).replace("//", "/")) if path else page
    fields = parse_qsl(query_string, keep_blank_values=True)
    return path + ("?" if fields else "") + urlencode(sorted(fields)), fragment


@lru_cache(maxsize=1 << 18)
def _relative_link(folder: str, file_name: str) -> str:
    return quote(posixpath.relpath(file_name, folder or "."), safe="/,")


@lru_cache(maxsize=1 << 16)
def drawing_page(address: str) -> str:
    """Find the page that draws an address on demand, with the fragment it reads; "" if the address has its own file."""
    path, _, query_string = address.partition("?")
    fields = dict(parse_qsl(query_string))
    if path.startswith("/questions/") and fields:
        fields.pop("start", "")
        return f"{path}#{urlencode(fields)}"
    is_part = fields.keys() & {"to", "start"} and path.count("/") > 1
    if is_part or path.startswith(DRAWN_PATHS) or path.endswith("/thing"):
        folder, _, local_name = path[1:].partition("/")
        iri = fields.pop("iri", PREFIXES.get(folder, f"{BASE}{folder}/") + local_name)
        return "/thing#" + urlencode({"iri": terms.compact(iri).strip("<>")} | fields, safe=":/")
    return ""


def name_files(pages: dict[str, FrozenPage]) -> dict[str, str]:
    """Name the file of each address; addresses of one path with the same answer share one."""
    file_names: dict[str, str] = {}
    names_by_body: dict[tuple[str, bytes], str] = {}
    folded_names: set[str] = set()
    for address, page in sorted(pages.items(), key=lambda item: (len(item[0]), item[0])):
        path, _, query_string = address.partition("?")
        file_name = names_by_body.get((path, page.body))
        if file_name is None:
            stem = UNSAFE.sub("-", path.strip("/") or "index").removesuffix(page.extension)
            for key, value in parse_qsl(query_string):
                stem += f",{_safe_text(key)}-{_safe_text(value, page.extension)}"
            while (stem + page.extension).casefold() in folded_names:
                stem += "-"
            file_name = stem + page.extension
            folded_names.add(file_name.casefold())
            names_by_body[path, page.body] = file_name
        file_names[address] = file_name
    return file_names


def _safe_text(text: str, extension: str = "") -> str:
    """Write a value with characters that are safe in file names."""
    return re.sub(r"[^A-Za-z0-9]+", "-", terms.compact(text.removesuffix(extension))).strip("-")[:80]


def rewrite_links(address: str, page: FrozenPage, file_names: dict[str, str], site_path: str = "") -> bytes:
    """Turn the links of a page into relative links to files, or links below `site_path`; a link that leads to no file becomes plain text.

    Turtle keeps the prefixes it uses.
    """
    if page.extension == ".ttl":
        body = TURTLE_PREFIX.sub(b"", page.body)
        return TURTLE_PREFIX.sub(lambda prefix: prefix[0] if prefix[1] + b":" in body else b"", page.body)
    if page.extension != ".html":
        return page.body
    folder = posixpath.dirname(file_names[address])

    def rewrite_link(match: re.Match[str]) -> str:
        target, fragment = resolve_link(address, unescape(match[2]))
        if not target:
            return match[0]
        path, _, query_string = target.partition("?")
        if path == "/sparql" and query_string:
            target, fragment = path, _sparql_fragment(query_string, file_names)
        if drawing_page(target):
            target, _, fragment = drawing_page(target).partition("#")
        file_name = file_names.get(target) or (target[1:] if target.startswith("/exports/") else "")
        if not file_name:
            return ""
        link = site_path + quote(file_name) if site_path else _relative_link(folder, file_name)
        return f' {match[1]}="{escape(link + ("#" if fragment else "") + fragment)}"'

    return LINK.sub(rewrite_link, page.body.decode()).encode()


def _sparql_fragment(query_string: str, file_names: dict[str, str]) -> str:
    """Write what the SPARQL page of a static site reads after `#`: a query, or the file of a saved one."""
    fields = dict(parse_qsl(query_string))
    if "saved" not in fields:
        return urlencode({"query": fields.get("query", "")})
    return urlencode({"saved": file_names.get(f"/questions/{fields['saved']}.rq", "")}, safe="/,")
