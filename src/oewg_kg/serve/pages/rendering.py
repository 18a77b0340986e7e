"""Turn a page into an HTTP response: templates, entity tags, conditional requests, compression, and error pages."""

import gzip
import hashlib
import re
import shlex
import time
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from oewg_kg import __version__, formats, terms
from oewg_kg.answers import citations
from oewg_kg.answers.places import Places
from oewg_kg.answers.readings import by_default
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.serve.http import negotiation
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.middleware import POLICY
from oewg_kg.serve.pages.presentation import LANGUAGES, WORDS, View, language_of
from oewg_kg.serve.workers.evaluate import Reply
from oewg_kg.tables import heading, plural
from oewg_kg.vocabulary import PREFIXES, iri, iris, local

GRAPHS = [formats.by_name(name) for name in ("turtle", "jsonld", "ntriples", "rdfxml")]
SUFFIXES = {f".{format.extension}": format.name for format in GRAPHS}
OFFERS = (("html", negotiation.HTML), *negotiation.offers(negotiation.GRAPH_NAMES))
# A page comes last: it is preferred only if it weighs more than all others.
JSON = ("application/json", "application/problem+json")
MACHINES = (
    *((media, media) for media in (*(f.media_type for f in formats.FORMATS), *JSON)),
    ("html", negotiation.HTML),
)
DEEPEST, LONGEST = 20, 100
VARY = "Accept, Accept-Encoding"
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)  # RFC 9110, 12.5.3


def setting(parameter: Parameter) -> str:
    """Name a parameter as in the form: `type of actor` for `actor-class`."""
    return str(WORDS["settings"].get(parameter.name, parameter.name.replace("-", " ")))


def by_tag(questions: Iterable[SavedQuery]) -> dict[str, list[SavedQuery]]:
    """Group questions by their first tag, the largest group first."""
    found: dict[str, list[SavedQuery]] = {}
    for saved in questions:
        found.setdefault(saved.tags[0] if saved.tags else "other", []).append(saved)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0].casefold())))


def entries(line: str, places: Places) -> list[str]:
    """Write the entry of a source line in each format of reference managers."""
    return [write([line], places) for write in citations.WRITERS.values()]


def spelled(text: str) -> str:
    """Write out the abbreviations in the text of a piece of HTML, each once; "" for none."""
    known = WORDS["abbreviations"].items()
    found = (f"{one}: {words}" for one, words in known if one in text and re.search(rf"\b{one}s?\b(?![^<]*>)", text))
    return "; ".join(found)


@lru_cache(maxsize=1)
def templates() -> jinja2.Environment:
    """Open the templates; whatever is put into them is escaped."""
    loader = jinja2.PackageLoader("oewg_kg.serve")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "heading": heading,
        "plural": plural,
        "setting": setting,
        "spelled": spelled,
        "asked": by_default,
        "by_tag": by_tag,
        "entries": entries,
        "curie": terms.compact,
        "iri": iri,
        "iris": iris,
        "local": local,
        "line_name": terms.line_name,
        "shell": shlex.quote,
        "literal": repr,
    }
    # A file host sends none of our headers, so a static page contains the policy; this cannot forbid frames.
    policy = POLICY.partition("; frame-ancestors")[0]
    environment.globals |= {
        "languages": LANGUAGES,
        "graph_formats": GRAPHS,
        "policy": policy,
        "prefixes": PREFIXES,
    }
    return environment


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Make a page from a template, which always gets `view`; the Link header lists the `alternates`."""
    view = View.of(request)
    # A file host does not negotiate: a static page has its data in one format, and /sparql has all of them.
    values["alternates"] = values.get("alternates", [])[: 1 if view.frozen else None]
    always: dict[str, Any] = {"view": view, "site": view.explorer.identity, "version": __version__}
    text = templates().get_template(template).render(always | values)
    links = [f'<{address}>; rel="alternate"; type="{media}"' for _, media, address in values["alternates"]]
    return HTMLResponse(text, status, {"Link": ", ".join(links)} if links else None)


def of_template(template: str, **values: Any) -> Callable[[Request], Response]:
    """Make the route of a page whose template looks up all that it shows."""
    return lambda request: page(request, template, **values)


def file(name: str, text: str, media_type: str) -> Response:
    """Make a response that browsers save as a file of this name."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(text, headers=headers, media_type=f"{media_type}; charset=utf-8")


