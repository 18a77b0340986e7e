"""How pages write an entity or a value (`View`): its link and URL on this site, its label by language, links to its source lines."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from markupsafe import Markup, escape
from starlette.requests import Request

from oewg_kg import terms
from oewg_kg.serve.lookups import HERE, Explorer, explorer_of
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED, PREFIXES, RECORD, local, own

# What pages offer, and what they call things.
WORDS: dict[str, Any] = tomllib.loads((HERE / "templates" / "words.toml").read_text(encoding="utf-8"))
LANGUAGES: dict[str, str] = WORDS["languages"]
PART_LINES = 40


def language_of(request: Request) -> str:
    """Find the language of names in the address; English otherwise, whatever the browser prefers."""
    language = request.query_params.get("lang", "")
    return language if language in LANGUAGES else "en"


def integer_parameter(request: Request, parameter_name: str, default: int = 0) -> int:
    """Read an integer of at most six digits from the address; anything else counts as not given."""
    digits = request.query_params.get(parameter_name, "")
    return int(digits) if re.fullmatch("[0-9]{1,6}", digits) else default


def first_line_of_part(number: int) -> int:
    """Find the first line of the part of a source page in which a line is shown."""
    return (number - 1) // PART_LINES * PART_LINES + 1


@dataclass(frozen=True)
class View:
    """The view of one request: the relative path to the top of the site, and the language."""

    explorer: Explorer
    base: str
    language: str

    @classmethod
    def of(cls, request: Request) -> "View":
        """Make the view of a request; links are relative, so a proxy may add any prefix."""
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        return cls(explorer_of(request), "../" * (path.count("/") - 1) or "./", language_of(request))

    @property
    def frozen(self) -> bool:
        """Return whether the page becomes a file of the static site."""
        return bool(self.explorer.frozen)

    @property
    def language_query(self) -> dict[str, str]:
        """Return the parameter that every link passes on: the language of names, unless it is English."""
        return {"lang": self.language} if self.language != "en" else {}

    def page_address(self, path: str) -> str:
        """Write the address of a page of this site, in the language that the reader chose."""
        return self.base + path + (f"?lang={self.language}" if self.language_query else "")

    def plain_text(self, term: Term | None, label: str = "") -> str:
        """Write a value as plain text: a label for an IRI."""
        return label or (self.label(term.value) if isinstance(term, ox.NamedNode) else terms.text_of(term))

    def class_label(self, iri: str) -> str:
        """Name the narrowest class of an entity."""
        classes = self.explorer.classes(iri) if self.explorer.has_iri(iri) else []
        return self.label(classes[0]) if classes else ""

    def href(self, iri: str) -> str | None:
        """Find the address of an entity: our page if it is in the dataset, else its own address if it is external."""
        if own(iri):
            if not self.explorer.has_iri(iri):
                return None
            page, _, fragment = local(iri).partition("#")
            of_line = page.startswith("source/") and fragment[1:].isdigit()
            first_line = first_line_of_part(int(fragment[1:])) if of_line else 1
            parameters = self.language_query | ({"from": str(first_line)} if first_line > 1 else {})
            anchor = f"#{quote(fragment)}" if fragment else ""
            return f"{self.base}{quote(page, safe='/%')}{'?' if parameters else ''}{urlencode(parameters)}{anchor}"
        if self.explorer.has_facts(iri):
            return f"{self.base}thing?{urlencode({'iri': terms.compact(iri).strip('<>')} | self.language_query)}"
        return self.web_address(iri)

    def web_address(self, iri: str) -> str | None:
        """Return an IRI if a browser may follow it (http or https only)."""
        return iri if iri.startswith(("http://", "https://")) else None

    def label(self, iri: str) -> str:
        """Find the label in the reader's language."""
        return self.explorer.label(iri, self.language)[0]

    def link(self, iri: str, link_text: str = "") -> Markup:
        """Write a link to an entity with its label, or with another text."""
        return _cached_link(self, iri, link_text)

    def label_span(self, iri: str) -> Markup:
        """Write the label of an entity with its language, without a link."""
        return Markup("<span{1}>{0}</span>").format(*_label_attributes(self, iri, ""))

    def term(self, term: Term | None) -> Markup:
        """Write a value: a link for an IRI, else its text with its language."""
        if isinstance(term, ox.NamedNode):
            return self.link(term.value)
        if isinstance(term, ox.Literal) and term.language not in (None, "en"):
            return Markup('<span lang="{}" dir="auto">{}</span>').format(term.language, term.value)
        return escape(terms.text_of(term))

    def quoted(self, term: Term) -> Markup:
        """Write a value inside a sentence: words in quotation marks."""
        if isinstance(term, ox.Literal) and term.datatype.value.endswith(("#string", "#langString")):
            return Markup("“{}”").format(self.term(term))
        return self.term(term)

    def cell_class(self, term: Term | None) -> str:
        """Name the class of a cell: `number` for an integer, `date` for a day or a time, else nothing."""
        datatype = term.datatype.value.rpartition("#")[2] if isinstance(term, ox.Literal) else ""
        return {"integer": "number", "decimal": "number", "date": "date", "time": "date"}.get(datatype, "")

    def line_links(self, graphs: Iterable[str], limit: int = 12) -> Markup:
        """Write where something is stated: pages with line numbers, files, or the rules."""
        links_by_page: dict[str, list[Markup]] = {}
        graphs = list(graphs)
        for graph in graphs[:limit]:
            page, _, number = graph.rpartition("#L")
            if number.isdigit():
                wording = self.explorer.dataset.words.get(graph, "")
                hover = Markup(' title="{}"').format(wording) if wording else ""
                # much faster than Markup.format
                link = Markup(f'<a href="{escape(self.href(graph))}"{hover}>{number}</a>')
            elif graph == INFERRED:
                page, link = "", self.link(graph, "inferred")
            else:
                graph_name = graph.removeprefix(PREFIXES["graph"]) if graph not in self.explorer.labels else ""
                graph_name = terms.line_name(graph) if graph.startswith(RECORD) else graph_name
                page, link = "", self.link(graph, graph_name)
            links_by_page.setdefault(page.rpartition("/")[2], []).append(link)
        by_page = [
            Markup(f"<i>{escape(page)}</i> " if page else "") + Markup(", ").join(links)
            for page, links in links_by_page.items()
        ]
        remainder = Markup(" and {} more").format(len(graphs) - limit) if len(graphs) > limit else ""
        return Markup("; ").join(by_page) + remainder


def _label_attributes(view: View, iri: str, link_text: str) -> tuple[str, Markup]:
    """Find the label of an entity, or another text, and the attributes for its language."""
    label, language = (link_text, "en") if link_text else view.explorer.label(iri, view.language)
    return label, Markup(' lang="{}" dir="auto"').format(language) if language not in ("en", "") else Markup("")


@lru_cache(maxsize=1 << 16)  # pages name the same entities again and again
def _cached_link(view: View, iri: str, link_text: str) -> Markup:
    href = view.href(iri)
    if href is None:
        return Markup("<span{1}>{0}</span>").format(*_label_attributes(view, iri, link_text))
    external = Markup('class="outside" rel="external noopener nofollow" ') if href == iri else ""
    return Markup('<a {2}href="{3}"{1}>{0}</a>').format(*_label_attributes(view, iri, link_text), external, href)
