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
from oewg_kg.serve.middleware import CONTENT_POLICY
from oewg_kg.serve.pages.presentation import LANGUAGES, WORDS, View, language_of
from oewg_kg.serve.workers.evaluate import Reply
from oewg_kg.tables import heading, plural
from oewg_kg.vocabulary import PREFIXES, iri, iris, local

RDF_FORMATS = [formats.by_name(name) for name in ("turtle", "jsonld", "ntriples", "rdfxml")]
RDF_SUFFIXES = {f".{format.extension}": format.name for format in RDF_FORMATS}
PAGE_OFFERS = (("html", negotiation.HTML), *negotiation.offers(negotiation.GRAPH_NAMES))
MACHINE_TYPES = (*(format.media_type for format in formats.FORMATS), "application/json", "application/problem+json")
# A page comes last: it is preferred only if it weighs more than all others.
BROWSER_OFFERS = (*((media_type, media_type) for media_type in MACHINE_TYPES), ("html", negotiation.HTML))
MAX_DEPTH, MAX_NAME = 20, 100
VARY = "Accept, Accept-Encoding"
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)  # RFC 9110, 12.5.3


def setting_label(parameter: Parameter) -> str:
    """Name a parameter as in the form: `type of actor` for `actor-class`."""
    return str(WORDS["settings"].get(parameter.name, parameter.name.replace("-", " ")))


def questions_by_tag(questions: Iterable[SavedQuery]) -> dict[str, list[SavedQuery]]:
    """Group questions by their first tag, the largest group first."""
    tags: dict[str, list[SavedQuery]] = {}
    for saved in questions:
        tags.setdefault(saved.tags[0] if saved.tags else "other", []).append(saved)
    return dict(sorted(tags.items(), key=lambda tag: (-len(tag[1]), tag[0].casefold())))


def citation_entries(line: str, places: Places) -> list[str]:
    """Write the entry of a source line in each format of reference managers."""
    return [write([line], places) for write in citations.WRITERS.values()]


