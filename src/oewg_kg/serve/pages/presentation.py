"""How a page shows an entity or a value (`View`): its URL and link on this site, its label by language, its lines."""

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
PART = 40


def language_of(request: Request) -> str:
    """Find the language of names in the address; English otherwise, whatever the browser prefers."""
    chosen = request.query_params.get("lang", "")
    return chosen if chosen in LANGUAGES else "en"


def number_of(request: Request, name: str, otherwise: int = 0) -> int:
    """Read an integer of at most six digits from the address; anything else counts as not given."""
    text = request.query_params.get(name, "")
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else otherwise


def part_of(number: int) -> int:
    """Find the first line of the part of a source page in which a line is shown."""
    return (number - 1) // PART * PART + 1


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
        kinds = self.explorer.classes(iri) if self.explorer.has_iri(iri) else []
        return self.label(kinds[0]) if kinds else ""

    def href(self, iri: str) -> str | None:
        """Find the address of an entity: our page if it is in the dataset, else its own address if it is external."""
        if own(iri):
            if not self.explorer.has_iri(iri):
                return None
            path, _, fragment = local(iri).partition("#")
            asked = dict(self.language_query)
            number = fragment[1:]
            if path.startswith("source/") and number.isdigit() and part_of(int(number)) > 1:
                asked["from"] = str(part_of(int(number)))
            mark = f"#{quote(fragment)}" if fragment else ""
            return f"{self.base}{quote(path, safe='/%')}{'?' if asked else ''}{urlencode(asked)}{mark}"
        if self.explorer.has_facts(iri):
            return f"{self.base}thing?{urlencode({'iri': terms.compact(iri).strip('<>')} | self.language_query)}"
        return self.web_address(iri)

    def web_address(self, iri: str) -> str | None:
        """Return an IRI if a browser may follow it (http or https only)."""
        return iri if iri.startswith(("http://", "https://")) else None

    def label(self, iri: str) -> str:
        """Find the label in the reader's language."""
        return self.explorer.label(iri, self.language)[0]

    def link(self, iri: str, text: str = "") -> Markup:
        """Write a link to an entity with its label, or with another text."""
        return _link(self, iri, text)

    def label_span(self, iri: str) -> Markup:
        """Write the label of an entity with its language, without a link."""
        return Markup("<span{1}>{0}</span>").format(*_worded(self, iri, ""))

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
        kind = term.datatype.value.rpartition("#")[2] if isinstance(term, ox.Literal) else ""
        return {"integer": "number", "decimal": "number", "date": "date", "time": "date"}.get(kind, "")

    def line_links(self, graphs: Iterable[str], most: int = 12) -> Markup:
        """Write where something is stated: pages with line numbers, files, or the rules."""
        parts: dict[str, list[Markup]] = {}
        graphs = list(graphs)
        for graph in graphs[:most]:
            page, _, number = graph.rpartition("#L")
            if number.isdigit():
                words = self.explorer.dataset.words.get(graph, "")
                hover = Markup(' title="{}"').format(words) if words else ""
                shown = f'<a href="{escape(self.href(graph))}"{hover}>{number}</a>'  # much faster than Markup.format
                parts.setdefault(page.rpartition("/")[2], []).append(Markup(shown))
            elif graph == INFERRED:
                parts.setdefault("", []).append(self.link(graph, "inferred"))
            else:
                name = graph.removeprefix(PREFIXES["graph"]) if graph not in self.explorer.labels else ""
                name = terms.line_name(graph) if graph.startswith(RECORD) else name
                parts.setdefault("", []).append(self.link(graph, name))
        by_page = [
            Markup(f"<i>{escape(page)}</i> " if page else "") + Markup(", ").join(links)
            for page, links in parts.items()
        ]
        rest = Markup(" and {} more").format(len(graphs) - most) if len(graphs) > most else ""
        return Markup("; ").join(by_page) + rest


def _worded(view: View, iri: str, text: str) -> tuple[str, Markup]:
    """Find the label of an entity, or another text, and the attributes for its language."""
    found, language = (text, "en") if text else view.explorer.label(iri, view.language)
    return found, Markup(' lang="{}" dir="auto"').format(language) if language not in ("en", "") else Markup("")


@lru_cache(maxsize=1 << 16)  # pages name the same entities again and again
def _link(view: View, iri: str, text: str) -> Markup:
    href = view.href(iri)
    if href is None:
        return Markup("<span{1}>{0}</span>").format(*_worded(view, iri, text))
    kind = Markup('class="outside" rel="external noopener nofollow" ') if href == iri else ""
    return Markup('<a {2}href="{3}"{1}>{0}</a>').format(*_worded(view, iri, text), kind, href)