def wants_html(request: Request) -> bool:
    """Return whether a client prefers a page to any machine-readable format, as browsers do."""
    return negotiation.best(MACHINES, negotiation.accept_of(request)) == "html"


def alternates(address: str) -> list[tuple[str, str, str]]:
    """List what is at an address in the formats of graphs: name, media type, and address."""
    return [(format.name, format.media_type, f"{address}.{format.extension}") for format in GRAPHS]


def wanted(request: Request) -> str:
    """Choose between a page and the formats of graphs; a page for clients that accept none of these."""
    return negotiation.best(OFFERS, negotiation.accept_of(request)) or "html"


def named(request: Request) -> str:
    """Choose as `wanted` does, unless the suffix of the path names a format."""
    path = request.url.path
    return next((name for end, name in SUFFIXES.items() if path.endswith(end)), None) or wanted(request)


def kept(make: Callable[[Request], Response], alone: bool = False) -> Callable[[Request], Response]:
    """Add entity tags, conditional requests and compression to a route, and cache its pages.

    A route that is `alone` reads only the path and the language, so no other part of the address makes another page.
    """

    @wraps(make)
    def answer(request: Request) -> Response:
        explorer = explorer_of(request)
        path = request.url.path
        query = "" if alone else request.url.query
        parts = (explorer.mark, path, query, wanted(request), language_of(request))
        small = bool(GZIP.search(request.headers.get("accept-encoding", "")))
        key = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
        tag = f'"{key}{"-gz" if small else ""}"'
        headers = {"ETag": tag, "Vary": VARY, "Cache-Control": "public, max-age=60"}
        asked = request.headers.get("if-none-match")
        if asked != "*" and negotiation.unchanged(tag, asked):
            return Response(status_code=304, headers=headers)
        base = str(request.base_url)
        reply = explorer.pages.get(key) or explorer.pages.get(key + base)
        if reply is not None:
            linked = {"Link": reply.message} if reply.message else {}
            response = Response(reply.body, headers=headers | linked, media_type=reply.format)
        else:
            begun = time.monotonic()
            response = make(request)
            if response.status_code != 200:
                return response
            response.headers.update(headers)
            if alone or response.media_type == "text/html":
                link, body = response.headers.get("link", ""), bytes(response.body)
                explorer.pages.put(
                    key + base * (base in link), Reply(200, response.media_type, link, body), time.monotonic() - begun
                )
        # "*" asks whether there is a page at all (RFC 9110, 13.1.2)
        return Response(status_code=304, headers=headers) if asked == "*" else compressed(response, small)

    return answer


def compressed(response: Response, small: bool) -> Response:
    """Compress a body of some size for clients that accept it."""
    if not small or len(response.body) < 1000:
        return response
    body = gzip.compress(bytes(response.body), 5, mtime=0)
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(body, response.status_code, headers | {"Content-Encoding": "gzip"})


def for_people(request: Request, response: Response) -> Response:
    """Show an error as a page to clients that prefer one."""
    path = request.scope["path"]
    # Each link goes up as many steps as the path has, even if the path leads nowhere.
    if not wants_html(request) or path.count("/") > DEEPEST:
        return response
    message, name = bytes(response.body).decode().strip(), path.rpartition("/")[2].partition(".")[0][:LONGEST]
    made = page(request, "error.html", response.status_code, message=message, code=response.status_code, name=name)
    made.headers.update({n: v for n, v in response.headers.items() if n in ("allow", "retry-after")})
    return made