def abbreviations(html: str) -> str:
    """Write out the abbreviations in the text of a piece of HTML, each once; "" for none."""
    expansions: dict[str, str] = WORDS["abbreviations"]
    used = (short for short in expansions if short in html and re.search(rf"\b{short}s?\b(?![^<]*>)", html))
    return "; ".join(f"{short}: {expansions[short]}" for short in used)


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
        "setting": setting_label,
        "spelled": abbreviations,
        "asked": by_default,
        "by_tag": questions_by_tag,
        "entries": citation_entries,
        "curie": terms.compact,
        "iri": iri,
        "iris": iris,
        "local": local,
        "line_name": terms.line_name,
        "shell": shlex.quote,
        "literal": repr,
    }
    # A file host sends none of our headers, so a static page contains the policy; this cannot forbid frames.
    policy = CONTENT_POLICY.partition("; frame-ancestors")[0]
    environment.globals |= {"languages": LANGUAGES, "policy": policy, "prefixes": PREFIXES}
    return environment


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Make a page from a template, which always gets `view`; the Link header lists the `alternates`."""
    view = View.of(request)
    # A file host does not negotiate: a static page has its data in one format, and /sparql has all of them.
    values["alternates"] = values.get("alternates", [])[: 1 if view.frozen else None]
    site_values: dict[str, Any] = {"view": view, "site": view.explorer.identity, "version": __version__}
    html = templates().get_template(template).render(site_values | values)
    links = [f'<{address}>; rel="alternate"; type="{media_type}"' for _, media_type, address in values["alternates"]]
    return HTMLResponse(html, status, {"Link": ", ".join(links)} if links else None)


def template_route(template: str, **values: Any) -> Callable[[Request], Response]:
    """Make the route of a page whose template looks up all that it shows."""
    return lambda request: page(request, template, **values)


def download(file_name: str, content: str, media_type: str) -> Response:
    """Make a response that browsers save as a file of this name."""
    headers = {"Content-Disposition": f'inline; filename="{file_name}"'}
    return Response(content, headers=headers, media_type=f"{media_type}; charset=utf-8")


def prefers_html(request: Request) -> bool:
    """Return whether a client prefers a page to any machine-readable format, as browsers do."""
    return negotiation.best(BROWSER_OFFERS, negotiation.accept_of(request)) == "html"


def alternates(address: str) -> list[tuple[str, str, str]]:
    """List what is at an address in the formats of graphs: name, media type, and address."""
    return [(format.name, format.media_type, f"{address}.{format.extension}") for format in RDF_FORMATS]


def negotiated_format(request: Request) -> str:
    """Choose between a page and the formats of graphs; a page for clients that accept none of these."""
    return negotiation.best(PAGE_OFFERS, negotiation.accept_of(request)) or "html"


def requested_format(request: Request) -> str:
    """Choose as `negotiated_format` does, unless the suffix of the path names a format."""
    by_suffix = (format_name for suffix, format_name in RDF_SUFFIXES.items() if request.url.path.endswith(suffix))
    return next(by_suffix, None) or negotiated_format(request)


def cached(make_page: Callable[[Request], Response], path_only: bool = False) -> Callable[[Request], Response]:
    """Add entity tags, conditional requests and compression to a route, and cache its pages.

    A route that is `path_only` reads only the path and the language, so no other part of the address makes another page.
    """

    @wraps(make_page)
    def answer(request: Request) -> Response:
        explorer = explorer_of(request)
        query = "" if path_only else request.url.query
        address = (request.url.path, query, negotiated_format(request), language_of(request))
        gzipped = bool(GZIP.search(request.headers.get("accept-encoding", "")))
        key = hashlib.sha256(repr((explorer.page_digest, *address)).encode()).hexdigest()[:32]
        tag = f'"{key}{"-gz" if gzipped else ""}"'
        headers = {"ETag": tag, "Vary": VARY, "Cache-Control": "public, max-age=60"}
        if_none_match = request.headers.get("if-none-match")
        if if_none_match != "*" and negotiation.etag_matches(tag, if_none_match):
            return Response(status_code=304, headers=headers)
        site_url = str(request.base_url)
        cached_page = explorer.page_cache.get(key) or explorer.page_cache.get(key + site_url)
        if cached_page is not None:
            link_header = {"Link": cached_page.message} if cached_page.message else {}
            response = Response(cached_page.body, headers=headers | link_header, media_type=cached_page.format)
        else:
            started = time.monotonic()
            response = make_page(request)
            if response.status_code != 200:
                return response
            response.headers.update(headers)
            if path_only or response.media_type == "text/html":
                link, body = response.headers.get("link", ""), bytes(response.body)
                entry, seconds = Reply(200, response.media_type, link, body), time.monotonic() - started
                explorer.page_cache.put(key + site_url * (site_url in link), entry, seconds)
        # "*" asks whether there is a page at all (RFC 9110, 13.1.2)
        return Response(status_code=304, headers=headers) if if_none_match == "*" else compressed(response, gzipped)

    return answer


def compressed(response: Response, gzipped: bool) -> Response:
    """Compress a body of some size for clients that accept it."""
    if not gzipped or len(response.body) < 1000:
        return response
    body = gzip.compress(bytes(response.body), 5, mtime=0)
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(body, response.status_code, headers | {"Content-Encoding": "gzip"})


def error_page(request: Request, response: Response) -> Response:
    """Show an error as a page to clients that prefer one."""
    path = request.scope["path"]
    # Each link goes up as many steps as the path has, even if the path leads nowhere.
    if not prefers_html(request) or path.count("/") > MAX_DEPTH:
        return response
    message, name = bytes(response.body).decode().strip(), path.rpartition("/")[2].partition(".")[0][:MAX_NAME]
    html_page = page(request, "error.html", response.status_code, message=message, code=response.status_code, name=name)
    html_page.headers.update({n: v for n, v in response.headers.items() if n in ("allow", "retry-after")})
    return html_page
